//! From casework and choices to a draft of what would leave: a copy, built from what may stand.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use jiff::Zoned;
use kith_protocol::{
    bundle::{
        Attachment, Draft, DraftSpan, End, Evidence, Logged, Mark, Marks, NotAnEntry, Passage, Reason,
        Record, RecordProof, Second,
    },
    consent::{ConsentRecord, Refusal},
    directory::Member,
    fact::Body,
    ids::Digest,
    log::{Many, Shown},
};

use super::{
    letter,
    needles::{self, Fate},
    own_words, pieces,
    plan::{Decision, ShareChoices, SpanId, Suggestion, Suggestions},
    suggest::{
        finder::Finder,
        registry::{self, Registry},
    },
};
use crate::{
    casework::{
        fact::{Author, Gap, Keeping, Withholding},
        ids::{EntryId, PersonId},
        person::{Person, PersonKind},
        query::EntryView,
    },
    store::KeptFact,
};

/// The fact that an entry stands in, and where the log has it.
#[derive(Debug)]
pub struct FactSource {
    pub leaf: u64,
    pub kept: KeptFact,
}

/// That the facts stand in the log.
#[derive(Debug)]
pub struct InLog {
    pub log: Shown,
    pub inclusion: Many,
    /// For each chosen entry, in order.
    pub sources: Vec<FactSource>,
}

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
    pub in_log: &'a InLog,
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
    pub gaps: Vec<Gap>,
    /// Marks that no longer fit their text.
    pub stale: usize,
    /// Whom the sender's own words name that an entry would not.
    pub cautions: Vec<String>,
    /// What must not leave and stands in attachments that go.
    pub left_in: Vec<Refusal>,
    /// False when the texts could not be searched for names: then nothing may leave.
    pub searched: bool,
}

/// Builds the draft. Pure: the same casework and choices give the same draft.
///
/// # Errors
/// An entry's fact is of no form that can be shown.
pub fn redact(
    material: &Material<'_>,
    consent: &ConsentRecord,
    choices: &ShareChoices,
    suggestions: &Suggestions,
) -> Result<Redacted, NotAnEntry> {
    let mut work = Work::new(material, choices, suggestions);
    let files = work.files();
    let attachments = files.iter().map(|file| file.sha256).collect();
    let recorded: BTreeSet<Digest> = files.iter().flat_map(Attachment::recorded).copied().collect();
    let sources = material.entries.iter().zip(&material.in_log.sources);
    let shown: Vec<_> =
        sources.map(|(view, source)| work.record(view, source, &recorded)).collect::<Result<_, _>>()?;
    let (records, proofs) = shown.into_iter().unzip();
    let InLog { log, inclusion, .. } = material.in_log;
    let evidence = Evidence { log: log.clone(), inclusion: inclusion.clone(), records: proofs };
    work.stand(consent);
    let sector = material.to.sector;
    let mut draft = Draft {
        from: end(material.from),
        to: end(material.to),
        letter: letter::letter(consent, choices, material.child, (material.from, material.by), material.now),
        consent: consent.clone(),
        children: vec![letter::child(material.child, sector)],
        records,
        evidence: Some(evidence),
        attachments: files,
        forbidden: needles::forbidden(material.registry, &work.fate),
        second: Second::default(),
    };
    let own = own_words::search(&work.finder, (material.registry, &work.fate), &draft);
    draft.forbidden.extend(own.forbidden);
    let left_in = work.left_in_files(&draft);
    let withheld = work.counts.into_iter().map(|((entry, code), spans)| Withholding { entry, code, spans });
    let (kept, gaps, stale, searched) = (work.kept, work.gaps, work.stale, work.finder.works());
    let cautions = work.cautions.into_iter().chain(own.cautions).collect();
    let withheld = withheld.collect();
    Ok(Redacted { draft, attachments, withheld, kept, gaps, stale, cautions, left_in, searched })
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
    gaps: Vec<Gap>,
    fate: Fate,
    stale: usize,
    pub(super) cautions: Vec<String>,
    /// Attachments that somebody decided to send whole.
    pub(super) looked_through: BTreeSet<Digest>,
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
            gaps: Vec::new(),
            stale: 0,
            cautions: Vec::new(),
            looked_through: BTreeSet::new(),
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

    fn record(
        &mut self,
        view: &EntryView,
        source: &FactSource,
        files: &BTreeSet<Digest>,
    ) -> Result<(Record<DraftSpan>, RecordProof), NotAnEntry> {
        let body = Body::parse(&source.kept.body).map_err(|error| NotAnEntry(error.to_string()))?;
        let logged = Logged { leaf: source.leaf, seed: &source.kept.seed, body: &body };
        let mut fields = BTreeSet::new();
        let mut marks = |place, text: &str| {
            let field = pieces::field(place);
            let marks = self.marks(view.id, &field, text);
            if !text.is_empty() {
                fields.insert(field);
            }
            marks
        };
        let (mut record, proof) = logged.show(&mut marks, files)?;
        self.count_stale(view, &fields);
        for (shown, one) in record.people.iter_mut().zip(&view.entry.people) {
            // Beside a name that is withheld, a tie would tell whose it is.
            let named = shown.name.iter().all(|span| matches!(span, DraftSpan::Text(_)));
            shown.relation = self.relation(one.person, named);
        }
        Ok((record, proof))
    }

    /// Counts decisions on texts that the entry no longer has, or that were made on another version of it.
    fn count_stale(&mut self, view: &EntryView, texts: &BTreeSet<String>) {
        let entry = view.id;
        let seen = self.choices.versions.get(&entry);
        self.stale += usize::from(seen.is_some_and(|seen| *seen != view.versions()));
        let end = |field: &str, at| SpanId { entry, field: field.to_owned(), start: at, end: at };
        let all = self.choices.decisions.range(end("", 0)..=end("~", u32::MAX));
        let gone = |id: &SpanId| !texts.contains(&id.field) && !id.field.starts_with("attachment/");
        self.stale += all.filter(|(id, _)| gone(id)).count();
    }

    /// Everything decided about one text.
    fn marks(&mut self, entry: EntryId, field: &str, text: &str) -> Marks {
        let mut marks = Marks::new();
        for one in self.suggestions.get(&(entry, field.to_owned())).into_iter().flatten() {
            let at = range(&one.id);
            match self.choices.decisions.get(&one.id) {
                Some(Decision::Keep { reason }) if !one.blocks && !reason.trim().is_empty() => {
                    self.fate.stands.push(one.text.clone());
                    self.cautions.extend(kept_with_care(one));
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
                if matches!(code, Reason::ThirdPartyChild | Reason::ThirdPartyAdult | Reason::Informant) {
                    self.fate.people.insert(stretch.to_owned());
                }
                let mut gap = id.clone().withheld(code.clone());
                // What lies over another stretch for the same reason, or begins where it ends, is one with it, and is
                // released as one; for another reason it goes on from there.
                match self.gaps.last_mut().filter(|last| last.reaches(&gap)) {
                    Some(last) if last.code == gap.code => last.end = last.end.max(gap.end),
                    Some(last) if gap.end <= past_blanks(text, last.end) => {}
                    touched => {
                        gap.start = touched.map_or(gap.start, |last| past_blanks(text, last.end));
                        self.gaps.push(gap);
                        *self.counts.entry((entry, code.clone())).or_default() += 1;
                    }
                }
            }
        }
        let allowed = self.finder.hits(text, Some(entry)).into_iter().filter(|hit| hit.withhold.is_none());
        let allowed = allowed
            .filter(|hit| marks.iter().all(|(at, _)| hit.at.end <= at.start || at.end <= hit.at.start));
        self.fate.stands.extend(allowed.filter_map(|hit| text.get(hit.at).map(str::to_owned)));
        marks
    }

    /// Who somebody is to the child, in words that do not name them; of somebody whose name is withheld, what they are
    /// and no more.
    fn relation(&self, id: PersonId, named: bool) -> Passage<DraftSpan> {
        let registry = self.material.registry;
        if registry.subject == Some(id) {
            return said("the child");
        }
        if let Some(tie) = registry::tie(registry, id).filter(|_| named) {
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

/// What is said once more where something is kept that may be of a protected address.
pub(super) fn kept_with_care(one: &Suggestion) -> Option<String> {
    let Suggestion { id, text, why, careful, .. } = one;
    let place = pieces::name(&id.field);
    careful.then(|| format!("“{text}” stays in entry {}, {place}: it {why}", id.entry))
}

/// Where the next word begins: a blank is of the word before it.
fn past_blanks(text: &str, at: u32) -> u32 {
    let rest = text.get(at as usize..).unwrap_or_default();
    at + (rest.len() - rest.trim_start().len()) as u32
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
