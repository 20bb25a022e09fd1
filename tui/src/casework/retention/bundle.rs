//! A received bundle that was filed in nobody's file: how long it is kept.

use jiff::civil::Date;

use super::{Hold, Rule, Verdict, rules};

/// What the rules need to know of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleState {
    /// When it came, or was last answered.
    pub since: Date,
    pub declined: bool,
    /// What must be brought to an end first.
    pub unfinished: Option<&'static str>,
    /// Holds on it that nobody has lifted.
    pub holds: Vec<Hold>,
}

impl BundleState {
    /// How it stands on `today`.
    #[must_use]
    pub fn judge(&self, today: Date) -> Verdict {
        if let Some(hold) = rules::holding(&self.holds, today) {
            return Verdict::Held(hold.clone());
        }
        let rule = if self.declined { Rule::DeclinedBundle } else { Rule::UnfiledBundle };
        let on = rule.after(self.since);
        match self.unfinished {
            _ if on > today => Verdict::NotYet { on, rule },
            Some(what) => Verdict::Unfinished(what),
            None => Verdict::Due { on, rule },
        }
    }
}
