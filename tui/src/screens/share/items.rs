//! Passages to decide about: suggestions and marks of one's own, in reading order.

use kith_protocol::bundle::Reason;

use super::{Share, Step};
use crate::{
    casework::query::EntryView,
    screens::Flow,
    sharing::{
        pieces,
        plan::{Decision, SpanId, Suggestion},
    },
};

/// One passage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    pub id: SpanId,
    pub text: String,
    pub why: String,
    pub code: Option<Reason>,
    /// It may not be kept.
    pub blocks: bool,
}

/// The texts of an entry that would leave, by the names that spans use, in reading order.
pub(super) fn texts(view: &EntryView) -> Vec<(String, String)> {
    pieces::pieces(view).into_iter().map(|piece| (piece.field, piece.text)).collect()
}

impl Share {
    /// Takes suggestions; decisions on what is still there stay, and with them marks of one's own.
    pub(super) fn suggested(&mut self, suggestions: Vec<Suggestion>) {
        self.items = suggestions
            .into_iter()
            .map(|it| Item { id: it.id, text: it.text, why: it.why, code: Some(it.code), blocks: it.blocks })
            .collect();
        self.decisions.retain(|id, _| self.chosen.contains(&id.entry));
        let decided: Vec<SpanId> = self.decisions.keys().cloned().collect();
        for id in decided {
            if self.items.iter().any(|item| item.id == id) {
                continue;
            }
            match self.text_of(&id) {
                Some(text) => self.add_own(id, &text),
                None => drop(self.decisions.remove(&id)),
            }
        }
        self.sort();
        let known: Vec<&SpanId> = self.items.iter().map(|item| &item.id).collect();
        self.decisions.retain(|id, _| known.contains(&id));
        self.suggested = true;
    }

    /// What stands at a span, when there is such a place.
    fn text_of(&self, id: &SpanId) -> Option<String> {
        let (_, body) =
            texts(self.views.get(&id.entry)?).into_iter().find(|(field, _)| *field == id.field)?;
        body.get(id.start as usize..id.end as usize).map(str::to_owned)
    }

    /// Puts the passages in the order of reading.
    pub(super) fn sort(&mut self) {
        let entries = self.chosen_in_order();
        let entry = |id: &SpanId| entries.iter().position(|one| *one == id.entry).unwrap_or(usize::MAX);
        let mut items = std::mem::take(&mut self.items);
        let field = |id: &SpanId| {
            let texts = self.views.get(&id.entry).map(texts).unwrap_or_default();
            texts.iter().position(|(field, _)| *field == id.field).unwrap_or(usize::MAX)
        };
        items.sort_by_cached_key(|item| (entry(&item.id), field(&item.id), item.id.start));
        self.items = items;
    }

    /// A mark of one's own, unless something there is marked already.
    pub(super) fn add_own(&mut self, id: SpanId, text: &str) {
        let overlaps = |item: &Item| {
            item.id.entry == id.entry
                && item.id.field == id.field
                && item.id.start < id.end
                && id.start < item.id.end
        };
        if !self.items.iter().any(overlaps) {
            let why = "marked by you".to_owned();
            self.items.push(Item { id, text: text.to_owned(), why, code: None, blocks: false });
            self.sort();
        }
    }

    /// Every place in the chosen entries that reads the same as `text`, marked if it was not.
    pub(super) fn everywhere(&mut self, text: &str) -> Vec<SpanId> {
        let wanted = text.to_lowercase();
        let mut found = Vec::new();
        for view in self.views.values().filter(|view| self.chosen.contains(&view.id)) {
            for (field, body) in texts(view) {
                // Byte places only hold where lower case keeps the length; elsewhere only the exact text is found.
                let lower = body.to_lowercase();
                let (hay, needle) = if lower.len() == body.len() {
                    (lower.as_str(), wanted.as_str())
                } else {
                    (body.as_str(), text)
                };
                for (start, hit) in hay.match_indices(needle) {
                    let (Ok(from), Ok(to)) = (u32::try_from(start), u32::try_from(start + hit.len())) else {
                        continue;
                    };
                    let id = SpanId { entry: view.id, field: field.clone(), start: from, end: to };
                    found.push((id, body.get(start..start + hit.len()).unwrap_or(text).to_owned()));
                }
            }
        }
        for (id, text) in found {
            self.add_own(id, &text);
        }
        let same = |item: &&Item| item.text.to_lowercase() == wanted;
        self.items.iter().filter(same).map(|item| item.id.clone()).collect()
    }

    /// Decides about passages. What blocks is never kept.
    pub(super) fn decide(&mut self, spans: Vec<SpanId>, decision: &Decision) {
        for id in spans {
            let blocks = self.items.iter().any(|item| item.id == id && item.blocks);
            if !(blocks && matches!(decision, Decision::Keep { .. })) {
                let versions = self.views.get(&id.entry).map(EntryView::versions);
                self.versions.extend(versions.map(|versions| (id.entry, versions)));
                self.decisions.insert(id, decision.clone());
            }
        }
        self.touched();
    }

    /// Takes an entry's text. What was decided on another version of it is forgotten: it may have moved.
    pub(super) fn read(&mut self, view: EntryView) -> Vec<Flow> {
        let (entry, now) = (view.id, view.versions());
        self.views.insert(entry, view);
        if self.versions.get(&entry).is_none_or(|before| *before == now) {
            return Vec::new();
        }
        self.versions.remove(&entry);
        self.decisions.retain(|id, _| id.entry != entry);
        self.items.retain(|item| item.id.entry != entry);
        self.suggested = false;
        self.touched();
        self.step = self.step.min(Step::What);
        vec![Flow::Say(format!("Entry {entry} was amended since: its passages are to be decided again."))]
    }

    /// How many passages there are, redacted, kept and undecided.
    pub(super) fn counts(&self) -> (usize, usize, usize, usize) {
        let of = |wanted: fn(&Decision) -> bool| {
            self.items.iter().filter(|item| self.decisions.get(&item.id).is_some_and(wanted)).count()
        };
        let redacted = of(|decision| matches!(decision, Decision::Withhold(_)));
        let kept = of(|decision| matches!(decision, Decision::Keep { .. }));
        (self.items.len(), redacted, kept, self.items.len() - redacted - kept)
    }

    /// The counts in words.
    pub(super) fn tally(&self) -> String {
        let (found, redacted, kept, undecided) = self.counts();
        let tail = if undecided > 0 { format!(", {undecided} UNDECIDED") } else { String::new() };
        format!("{found} found: {redacted} redacted, {kept} kept with a reason{tail}")
    }

    pub(super) fn why_not_redacted(&self) -> Option<String> {
        let (.., undecided) = self.counts();
        match (self.suggested, undecided) {
            (false, _) => Some("passages to withhold are still being looked for".to_owned()),
            (true, 0) => None,
            (true, 1) => Some("1 passage is undecided; n goes to it".to_owned()),
            (true, n) => Some(format!("{n} passages are undecided; n goes to the next")),
        }
    }
}
