//! Retention: under which rule a person's file may go, and what keeps it. Pure: the store gives what is known of the
//! file, and [`judge`] says how it stands on a day.
//!
//! Only two things ever make a file due: a date that is known, and a rule with a source. Whatever is not known is
//! listed for a person. A legal hold beats every timer.

mod bundle;
mod rules;
mod scope;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use kith_protocol::{disposal::Agreed, ids::Digest};
use serde::{Deserialize, Serialize};

pub use self::{
    bundle::BundleState,
    rules::{Rule, holding, judge},
    scope::{FactList, Scope, named},
};
use super::{
    fact::Author,
    ids::{FactId, HoldId},
};

/// Somebody left; with the next school, if the file goes there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leaving {
    pub on: Date,
    /// The next school; blank when the file stays here.
    pub to: String,
    /// When the next school confirmed that it has the file.
    pub receipt: Option<Date>,
}

/// An order that nothing of a file may go: whose, why, until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    pub id: HoldId,
    pub by: String,
    pub why: String,
    /// None until somebody lifts it.
    pub until: Option<Date>,
}

/// What the rules need to know of one person's file, over every record of theirs: none goes while another is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileState {
    pub kind: FileKind,
    pub born: Option<Date>,
    pub leaving: Option<Leaving>,
    /// When they came back, where that was recorded after their leaving.
    pub returned: Option<Date>,
    /// When what is in the file was recorded, received or shared here. Filled where a next school confirmed a copy.
    pub made: BTreeMap<FactId, Timestamp>,
    /// When the latest entry about them happened.
    pub last_entry: Option<Date>,
    /// Does any entry tell of sexual harm?
    pub sexual_harm: bool,
    /// When the latest entry happened in which they are said to have done harm.
    pub alleged: Option<Date>,
    /// What must be brought to an end first.
    pub unfinished: Option<&'static str>,
    /// Holds that nobody has lifted.
    pub holds: Vec<Hold>,
    /// As what else they are recorded, and whether they left as such.
    pub also: Vec<(FileKind, Option<Leaving>)>,
}

/// How far the clock of any zone is ahead of UTC, at most.
const AHEAD: SignedDuration = SignedDuration::from_hours(14);

impl FileState {
    /// How much of the file the next school cannot have: what was recorded, received or shared here since the day of
    /// its receipt, wherever that day began. On the day itself nobody can tell which came first.
    #[must_use]
    pub fn made_since(&self, receipt: Date) -> usize {
        let day = |at: &Timestamp| at.checked_add(AHEAD).map(|at| TimeZone::UTC.to_datetime(at).date());
        self.made.values().filter(|at| day(at).is_ok_and(|day| day >= receipt)).count()
    }

    /// What else bears on how it stands, for a person to know.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        let also = self.also.iter().map(|(kind, leaving)| (*kind, leaving.as_ref()));
        let all = also.chain([(self.kind, self.leaving.as_ref())]);
        let receipts = all.filter(|(kind, _)| *kind == FileKind::Pupil);
        let receipts = receipts.filter_map(|(_, leaving)| leaving?.receipt);
        let most = receipts.map(|receipt| (self.made_since(receipt), receipt)).max();
        let more = most.filter(|(made, _)| *made > 0).map(|(made, receipt)| {
            let records = if made == 1 { "record was" } else { "records were" };
            format!(
                "{made} {records} made after the next school's receipt of {receipt}: the file is not only a copy"
            )
        });
        let back = self.returned.map(|on| format!("came back on {on}"));
        more.into_iter().chain(back).collect()
    }

    /// How it stands, with what else bears on it.
    #[must_use]
    pub fn words(&self, verdict: &Verdict) -> String {
        let all: Vec<String> = [verdict.words()].into_iter().chain(self.remarks()).collect();
        all.join("; ")
    }
}

/// Whose file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    Pupil,
    Staff,
    /// Family and professionals: kept with the files they stand in, and gone with the last of them.
    Other,
}

/// What is known of a file, whichever it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    Person(Box<FileState>),
    Bundle(BundleState),
}

impl Standing {
    /// How it stands on `today`.
    #[must_use]
    pub fn judge(&self, today: Date) -> Verdict {
        match self {
            Self::Person(file) => judge(file, today),
            Self::Bundle(bundle) => bundle.judge(today),
        }
    }

    /// What else bears on it.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        match self {
            Self::Person(file) => file.remarks(),
            Self::Bundle(_) => Vec::new(),
        }
    }

    /// How it stands, with what else bears on it.
    #[must_use]
    pub fn words(&self, verdict: &Verdict) -> String {
        match self {
            Self::Person(file) => file.words(verdict),
            Self::Bundle(_) => verdict.words(),
        }
    }
}

/// How a file stands on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// May be proposed for destruction.
    Due {
        on: Date,
        rule: Rule,
    },
    /// Kept until then.
    NotYet {
        on: Date,
        rule: Rule,
    },
    Held(Hold),
    /// It would be due, were it not for this.
    Unfinished(&'static str),
    /// No rule can be counted: the date of birth is not known.
    Undated,
    /// Sent to the next school, which has not confirmed it.
    AwaitsReceipt {
        left: Date,
    },
    /// No rule lets it go while things stand so.
    Keep,
}

impl Verdict {
    /// Does a person have to look at it?
    #[must_use]
    pub const fn needs_a_person(&self) -> bool {
        matches!(self, Self::Due { .. } | Self::Unfinished(_) | Self::Undated | Self::AwaitsReceipt { .. })
    }

    /// How it stands, in words that fit after "the file may not be destroyed:".
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Due { on, rule } => format!("due since {on}: {}", rule.words()),
            Self::NotYet { on, rule } => format!("kept until {on}: {}", rule.words()),
            Self::Held(hold) => {
                let until = hold.until.map(|date| format!(" until {date}")).unwrap_or_default();
                format!("legal hold by {}{until}: {}", hold.by, hold.why)
            }
            Self::Unfinished(what) => (*what).to_owned(),
            Self::Undated => {
                "the date of birth is not known: record it, and the rules can be counted".to_owned()
            }
            Self::AwaitsReceipt { left } => {
                format!("left on {left}, and the next school has not confirmed that it has the file")
            }
            Self::Keep => {
                "no rule lets it go: the person has not left, or is kept with others' files".to_owned()
            }
        }
    }
}

/// What was destroyed, under which rule and by whom; it stays in the log for ever and says nothing of the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disposed {
    pub rule: Rule,
    pub proposed_by: Author,
    pub proposed: Timestamp,
    pub approved_by: Author,
    pub approved: Timestamp,
    /// The facts that were destroyed.
    pub facts: FactList,
    /// Entries that were kept whole, because they concern another child as well.
    pub kept: FactList,
    /// How many attachments were destroyed.
    pub attachments: u32,
    /// Destroyed again, after an older backup was put back.
    pub replayed: bool,
    /// What both signed; none where the casebook had no keys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreed: Option<Box<Agreed>>,
    /// Where it was destroyed again: what was agreed to, and was not in the backup.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub absent: Vec<(FactId, Digest)>,
}

#[cfg(test)]
mod tests;
