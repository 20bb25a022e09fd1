//! From casework and choices to a draft of what would leave: a copy, built from what may stand.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use jiff::Zoned;
use kith_protocol::{
    bundle::{
        Draft, DraftSpan, End, Happened, Passage, PersonRole, Precision, Reason, Record, RecordKind, Second,
        Statement,
    },
    consent::{Category, ConsentRecord},
    directory::Member,
    ids::{BadId, Digest},
};

use super::{
    finder::Finder,
    letter,
    needles::{self, Fate},
    pieces,
    plan::{Decision, ShareChoices, SpanId, Suggestion, Suggestions},
    registry::{self, Registry},
    spans::{self, Mark},
};
use crate::casework::{
    entry::{self, EntryKind, Significance},
    fact::{Author, Keeping, Withholding},
    ids::EntryId,
    person::{Person, PersonKind},
    query::EntryView,
};

/// Longest headline, in characters.
const MAX_HEADLINE: usize = 90;

/// Everything a share is made from.
#[derive(Debug, Clone, Copy)]
pub struct Material<'a> {
    pub from: &'a Member,
    pub to: &'a Member,
    /// The person who decides.
    pub by: &'a Author,
    pub child: &'a Person,
    /// The chosen entries, in the order they will stand.
    pub entries: &'a [EntryView],
    pub registry: &'a Registry,
    pub now: &'a Zoned,
}

/// What would leave, and what to record about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redacted {
    pub draft: Draft,
    /// Attachments that go.
    pub attachments: Vec<Digest>,
    pub withheld: Vec<Withholding>,
    pub kept: Vec<Keeping>,
    /// Marks that no longer fit their text.
    pub stale: usize,
    /// False when the texts could not be searched for names: then nothing may leave.
    pub searched: bool,
}

/// Builds the draft. Pure: the same casework and choices give the same draft.
///
/// # Errors
/// An entry's id is of no form that a record may have.
pub fn redact(
    material: &Material<'_>,
    consent: &ConsentRecord,
    choices: &ShareChoices,
    suggestions: &Suggestions,
) -> Result<Redacted, BadId> {
    let mut work = Work::new(material, choices, suggestions);
    let files = work.files();
    let kept: BTreeSet<Digest> = files.iter().map(|file| file.sha256).collect();
    let records = material.entries.iter().map(|view| work.record(view, &kept)).collect::<Result<_, _>>()?;
    work.stand(consent);
    let sector = material.to.sector;
    let draft = Draft {
        from: end(material.from),
        to: end(material.to),
        letter: letter::letter(consent, choices, material.child, (material.from, material.by), material.now),
        consent: consent.clone(),
        children: vec![letter::child(material.child, sector)],
        records,
        attachments: files,
        forbidden: needles::forbidden(material.registry, &work.fate),
        second: Second::default(),
    };
    let withheld = work.counts.into_iter().map(|((entry, code), spans)| Withholding { entry, code, spans });
    let attachments = kept.into_iter().collect();
    let (kept, stale, searched) = (work.kept, work.stale, work.finder.works());
    Ok(Redacted { draft, attachments, withheld: withheld.collect(), kept, stale, searched })
}

fn end(member: &Member) -> End {
    End { id: member.id.clone(), name: member.name.clone() }
}

/// A draft in the making.
pub(super) struct Work<'a> {
    pub(super) material: &'a Material<'a>,
    pub(super) choices: &'a ShareChoices,
    pub(super) suggestions: BTreeMap<(EntryId, String), Vec<&'a Suggestion>>,
    pub(super) finder: Finder<'a>,
    pub(super) counts: BTreeMap<(EntryId, Reason), u32>,
    pub(super) kept: Vec<Keeping>,
    fate: Fate,
    stale: usize,
}

impl<'a> Work<'a> {
    fn new(material: &'a Material<'a>, choices: &'a ShareChoices, suggestions: &'a Suggestions) -> Self {
        let mut by_field = BTreeMap::<_, Vec<_>>::new();
        for one in &suggestions.0 {
            by_field.entry((one.id.entry, one.id.field.clone())).or_default().push(one);
        }
        let aware = (material.to.sector, material.now.date());
        Self {
            material,
            choices,
            suggestions: by_field,
            finder: Finder::new(material.registry, material.entries, choices, aware),
            fate: Fate::default(),
            counts: BTreeMap::new(),
            kept: Vec::new(),
            stale: 0,
        }
    }

    /// What must be possible to say in every bundle is no needle.
    fn stand(&mut self, consent: &ConsentRecord) {
        let Material { from, to, by, child, .. } = self.material;
        let disclosed = letter::child(child, to.sector);
        let mut stands =
            vec![from.name.clone(), to.name.clone(), by.name.clone(), child.name(), disclosed.name];
        stands.extend(disclosed.also_known_as);
        stands.extend(disclosed.born.map(|born| born.to_string()));
        stands.extend(disclosed.identifiers.into_iter().map(|one| one.value));
        stands.extend(from.phone.clone());
        stands.extend(consent.pii_controllers.iter().map(|party| party.name.clone()));
        stands.extend(consent.recipients.iter().map(|recipient| recipient.name.clone()));
        stands.extend(consent.events.iter().map(|event| event.entity.clone()));
        stands.extend(consent.safeguarding.parental_responsibility.iter().map(|one| one.name.clone()));
        stands.push(consent.safeguarding.decided_by.name.clone());
        self.fate.stands.extend(stands);
    }

    /// The decisions on one text.
    fn decisions(
        &self,
        entry: EntryId,
        field: &str,
    ) -> impl Iterator<Item = (&'a SpanId, &'a Decision)> + use<'a> {
        let end = |at| SpanId { entry, field: field.to_owned(), start: at, end: at };
        self.choices.decisions.range(end(0)..=end(u32::MAX))
    }

    fn record(&mut self, view: &EntryView, files: &BTreeSet<Digest>) -> Result<Record<DraftSpan>, BadId> {
        let entry = &view.entry;
        let mut passages: BTreeMap<String, Passage<DraftSpan>> = BTreeMap::new();
        for piece in pieces::pieces(view) {
            let passage = self.passage(view.id, &piece.field, &piece.text);
            passages.insert(piece.field, passage);
        }
        self.count_stale(view, &passages);
        let mut take = |field: &str| passages.remove(field).unwrap_or_default();
        let statements: Vec<Statement<DraftSpan>> = (entry.statements.iter().enumerate())
            .map(|(at, one)| Statement { kind: one.kind, by: Vec::new(), text: take(&pieces::statement(at)) })
            .collect();
        let people = entry.people.iter().enumerate().map(|(at, one)| PersonRole {
            name: take(&pieces::person(at)),
            role: one.role,
            relation: self.relation(one.person),
        });
        let people: Vec<_> = people.collect();
        Ok(Record {
            id: view.id.to_string().parse()?,
            kind: record_kind(entry.kind),
            category: entry.category,
            headline: headline(entry.category, &statements),
            happened: happened(entry.happened),
            recorded: view.recorded,
            recorded_by: take("by"),
            source: take("source"),
            people,
            statements,
            action_taken: joined([
                ("At once: ", take("danger")),
                ("Told: ", take("told")),
                ("Done: ", take("done")),
            ]),
            significance: said(significance(entry.significance)),
            effect_on_child: take("effect"),
            attachments: (entry.attachments.iter().map(|file| file.sha256))
                .filter(|digest| files.contains(digest))
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect(),
        })
    }

    /// Counts decisions on texts that the entry no longer has, or that were made on another version of it.
    fn count_stale(&mut self, view: &EntryView, texts: &BTreeMap<String, Passage<DraftSpan>>) {
        let entry = view.id;
        let seen = self.choices.versions.get(&entry);
        self.stale += usize::from(seen.is_some_and(|seen| *seen != view.versions()));
        let end = |field: &str, at| SpanId { entry, field: field.to_owned(), start: at, end: at };
        let all = self.choices.decisions.range(end("", 0)..=end("~", u32::MAX));
        let gone = |id: &SpanId| !texts.contains_key(&id.field) && !id.field.starts_with("attachment/");
        self.stale += all.filter(|(id, _)| gone(id)).count();
    }

    /// One text with everything decided about it.
    fn passage(&mut self, entry: EntryId, field: &str, text: &str) -> Passage<DraftSpan> {
        let mut marks: Vec<(Range<usize>, Mark)> = Vec::new();
        for one in self.suggestions.get(&(entry, field.to_owned())).into_iter().flatten() {
            let at = range(&one.id);
            match self.choices.decisions.get(&one.id) {
                Some(Decision::Keep { reason }) if !one.blocks && !reason.trim().is_empty() => {
                    self.fate.stands.push(one.text.clone());
                    let (text, reason) = (one.text.clone(), reason.clone());
                    self.kept.push(Keeping { entry, text, reason });
                }
                Some(Decision::Withhold(_)) => {}
                Some(Decision::Keep { .. }) | None => marks.push((at, undecided(one))),
            }
        }
        for (id, decision) in self.decisions(entry, field) {
            let Some(stretch) = text.get(range(id)).filter(|stretch| !stretch.is_empty()) else {
                self.stale += 1;
                continue;
            };
            if let Decision::Withhold(code) = decision {
                marks.push((range(id), Mark::Withhold(code.clone())));
                self.fate.withheld.insert(stretch.to_owned());
                *self.counts.entry((entry, code.clone())).or_default() += 1;
            }
        }
        let allowed = self.finder.hits(text, Some(entry)).into_iter().filter(|hit| hit.withhold.is_none());
        let allowed = allowed
            .filter(|hit| marks.iter().all(|(at, _)| hit.at.end <= at.start || at.end <= hit.at.start));
        self.fate.stands.extend(allowed.filter_map(|hit| text.get(hit.at).map(str::to_owned)));
        spans::cut(text, &marks)
    }

    /// Who somebody is to the child, in words that do not name them.
    fn relation(&self, id: crate::casework::ids::PersonId) -> Passage<DraftSpan> {
        let registry = self.material.registry;
        if registry.subject == Some(id) {
            return said("the child");
        }
        if let Some(tie) = registry::tie(registry, id) {
            return said(registry::relation_words(tie.kind));
        }
        let person = registry.near.people.iter().find(|(one, _)| *one == id);
        said(match person.map(|(_, person)| &person.kind) {
            Some(PersonKind::Pupil { .. }) => "pupil",
            Some(PersonKind::Staff { .. }) => "member of staff",
            Some(PersonKind::Professional { .. }) => "professional",
            Some(PersonKind::Family) => "family member of a pupil",
            Some(PersonKind::Other) | None => "",
        })
    }
}

fn undecided(one: &Suggestion) -> Mark {
    let because = if one.blocks { format!("{}; it may not be kept", one.why) } else { one.why.clone() };
    Mark::Undecided { suggested: one.code.clone(), because }
}

const fn range(id: &SpanId) -> Range<usize> {
    id.start as usize..id.end as usize
}

fn said(text: &str) -> Passage<DraftSpan> {
    if text.is_empty() { Vec::new() } else { vec![DraftSpan::Text(text.to_owned())] }
}

/// The first statement's beginning, or what the entry is about.
fn headline(category: Category, statements: &[Statement<DraftSpan>]) -> Passage<DraftSpan> {
    let first =
        statements.iter().map(|one| spans::beginning(&one.text, MAX_HEADLINE)).find(|line| !line.is_empty());
    said(&first.unwrap_or_else(|| category.words().to_owned()))
}

/// Several texts as one, each under its name and on its own line.
fn joined(parts: [(&str, Passage<DraftSpan>); 3]) -> Passage<DraftSpan> {
    let mut passage = Passage::new();
    for (label, part) in parts.into_iter().filter(|(_, part)| !part.is_empty()) {
        let gap = if passage.is_empty() { "" } else { "\n" };
        passage.push(DraftSpan::Text(format!("{gap}{label}")));
        passage.extend(part);
    }
    passage
}

const fn record_kind(kind: EntryKind) -> RecordKind {
    match kind {
        EntryKind::Concern => RecordKind::Concern,
        EntryKind::Note | EntryKind::Attendance => RecordKind::Note,
        EntryKind::PhoneCall => RecordKind::Call,
        EntryKind::Meeting => RecordKind::Meeting,
        EntryKind::Visit => RecordKind::Visit,
        EntryKind::Received => RecordKind::Received,
    }
}

const fn happened(when: entry::When) -> Happened {
    let precision = match when.precision {
        entry::Precision::Exact => Precision::Minute,
        entry::Precision::About => Precision::AboutTime,
        entry::Precision::Day => Precision::Day,
    };
    Happened { at: when.at, until: None, precision }
}

const fn significance(significance: Significance) -> &'static str {
    match significance {
        Significance::None => "",
        Significance::Positive => "positive",
        Significance::Low => "low",
        Significance::Medium => "medium",
        Significance::High => "high",
    }
}
