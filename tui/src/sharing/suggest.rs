//! Suggestions: what in the chosen entries ought to be withheld from this recipient. A person decides each of them.

mod accounts;
mod addresses;
pub(in crate::sharing) mod blanks;
pub(in crate::sharing) mod common;
mod cues;
mod dates;
pub(in crate::sharing) mod finder;
pub(in crate::sharing) mod fold;
pub(in crate::sharing) mod gazetteer;
mod guesses;
mod handles;
mod institutions;
pub(in crate::sharing) mod known;
mod misspelt;
pub(in crate::sharing) mod names;
pub(in crate::sharing) mod nearly;
pub(in crate::sharing) mod numbers;
mod patterns;
pub(in crate::sharing) mod places;
mod plates;
mod protected;
pub mod registry;
pub(in crate::sharing) mod signs;
mod strangers;
mod streets;
pub(in crate::sharing) mod ties;
mod traces;
mod words;

use jiff::civil::Date;
use kith_protocol::{bundle::Reason, directory::Sector, ids::Digest};

use self::{
    finder::{Finder, Hit, Rank, Withhold},
    registry::Registry,
};
use super::{
    inside::Inside,
    pieces::{self, Piece},
    plan::{ShareChoices, SpanId, Suggestion, Suggestions},
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
        // Somebody's post is no name, however it is written: ELSA, SENCO.
        let post = matches!(piece.field.as_str(), "source/role" | "by/role");
        let hits = hits.into_iter().filter(|hit| !(post && hit.rank == Rank::Guessed));
        let spans = hits.filter_map(|hit| {
            let Withhold { code, why, blocks, careful } = hit.withhold?;
            let text = piece.text.get(hit.at.clone())?.to_owned();
            let id = SpanId {
                entry: view.id,
                field: piece.field.clone(),
                start: u32::try_from(hit.at.start).ok()?,
                end: u32::try_from(hit.at.end).ok()?,
            };
            Some(Suggestion { id, text, why, code, blocks, careful })
        });
        spans.collect()
    }

    /// Fields that say by themselves whom they name: people by id, and a source that is no agency's.
    fn structured(&self, view: &EntryView, piece: &Piece) -> Option<Hit> {
        let whole =
            |withhold| Hit { at: 0..piece.text.len(), withhold, rank: Rank::NearWithheld, sure: true };
        if let Some(at) = piece.field.strip_prefix("person/") {
            let one = view.entry.people.get(at.parse::<usize>().ok()?)?;
            let (code, why) = self.known.get(&one.person)?.withhold.clone()?;
            return Some(whole(Some(Withhold { code, why, blocks: false, careful: false })));
        }
        let source = &view.entry.source;
        let outsider =
            piece.field == "source/name" && source.agency.trim().is_empty() && !source.name.trim().is_empty();
        let named = self.hits(&source.name, Some(view.id));
        let named = named.iter().any(|hit| hit.rank <= Rank::StrangerAllowed);
        let why = "the source gives no agency: it may be a member of the public who trusts you".to_owned();
        (outsider && !named).then(|| Hit {
            at: 0..source.name.len(),
            ..whole(Some(Withhold { code: Reason::Informant, why, blocks: false, careful: false }))
        })
    }

    /// Chosen attachments that a person must decide about; each is asked about once, where it first stands.
    fn files(&self, view: &EntryView, left: &mut Vec<Digest>) -> Vec<Suggestion> {
        let mut asked = Vec::new();
        for (at, file) in view.entry.attachments.iter().enumerate() {
            let before = left.len();
            left.retain(|digest| *digest != file.sha256);
            let found = if left.len() < before { self.file(file) } else { None };
            asked.extend(found.map(|Withhold { code, why, blocks, careful }| Suggestion {
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
                careful,
            }));
        }
        asked
    }

    fn file(&self, file: &Attachment) -> Option<Withhold> {
        let unknown = Inside::default();
        let inside = self.registry.files.get(&file.sha256).unwrap_or(&unknown);
        let found: Vec<Withhold> =
            self.hits_in_file(&inside.text).into_iter().filter_map(|hit| hit.withhold).collect();
        let worst = found.iter().find(|one| one.blocks).or_else(|| found.first());
        let whole = inside.unsearched.is_empty() && inside.hidden.is_empty();
        if worst.is_none() && whole {
            return None;
        }
        let more = if found.len() > 1 { format!(", and {} more", found.len() - 1) } else { String::new() };
        let holds = worst.map(|worst| {
            format!("its text cannot be withheld in parts, and it holds what should be: {}{more}", worst.why)
        });
        let hidden = (!inside.hidden.is_empty())
            .then(|| format!("it carries along what is not seen in it: {}", inside.hidden.join("; ")));
        let unsearched = (!inside.unsearched.is_empty()).then(|| {
            format!("the program cannot look into all of it ({}): look it through", inside.unsearched)
        });
        let said: Vec<String> = [holds, hidden, unsearched].into_iter().flatten().collect();
        let why = format!("{}. Leave it out, or keep it whole and say why", said.join("; "));
        let code = worst.map_or(Reason::NotRelevant, |worst| worst.code.clone());
        let blocks = worst.is_some_and(|worst| worst.blocks);
        Some(Withhold { code, why, blocks, careful: found.iter().any(|one| one.careful) })
    }
}

#[cfg(test)]
mod tests;
