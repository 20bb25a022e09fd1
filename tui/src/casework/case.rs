//! Cases, levels of need, actions, and the decisions of triage.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::ids::{CaseId, PersonId};

/// A child's case, from opening to conclusion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    pub child: PersonId,
    pub title: String,
    pub level: LevelOfNeed,
    /// Name of the lead for the case.
    pub lead: String,
}

/// The level of need, as local threshold documents have it (level 1 universal to level 4 acute).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum LevelOfNeed {
    /// Not by us: a case that was opened for a bundle of another agency.
    NotAssessed,
    Universal,
    EarlyHelp,
    /// Child in need (Children Act 1989 s.17).
    ChildInNeed,
    /// Child protection (Children Act 1989 s.47).
    ChildProtection,
}

/// What triage decided about a concern.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum TriageDecision {
    NoFurtherAction { reason: String },
    AddToCase { case: CaseId },
    OpenCase(Case),
}

/// Something somebody must do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionItem {
    pub case: CaseId,
    pub what: String,
    pub owner: String,
    pub due: Date,
}
