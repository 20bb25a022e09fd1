//! The record that a share rests on: that it is of this child, this recipient and this person at the desk; whether it
//! is in the casebook already, and still stands.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Zoned, civil::Date};
use kith_protocol::{
    consent::{ConsentRecord, ConsentState, DecidedBy, FamilyTold, LawfulBasis},
    page,
};

use super::{Enrolled, Office, OfficeError};
use crate::{
    casework::{
        fact::Author,
        ids::{CaseId, ConsentId, PersonId},
        query::{Answer, ConsentOrNot, NoticeRow, Query},
    },
    text,
};

/// The record of a share: one of the casebook under its id, or a new one, which is recorded with the share.
pub(super) struct Basis {
    pub(super) recorded: Option<ConsentId>,
    pub(super) record: ConsentRecord,
}

/// A bundle's gate opens and shuts by whole hours: what holds for less could not be collected.
const SHORTEST: SignedDuration = SignedDuration::from_hours(1);

impl Office {
    /// The record for a share of this case, as it is in the casebook, or as it will be.
    ///
    /// # Errors
    /// Refuses one that was withdrawn or that the casebook has otherwise, one of another child, one that calls a
    /// recipient by another's name, and one that somebody else decided.
    pub(super) fn basis(
        &self,
        (case, child): (CaseId, PersonId),
        consent: &ConsentRecord,
        by: &Author,
        now: &Zoned,
    ) -> Result<Basis, OfficeError> {
        may_use(self.enrolled()?, consent)?;
        self.is_of(child, consent)?;
        self.names_agree(consent)?;
        if consent.validity.until.duration_since(now.timestamp()) < SHORTEST
            && consent.validity.until > now.timestamp()
        {
            return Err(OfficeError::refused(
                "the record ends within the hour, before anybody could collect: let it hold longer",
            ));
        }
        if let Some((id, record)) = self.recorded(case, consent)? {
            return Ok(Basis { recorded: Some(id), record });
        }
        decided_here(consent, by, now.date())?;
        Ok(Basis { recorded: None, record: self.with_notice(consent)? })
    }

    /// A record on which nothing goes yet, as it will be in the casebook: consent is asked for first, or was refused.
    ///
    /// # Errors
    /// As [`Self::basis`]; and refuses one that the casebook has already.
    pub(super) fn record_alone(
        &self,
        case: CaseId,
        consent: &ConsentRecord,
        (by, today): (&Author, Date),
    ) -> Result<ConsentRecord, OfficeError> {
        let Answer::Case(view) = self.casebook.ask(&Query::Case { case }, today_is_no_matter())? else {
            return Err(OfficeError::refused("the case is not in the casebook"));
        };
        self.is_of(view.case.child, consent)?;
        self.names_agree(consent)?;
        if let Some((id, _)) = self.recorded(case, consent)? {
            return Err(OfficeError::refused(format!("the casebook has this record already, as {id}")));
        }
        decided_here(consent, by, today)?;
        self.with_notice(consent)
    }

    /// A record goes to its recipient whole, with the child's family in it: it must be this child's.
    fn is_of(&self, child: PersonId, consent: &ConsentRecord) -> Result<(), OfficeError> {
        let others = self.casebook.same_person(child)?;
        let ids: BTreeSet<String> =
            others.iter().map(|(id, _)| id).chain([&child]).map(ToString::to_string).collect();
        let stranger = consent.pii_principal_id.iter().find(|id| !ids.contains(id.as_str()));
        match (stranger, consent.pii_principal_id.is_empty()) {
            (None, false) => Ok(()),
            (None, true) => {
                Err(OfficeError::refused("the record names no child: write it anew for this one"))
            }
            (Some(id), _) => Err(OfficeError::refused(format!(
                "the record is of {id}, and this case is of {child}: write one for this child"
            ))),
        }
    }

    /// Who reads the record must find those named in it whom it means.
    fn names_agree(&self, consent: &ConsentRecord) -> Result<(), OfficeError> {
        for named in &consent.recipients {
            let Ok(member) = self.member(&named.id) else { continue };
            if member.name != named.name {
                return Err(OfficeError::refused(format!(
                    "the record calls {} \"{}\", and the directory \"{}\": say in the record whom you mean",
                    named.id, named.name, member.name
                )));
            }
        }
        Ok(())
    }

    /// A new record names the exact text of the notice it speaks of, where that is kept.
    fn with_notice(&self, consent: &ConsentRecord) -> Result<ConsentRecord, OfficeError> {
        let mut record = consent.clone();
        let Answer::Notices(rows) = self.casebook.ask(&Query::Notices, today_is_no_matter())? else {
            return Ok(record);
        };
        let named = &record.notice;
        let is_named = |row: &&NoticeRow| match named.sha256 {
            Some(digest) => row.sha256 == digest,
            None => (&row.name, &row.language) == (&named.privacy_notice, &named.language),
        };
        let found = rows.iter().find(is_named);
        told_before(consent, found)?;
        if let (None, Some(digest), Some(LawfulBasis::Consent)) = (found, named.sha256, &consent.lawful_basis)
        {
            return Err(OfficeError::refused(format!(
                "no notice with the digest {digest} is kept here, so nothing shows what they were told: keep its text (`kith consent notice`)"
            )));
        }
        record.notice.sha256 = named.sha256.or(found.map(|row| row.sha256));
        Ok(record)
    }

    /// The record, where it is in the casebook already and still stands.
    fn recorded(
        &self,
        case: CaseId,
        consent: &ConsentRecord,
    ) -> Result<Option<(ConsentId, ConsentRecord)>, OfficeError> {
        let mut known = Vec::new();
        for of in self.casebook.cases_of_one(case)? {
            let rows = self.casebook.ask(&Query::Consents { case: of }, today_is_no_matter())?;
            let Answer::Consents(rows) = rows else { continue };
            known.extend(rows.into_iter().map(|row| (of, row)));
        }
        for (of, row) in known {
            let ConsentOrNot::Record { record, withdrawn } = row.what else { continue };
            if record.record_id != consent.record_id {
                continue;
            }
            let no = |why: &str| Err(OfficeError::refused(why));
            return match withdrawn {
                _ if of != case => {
                    no("another case of this child has a record of this name: give yours its own")
                }
                Some(_) => {
                    no("the record was withdrawn: record on which basis this may go, under a name of its own")
                }
                None if !began_as((*record).clone(), consent) => no(
                    "the casebook has another record of this name: choose that one, or give yours a name of its own",
                ),
                None if record.events != consent.events => {
                    no("more was recorded of this consent since: choose the record again")
                }
                None => Ok(Some((row.id, *record))),
            };
        }
        Ok(None)
    }
}

/// Whoever decided puts it on record.
fn decided_here(consent: &ConsentRecord, by: &Author, today: Date) -> Result<(), OfficeError> {
    let DecidedBy { name, role, .. } = &consent.safeguarding.decided_by;
    if *name != by.name {
        return Err(OfficeError::refused(format!(
            "the record says that {name} decided, and {} is at the desk: whoever decides unlocks and records it",
            by.name
        )));
    }
    if *role != by.role {
        return Err(OfficeError::refused(format!(
            "the record calls whoever decided \"{role}\", and the casebook calls them \"{}\": say that",
            by.role
        )));
    }
    match consent.safeguarding.family_told {
        FamilyTold::Yes { on, .. } if on > today => Err(OfficeError::refused(format!(
            "the record says that the family was told on {}, which has not come: check the day",
            text::full_date(on)
        ))),
        _ => Ok(()),
    }
}

/// Is `record` what became of `earlier`? All but its events stays as it was.
fn began_as(mut record: ConsentRecord, earlier: &ConsentRecord) -> bool {
    record.events.truncate(earlier.events.len());
    // It was looked up when it was recorded.
    if earlier.notice.sha256.is_none() {
        record.notice.sha256 = None;
    }
    record == *earlier
}

/// A text that was kept after they consented is no proof of what they had been told.
fn told_before(consent: &ConsentRecord, notice: Option<&NoticeRow>) -> Result<(), OfficeError> {
    let given = consent.events.iter().rfind(|event| event.event_state == ConsentState::Given);
    let given = given.filter(|_| consent.lawful_basis == Some(LawfulBasis::Consent));
    match (given, notice) {
        (Some(given), Some(notice)) if notice.kept > given.event_time => Err(OfficeError::refused(format!(
            "consent was given on {}, and the notice `{}` was kept here only on {}: nothing shows that this is what they were told. Give it to them, ask again, and record the new consent",
            page::moment(given.event_time),
            notice.name,
            page::moment(notice.kept),
        ))),
        _ => Ok(()),
    }
}

/// A directory that has run out may be used for urgent danger alone.
fn may_use(enrolled: &Enrolled, consent: &ConsentRecord) -> Result<(), OfficeError> {
    match (&enrolled.expired, &consent.lawful_basis) {
        (None, _) | (Some(_), Some(LawfulBasis::VitalInterests)) => Ok(()),
        (Some(expired), _) => Err(OfficeError::refused(format!(
            "the directory ran out {expired}: fetch the newest one; until then only vital interests can carry a share"
        ))),
    }
}

/// Queries that have nothing overdue in them take any day.
const fn today_is_no_matter() -> Date {
    Date::constant(2000, 1, 1)
}
