//! The gaps of a verified bundle, one by one, for programs.

use serde::Serialize;

use super::{
    Bundle, Passage, Place, Reason, Record, Span,
    fields::{passages_mut, paths},
};
use crate::{consent::RecordId, evidence::Revealed};

/// Something withheld: where, why, and how long it is where the proof tells that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WithheldSpan {
    pub record: RecordId,
    /// Which of the records that is, from 1.
    pub number: usize,
    /// The text in the record, as a JSON pointer (RFC 6901).
    pub field: String,
    pub reason: Reason,
    /// None where several gaps stand side by side, and where nothing of the text is shown.
    pub words: Option<usize>,
}

impl Place {
    /// The text in a record of `bundle.json`, as a JSON pointer (RFC 6901).
    fn pointer(self) -> String {
        match self {
            Self::ByName => "/recorded_by/name".to_owned(),
            Self::ByRole => "/recorded_by/role".to_owned(),
            Self::Person(nth) => format!("/people/{nth}/name"),
            Self::SourceName => "/source/name".to_owned(),
            Self::SourceRole => "/source/role".to_owned(),
            Self::SourceAgency => "/source/agency".to_owned(),
            Self::Statement(nth) => format!("/statements/{nth}/text"),
            Self::Danger => "/in_danger".to_owned(),
            Self::Told => "/told".to_owned(),
            Self::Done => "/done".to_owned(),
            Self::Effect => "/effect".to_owned(),
        }
    }
}

impl Bundle {
    /// Every span that is withheld, in the order of the records.
    #[must_use]
    pub fn gaps(&self) -> Vec<WithheldSpan> {
        let each = self.records.iter().enumerate();
        each.flat_map(|(at, record)| self.gaps_of(at, record)).collect()
    }

    fn gaps_of(&self, at: usize, record: &Record<Span>) -> Vec<WithheldSpan> {
        let revealed = self.revealed(at).ok().flatten();
        let paths = paths(self.amended(at));
        let mut texts = record.clone();
        let proven = passages_mut(&mut texts).into_iter().map(|(place, passage)| {
            let told = revealed.as_ref().map(|known| lengths(known, &paths.of(place))).unwrap_or_default();
            (place.pointer(), &*passage, told)
        });
        let relations = record.people.iter().enumerate();
        let relations =
            relations.map(|(nth, one)| (format!("/people/{nth}/relation"), &one.relation, Vec::new()));
        let mut found = Vec::new();
        for (field, passage, told) in proven.chain(relations) {
            found.extend(measured(passage, &told).map(|(reason, words)| WithheldSpan {
                record: record.id.clone(),
                number: at + 1,
                field: field.clone(),
                reason: reason.clone(),
                words,
            }));
        }
        found
    }

    /// The text of a record that stands at this path of its fact, as a JSON pointer; the path itself for what is no text.
    pub(crate) fn pointer(&self, at: usize, path: &str) -> String {
        let Some(mut record) = self.records.get(at).cloned() else { return path.to_owned() };
        let paths = paths(self.amended(at));
        let places = passages_mut(&mut record).into_iter().map(|(place, _)| place);
        places
            .into_iter()
            .find(|place| paths.of(*place) == path)
            .map_or_else(|| path.to_owned(), Place::pointer)
    }

    fn amended(&self, at: usize) -> bool {
        let proof = self.evidence.as_ref().and_then(|evidence| evidence.records.get(at));
        proof.is_some_and(|proof| proof.amended)
    }
}

/// How many words each run of what is not known of a text has.
fn lengths(known: &Revealed, path: &str) -> Vec<usize> {
    let words = known.segments(path).unwrap_or_default();
    let runs = words.chunk_by(|one, next| one.is_none() == next.is_none());
    runs.filter(|run| run.first().is_some_and(Option::is_none)).map(<[_]>::len).collect()
}

/// Each withheld span and its length. Of spans side by side the proof tells only the length of all.
fn measured<'p>(
    passage: &'p Passage<Span>,
    told: &[usize],
) -> impl Iterator<Item = (&'p Reason, Option<usize>)> {
    let gaps = passage.chunk_by(|one, next| matches!((one, next), (Span::Withheld(_), Span::Withheld(_))));
    let gaps: Vec<_> = gaps.filter(|gap| matches!(gap.first(), Some(Span::Withheld(_)))).collect();
    let told = if gaps.len() == told.len() { told.to_vec() } else { Vec::new() };
    gaps.into_iter().enumerate().flat_map(move |(nth, gap)| {
        let words = told.get(nth).copied().filter(|_| gap.len() == 1);
        gap.iter().filter_map(move |span| match span {
            Span::Withheld(reason) => Some((reason, words)),
            Span::Text(_) => None,
        })
    })
}
