//! Why something may not be shared, in words a safeguarding lead can act on.

use std::fmt;

use jiff::Timestamp;

use super::{Category, ConsentState};
use crate::ids::AgencyId;

/// One reason why a share is refused. `Display` gives the reason and the remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The record says that this is not to be shared.
    DecidedNotToShare {
        because: String,
    },
    NoBasis,
    ConsentNotGiven {
        state: ConsentState,
    },
    Withdrawn {
        on: Timestamp,
    },
    /// Nobody could say later what it was that they consented to.
    NoticeNotKept,
    /// Nobody can have said or decided yet what the record says they did.
    InFuture {
        on: Timestamp,
    },
    NotYetValid {
        from: Timestamp,
    },
    Expired {
        on: Timestamp,
    },
    RecipientNotNamed {
        recipient: AgencyId,
    },
    CategoryOutOfScope {
        category: Category,
    },
    NoSpecialCondition {
        category: Category,
    },
    FamilyReasonMissing,
    FieldMissing {
        field: &'static str,
    },
    /// A passage or attachment nobody has decided about yet; `place` is the first of them.
    Undecided {
        count: usize,
        place: String,
    },
    /// Something that must not leave stands in what would leave.
    ForbiddenLeftIn {
        place: String,
        why: String,
    },
    /// A word to watch for is too short to be searched for.
    ForbiddenTooShort {
        why: String,
    },
    /// More than a bundle may hold.
    TooMuch {
        what: &'static str,
        limit: u64,
    },
    /// A name or media type that would not be safe to write as a file or a line.
    BadName {
        place: String,
        rule: &'static str,
    },
    /// A second person must look at it, and nobody has.
    NotChecked,
    /// Two parts of the draft contradict each other.
    Contradiction {
        what: &'static str,
    },
}

impl Refusal {
    /// What is wrong, in one sentence.
    #[must_use]
    pub fn reason(&self) -> String {
        match self {
            Self::DecidedNotToShare { because } => {
                format!("It was decided not to share, because: {because}.")
            }
            Self::NoBasis => "The record names no lawful basis.".to_owned(),
            Self::ConsentNotGiven { state } => {
                format!("The basis is consent, and consent is {}.", state.words())
            }
            Self::Withdrawn { on } => format!("The basis is consent, and it was withdrawn on {}.", day(*on)),
            Self::NoticeNotKept => {
                "The basis is consent, and the record does not hold what they were told by its digest."
                    .to_owned()
            }
            Self::InFuture { on } => {
                format!(
                    "The record tells what was asked, answered or decided on {}, which has not come.",
                    day(*on)
                )
            }
            Self::NotYetValid { from } => format!("The record does not hold before {}.", day(*from)),
            Self::Expired { on } => format!("The record expired on {}.", day(*on)),
            Self::RecipientNotNamed { recipient } => {
                format!("The record does not name {recipient} as a recipient.")
            }
            Self::CategoryOutOfScope { category } => {
                format!("The record does not cover {}.", category.words())
            }
            Self::NoSpecialCondition { category } => {
                format!("No condition is named for special-category data ({}).", category.words())
            }
            Self::FamilyReasonMissing => {
                "The family has not been told, and the record does not say why.".to_owned()
            }
            Self::FieldMissing { field } => format!("Not filled in: {field}."),
            Self::Undecided { count, place } => {
                let many = if *count == 1 {
                    "1 suggested redaction is".to_owned()
                } else {
                    format!("{count} suggested redactions are")
                };
                format!("{many} undecided, the first in {place}.")
            }
            Self::ForbiddenLeftIn { place, why } => {
                // It may be a sentence of its own.
                let why = why.trim_end_matches('.');
                format!("Something that must not leave is still in {place}: {why}.")
            }
            Self::ForbiddenTooShort { why } => {
                format!("A text to keep in is too short to be searched for: {why}.")
            }
            Self::TooMuch { what, limit } => {
                format!("Too much for one bundle: {what}; the limit is {limit}.")
            }
            Self::BadName { place, rule } => format!("{place} cannot be used: {rule}."),
            Self::NotChecked => "A second person must check this share, and nobody has.".to_owned(),
            Self::Contradiction { what } => format!("The parts do not fit together: {what}."),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::DecidedNotToShare { .. } => "If that has changed, make a new record that says why.",
            Self::NoBasis => "Choose one; a child at risk seldom needs consent.",
            Self::ConsentNotGiven { .. } | Self::Withdrawn { .. } => {
                "If a child is or may be at risk, record the basis that applies instead: duty to share, public task or vital interests."
            }
            Self::InFuture { .. } => "Check the times in the record, and this machine's clock.",
            Self::NotYetValid { .. } => "Wait, or change the record.",
            Self::NoticeNotKept => {
                "Keep the text of the notice (`kith consent notice`), then make a new record that names it."
            }
            Self::Expired { .. } => "Review the decision and record a new one.",
            Self::RecipientNotNamed { .. } => "Add the agency to the record, or choose a recipient it names.",
            Self::CategoryOutOfScope { .. } => "Leave those entries out, or widen the record and say why.",
            Self::NoSpecialCondition { .. } => {
                "Choose one; usually Data Protection Act 2018 Schedule 1 paragraph 18."
            }
            Self::FamilyReasonMissing => "Say why it is not safe, or why and by when it is still to be done.",
            Self::FieldMissing { .. } => "Fill it in.",
            Self::Undecided { .. } => "Withhold each with a reason, or keep it.",
            // Only what was recorded can be withheld; the rest is written for the share.
            Self::ForbiddenLeftIn { place, .. } if place.starts_with("records") => {
                "Withhold it there, with a reason."
            }
            Self::ForbiddenLeftIn { .. } => {
                "Take it out of the record or of what you ask (step 2), or keep it in the entries with a reason."
            }
            Self::ForbiddenTooShort { .. } => "Give at least three letters or digits.",
            Self::TooMuch { .. } => "Split it into several bundles.",
            Self::BadName { .. } => "Rename it.",
            Self::NotChecked => "Propose it; somebody else who can open the casebook approves it.",
            Self::Contradiction { .. } => "Open the share again and put it right.",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.reason(), self.remedy())
    }
}

impl std::error::Error for Refusal {}

fn day(at: Timestamp) -> String {
    at.strftime("%-d %B %Y").to_string()
}
