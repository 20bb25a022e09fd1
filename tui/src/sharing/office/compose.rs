//! From choices to a share: what would leave is built, cleared, shown, and committed with its place in the outbox.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Read as _,
};

use jiff::{Timestamp, Zoned};
use kith_protocol::{
    bundle::{Bundle, Cleared, Draft, Forbidden, Rehearsed, SealRefused, Second},
    consent::ConsentRecord,
    directory::Sector,
    ids::{AgencyId, Digest},
    log::{Policy, SignedCheckpoint, Witness},
    page,
};

use super::{Office, OfficeError, record::Basis};
use crate::{
    casework::{
        case::LevelOfNeed,
        command::{Command, Refusal},
        fact::{Author, Share},
        ids::{CaseId, ConsentId, EntryId, PersonId, ShareId},
        person::Person,
        query::{Answer, CaseView, EntryView, Network, Query},
    },
    sharing::{
        inside::{self, Cleaned, Inside, MAX_LOOKED_INTO},
        needles,
        own_words::own_words,
        pieces,
        plan::{Decision, Preview, ShareChoices, Suggestions},
        redact::{FactSource, InLog, Material, Redacted, redact},
        sealing::{WithCopies, sealing},
        suggest::{self, blanks, nearly, registry::Registry, signs},
        view,
        witness::worth,
    },
    store::{Casebook, LogProof},
};

/// What a share is made from, read from the casebook.
struct Loaded {
    case: CaseView,
    entries: Vec<EntryView>,
    /// The highest level of the cases that anything is taken from.
    level: LevelOfNeed,
    registry: Registry,
}

/// A draft, the decision it belongs to, and the record that is yet to be recorded with it.
pub(super) struct Prepared {
    pub(super) draft: Draft,
    pub(super) share: Share,
    pub(super) record: Option<Box<ConsentRecord>>,
    /// Copies of attachments without metadata, which the draft names.
    pub(super) copies: Vec<Cleaned>,
    /// Whom the sender's own words name that an entry would not.
    pub(super) cautions: Vec<String>,
}

impl Office {
    /// What ought to be withheld from this recipient.
    ///
    /// # Errors
    /// When an entry is not of this case, or the casebook cannot be read.
    pub fn suggest(
        &self,
        case: CaseId,
        choices: &ShareChoices,
        now: &Zoned,
    ) -> Result<Suggestions, OfficeError> {
        let loaded = self.load(case, choices, now)?;
        let sector =
            choices.to.as_ref().and_then(|to| self.member(to).ok()).map_or(Sector::Other, |to| to.sector);
        Ok(suggest::suggest(&loaded.registry, &loaded.entries, choices, (sector, now.date())))
    }

    /// The bundle as the recipient will see it, rendered from the built document; or why it may not go.
    ///
    /// # Errors
    /// When the casebook cannot be read. That it may not go is no error.
    pub fn preview(
        &mut self,
        case: CaseId,
        choices: &ShareChoices,
        now: &Zoned,
    ) -> Result<Preview, OfficeError> {
        let nothing = |refusals, cautions| Preview {
            lines: Vec::new(),
            html: String::new(),
            size: 0,
            refusals,
            cautions,
            to_check: false,
        };
        let by = self.session.user.clone();
        let Prepared { draft, copies, cautions, .. } = match self.prepare(case, choices, &by, now) {
            Ok(ready) => ready,
            Err(OfficeError::Refused(refusal)) => return Ok(nothing(vec![refusal.to_string()], Vec::new())),
            Err(error) => return Err(error),
        };
        let to_check = draft.second == Second::Asked;
        let rehearsed = match self.rehearse(draft, copies, now)? {
            Ok(rehearsed) => rehearsed,
            Err(refusals) => return Ok(nothing(refusals, cautions)),
        };
        let (lines, html) = read(&rehearsed)?;
        Ok(Preview { lines, html, size: rehearsed.size, refusals: Vec::new(), cautions, to_check })
    }

    /// Clears, and commits the record, the decision that rests on it and its place in the outbox: all of it or nothing.
    /// The next round seals and sends it. Where the school asks for a second person's check it is proposed instead,
    /// and waits for that.
    ///
    /// # Errors
    /// Refuses with every reason why it may not go; nothing was written then.
    pub fn send(
        &mut self,
        case: CaseId,
        choices: &ShareChoices,
        now: &Zoned,
    ) -> Result<ShareId, OfficeError> {
        let by = self.session.user.clone();
        let ready = self.prepare(case, choices, &by, now)?;
        self.log_told(&ready.draft)?;
        if ready.draft.second == Second::Asked {
            return self.propose(ready, choices, now);
        }
        let Prepared { draft, share, record, copies, .. } = ready;
        let kept = serde_json::to_vec(&draft)
            .map_err(|error| OfficeError::refused(format!("the draft cannot be written: {error}")))?;
        self.clear(draft, now)?.map_err(|refusals| OfficeError::refused(refusals.join(" ")))?;
        self.casebook.begin_together()?;
        let facts = self
            .keep_copies(&copies)
            .and_then(|()| self.execute(Command::Share { share, record, draft: kept }, now));
        self.casebook.end_together(facts.is_ok())?;
        let last = facts?.last().copied();
        last.map(ShareId).ok_or_else(|| OfficeError::Refused(Refusal::Changed))
    }

    /// Builds the draft, or says what is still missing.
    pub(super) fn prepare(
        &mut self,
        case: CaseId,
        choices: &ShareChoices,
        by: &Author,
        now: &Zoned,
    ) -> Result<Prepared, OfficeError> {
        let no = |why: &str| Err(OfficeError::refused(why));
        self.sending(now)?;
        let Some(to) = &choices.to else { return no("choose the agency it goes to") };
        let consent = choices.consent.as_deref().ok_or_else(no_basis)?;
        if choices.entries.is_empty() {
            return no("choose at least one entry");
        }
        self.same_keys(to)?;
        let loaded = self.load(case, choices, now)?;
        let Basis { recorded, record: consent } =
            self.basis((case, loaded.case.case.child), consent, by, now)?;
        let in_log = self.in_log(&loaded.entries, to, now.timestamp())?;
        let (enrolled, to) = (self.enrolled()?, self.member(to)?);
        let suggestions =
            suggest::suggest(&loaded.registry, &loaded.entries, choices, (to.sector, now.date()));
        if let Some(why) = kept_in_spite(&suggestions, choices) {
            return no(&why);
        }
        let material = Material {
            from: &enrolled.me,
            to,
            by,
            child: &loaded.case.child,
            entries: &loaded.entries,
            in_log: &in_log,
            registry: &loaded.registry,
            now,
        };
        let redacted = redact(&material, &consent, choices, &suggestions)
            .map_err(|error| OfficeError::refused(error.to_string()))?;
        let Redacted { mut draft, attachments, withheld, kept, gaps, stale, cautions, searched } = redacted;
        draft.second = self.second(to.sector, loaded.level)?;
        if !searched {
            return no("the texts could not be searched for names: choose fewer entries");
        }
        if stale > 0 {
            return no("an entry was changed after it was marked: look at its suggestions again, then go on");
        }
        let share = Share {
            at: now.datetime(),
            case,
            to: to.id.clone(),
            // One that is recorded with the share has its name only then.
            consent: recorded.unwrap_or(ConsentId(case.0)),
            purpose: consent.purposes.join("; "),
            ask: choices.ask.clone(),
            entries: loaded.entries.iter().map(|view| view.id).collect(),
            attachments,
            withheld,
            kept,
            gaps,
        };
        let record = recorded.is_none().then(|| Box::new(consent));
        let copies = loaded.registry.files.into_values().filter_map(|inside| inside.cleaned);
        let copies = copies.filter(|copy| share.attachments.contains(&copy.sha256)).collect();
        Ok(Prepared { draft, share, record, copies, cautions })
    }

    /// The facts that entries stand in, and that the log has them, for one recipient.
    fn in_log(&mut self, entries: &[EntryView], to: &AgencyId, now: Timestamp) -> Result<InLog, OfficeError> {
        let reader = Witness::agency(self.member(to)?, false);
        let reader = reader.map_err(|error| OfficeError::refused(error.to_string()))?;
        let key = self.enrolled()?.secrets.log.clone();
        let facts = entries.iter().map(|view| view.stands.fact).collect();
        let enrolled = self.enrolled()?;
        let policy = Policy::for_agency(&enrolled.directory, &enrolled.me.id);
        let worth = |note: &SignedCheckpoint| worth(policy.as_ref(), note, now);
        let LogProof { shown, places, inclusion, .. } =
            self.casebook.log_proof(&facts, reader.key().name(), &key, worth)?;
        let mut sources = Vec::with_capacity(entries.len());
        for fact in entries.iter().map(|view| view.stands.fact) {
            let leaf = places.get(&fact).copied().ok_or(OfficeError::Refused(Refusal::Changed))?;
            sources.push(FactSource { leaf, kept: self.casebook.kept_fact(fact)? });
        }
        Ok(InLog { log: shown, inclusion, sources })
    }

    /// Notes how much of the log the recipient will have seen when this arrives; the next bundle goes on from there.
    fn log_told(&mut self, draft: &Draft) -> Result<(), OfficeError> {
        let Some(evidence) = &draft.evidence else { return Ok(()) };
        let reader = Witness::agency(self.member(&draft.to.id)?, false);
        let reader = reader.map_err(|error| OfficeError::refused(error.to_string()))?;
        Ok(self.casebook.log_told(&evidence.log.checkpoint, reader.key().name())?)
    }

    /// Copies are kept as they go, so that what went can be shown; the originals stay beside them.
    pub(super) fn keep_copies(&mut self, copies: &[Cleaned]) -> Result<(), OfficeError> {
        for copy in copies {
            self.casebook.attach(copy.bytes.as_slice(), "", "")?;
        }
        Ok(())
    }

    /// What it would come to, or why it may not go; with copies that are not kept yet.
    pub(super) fn rehearse(
        &self,
        draft: Draft,
        copies: Vec<Cleaned>,
        now: &Zoned,
    ) -> Result<Result<Rehearsed, Vec<String>>, OfficeError> {
        let (enrolled, to) = (self.sending(now)?, self.member(&draft.to.id)?);
        let mut source = WithCopies(&self.casebook, copies);
        match draft.rehearse(to, &sealing(enrolled, now), &mut source) {
            Ok(rehearsed) => Ok(Ok(rehearsed)),
            Err(SealRefused::Refused(refusals)) => {
                Ok(Err(refusals.iter().map(ToString::to_string).collect()))
            }
            Err(error) => Err(error.into()),
        }
    }

    fn clear(&self, draft: Draft, now: &Zoned) -> Result<Result<Cleared, Vec<String>>, OfficeError> {
        let to = self.member(&draft.to.id)?;
        let told = |refusals: Vec<kith_protocol::consent::Refusal>| {
            refusals.iter().map(ToString::to_string).collect()
        };
        Ok(draft.clear(to, now.timestamp()).map_err(told))
    }

    /// What may never leave with words of this entry, and how serious the cases are that it is taken from.
    pub(in crate::sharing) fn blocked(
        &self,
        share: &Share,
        entry: EntryId,
        now: &Zoned,
    ) -> Result<(Vec<Forbidden>, LevelOfNeed), OfficeError> {
        let to = Some(share.to.clone());
        let choices = ShareChoices { to, entries: vec![entry], ..ShareChoices::default() };
        let loaded = self.load(share.case, &choices, now)?;
        let aware = (self.member(&share.to)?.sector, now.date());
        Ok((needles::blocked_in(&loaded.registry, &loaded.entries, aware), loaded.level))
    }

    fn load(&self, case: CaseId, choices: &ShareChoices, now: &Zoned) -> Result<Loaded, OfficeError> {
        let book = &self.casebook;
        let Answer::Case(view) = book.ask(&Query::Case { case }, now.date())? else {
            return Err(OfficeError::Refused(Refusal::Changed));
        };
        let mut entries = self.entries(case, &choices.entries, now)?;
        let same = book.same_person(view.case.child)?;
        // The child's other records are the child.
        for one in entries.iter_mut().flat_map(|view| &mut view.entry.people) {
            let is_child = same.iter().any(|(other, _)| *other == one.person);
            one.person = if is_child { view.case.child } else { one.person };
        }
        let mut people: BTreeSet<PersonId> =
            entries.iter().flat_map(|view| view.entry.people.iter().map(|one| one.person)).collect();
        people.insert(view.case.child);
        let mut near = Network::default();
        for person in people {
            merge(&mut near, network(book, person, now)?);
        }
        let texts = entries.iter().flat_map(pieces::pieces).map(|piece| piece.text);
        let files = self.look_into_files(choices, &entries)?;
        let own = own_words(choices).into_iter().map(|(_, text)| text);
        let staff = vec![self.session.user.name.clone()];
        let spelt = files.values().map(|inside| blanks::spelt(&inside.text));
        let texts = texts.chain(files.values().map(|inside| inside.text.clone())).chain(spelt).chain(own);
        let texts: Vec<String> = texts.chain(staff.iter().cloned()).collect();
        let here: BTreeSet<PersonId> = near.people.iter().map(|(id, _)| *id).collect();
        let text = texts.join("\n");
        let mut named = book.people_named(&text)?;
        named.extend(book.people_hinted(&nearly::pairs(&text), &signs::initials(&text))?);
        let mut seen = here;
        named.retain(|(id, _)| seen.insert(*id));
        one_subject(&mut near, &mut named, view.case.child, &same);
        let ends = choices.to.iter().filter_map(|to| self.member(to).ok()).map(|to| to.name.clone());
        let ours = self.enrolled().ok().map(|enrolled| enrolled.me.name.clone());
        let agencies = ends.chain(ours).collect();
        let ends = choices.to.iter().filter_map(|to| self.member(to).ok());
        let phones = ends.chain(self.enrolled().ok().map(|enrolled| &enrolled.me));
        let phones = phones.filter_map(|member| member.phone.clone()).collect();
        let subject = Some(view.case.child);
        let registry = Registry { subject, near, named, files, agencies, staff, phones };
        let mut level = view.case.level;
        for other in entries.iter().filter_map(|view| view.case).filter(|other| *other != case) {
            if let Answer::Case(other) = book.ask(&Query::Case { case: other }, now.date())? {
                level = level.max(other.case.level);
            }
        }
        Ok(Loaded { case: *view, entries, level, registry })
    }

    /// The chosen entries, oldest first.
    pub(super) fn entries(
        &self,
        case: CaseId,
        chosen: &[EntryId],
        now: &Zoned,
    ) -> Result<Vec<EntryView>, OfficeError> {
        let mut entries = Vec::with_capacity(chosen.len());
        let cases = self.casebook.cases_of_one(case)?;
        for entry in chosen.iter().copied().collect::<BTreeSet<_>>() {
            let Answer::Entry(view) = self.casebook.ask(&Query::Entry { entry }, now.date())? else {
                return Err(OfficeError::Refused(Refusal::Changed));
            };
            if !view.case.is_some_and(|of| cases.contains(&of)) {
                return Err(OfficeError::refused(format!(
                    "entry {entry} is not of this case, nor of one of the child's other records: take it out"
                )));
            }
            entries.push(*view);
        }
        entries.sort_by_key(|view| (view.entry.happened.at, view.id));
        Ok(entries)
    }

    /// What is in the chosen attachments.
    fn look_into_files(
        &self,
        choices: &ShareChoices,
        entries: &[EntryView],
    ) -> Result<BTreeMap<Digest, Inside>, OfficeError> {
        let mut found = BTreeMap::new();
        let files = entries.iter().flat_map(|view| &view.entry.attachments);
        for file in files.filter(|file| choices.attachments.contains(&file.sha256)) {
            if found.contains_key(&file.sha256) {
                continue;
            }
            let inside = if !inside::is_read(&file.media_type) {
                Inside::default()
            } else if file.size > MAX_LOOKED_INTO {
                Inside::unsearched("it is too large to be searched")
            } else {
                let mut bytes = Vec::new();
                let reader = self.casebook.read_attachment(&file.sha256)?;
                reader
                    .take(MAX_LOOKED_INTO)
                    .read_to_end(&mut bytes)
                    .map_err(OfficeError::file("attachment"))?;
                inside::look(&file.media_type, &bytes)
            };
            found.insert(file.sha256, inside);
        }
        Ok(found)
    }
}

/// What the recipient reads, as lines and as their page.
pub(super) fn read(rehearsed: &Rehearsed) -> Result<(Vec<String>, String), OfficeError> {
    let bundle: Bundle = serde_json::from_str(&rehearsed.document)
        .map_err(|error| OfficeError::refused(format!("the built document does not read back: {error}")))?;
    Ok((view::lines(&bundle), page::render(&bundle)))
}

/// What may never be kept, and somebody decided to keep: where it stands, and what to do.
fn kept_in_spite(suggestions: &Suggestions, choices: &ShareChoices) -> Option<String> {
    let is_kept = |id| matches!(choices.decisions.get(id), Some(Decision::Keep { .. }));
    let one = suggestions.0.iter().find(|one| one.blocks && is_kept(&one.id))?;
    Some(format!(
        "this cannot be kept in, whatever the reason: {}. It stands in entry {}, {}: withhold it there with reason 4, or leave that out",
        one.why,
        one.id.entry,
        pieces::name(&one.id.field)
    ))
}

fn no_basis() -> OfficeError {
    OfficeError::refused("record on which basis it is shared")
}

fn network(book: &Casebook, person: PersonId, now: &Zoned) -> Result<Network, OfficeError> {
    match book.ask(&Query::Network { person }, now.date())? {
        Answer::Network(network) => Ok(*network),
        _ => Ok(Network::default()),
    }
}

/// Names, numbers and ties of the child's other records are the subject's, and nobody else's.
fn one_subject(
    near: &mut Network,
    named: &mut Vec<(PersonId, Person)>,
    child: PersonId,
    others: &[(PersonId, Person)],
) {
    let is_other = |id: &PersonId| others.iter().any(|(other, _)| other == id);
    near.people.retain(|(id, _)| !is_other(id));
    named.retain(|(id, _)| !is_other(id));
    for tie in near.relations.iter_mut().map(|(_, tie)| tie) {
        tie.from = if is_other(&tie.from) { child } else { tie.from };
        tie.to = if is_other(&tie.to) { child } else { tie.to };
    }
    for home in near.addresses.iter_mut().map(|(_, address)| address) {
        home.people.iter_mut().filter(|id| is_other(id)).for_each(|id| *id = child);
    }
    for subject in near.people.iter_mut().filter(|(id, _)| *id == child).map(|(_, person)| person) {
        for (_, other) in others {
            let names = [other.name(), format!("{} {}", other.given, other.family)];
            subject.also_known_as.extend(names.into_iter().chain(other.also_known_as.iter().cloned()));
            subject.also_known_as.extend([other.given.clone(), other.family.clone()]);
            subject.identifiers.extend(other.identifiers.iter().cloned());
            subject.phones.extend(other.phones.iter().cloned());
            subject.emails.extend(other.emails.iter().cloned());
        }
        subject.also_known_as.retain(|name| !name.trim().is_empty());
    }
}

fn merge(into: &mut Network, from: Network) {
    for row in from.people {
        if into.people.iter().all(|(id, _)| *id != row.0) {
            into.people.push(row);
        }
    }
    for row in from.relations {
        if into.relations.iter().all(|(id, _)| *id != row.0) {
            into.relations.push(row);
        }
    }
    for row in from.addresses {
        if into.addresses.iter().all(|(id, _)| *id != row.0) {
            into.addresses.push(row);
        }
    }
}
