//! What a verb has in hand: its console, the time, and the casebook once it is unlocked.

use std::path::PathBuf;

use jiff::{Zoned, civil::Date};
use kith_protocol::seal::Passphrase;

use super::{args::Common, console::Console, exit::Exit, failure::Failure, passphrase, places};
use crate::{
    casework::query::{Answer, Keyed, Page, Query},
    flow::Session,
    sharing::{office::Office, persons},
    store::Casebook,
    text,
};

/// A verb's surroundings.
pub struct Desk {
    pub console: Console,
    pub common: Common,
    pub now: Zoned,
}

/// An unlocked casebook and whose it is.
pub struct Open {
    pub folder: PathBuf,
    pub casebook: Casebook,
    pub session: Session,
    /// The school's own day.
    pub today: Date,
}

impl Desk {
    /// Where the casebook is, which must be there.
    ///
    /// # Errors
    /// When there is none.
    pub fn folder(&self) -> Result<PathBuf, Failure> {
        let (folder, because) = places::casebook(self.common.casebook.as_deref())?;
        if Casebook::is_in(&folder) {
            return Ok(folder);
        }
        Err(Failure::new(
            Exit::Configuration,
            format!(
                "there is no casebook in {} ({}); make one with `kith init`, name another with --casebook PATH, or try `kith demo`",
                folder.display(),
                because.words()
            ),
        ))
    }

    /// Asks for the passphrase and opens the casebook.
    ///
    /// # Errors
    /// When there is no casebook, nobody to ask, or the passphrase is wrong.
    pub fn open(&mut self) -> Result<Open, Failure> {
        let (open, _) = self.open_with_passphrase()?;
        Ok(open)
    }

    /// As [`Self::open`], and gives the passphrase as well, for a program that must lock and unlock by itself.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_with_passphrase(&mut self) -> Result<(Open, Passphrase), Failure> {
        let folder = self.folder()?;
        let passphrase = passphrase::ask(&self.console, self.common.passphrase_fd)?;
        let mut casebook = Casebook::unlock(&folder, &passphrase)?;
        if let Some(words) = text::disposals(casebook.finish_disposals(&self.now)) {
            self.console.say(&format!("kith: {words}"))?;
        }
        casebook.finish_holders(self.now.timestamp())?;
        if let Some(why) = persons::renew(&mut casebook, &self.now) {
            self.console.say(&format!("kith: {why}"))?;
        }
        let session = casebook.session()?;
        if let Some(last) = casebook.clock_went_back(self.now.timestamp())? {
            self.console.say(&format!(
                "kith: this machine's clock is behind the casebook, whose last record is of {last}; check the clock"
            ))?;
        }
        Ok((Open { folder, casebook, session, today: self.now.date() }, passphrase))
    }
}

impl Open {
    /// Answers a query.
    ///
    /// # Errors
    /// When what is asked for is not there, or the casebook cannot be read.
    pub fn ask(&self, query: &Query) -> Result<Answer, Failure> {
        Ok(self.casebook.ask(query, self.today)?)
    }

    /// Whether a partnership was joined, so that anything can come or go.
    ///
    /// # Errors
    /// When none was, with what to do; or the casebook cannot be read.
    pub fn joined(&self) -> Result<(), Failure> {
        if self.casebook.node()?.is_some() && self.casebook.pinned()?.is_some() {
            return Ok(());
        }
        let remedy = "no partnership was joined yet: run `kith join` with the invitation that the admin of the node gave you";
        Err(Failure::new(Exit::Configuration, remedy))
    }

    /// The office that works from this casebook, ready to exchange.
    ///
    /// # Errors
    /// When its folder cannot be used, or keys or directory are missing.
    pub fn enrolled_office(self, desk: &Desk) -> Result<Office, Failure> {
        let office = self.office(desk)?;
        match office.enrolled() {
            Ok(_) => Ok(office),
            Err(error) => Err(Failure::new(Exit::Configuration, error)),
        }
    }

    /// The office that works from this casebook.
    ///
    /// # Errors
    /// When its folder cannot be used.
    pub fn office(self, desk: &Desk) -> Result<Office, Failure> {
        Ok(Office::open(self.casebook, &self.folder, &desk.now)?)
    }
}

/// The casebook answered another question than was asked: a fault of ours.
#[must_use]
pub fn off_topic() -> Failure {
    Failure::new(
        Exit::Failed,
        "the casebook's answer does not fit the question: this is a fault in kith, please report it",
    )
}

/// All rows of a long list, page by page.
pub(super) fn whole<R: Keyed>(
    page: impl Fn(Option<R::Key>) -> Result<Page<R>, Failure>,
) -> Result<Vec<R>, Failure> {
    let mut all: Vec<R> = Vec::new();
    loop {
        let next = page(all.last().map(R::key))?.rows;
        if next.is_empty() {
            return Ok(all);
        }
        all.extend(next);
    }
}

/// Takes the one variant of an [`Answer`] that fits the question.
macro_rules! answer {
    ($answer:expr, $pattern:pat => $value:expr) => {
        match $answer {
            $pattern => Ok($value),
            _ => Err($crate::cli::desk::off_topic()),
        }
    };
}
pub(super) use answer;
