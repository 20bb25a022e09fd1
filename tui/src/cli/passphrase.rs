//! Passphrases come from a prompt or from a file descriptor, never from an argument or the environment.

use std::io::{self, Read as _, Write as _};

use crossterm::{
    event::{self, Event, KeyCode, KeyEventKind, KeyModifiers},
    terminal::{disable_raw_mode, enable_raw_mode},
};
use kith_protocol::seal::Passphrase;
use zeroize::Zeroizing;

use super::{console::Console, exit::Exit, failure::Failure};
use crate::store::RecoverySecret;

/// Longest passphrase, in bytes.
const MAX: usize = 1024;
/// Shortest new passphrase, in characters: four ordinary words are longer.
pub(super) const SHORTEST: usize = 12;

/// The passphrase of an existing casebook.
///
/// # Errors
/// When there is nobody to ask and no descriptor, or it cannot be read.
pub(super) fn ask(console: &Console, fd: Option<u32>) -> Result<Passphrase, Failure> {
    match fd {
        Some(fd) => from_fd(fd).map(Passphrase::new),
        None => prompt(console, "Passphrase", "--passphrase-fd").map(Passphrase::new),
    }
}

/// What stands on the recovery card: typed, or from a descriptor that gives the text or the whole card.
///
/// # Errors
/// As [`ask`].
pub(super) fn card(console: &Console, fd: Option<u32>) -> Result<RecoverySecret, Failure> {
    let typed = match fd {
        Some(fd) => from_fd(fd)?,
        None => prompt(console, "Recovery card (blanks do not matter)", "--card-fd")?,
    };
    Ok(RecoverySecret::from_text(&typed))
}

/// A new passphrase: typed twice, or from the descriptor that `flag` names; at least [`SHORTEST`] characters.
///
/// # Errors
/// As [`ask`], and when the two differ or it is too short.
pub(super) fn choose(console: &Console, fd: Option<u32>, flag: &str) -> Result<Passphrase, Failure> {
    let question = format!("New passphrase (at least {SHORTEST} characters; four words are good)");
    let first = match fd {
        Some(fd) => from_fd(fd)?,
        None => prompt(console, &question, flag)?,
    };
    if first.chars().count() < SHORTEST {
        return Err(Failure::new(
            Exit::Refused,
            format!(
                "the passphrase is shorter than {SHORTEST} characters; four ordinary words are easy to keep"
            ),
        ));
    }
    if fd.is_none() && *prompt(console, "The same again", flag)? != *first {
        return Err(Failure::usage("the two passphrases differ; nothing was made, start again"));
    }
    Ok(Passphrase::new(first))
}

fn from_fd(fd: u32) -> Result<Zeroizing<String>, Failure> {
    let bad = |why: &str| Failure::usage(format!("no passphrase on file descriptor {fd}: {why}"));
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX + 3));
    let read = if fd == 0 {
        io::stdin().take(MAX as u64 + 3).read_to_end(&mut bytes)
    } else if cfg!(unix) {
        std::fs::File::open(format!("/dev/fd/{fd}"))
            .and_then(|file| file.take(MAX as u64 + 3).read_to_end(&mut bytes))
    } else {
        return Err(bad("on this system only 0, standard input, can be used"));
    };
    read.map_err(|_| bad("it is not open for reading; for example: kith unlock --passphrase-fd 3 3<file"))?;
    // One line end belongs to the file, not to the passphrase.
    let line = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.is_empty() || line.len() > MAX {
        return Err(bad("it is empty, or longer than 1,024 bytes"));
    }
    let text = std::str::from_utf8(line).map_err(|_| bad("it is not UTF-8 text"))?;
    Ok(Zeroizing::new(text.to_owned()))
}

/// Asks on the terminal without showing what is typed.
fn prompt(console: &Console, question: &str, flag: &str) -> Result<Zeroizing<String>, Failure> {
    if !console.asks {
        return Err(Failure::new(
            Exit::NotAllowed,
            format!("the casebook is locked and there is nobody to ask: give what opens it with {flag} N"),
        ));
    }
    let typed = type_hidden(question);
    writeln!(io::stderr())?;
    typed
}

/// Gives the terminal its own modes back, however the typing ends.
struct Raw;

impl Drop for Raw {
    fn drop(&mut self) {
        // Nothing better can be done than to try.
        let _ = disable_raw_mode();
    }
}

/// The question comes once nothing is echoed any more: whoever sees it may type.
fn type_hidden(question: &str) -> Result<Zeroizing<String>, Failure> {
    let lost = |_| Failure::new(Exit::Configuration, "the terminal cannot be read; use --passphrase-fd N");
    enable_raw_mode().map_err(lost)?;
    let _raw = Raw;
    write!(io::stderr(), "{question}: ")?;
    io::stderr().flush()?;
    // Room for all of it at once: a text that grows leaves copies behind.
    let mut typed = Zeroizing::new(String::with_capacity(MAX));
    loop {
        let Event::Key(key) = event::read().map_err(lost)? else { continue };
        if key.kind == KeyEventKind::Release {
            continue;
        }
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Enter => return Ok(typed),
            KeyCode::Char('c' | 'd') if control => return Err(Failure::interrupted()),
            KeyCode::Char('u') if control => typed.clear(),
            KeyCode::Char('j' | 'm') if control => return Ok(typed),
            KeyCode::Char('h') if control => drop(typed.pop()),
            KeyCode::Backspace => drop(typed.pop()),
            KeyCode::Char(c) if !control && typed.len() + c.len_utf8() <= MAX => typed.push(c),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::console::tests::console;

    #[test]
    fn without_anybody_to_ask_the_remedy_is_said() {
        let (console, ..) = console("");
        let failure = ask(&console, None).unwrap_err();
        assert_eq!(failure.exit, Exit::NotAllowed);
        assert!(failure.message.contains("--passphrase-fd"), "{failure}");
    }

    #[test]
    fn a_descriptor_that_is_not_open_is_wrong_usage() {
        let (console, ..) = console("");
        assert_eq!(ask(&console, Some(987)).unwrap_err().exit, Exit::Usage);
    }
}
