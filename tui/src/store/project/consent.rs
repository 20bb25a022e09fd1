//! Consent records with their events, notices, and decisions not to share.

use kith_protocol::{
    consent::{ConsentRecord, ConsentState},
    ids::Digest,
};
use rusqlite::{Connection, params};

use crate::{
    casework::fact::{Fact, Recorded},
    store::{cells::name_of, error::StoreError},
};

pub(super) fn project(db: &Connection, recorded: &Recorded) -> Result<(), StoreError> {
    let key = recorded.id.key();
    match &recorded.fact {
        Fact::ConsentRecorded { case, record } => add(db, key, case.0.key(), Some(record)),
        Fact::SharingDeclined { case, .. } => add(db, key, case.0.key(), None),
        Fact::ConsentMoved { consent, event } => {
            db.prepare_cached("INSERT INTO consent_event (consent, fact) VALUES (?, ?)")?
                .execute([consent.0.key(), key])?;
            db.prepare_cached("UPDATE consent SET state = ?2 WHERE id = ?1")?
                .execute(params![consent.0.key(), name_of(&event.event_state)])?;
            Ok(())
        }
        Fact::ConsentWithdrawn { consent, by, why } => {
            db.prepare_cached("UPDATE consent SET withdrawn = ?2, withdrawn_why = ?3 WHERE id = ?1")?
                .execute(params![
                    consent.0.key(),
                    recorded.recorded.as_microsecond(),
                    format!("{by}: {why}")
                ])?;
            Ok(())
        }
        Fact::NoticeKept { text, .. } => {
            db.prepare_cached("INSERT OR IGNORE INTO notice (sha256, fact) VALUES (?, ?)")?
                .execute(params![Digest::of(text.as_bytes()).as_bytes(), key])?;
            Ok(())
        }
        _ => Ok(()),
    }
}

fn add(db: &Connection, key: i64, case: i64, record: Option<&ConsentRecord>) -> Result<(), StoreError> {
    let last = record.and_then(|record| record.events.last());
    let state = last.map_or(ConsentState::NotSought, |event| event.event_state);
    let until = record.map(|record| record.validity.until.as_microsecond());
    db.prepare_cached("INSERT INTO consent (id, case_id, state, until) VALUES (?, ?, ?, ?)")?
        .execute(params![key, case, name_of(&state), until])?;
    Ok(())
}
