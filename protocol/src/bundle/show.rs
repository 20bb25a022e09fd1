//! From a fact to the record that is shown of it, and the proof: what stays is whole segments, so that it can be proven.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    DraftSpan, Happened, Marks, Passage, PersonRole, Record, RecordProof, RecordedBy, Source, Statement,
    cut::cut,
    fields::{self, Paths, words},
};
use crate::{
    evidence::{Disclosure, Part, Seed, Show, disclose},
    fact::{Body, Field},
    ids::Digest,
};

/// A text of an entry in which something may be withheld.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Name and role of who recorded it.
    ByName,
    ByRole,
    /// The name of one of the people, by their place.
    Person(usize),
    SourceName,
    SourceRole,
    SourceAgency,
    Statement(usize),
    /// What was done at once, when a child was in danger.
    Danger,
    Told,
    Done,
    Effect,
}

/// The fact is not an entry as this version knows it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the fact is no entry that can be shown: {0} is missing or of another form")]
pub struct NotAnEntry(pub String);

/// A fact, and where its log has it.
#[derive(Debug, Clone, Copy)]
pub struct Logged<'a> {
    /// The number of its leaf.
    pub leaf: u64,
    pub seed: &'a Seed,
    pub body: &'a Body<'a>,
}

impl Logged<'_> {
    /// The record of an entry, and its proof. `marks` says what is marked in each text; marks grow to whole segments. Of
    /// attachments those in `files` are shown. Who people are to the child is not in the fact: their relations are empty.
    ///
    /// # Errors
    /// The fact does not record or amend an entry.
    pub fn show(
        &self,
        marks: &mut dyn FnMut(Place, &str) -> Marks,
        files: &BTreeSet<Digest>,
    ) -> Result<(Record<DraftSpan>, RecordProof), NotAnEntry> {
        let body = self.body;
        let fields: BTreeMap<&str, &Field<'_>> =
            body.fields().iter().map(|field| (field.path(), field)).collect();
        let amended = fields.keys().any(|path| path.starts_with(fields::AMENDED.entry));
        let mut entry = Entry { fields, paths: fields::paths(amended), marks, withheld: BTreeMap::new() };
        let record = entry.record(files)?;
        let withheld = entry.withheld;
        let words = words(&record, amended);
        // Each field in its place, and no other: what the recipient takes for granted.
        if !body.fields().iter().map(Field::path).eq(words.iter().map(|one| one.path.as_ref())) {
            return Err(NotAnEntry("the order of its fields".to_owned()));
        }
        let words: Vec<_> = words.into_iter().filter(|one| one.parts != [Part::Withheld]).collect();
        let shown: BTreeSet<&str> = words.iter().map(|one| one.path.as_ref()).collect();
        let disclosure = disclose(self.seed, body, |_, field| {
            match (shown.contains(field.path()), withheld.get(field.path())) {
                (false, _) => Show::Nothing,
                (true, None) => Show::Whole,
                (true, Some(ranges)) => Show::without(field, ranges),
            }
        });
        if disclosure.words != words {
            return Err(NotAnEntry("what it shows".to_owned()));
        }
        let proof = RecordProof { leaf: self.leaf, amended, proof: disclosure.proof };
        Ok((record, proof))
    }
}

impl Logged<'_> {
    /// Whether two stretches of one text touch the same segment, so that neither can be shown without some of the other.
    #[must_use]
    pub fn shares_a_word(&self, place: Place, one: &Range<usize>, other: &Range<usize>) -> bool {
        let amended = self.body.fields().iter().any(|field| field.path().starts_with(fields::AMENDED.entry));
        let path = fields::paths(amended).of(place);
        let field = self.body.fields().iter().find(|field| field.path() == path);
        field.is_some_and(|field| {
            let (one, other) = (widened(field, one), widened(field, other));
            one.start < other.end && other.start < one.end
        })
    }

    /// A stretch of one text, with the whole of every segment it touches, and its proof: for a supplement.
    ///
    /// # Errors
    /// The fact has no such text, or the stretch is none of it.
    pub fn release(&self, place: Place, stretch: &Range<usize>) -> Result<Disclosure<'_>, NotAnEntry> {
        let amended = self.body.fields().iter().any(|field| field.path().starts_with(fields::AMENDED.entry));
        let path = fields::paths(amended).of(place);
        let field = self.body.fields().iter().find(|field| field.path() == path);
        let field =
            field.filter(|field| field.text().get(stretch.clone()).is_some_and(|text| !text.is_empty()));
        let field = field.ok_or_else(|| NotAnEntry(path.clone()))?;
        let show = match field.segment_count() {
            0 => Show::Whole,
            _ => Show::Segments([field.touched(stretch)].into()),
        };
        Ok(disclose(
            self.seed,
            self.body,
            |_, one| if one.path() == path { show.clone() } else { Show::Nothing },
        ))
    }
}

/// An entry being read from its fields.
struct Entry<'a, 'm> {
    fields: BTreeMap<&'a str, &'a Field<'a>>,
    paths: &'static Paths,
    marks: &'m mut dyn FnMut(Place, &str) -> Marks,
    /// What is withheld of each field, widened.
    withheld: BTreeMap<String, Vec<Range<usize>>>,
}

impl<'a> Entry<'a, '_> {
    fn record(&mut self, files: &BTreeSet<Digest>) -> Result<Record<DraftSpan>, NotAnEntry> {
        let paths = self.paths;
        let at = |path: &str| format!("{}/{path}", paths.entry);
        let people = (0..self.count(&at("people"))?).map(|nth| {
            Ok(PersonRole {
                name: self.passage(Place::Person(nth))?,
                role: self.code(&at(&format!("people/{nth}/role")))?,
                relation: Passage::new(),
            })
        });
        let people = people.collect::<Result<_, _>>()?;
        let statements = (0..self.count(&at("statements"))?).map(|nth| {
            Ok(Statement {
                kind: self.code(&at(&format!("statements/{nth}/kind")))?,
                text: self.passage(Place::Statement(nth))?,
            })
        });
        let statements = statements.collect::<Result<_, _>>()?;
        let in_danger = match self.fields.contains_key(at("danger").as_str()) {
            true => None,
            false => Some(self.passage(Place::Danger)?),
        };
        Ok(Record {
            id: self.code(paths.id)?,
            kind: self.code(&at("kind"))?,
            category: self.code(&at("category"))?,
            happened: Happened {
                at: self.code(&at("happened/at"))?,
                precision: self.code(&at("happened/precision"))?,
            },
            recorded: self.code("/recorded")?,
            recorded_by: RecordedBy {
                name: self.passage(Place::ByName)?,
                role: self.passage(Place::ByRole)?,
            },
            source: Source {
                name: self.passage(Place::SourceName)?,
                role: self.passage(Place::SourceRole)?,
                agency: self.passage(Place::SourceAgency)?,
            },
            people,
            statements,
            in_danger,
            told: self.passage(Place::Told)?,
            done: self.passage(Place::Done)?,
            effect: self.passage(Place::Effect)?,
            significance: self.code(&at("significance"))?,
            attachments: self.attachments(&at("attachments"), files)?,
        })
    }

    fn attachments(&self, path: &str, files: &BTreeSet<Digest>) -> Result<Vec<Option<Digest>>, NotAnEntry> {
        let each = (0..self.count(path)?).map(|nth| self.code(&format!("{path}/{nth}/sha256")));
        each.map(|digest| digest.map(|digest: Digest| files.contains(&digest).then_some(digest))).collect()
    }

    fn field(&self, path: &str) -> Result<&'a Field<'a>, NotAnEntry> {
        self.fields.get(path).copied().ok_or_else(|| NotAnEntry(path.to_owned()))
    }

    fn count(&self, path: &str) -> Result<usize, NotAnEntry> {
        self.field(path)?.text().parse().map_err(|_| NotAnEntry(path.to_owned()))
    }

    fn code<T: DeserializeOwned>(&self, path: &str) -> Result<T, NotAnEntry> {
        let text = Value::String(self.field(path)?.text().to_owned());
        serde_json::from_value(text).map_err(|_| NotAnEntry(path.to_owned()))
    }

    fn passage(&mut self, place: Place) -> Result<Passage<DraftSpan>, NotAnEntry> {
        let path = self.paths.of(place);
        let field = self.field(&path)?;
        let marks: Marks = (self.marks)(place, field.text())
            .into_iter()
            .map(|(at, mark)| (widened(field, &at), mark))
            .filter(|(at, _)| !at.is_empty())
            .collect();
        if !marks.is_empty() {
            self.withheld.insert(path, marks.iter().map(|(at, _)| at.clone()).collect());
        }
        Ok(cut(field.text(), &marks))
    }
}

/// A stretch with the whole of every segment it touches: of a text without, all of it.
fn widened(field: &Field<'_>, at: &Range<usize>) -> Range<usize> {
    if at.is_empty() || at.start >= field.text().len() {
        return 0..0;
    }
    if field.segment_count() == 0 {
        return 0..field.text().len();
    }
    let touched = field.touched(at);
    let length = |segments: usize| field.segments().take(segments).map(str::len).sum();
    length(touched.start)..length(touched.end)
}
