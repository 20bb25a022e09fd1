//! By which directory a bundle was judged, and what the directories since then say of its sender.

use jiff::Timestamp;

use super::{Check, Outcome, What, verify::check};
use crate::{
    directory::{Directories, Directory},
    ids::AgencyId,
    sign::VerifyingKey,
};

/// What became of the sender since.
pub(super) struct Since<'a> {
    by: &'a Directory,
    newest: &'a Directory,
    changes: Vec<String>,
    /// When the key that signed it was first not listed any more.
    pub(super) replaced: Option<Timestamp>,
}

impl<'a> Since<'a> {
    pub(super) fn new(
        directories: Directories<'a>,
        by: &'a Directory,
        from: &AgencyId,
        key: &VerifyingKey,
    ) -> Self {
        let mut since = Self { by, newest: directories.newest(), changes: Vec::new(), replaced: None };
        let mut before = by;
        for later in directories.after(by) {
            if let Some(change) = change(from, before, later) {
                since.changes.push(format!("{} {change}", named(later)));
            }
            let listed = later.member(from).is_some_and(|member| member.keys.sign == *key);
            if !listed && since.replaced.is_none() {
                since.replaced = Some(later.issued);
            }
            before = later;
        }
        since
    }

    pub(super) fn checks(&self, created: Timestamp, now: Timestamp) -> Vec<Check> {
        let mut checks = vec![self.judged_by(created), self.since()];
        let Directory { expires, .. } = self.newest;
        if now >= *expires {
            let explanation = format!(
                "{} is the newest directory here and ran out on {}: which keys were changed since, and who has left, is not known here. Fetch a new one.",
                named(self.newest),
                day(*expires)
            );
            checks.push(Check { what: What::Newest, outcome: Outcome::Caution, explanation });
        }
        checks
    }

    fn judged_by(&self, created: Timestamp) -> Check {
        let by = named(self.by);
        let caution = |explanation| Check { what: What::Directory, outcome: Outcome::Caution, explanation };
        if created < self.by.issued && self.by.issued.duration_since(created) > crate::directory::CLOCK_SKEW {
            caution(format!(
                "Judged by {by}, the oldest directory here. It was made before that one was issued, when other keys may have been listed."
            ))
        } else if created >= self.by.expires {
            caution(format!(
                "Judged by {by}, which had run out on {} when it was made.",
                day(self.by.expires)
            ))
        } else {
            check(What::Directory, format!("Judged by {by}, in force when it was made."))
        }
    }

    fn since(&self) -> Check {
        if self.changes.is_empty() {
            let upto = if self.by.version == self.newest.version {
                "There is no later directory here".to_owned()
            } else {
                format!("Up to {} nothing has changed about the sender", named(self.newest))
            };
            return check(What::Since, format!("{upto}."));
        }
        let mut explanation = format!("Since then: {}.", self.changes.join("; "));
        let outcome = if self.replaced.is_some() {
            explanation.push_str(
                " Whoever has the old key could have made this since and dated it back: rely on it when something else shows that it was there before.",
            );
            Outcome::Caution
        } else {
            Outcome::Holds
        };
        Check { what: What::Since, outcome, explanation }
    }
}

/// What is different about a member from one directory to the next.
fn change(member: &AgencyId, before: &Directory, later: &Directory) -> Option<String> {
    match (before.member(member), later.member(member)) {
        (Some(_), None) => Some("no longer lists the sender".to_owned()),
        (None, Some(_)) => Some("lists the sender again".to_owned()),
        (Some(before), Some(later)) => {
            let (old, new) = (&before.keys, &later.keys);
            let each = [
                (old.sign != new.sign, "another signing key"),
                (old.log != new.log, "another key of its log"),
                (before.name != later.name, "another name"),
            ];
            let each: Vec<&str> =
                each.into_iter().filter(|(differs, _)| *differs).map(|(_, what)| what).collect();
            (!each.is_empty()).then(|| format!("lists {} for the sender", each.join(" and ")))
        }
        (None, None) => None,
    }
}

fn named(directory: &Directory) -> String {
    format!("directory version {} of {}", directory.version, day(directory.issued))
}

fn day(at: Timestamp) -> String {
    at.strftime("%-d %B %Y").to_string()
}
