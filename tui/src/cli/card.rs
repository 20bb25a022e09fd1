//! The recovery card on its way out: into a new file, or once onto the terminal.

use std::{fs::File, io::IsTerminal as _, path::Path};

use super::{
    console::Console,
    failure::Failure,
    keys::{new_file, write_whole},
};
use crate::{flow::Session, store::RecoverySecret};

/// Where a recovery card goes: a new file, or once onto the terminal.
pub(super) enum CardPlace<'a> {
    File(&'a Path, File),
    Terminal,
}

impl<'a> CardPlace<'a> {
    /// Is there somebody to show it to, where it goes into no file?
    pub(super) fn reachable(file: Option<&Path>) -> Result<(), Failure> {
        if file.is_some() || std::io::stderr().is_terminal() {
            return Ok(());
        }
        Err(Failure::usage(
            "the recovery card is shown once on a terminal, and there is none; give --recovery-file FILE",
        ))
    }

    /// Opens it before a card is made, so that none is made which cannot be kept.
    pub(super) fn open(file: Option<&'a Path>) -> Result<Self, Failure> {
        Self::reachable(file)?;
        Ok(match file {
            Some(path) => Self::File(path, new_file(path, true)?),
            None => Self::Terminal,
        })
    }

    /// No card was made: an empty file would only stand in the way of the next try.
    pub(super) fn give_up(&self) {
        if let Self::File(path, _) = self {
            let _ = std::fs::remove_file(path);
        }
    }

    /// Puts the card there.
    pub(super) fn put(
        self,
        console: &mut Console,
        recovery: &RecoverySecret,
        session: &Session,
    ) -> Result<(), Failure> {
        let lines = groups(recovery.text());
        match self {
            Self::File(path, file) => {
                let card = format!(
                    "KITH RECOVERY CARD\n{} ({})\nOpens the casebook without a passphrase. Print, lock away, delete this file.\n\n{}\n",
                    session.agency_name,
                    session.agency,
                    lines.join("\n")
                );
                write_whole(path, file, card.as_bytes())?;
                console.say(&format!(
                    "The recovery card is in {}. Print it, lock it away, delete the file: it opens the casebook without a passphrase.",
                    path.display()
                ))
            }
            Self::Terminal => {
                console.say("")?;
                console.say("RECOVERY CARD, shown this once. Write or print it and lock it away; it opens the casebook without a passphrase.")?;
                lines.iter().try_for_each(|line| console.say(&format!("    {line}")))?;
                console.say("")
            }
        }
    }
}

/// Groups of six, five to a line: what people can copy by hand.
fn groups(secret: &str) -> Vec<String> {
    let letters: Vec<char> = secret.chars().collect();
    let groups: Vec<String> = letters.chunks(6).map(|group| group.iter().collect()).collect();
    groups.chunks(5).map(|line| line.join(" ")).collect()
}
