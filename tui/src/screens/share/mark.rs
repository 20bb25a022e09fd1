//! A mark of one's own: words chosen one by one in a chosen entry.

use unicode_segmentation::UnicodeSegmentation as _;

use super::{Share, items::texts};
use crate::{casework::ids::EntryId, sharing::plan::SpanId};

/// The words that are marked: the first one, counted through all texts of the entry, and how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    pub entry: EntryId,
    pub at: usize,
    pub words: usize,
}

/// A word of an entry: its field, where it is, what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub field: String,
    pub start: usize,
    pub end: usize,
}

impl Share {
    /// All words of an entry.
    pub(super) fn words(&self, entry: EntryId) -> Vec<Word> {
        let Some(view) = self.views.get(&entry) else { return Vec::new() };
        let mut out = Vec::new();
        for (field, text) in texts(view) {
            let words = text.unicode_word_indices();
            out.extend(words.map(|(start, word)| Word {
                field: field.clone(),
                start,
                end: start + word.len(),
            }));
        }
        out
    }

    /// Begins a mark in the entry of the selected passage, or in the first chosen entry.
    pub(super) fn start_mark(&mut self) {
        let here = self.place().of(&self.items).map(|item| item.id.entry);
        let first = self.chosen_in_order().first().copied();
        self.mark = here.or(first).map(|entry| self.first_mark(entry));
    }

    /// On the first word of what was seen; the people and the source stand before it.
    fn first_mark(&self, entry: EntryId) -> Mark {
        let at = self.words(entry).iter().position(|word| word.field.starts_with("statement/"));
        Mark { entry, at: at.unwrap_or(0), words: 1 }
    }

    /// Moves the mark by words.
    pub(super) fn move_mark(&mut self, by: isize) {
        let Some(mark) = self.mark else { return };
        let many = self.words(mark.entry).len();
        let at = mark.at.saturating_add_signed(by).min(many.saturating_sub(1));
        self.mark = Some(Mark { at, words: 1, ..mark });
    }

    /// One word more, inside the same text.
    pub(super) fn widen_mark(&mut self) {
        let Some(mark) = self.mark else { return };
        let words = self.words(mark.entry);
        let first = words.get(mark.at);
        let next = words.get(mark.at + mark.words);
        if first.zip(next).is_some_and(|(first, next)| first.field == next.field) {
            self.mark = Some(Mark { words: mark.words + 1, ..mark });
        }
    }

    /// Puts the mark into the next chosen entry.
    pub(super) fn next_entry(&mut self, forward: bool) {
        let Some(mark) = self.mark else { return };
        let chosen = self.chosen_in_order();
        let here = chosen.iter().position(|id| *id == mark.entry).unwrap_or(0);
        let by = if forward { 1 } else { chosen.len().saturating_sub(1) };
        let entry = chosen.get((here + by) % chosen.len().max(1)).copied().unwrap_or(mark.entry);
        self.mark = Some(self.first_mark(entry));
    }

    /// The marked stretch and its text.
    pub(super) fn marked(&self) -> Option<(SpanId, String)> {
        let mark = self.mark?;
        let words = self.words(mark.entry);
        let (first, last) = (words.get(mark.at)?, words.get(mark.at + mark.words - 1)?);
        let view = self.views.get(&mark.entry)?;
        let (_, text) = texts(view).into_iter().find(|(field, _)| *field == first.field)?;
        let id = SpanId {
            entry: mark.entry,
            field: first.field.clone(),
            start: u32::try_from(first.start).ok()?,
            end: u32::try_from(last.end).ok()?,
        };
        Some((id, text.get(first.start..last.end)?.to_owned()))
    }
}
