//! How logs stand: ours, and what did not hold of those of others.

use jiff::Timestamp;
use kith_protocol::ids::Digest;

use crate::casework::fact::Author;

/// Our log and those of others.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogsView {
    /// How many facts the log has.
    pub facts: u64,
    /// None as long as nobody cosigned it, or there is no directory.
    pub standing: Option<LogStanding>,
    /// What nobody has dealt with yet, newest first.
    pub findings: Vec<LogFinding>,
    pub settled: Vec<SettledFinding>,
}

/// What did not hold and was dealt with: when, by whom, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettledFinding {
    pub finding: LogFinding,
    pub at: Timestamp,
    pub by: Author,
    pub why: String,
}

/// Up to which fact a log was cosigned, and by whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogStanding {
    pub size: u64,
    pub words: String,
}

/// A log that does not hold, with what shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFinding {
    pub found: Timestamp,
    /// Whose log, and what is wrong with it.
    pub what: String,
    /// What was said before, and what is said now: signed notes, or a signed receipt's text.
    pub one: String,
    pub other: String,
}

impl LogFinding {
    /// What it is called: the digest of what it says and of both sides.
    #[must_use]
    pub fn id(&self) -> Digest {
        let Self { what, one, other, .. } = self;
        Digest::of(format!("{what}\0{one}\0{other}").as_bytes())
    }
}
