//! The only way from a draft to something that may leave.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Serialize;

use super::{
    Attachment, Child, Draft, DraftSpan, End, Evidence, Forbidden, Letter, MAX_ATTACHMENT, MAX_ATTACHMENTS,
    MAX_ATTACHMENTS_TOTAL, MAX_NAME, MAX_RECORDS, Passage, PersonRole, Reason, Record, RecordedBy, Second,
    Source, Span, Statement, WithheldCount, search,
};
use crate::{
    approval::Approved,
    consent::{Category, ConsentRecord, Refusal, blank, scope_refusals},
    directory::Member,
    ids::{AgencyId, Digest},
};

/// What may leave, for one recipient: every span decided, nothing forbidden in it, within its consent record.
#[derive(Debug, Clone)]
pub struct Cleared {
    pub(super) to_member: Member,
    pub(super) forbidden: Vec<Forbidden>,
    pub(super) content: Content,
    /// Not among the content: it has no words that could be searched.
    pub(super) evidence: Option<Evidence>,
    /// The second person's check, where one was asked for.
    pub(super) approved: Option<Approved>,
}

/// The content of a bundle without its seal.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Content {
    pub(super) from: End,
    pub(super) to: End,
    pub(super) letter: Letter,
    pub(super) consent: ConsentRecord,
    pub(super) children: Vec<Child>,
    pub(super) records: Vec<Record<Span>>,
    pub(super) attachments: Vec<Attachment>,
}

impl Draft {
    /// Runs every check on what would leave for `to` at `now`.
    ///
    /// # Errors
    /// All reasons why it may not leave as it is, each with its remedy; also that a second person must check it.
    pub fn clear(self, to: &Member, now: Timestamp) -> Result<Cleared, Vec<Refusal>> {
        match self.second {
            Second::NotAsked => self.judge(to, now),
            Second::Asked => {
                let others = self.judge(to, now).err().unwrap_or_default();
                Err(others.into_iter().chain([Refusal::NotChecked]).collect())
            }
        }
    }

    /// As [`Self::clear`], for what a second person has checked. Sealing holds it against what they signed.
    ///
    /// # Errors
    /// All reasons why it may not leave as it is, each with its remedy.
    pub fn clear_approved(
        self,
        to: &Member,
        now: Timestamp,
        approved: Approved,
    ) -> Result<Cleared, Vec<Refusal>> {
        Ok(Cleared { approved: Some(approved), ..self.judge(to, now)? })
    }

    /// Every check but the second person's; not for anything that leaves.
    pub(super) fn judge(self, to: &Member, now: Timestamp) -> Result<Cleared, Vec<Refusal>> {
        let categories = categories(&self.records, &self.attachments);
        let mut refusals = scope_refusals(&self.consent, &to.id, &categories, now);
        if self.to.id != to.id {
            refusals.push(Refusal::Contradiction { what: "the draft was made for another recipient" });
        }
        let ends = (&self.from.id, &self.to.id);
        refusals.extend(letter_refusals(&self.letter, &self.children, &self.consent, ends, &self.records));
        refusals.extend(attachment_refusals(&self.records, &self.attachments));
        let mut undecided = Undecided::default();
        let records = self.records.into_iter().enumerate();
        let records = records.map(|(at, record)| undecided.record(at, record)).collect();
        refusals.extend(undecided.refusal());
        let Self { from, to: end, letter, consent, children, attachments, forbidden, evidence, .. } = self;
        let content = Content { from, to: end, letter, consent, children, records, attachments };
        refusals.extend(search::refusals(&content, &forbidden));
        if refusals.is_empty() {
            Ok(Cleared { to_member: to.clone(), forbidden, content, evidence, approved: None })
        } else {
            Err(refusals)
        }
    }
}

impl Cleared {
    /// The records as the recipient will read them.
    #[must_use]
    pub fn records(&self) -> &[Record<Span>] {
        &self.content.records
    }

    /// The agency it may go to.
    #[must_use]
    pub const fn recipient(&self) -> &Member {
        &self.to_member
    }

    /// The consent check once more, for a bundle that has waited.
    pub(super) fn refusals(&self, now: Timestamp) -> Vec<Refusal> {
        let Content { consent, records, attachments, .. } = &self.content;
        scope_refusals(consent, &self.to_member.id, &categories(records, attachments), now)
    }
}

/// The categories of data that records and attachments hold.
pub(super) fn categories<S>(records: &[Record<S>], attachments: &[Attachment]) -> BTreeSet<Category> {
    let records = records.iter().map(|record| record.category.data());
    records.chain(attachments.iter().map(|attachment| attachment.category)).collect()
}

/// How many passages are withheld, by reason.
pub(super) fn withheld(records: &[Record<Span>]) -> Vec<WithheldCount> {
    let mut counts = BTreeMap::<&Reason, u64>::new();
    for span in records.iter().flat_map(Record::passages).flatten() {
        if let Span::Withheld(reason) = span {
            *counts.entry(reason).or_default() += 1;
        }
    }
    counts.into_iter().map(|(reason, count)| WithheldCount { reason: reason.clone(), count }).collect()
}

/// What must be said in every bundle, and may not be said twice; also what a recipient holds it to.
pub(super) fn letter_refusals<S>(
    letter: &Letter,
    children: &[Child],
    consent: &ConsentRecord,
    (from, to): (&AgencyId, &AgencyId),
    records: &[Record<S>],
) -> Vec<Refusal> {
    let Letter { subject, why, asked, may_use_for, ring, .. } = letter;
    let missing = [
        (blank(subject), "the subject"),
        (blank(why), "why it is sent"),
        (blank(&asked.what), "what is asked of the recipient"),
        (blank(may_use_for), "what it may be used for"),
        (blank(&ring.name) || blank(&ring.phone), "whom to ring, and their number"),
        (children.is_empty(), "which child it is about"),
        (
            !consent.pii_controllers.iter().any(|one| one.id == *from),
            "who is responsible for the data, the sender among them",
        ),
    ];
    let missing = missing.into_iter().filter(|(is, _)| *is);
    let mut refusals: Vec<_> = missing.map(|(_, field)| Refusal::FieldMissing { field }).collect();
    if records.len() > MAX_RECORDS {
        refusals.push(Refusal::TooMuch { what: "records", limit: MAX_RECORDS as u64 });
    }
    if from == to {
        refusals.push(Refusal::Contradiction { what: "sender and recipient are the same agency" });
    }
    let ids: BTreeSet<_> = records.iter().map(|record| &record.id).collect();
    if ids.len() < records.len() {
        refusals.push(Refusal::Contradiction { what: "a record stands in it twice" });
    }
    refusals
}

/// Also what a recipient holds a bundle's list of attachments against.
pub(super) fn attachment_refusals<S>(records: &[Record<S>], attachments: &[Attachment]) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    let too_much = |what, limit| Refusal::TooMuch { what, limit };
    if attachments.len() > MAX_ATTACHMENTS {
        refusals.push(too_much("attachments", MAX_ATTACHMENTS as u64));
    }
    if attachments.iter().any(|attachment| attachment.size > MAX_ATTACHMENT) {
        refusals.push(too_much("bytes in one attachment", MAX_ATTACHMENT));
    }
    if attachments.iter().fold(0, |sum: u64, one| sum.saturating_add(one.size)) > MAX_ATTACHMENTS_TOTAL {
        refusals.push(too_much("bytes of attachments", MAX_ATTACHMENTS_TOTAL));
    }
    for (at, attachment) in attachments.iter().enumerate() {
        let place = || format!("attachment {}", at + 1);
        if blank(&attachment.name) || attachment.name.len() > MAX_NAME {
            refusals.push(Refusal::BadName { place: place(), rule: "a name has 1 to 200 bytes" });
        }
        if !is_media_type(&attachment.media_type) {
            refusals.push(Refusal::BadName { place: place(), rule: "a media type looks like image/png" });
        }
        if blank(&attachment.checked) {
            refusals.push(Refusal::Undecided { count: 1, place: place() });
        }
    }
    let known: BTreeSet<&Digest> = attachments.iter().map(|attachment| &attachment.sha256).collect();
    if known.len() < attachments.len() {
        refusals.push(Refusal::Contradiction { what: "an attachment stands in it twice" });
    }
    let recorded: BTreeSet<&Digest> = attachments.iter().flat_map(Attachment::recorded).collect();
    if records.iter().flat_map(Record::sent).any(|digest| !recorded.contains(digest)) {
        refusals.push(Refusal::Contradiction { what: "a record names an attachment that is not there" });
    }
    refusals
}

fn is_media_type(text: &str) -> bool {
    let part = |part: &str| {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'+');
        !part.is_empty() && part.len() <= 60 && part.bytes().all(plain)
    };
    text.split_once('/').is_some_and(|(kind, sub)| part(kind) && part(sub))
}

/// Turns draft spans into spans, counting what is not decided. An undecided span becomes nothing at all.
#[derive(Default)]
struct Undecided {
    count: usize,
    first: Option<String>,
}

impl Undecided {
    fn refusal(self) -> Option<Refusal> {
        let Self { count, first } = self;
        first.map(|place| Refusal::Undecided { count, place })
    }

    fn record(&mut self, at: usize, record: Record<DraftSpan>) -> Record<Span> {
        let mut passage = |what: &str, from| self.passage(from, || format!("record {}, {what}", at + 1));
        Record {
            id: record.id,
            kind: record.kind,
            category: record.category,
            happened: record.happened,
            recorded: record.recorded,
            recorded_by: RecordedBy {
                name: passage("who recorded it", record.recorded_by.name),
                role: passage("the role of who recorded it", record.recorded_by.role),
            },
            source: Source {
                name: passage("source", record.source.name),
                role: passage("the source's role", record.source.role),
                agency: passage("the source's agency", record.source.agency),
            },
            people: (record.people.into_iter())
                .map(|PersonRole { name, role, relation }| PersonRole {
                    name: passage("people", name),
                    role,
                    relation: passage("people", relation),
                })
                .collect(),
            statements: (record.statements.into_iter())
                .map(|Statement { kind, text }| Statement { kind, text: passage("statements", text) })
                .collect(),
            in_danger: record.in_danger.map(|done| passage("what was done at once", done)),
            told: passage("who was told", record.told),
            done: passage("what was done", record.done),
            effect: passage("effect on the child", record.effect),
            significance: record.significance,
            attachments: record.attachments,
        }
    }

    fn passage(&mut self, from: Passage<DraftSpan>, place: impl Fn() -> String) -> Passage<Span> {
        let mut spans = Passage::<Span>::new();
        for span in from {
            match (span, spans.last_mut()) {
                (DraftSpan::Undecided { .. }, _) => {
                    self.count += 1;
                    self.first.get_or_insert_with(&place);
                }
                (DraftSpan::Text(text), _) if text.is_empty() => {}
                (DraftSpan::Text(text), Some(Span::Text(before))) => before.push_str(&text),
                (DraftSpan::Text(text), _) => spans.push(Span::Text(text)),
                // Two in a row are one gap: where the cuts were says something about what was there.
                (DraftSpan::Withheld(reason), Some(Span::Withheld(before))) if *before == reason => {}
                (DraftSpan::Withheld(reason), _) => spans.push(Span::Withheld(reason)),
            }
        }
        spans
    }
}
