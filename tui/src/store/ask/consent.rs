//! Consent records as they stand, and the notices families were given.

use kith_protocol::{
    consent::{ConsentEvent, ConsentRecord, ConsentState},
    ids::Digest,
};
use rusqlite::{Connection, OptionalExtension as _};

use super::{all, unknown};
use crate::{
    casework::{
        fact::{Fact, Recorded},
        ids::{CaseId, ConsentId},
        query::{Answer, ConsentOrNot, ConsentRow, NoticeRow},
    },
    store::{cells, error::StoreError, facts},
};

/// Most consent records of one case, and most notices, that are listed.
const MAX_LISTED: usize = 200;

/// Newest first.
pub(super) fn of_case(db: &Connection, case: CaseId) -> Result<Vec<ConsentRow>, StoreError> {
    let sql = "SELECT id FROM consent WHERE case_id = ? ORDER BY id DESC LIMIT ?";
    all(db, sql, &[&case.0.key(), &MAX_LISTED], |row| read(db, row.get(0)?).map(|(row, _)| row))
}

pub(super) fn one(db: &Connection, consent: ConsentId) -> Result<Answer, StoreError> {
    let (row, case) = read(db, consent.0.key())?;
    Ok(Answer::Consent { row: Box::new(row), case })
}

fn read(db: &Connection, key: i64) -> Result<(ConsentRow, CaseId), StoreError> {
    let row: Option<(Option<i64>, String)> = db
        .prepare_cached("SELECT withdrawn, coalesce(withdrawn_why, '') FROM consent WHERE id = ?")?
        .query_row([key], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (withdrawn, why) =
        row.ok_or_else(|| unknown("consent record", crate::casework::ids::FactId::from_key(key)))?;
    let withdrawn = withdrawn.map(cells::from_micros).transpose()?.map(|at| (at, why));
    let Recorded { id, recorded, by, fact } = facts::load(db, key)?;
    let (what, case) = match fact {
        Fact::ConsentRecorded { case, record } => {
            let record = as_it_stands(db, ConsentId(id), record, withdrawn.as_ref())?;
            (ConsentOrNot::Record { record, withdrawn }, case)
        }
        Fact::SharingDeclined { case, with, because, signed } => {
            (ConsentOrNot::NotShared { with, because, signed }, case)
        }
        _ => return Err(StoreError::bad_fact(id)),
    };
    Ok((ConsentRow { id: ConsentId(id), recorded, by, what }, case))
}

/// The record of a decision to share as it stands now; none of a decision not to.
pub(in crate::store) fn record(
    db: &Connection,
    consent: ConsentId,
) -> Result<Option<Box<ConsentRecord>>, StoreError> {
    match read(db, consent.0.key())?.0.what {
        ConsentOrNot::Record { record, .. } => Ok(Some(record)),
        ConsentOrNot::NotShared { .. } => Ok(None),
    }
}

/// The record with everything that happened to the consent since.
fn as_it_stands(
    db: &Connection,
    consent: ConsentId,
    mut record: Box<ConsentRecord>,
    withdrawn: Option<&(jiff::Timestamp, String)>,
) -> Result<Box<ConsentRecord>, StoreError> {
    let sql = "SELECT fact FROM consent_event WHERE consent = ? ORDER BY fact";
    record.events.extend(all(db, sql, &[&consent.0.key()], |row| {
        let fact = facts::load(db, row.get(0)?)?;
        match fact.fact {
            Fact::ConsentMoved { event, .. } => Ok(event),
            _ => Err(StoreError::bad_fact(fact.id)),
        }
    })?);
    if let Some((at, why)) = withdrawn {
        let (entity, event_type) = why.split_once(": ").unwrap_or((why, why));
        let event = ConsentEvent {
            event_time: *at,
            event_state: ConsentState::Withdrawn,
            entity: entity.to_owned(),
            event_type: event_type.to_owned(),
        };
        // A record can be withdrawn though nobody consented: then there is no such event. A clock that went back
        // takes none away.
        let state = record.events.last().map_or(ConsentState::NotSought, |last| last.event_state);
        record.events.extend(state.may_become(ConsentState::Withdrawn).then_some(event));
    }
    Ok(record)
}

/// Newest first.
pub(in crate::store) fn notices(db: &Connection) -> Result<Vec<NoticeRow>, StoreError> {
    all(db, "SELECT fact FROM notice ORDER BY fact DESC LIMIT ?", &[&MAX_LISTED], |row| {
        let fact = facts::load(db, row.get(0)?)?;
        let Fact::NoticeKept { name, language, text } = fact.fact else {
            return Err(StoreError::bad_fact(fact.id));
        };
        Ok(NoticeRow { sha256: Digest::of(text.as_bytes()), name, language, kept: fact.recorded, text })
    })
}
