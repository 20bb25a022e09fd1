//! What the share wizard gathers, as data: choices in, suggestions and previews out.

use std::collections::BTreeMap;

use jiff::civil::Date;
use kith_protocol::{
    bundle::Reason as ReasonCode,
    consent::ConsentRecord,
    ids::{AgencyId, Digest},
};
use serde::{Deserialize, Serialize};

use crate::casework::{
    fact::Gap,
    ids::{CaseId, EntryId, FactId},
    query::ShareRow,
};

/// How we know who holds parental responsibility, where nothing else is said.
pub const RECORDED: &str = "as recorded in the casebook";

/// Names the draft of a share from a case.
#[must_use]
pub fn draft_key(case: CaseId) -> String {
    format!("share/{case}")
}

/// Everything the wizard has been told so far; also the form of its draft.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ShareChoices {
    pub to: Option<AgencyId>,
    pub consent: Option<Box<ConsentRecord>>,
    pub ask: String,
    pub answer_by: Option<Date>,
    pub entries: Vec<EntryId>,
    pub attachments: Vec<Digest>,
    /// Decisions on suggestions, and marks of one's own.
    pub decisions: BTreeMap<SpanId, Decision>,
    /// How many versions an entry had when something in it was decided. One that has more by now must be looked at
    /// again: its text may have moved from under the marks.
    #[serde(default)]
    pub versions: BTreeMap<EntryId, u32>,
}

/// Names a stretch of text of one entry: the field and the byte range in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SpanId {
    pub entry: EntryId,
    /// `statement/0`, `done`, `told`, `effect`, `source/name`, `person/2`.
    pub field: String,
    pub start: u32,
    pub end: u32,
}

/// What is done with a stretch of text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Decision {
    Withhold(ReasonCode),
    Keep { reason: String },
}

/// A stretch that ought to be withheld, and why we think so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    pub id: SpanId,
    pub text: String,
    pub why: String,
    pub code: ReasonCode,
    /// A protected address or a no-contact rule: it may not be kept.
    pub blocks: bool,
    /// It may be of a protected address: it can be kept, and that is said once more before it goes.
    pub careful: bool,
}

/// All suggestions for the chosen entries, in reading order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Suggestions(pub Vec<Suggestion>);

/// The bundle as it would go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The recipient's view as plain lines, rendered from the built document.
    pub lines: Vec<String>,
    /// The same as the HTML page they get.
    pub html: String,
    pub size: u64,
    /// Why it may not go yet; empty when it may.
    pub refusals: Vec<String>,
    /// Whom the sender's own words name that an entry would not.
    pub cautions: Vec<String>,
    /// A second person must check it before it goes.
    pub to_check: bool,
}

/// What somebody who checks a share looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checking {
    pub row: ShareRow,
    pub basis: String,
    /// What was withheld and what was kept in spite of a suggestion, in reading order, each with its reason.
    pub withheld: Vec<Marked>,
    pub kept: Vec<Marked>,
    /// The bundle as the recipient will read it.
    pub lines: Vec<String>,
}

/// A stretch of text that somebody decided about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marked {
    pub entry: EntryId,
    /// Where in the entry, in words.
    pub place: String,
    pub text: String,
    pub reason: String,
}

impl SpanId {
    /// The stretch, withheld for this reason.
    #[must_use]
    pub(super) fn withheld(self, code: ReasonCode) -> Gap {
        let Self { entry, field, start, end } = self;
        Gap { entry, field, start, end, code }
    }

    pub(super) fn is_of(&self, gap: &Gap) -> bool {
        (self.entry, &self.field, self.start, self.end) == (gap.entry, &gap.field, gap.start, gap.end)
    }
}

/// A stretch that a share withheld, as it may be released.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withheld {
    pub span: SpanId,
    pub code: ReasonCode,
    /// As they stood; empty where another stretch stands in the same word, so that it cannot be released alone.
    pub words: String,
    /// When and with which fact it was released, if it was.
    pub released: Option<(Date, FactId)>,
}

impl std::fmt::Display for SpanId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}:{}", self.entry, self.field, self.start, self.end)
    }
}

impl From<SpanId> for String {
    fn from(id: SpanId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for SpanId {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let read = || {
            let mut parts = text.split(':');
            let id = Self {
                entry: parts.next()?.parse().ok()?,
                field: parts.next()?.to_owned(),
                start: parts.next()?.parse().ok()?,
                end: parts.next()?.parse().ok()?,
            };
            parts.next().is_none().then_some(id)
        };
        read().ok_or("a span is entry:field:start:end")
    }
}
