//! Attachments that go: each was searched by program or looked through by a person, or it does not go.

use std::{collections::BTreeSet, slice};

use kith_protocol::{
    bundle::{Attachment, Draft},
    consent::{Category, Refusal},
    ids::Digest,
};

use super::{
    attached::left_in,
    inside::Cleaned,
    pieces,
    plan::Decision,
    redact::{Work, kept_with_care},
};
use crate::casework::{entry, fact::Keeping, ids::EntryId};

impl Work<'_> {
    /// The chosen attachments that go, each with who looked it through.
    pub(super) fn files(&mut self) -> Vec<Attachment> {
        let mut left: BTreeSet<Digest> = self.choices.attachments.iter().copied().collect();
        let mut files = Vec::new();
        for view in self.material.entries {
            for (at, file) in view.entry.attachments.iter().enumerate() {
                // Decided once, where it first stands: the same file under another entry is the same file.
                if left.remove(&file.sha256)
                    && let Some(checked) = self.checked((view.id, pieces::attachment(at)), file)
                {
                    let file = self.file(file, view.entry.category.data(), (files.len() + 1, checked));
                    // Two that differ in their metadata alone are one when they have lost it.
                    match files.iter_mut().find(|other: &&mut Attachment| other.sha256 == file.sha256) {
                        Some(other) => other.copy_of.extend(file.copy_of),
                        None => files.push(file),
                    }
                }
            }
        }
        files
    }

    /// Why it goes whole; empty while nobody has decided; none when it stays.
    fn checked(&mut self, (entry, field): (EntryId, String), file: &entry::Attachment) -> Option<String> {
        let by = &self.material.by.name;
        let Some(one) = self.suggestions.get(&(entry, field)).and_then(|all| all.first()) else {
            let day = self.material.now.strftime("%-d %B %Y");
            return Some(format!(
                "Searched by program on {day}: nothing to withhold was found. Sent whole by {by}."
            ));
        };
        match self.choices.decisions.get(&one.id) {
            Some(Decision::Withhold(code)) => {
                *self.counts.entry((entry, code.clone())).or_default() += 1;
                None
            }
            Some(Decision::Keep { reason }) if !one.blocks && !reason.trim().is_empty() => {
                self.cautions.extend(kept_with_care(one));
                let (text, reason) = (file.name.clone(), reason.clone());
                self.kept.push(Keeping { entry, text, reason: reason.clone() });
                self.looked_through.insert(file.sha256);
                Some(format!("Looked through by {by}: {reason}"))
            }
            _ => Some(String::new()),
        }
    }

    /// What must not leave and stands in the words of files that go. What is withheld elsewhere may go in a file that
    /// somebody decided to send whole; that is said before it goes.
    pub(super) fn left_in_files(&mut self, draft: &Draft) -> Vec<Refusal> {
        let (never, elsewhere): (Vec<_>, Vec<_>) =
            draft.forbidden.iter().cloned().partition(|one| one.always);
        let mut refusals = Vec::new();
        for file in &draft.attachments {
            for original in file.recorded() {
                let words = self.material.registry.files.get(original).map_or("", |inside| &inside.text);
                refusals.extend(left_in(&file.name, words, &never));
                if !self.looked_through.contains(original) {
                    refusals.extend(left_in(&file.name, words, &elsewhere));
                    continue;
                }
                let found = elsewhere
                    .iter()
                    .filter(|one| !left_in(&file.name, words, slice::from_ref(one)).is_empty());
                self.cautions.extend(found.map(|one| {
                    format!(
                        "“{}” goes whole and says “{}”, which is withheld elsewhere",
                        file.name, one.needle
                    )
                }));
            }
        }
        refusals
    }

    /// A file as it goes. A name that names somebody is replaced.
    fn file(
        &self,
        file: &entry::Attachment,
        category: Category,
        (number, checked): (usize, String),
    ) -> Attachment {
        let names = self.finder.hits(&file.name, None).iter().any(|hit| hit.withhold.is_some());
        let ending = file.name.rsplit_once('.').map(|(_, ending)| ending).filter(|ending| ending.len() <= 5);
        let plain = ending
            .map_or_else(|| format!("attachment {number}"), |ending| format!("attachment {number}.{ending}"));
        let (sha256, size) = self
            .cleaned(&file.sha256)
            .map_or((file.sha256, file.size), |copy| (copy.sha256, copy.bytes.len() as u64));
        let checked = match self.cleaned(&file.sha256).filter(|_| !checked.is_empty()) {
            Some(copy) => format!("{checked} A copy without {}.", copy.taken),
            None => checked,
        };
        Attachment {
            sha256,
            size,
            name: if names { plain } else { file.name.clone() },
            media_type: file.media_type.clone(),
            category,
            checked,
            copy_of: self.cleaned(&file.sha256).map(|_| file.sha256).into_iter().collect(),
        }
    }

    /// The copy without metadata that goes in place of a file.
    fn cleaned(&self, original: &Digest) -> Option<&Cleaned> {
        self.material.registry.files.get(original)?.cleaned.as_ref()
    }
}
