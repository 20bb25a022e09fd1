//! Suggestions: what in the chosen entries ought to be withheld from this recipient. A person decides each of them.

use jiff::civil::Date;
use kith_protocol::{bundle::Reason, directory::Sector, ids::Digest};

use super::{
    finder::{Finder, Hit, Rank, Withhold},
    pieces::{self, Piece},
    plan::{ShareChoices, SpanId, Suggestion, Suggestions},
    registry::Registry,
};
use crate::casework::{entry::Attachment, query::EntryView};

/// Suggestions for the chosen entries, in their order and in reading order.
#[must_use]
pub fn suggest(
    registry: &Registry,
    entries: &[EntryView],
    choices: &ShareChoices,
    (sector, today): (Sector, Date),
) -> Suggestions {
    let finder = Finder::new(registry, entries, choices, (sector, today));
    let mut files = choices.attachments.clone();
    let each = entries.iter().flat_map(|view| {
        let texts = pieces::pieces(view).into_iter().flat_map(|piece| finder.piece(view, &piece));
        texts.chain(finder.files(view, &mut files)).collect::<Vec<_>>()
    });
    Suggestions(each.collect())
}

impl Finder<'_> {
    fn piece(&self, view: &EntryView, piece: &Piece) -> Vec<Suggestion> {
        let hits = match self.structured(view, piece) {
            Some(hit) => vec![hit],
            None => self.hits(&piece.text, Some(view.id)),
        };
        let spans = hits.into_iter().filter_map(|hit| {
            let Withhold { code, why, blocks } = hit.withhold?;
            let text = piece.text.get(hit.at.clone())?.to_owned();
            let id = SpanId {
                entry: view.id,
                field: piece.field.clone(),
                start: u32::try_from(hit.at.start).ok()?,
                end: u32::try_from(hit.at.end).ok()?,
            };
            Some(Suggestion { id, text, why, code, blocks })
        });
        spans.collect()
    }

    /// Fields that say by themselves whom they name: people by id, and a source that is no agency's.
    fn structured(&self, view: &EntryView, piece: &Piece) -> Option<Hit> {
        let whole = |withhold| Hit { at: 0..piece.text.len(), withhold, rank: Rank::NearWithheld };
        if let Some(at) = piece.field.strip_prefix("person/") {
            let one = view.entry.people.get(at.parse::<usize>().ok()?)?;
            let (code, why) = self.known.get(&one.person)?.withhold.clone()?;
            return Some(whole(Some(Withhold { code, why, blocks: false })));
        }
        let source = &view.entry.source;
        let outsider =
            piece.field == "source/name" && source.agency.trim().is_empty() && !source.name.trim().is_empty();
        let named = self.hits(&source.name, Some(view.id));
        let named = named.iter().any(|hit| hit.rank <= Rank::StrangerAllowed);
        let why = "the source gives no agency: it may be a member of the public who trusts you".to_owned();
        (outsider && !named).then(|| Hit {
            at: 0..source.name.len(),
            ..whole(Some(Withhold { code: Reason::Informant, why, blocks: false }))
        })
    }

    /// Chosen attachments that a person must decide about; each is asked about once, where it first stands.
    fn files(&self, view: &EntryView, left: &mut Vec<Digest>) -> Vec<Suggestion> {
        let mut asked = Vec::new();
        for (at, file) in view.entry.attachments.iter().enumerate() {
            let before = left.len();
            left.retain(|digest| *digest != file.sha256);
            let found = if left.len() < before { self.file(file) } else { None };
            asked.extend(found.map(|Withhold { code, why, blocks }| Suggestion {
                id: SpanId {
                    entry: view.id,
                    field: pieces::attachment(at),
                    start: 0,
                    end: u32::try_from(file.name.len()).unwrap_or(u32::MAX),
                },
                text: file.name.clone(),
                why,
                code,
                blocks,
            }));
        }
        asked
    }

    fn file(&self, file: &Attachment) -> Option<Withhold> {
        let Some(text) = self.registry.files.get(&file.sha256) else {
            let why = "the program cannot look into this file: look it through, with what is hidden in it (a photo tells where it was taken), then keep it and say so, or leave it out";
            return Some(Withhold { code: Reason::NotRelevant, why: why.to_owned(), blocks: false });
        };
        let found: Vec<Withhold> = self.hits(text, None).into_iter().filter_map(|hit| hit.withhold).collect();
        let worst = found.iter().find(|one| one.blocks).or_else(|| found.first())?;
        let more = if found.len() > 1 { format!(", and {} more", found.len() - 1) } else { String::new() };
        let why = format!(
            "its text cannot be withheld in parts, and it holds what should be: {}{more}. Leave it out, or keep it whole and say why",
            worst.why
        );
        Some(Withhold { why, ..worst.clone() })
    }
}

#[cfg(test)]
mod tests;
