//! The tables, their versions, and how a connection is set up.
//!
//! `fact` is the truth. Everything under [`PROJECTIONS`] is computed from it and can be thrown away; `draft`,
//! `attachment`, `proposed_share`, `outbox`, `setting`, `holder`, `agency` and the tables of the log are neither: they
//! are kept as they are.

use rusqlite::Connection;

use super::{error::StoreError, place::Place, secrets::DatabaseKey};

/// The format this program writes; kept in `user_version`.
pub(super) const VERSION: u32 = 1;
/// Marks a file as a casebook (`application_id`): "kith".
const APPLICATION: u32 = 0x6B69_7468;
/// Page cache in KiB: hides most of what decryption costs.
const CACHE_KIB: i64 = 32 * 1024;
/// Page cache in KiB while all tables are built again: rows of one case lie far apart in the order of facts.
const BULK_CACHE_KIB: i64 = 256 * 1024;
/// Pages that the log beside the database may grow by before they are taken over: 32 MiB.
const LOG_PAGES: u32 = 8 * 1024;
/// How long a second connection of this process waits for the first, in milliseconds.
const BUSY_MS: u32 = 5_000;

/// Tables that are computed from facts, in an order in which they can be emptied.
pub(super) const PROJECTIONS: [&str; 34] = [
    "person",
    "person_identifier",
    "name_word",
    "name_gram",
    "name_part",
    "address",
    "address_person",
    "relation",
    "same_person",
    "entry",
    "entry_person",
    "entry_version",
    "triage",
    "case_file",
    "case_month",
    "concern_week",
    "action",
    "consent",
    "consent_event",
    "notice",
    "share",
    "share_entry",
    "share_receipt",
    "released",
    "finding_settled",
    "sharing_policy",
    "comparison",
    "received",
    "received_answer",
    "leaving",
    "hold",
    "proposal",
    "disposal",
    "tally",
];

/// Text indexes computed from facts, with the table that holds their rows.
pub(super) const INDEXES: [&str; 2] = ["entry_text", "case_text"];

/// Changes of format, oldest first; the first makes version 1.
const MIGRATIONS: [&[&str]; VERSION as usize] =
    [&[FACTS, LOG, KEPT, PEOPLE, ENTRIES, CASES, SHARING, RETENTION]];

/// SQLCipher writes to stderr unless told not to, which would tear the screen. The setting is the process's.
pub(super) fn silence() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        if let Ok(memory) = Connection::open_in_memory() {
            // If this fails the worst is a line on the screen.
            let _ = memory.pragma_update(None, "cipher_log_level", "NONE");
        }
    });
}

/// Bytes of a page, as SQLCipher makes them; the file is whole pages.
pub(super) const PAGE: u64 = 4096;

/// Gives the key to a fresh connection.
pub(super) fn unlock(db: &Connection, key: &DatabaseKey) -> Result<(), StoreError> {
    // Processors have instructions for it, and none for SHA-512, SQLCipher's own choice.
    db.pragma_update(None, "cipher_default_hmac_algorithm", "HMAC_SHA256")?;
    db.pragma_update(None, "key", key.as_sql().as_str())?;
    // The first read tells whether the key is right.
    Ok(db.query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(()))?)
}

/// Gives the key to a fresh connection and sets it up.
pub(super) fn prepare(db: &Connection, key: &DatabaseKey) -> Result<(), StoreError> {
    unlock(db, key)?;
    db.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    wait_for_disk(db, true)?;
    db.pragma_update_and_check(None, "wal_autocheckpoint", LOG_PAGES, |_| Ok(()))?;
    db.pragma_update(None, "secure_delete", true)?;
    db.pragma_update(None, "foreign_keys", true)?;
    db.pragma_update(None, "cache_size", -CACHE_KIB)?;
    db.pragma_update(None, "temp_store", "MEMORY")?;
    db.pragma_update(None, "trusted_schema", false)?;
    db.busy_timeout(std::time::Duration::from_millis(BUSY_MS.into()))?;
    db.set_prepared_statement_cache_capacity(128);
    Ok(())
}

/// Whether `key` opens the database.
pub(super) fn fits(place: &Place, key: &DatabaseKey) -> bool {
    let reads = |db: Connection| prepare(&db, key);
    Connection::open(place.database()).map_err(StoreError::from).and_then(reads).is_ok()
}

/// Gives the database another key: every page is written anew, in one transaction, and the log of old pages goes.
pub(super) fn change_key(db: &Connection, fresh: &DatabaseKey) -> Result<(), StoreError> {
    db.flush_prepared_statement_cache();
    db.pragma_update(None, "rekey", fresh.as_sql().as_str())?;
    Ok(db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)
}

/// Whether a commit waits until it is on the disk. Without that a power cut may take the last commits, and nothing else.
pub(super) fn wait_for_disk(db: &Connection, wait: bool) -> Result<(), StoreError> {
    Ok(db.pragma_update(None, "synchronous", if wait { "FULL" } else { "NORMAL" })?)
}

/// Gives a connection more memory for a long task, or takes it back.
pub(super) fn set_bulk(db: &Connection, bulk: bool) -> Result<(), StoreError> {
    let kib = if bulk { BULK_CACHE_KIB } else { CACHE_KIB };
    Ok(db.pragma_update(None, "cache_size", -kib)?)
}

/// Brings a database to [`VERSION`], in one transaction.
pub(super) fn migrate(db: &mut Connection) -> Result<(), StoreError> {
    let found: u32 = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found > VERSION {
        return Err(StoreError::TooNew { version: found });
    }
    if found == VERSION {
        return Ok(());
    }
    let tx = db.transaction()?;
    for step in MIGRATIONS.iter().skip(found as usize) {
        step.iter().try_for_each(|sql| tx.execute_batch(sql))?;
    }
    tx.pragma_update(None, "user_version", VERSION)?;
    tx.pragma_update(None, "application_id", APPLICATION)?;
    Ok(tx.commit()?)
}

const FACTS: &str = "
CREATE TABLE fact (
    id INTEGER PRIMARY KEY,
    recorded INTEGER NOT NULL,
    author TEXT NOT NULL,
    role TEXT NOT NULL,
    kind TEXT NOT NULL,
    seed BLOB,
    leaf BLOB NOT NULL CHECK (length(leaf) = 32),
    body BLOB,
    CHECK ((seed IS NULL) = (body IS NULL))
) STRICT;
CREATE INDEX fact_of_holders ON fact(id) WHERE kind = 'HolderChanged';";

/// `log_hash` holds the complete subtrees of the newest of `log`; `log_checkpoint` what was signed of it, with its
/// cosignatures; `log_seen` how much of it each witness cosigned, `log_told` how much went to whom
/// since. The others are about the logs of others; `log_watched_at` holds what the node's was at each size seen,
/// and others' at the size of each bundle with what was signed of it, `log_heard`
/// what other agencies say they saw of it.
const LOG: &str = "
CREATE TABLE log (begins INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE CHECK (length(id) = 16)) STRICT;
INSERT INTO log (begins, id) VALUES (1, randomblob(16));
CREATE TABLE log_hash (
    level INTEGER NOT NULL,
    place INTEGER NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (level, place)
) STRICT, WITHOUT ROWID;
CREATE TABLE log_checkpoint (
    log BLOB NOT NULL, size INTEGER NOT NULL, note TEXT NOT NULL, witnesses INTEGER NOT NULL, PRIMARY KEY (log, size)
) STRICT, WITHOUT ROWID;
CREATE TABLE log_seen (
    log BLOB NOT NULL, witness TEXT NOT NULL, size INTEGER NOT NULL, PRIMARY KEY (log, witness)
) STRICT, WITHOUT ROWID;
CREATE TABLE log_told (
    log BLOB NOT NULL, reader TEXT NOT NULL, size INTEGER NOT NULL, PRIMARY KEY (log, reader, size)
) STRICT, WITHOUT ROWID;
CREATE TABLE log_watched (
    log TEXT PRIMARY KEY, node INTEGER NOT NULL, note TEXT NOT NULL, begun INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE log_watched_at (
    log TEXT NOT NULL, size INTEGER NOT NULL, note TEXT NOT NULL, PRIMARY KEY (log, size)
) STRICT, WITHOUT ROWID;
CREATE TABLE log_heard (
    log TEXT NOT NULL, agency TEXT NOT NULL, note TEXT NOT NULL, PRIMARY KEY (log, agency, note)
) STRICT, WITHOUT ROWID;
CREATE TABLE log_shown (fact INTEGER PRIMARY KEY, proof TEXT) STRICT;
CREATE TABLE log_finding (
    id INTEGER PRIMARY KEY, found INTEGER NOT NULL, what TEXT NOT NULL, one TEXT NOT NULL, other TEXT NOT NULL,
    UNIQUE (what, one)
) STRICT;";

const KEPT: &str = "
CREATE TABLE setting (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE holder (
    slot INTEGER PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, recipient TEXT NOT NULL
) STRICT;
CREATE TABLE agency (id TEXT PRIMARY KEY, name TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE draft (
    key TEXT PRIMARY KEY, title TEXT NOT NULL, saved INTEGER NOT NULL, body TEXT NOT NULL
) STRICT;
CREATE TABLE attachment (
    sha256 BLOB PRIMARY KEY,
    size INTEGER NOT NULL,
    bytes BLOB,
    file TEXT UNIQUE,
    key BLOB,
    CHECK ((bytes IS NULL) = (file IS NOT NULL AND key IS NOT NULL))
) STRICT;
CREATE TABLE attachment_gone (file TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TRIGGER attachment_gone AFTER DELETE ON attachment WHEN OLD.file IS NOT NULL
BEGIN INSERT OR IGNORE INTO attachment_gone VALUES (OLD.file); END;
CREATE TABLE proposed_share (
    share INTEGER PRIMARY KEY REFERENCES fact(id), draft BLOB NOT NULL, choices BLOB NOT NULL
) STRICT;
CREATE TABLE outbox (
    share INTEGER PRIMARY KEY REFERENCES fact(id),
    draft BLOB NOT NULL,
    file TEXT,
    envelope TEXT,
    gate TEXT,
    tries INTEGER NOT NULL DEFAULT 0,
    last_try INTEGER,
    last_error TEXT
) STRICT;";

const PEOPLE: &str = "
CREATE TABLE person (
    id INTEGER PRIMARY KEY, latest INTEGER NOT NULL, versions INTEGER NOT NULL,
    name TEXT NOT NULL, detail TEXT NOT NULL, year TEXT NOT NULL, born TEXT, pupil INTEGER NOT NULL
) STRICT;
CREATE TABLE person_identifier (
    value TEXT NOT NULL, scheme TEXT NOT NULL, person INTEGER NOT NULL, PRIMARY KEY (value, scheme, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX person_identifier_of ON person_identifier(person);
CREATE TABLE name_word (id INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE, people INTEGER NOT NULL) STRICT;
CREATE TABLE name_gram (
    gram TEXT NOT NULL, letters INTEGER NOT NULL, word INTEGER NOT NULL, PRIMARY KEY (gram, letters, word)
) STRICT, WITHOUT ROWID;
CREATE TABLE name_part (
    word INTEGER NOT NULL, other INTEGER NOT NULL, person INTEGER NOT NULL, PRIMARY KEY (word, other, person)
) STRICT, WITHOUT ROWID;
CREATE INDEX name_part_of ON name_part(person);
CREATE TABLE address (id INTEGER PRIMARY KEY, protected INTEGER NOT NULL) STRICT;
CREATE TABLE address_person (
    person INTEGER NOT NULL, address INTEGER NOT NULL, PRIMARY KEY (person, address)
) STRICT, WITHOUT ROWID;
CREATE INDEX address_person_of ON address_person(address);
CREATE TABLE relation (
    id INTEGER PRIMARY KEY, from_person INTEGER NOT NULL, to_person INTEGER NOT NULL
) STRICT;
CREATE INDEX relation_from ON relation(from_person);
CREATE INDEX relation_to ON relation(to_person);
CREATE TABLE same_person (one INTEGER NOT NULL, other INTEGER NOT NULL, fact INTEGER NOT NULL, PRIMARY KEY (one, other))
    STRICT, WITHOUT ROWID;
CREATE INDEX same_person_other ON same_person(other);";

const ENTRIES: &str = "
CREATE TABLE entry (
    id INTEGER PRIMARY KEY, latest INTEGER NOT NULL, versions INTEGER NOT NULL, kind TEXT NOT NULL,
    at TEXT NOT NULL, precision TEXT NOT NULL, recorded INTEGER NOT NULL, category TEXT NOT NULL,
    source TEXT NOT NULL, headline TEXT NOT NULL, done TEXT NOT NULL, significance INTEGER NOT NULL,
    danger INTEGER NOT NULL, attachments INTEGER NOT NULL, waiting INTEGER NOT NULL, case_id INTEGER
) STRICT;
CREATE INDEX entry_of_case ON entry(case_id, at, id);
CREATE INDEX entry_of_case_significant ON entry(case_id, at, id) WHERE significance IN (1, 3, 4);
CREATE INDEX entry_waiting ON entry(danger DESC, id) WHERE waiting = 1;
CREATE INDEX entry_waiting_about ON entry(category, danger DESC, id) WHERE waiting = 1;
CREATE TABLE entry_person (
    entry INTEGER NOT NULL, place INTEGER NOT NULL, person INTEGER NOT NULL, child INTEGER NOT NULL,
    at TEXT NOT NULL, PRIMARY KEY (entry, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX entry_person_of ON entry_person(person, at, entry);
CREATE TABLE entry_version (
    entry INTEGER NOT NULL, fact INTEGER NOT NULL, why TEXT NOT NULL, PRIMARY KEY (entry, fact)
) STRICT, WITHOUT ROWID;
CREATE TABLE triage (entry INTEGER PRIMARY KEY, fact INTEGER NOT NULL) STRICT;
CREATE TABLE concern_week (week TEXT PRIMARY KEY, entries INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE tally (name TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE VIRTUAL TABLE entry_text USING fts5(
    words, content='', tokenize='unicode61 remove_diacritics 2', prefix='2 3'
);
INSERT INTO entry_text(entry_text, rank) VALUES ('secure-delete', 1);";

const CASES: &str = "
CREATE TABLE case_file (
    id INTEGER PRIMARY KEY, versions INTEGER NOT NULL, child INTEGER NOT NULL,
    title TEXT NOT NULL, level INTEGER NOT NULL, lead TEXT NOT NULL, open INTEGER NOT NULL,
    opened INTEGER NOT NULL, closed INTEGER, outcome TEXT, entries INTEGER NOT NULL,
    significant INTEGER NOT NULL, actions_open INTEGER NOT NULL, shares INTEGER NOT NULL
) STRICT;
CREATE INDEX case_of_child ON case_file(child);
CREATE INDEX case_open ON case_file(id) WHERE open = 1;
CREATE TABLE case_month (
    case_id INTEGER NOT NULL, month TEXT NOT NULL, events INTEGER NOT NULL, significant INTEGER NOT NULL,
    PRIMARY KEY (case_id, month)
) STRICT, WITHOUT ROWID;
CREATE VIRTUAL TABLE case_text USING fts5(
    words, content='', tokenize='unicode61 remove_diacritics 2', prefix='1 2 3'
);
INSERT INTO case_text(case_text, rank) VALUES ('secure-delete', 1);
CREATE TABLE action (
    id INTEGER PRIMARY KEY, case_id INTEGER NOT NULL, what TEXT NOT NULL,
    owner TEXT NOT NULL, due TEXT NOT NULL, open INTEGER NOT NULL, outcome TEXT
) STRICT;
CREATE INDEX action_due ON action(open DESC, due, id);
CREATE INDEX action_of_case ON action(case_id, open DESC, due, id);
CREATE INDEX action_of_owner ON action(owner, open DESC, due, id);";

const SHARING: &str = "
CREATE TABLE consent (
    id INTEGER PRIMARY KEY, case_id INTEGER NOT NULL, state TEXT NOT NULL, until INTEGER,
    withdrawn INTEGER, withdrawn_why TEXT
) STRICT;
CREATE INDEX consent_of_case ON consent(case_id, id);
CREATE INDEX consent_open ON consent(until) WHERE state IN ('requested', 'given') AND withdrawn IS NULL;
CREATE TABLE consent_event (
    consent INTEGER NOT NULL, fact INTEGER NOT NULL, PRIMARY KEY (consent, fact)
) STRICT, WITHOUT ROWID;
CREATE TABLE notice (sha256 BLOB PRIMARY KEY, fact INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE share (
    id INTEGER PRIMARY KEY, case_id INTEGER NOT NULL, at TEXT NOT NULL, agency TEXT NOT NULL, state INTEGER NOT NULL,
    waiting INTEGER NOT NULL, consent INTEGER NOT NULL, bundle BLOB, approved INTEGER, sealed INTEGER, ended INTEGER,
    asked INTEGER
) STRICT;
CREATE TABLE sharing_policy (
    only INTEGER PRIMARY KEY CHECK (only = 1), fact INTEGER NOT NULL
) STRICT;
CREATE TABLE comparison (agency TEXT PRIMARY KEY, fact INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX share_of_case ON share(case_id, id);
CREATE INDEX share_in_chronology ON share(case_id, at, id);
CREATE INDEX share_of_consent ON share(consent, id);
CREATE INDEX share_asked ON share(asked) WHERE asked IS NOT NULL;
CREATE INDEX share_of_bundle ON share(bundle) WHERE bundle IS NOT NULL;
CREATE INDEX share_waiting ON share(id) WHERE waiting = 1;
CREATE INDEX share_to_check ON share(id) WHERE state = -1;
CREATE TABLE share_entry (
    entry INTEGER NOT NULL, share INTEGER NOT NULL, PRIMARY KEY (entry, share)
) STRICT, WITHOUT ROWID;
CREATE TABLE share_receipt (
    share INTEGER NOT NULL, fact INTEGER NOT NULL, kind TEXT NOT NULL, PRIMARY KEY (share, fact)
) STRICT, WITHOUT ROWID;
CREATE TABLE released (
    id INTEGER PRIMARY KEY, share INTEGER, received INTEGER, entry INTEGER, case_id INTEGER, at TEXT NOT NULL,
    CHECK ((share IS NULL) <> (received IS NULL))
) STRICT;
CREATE INDEX released_in_chronology ON released(case_id, at, id) WHERE case_id IS NOT NULL;
CREATE INDEX released_of_share ON released(share, id) WHERE share IS NOT NULL;
CREATE INDEX released_of_received ON released(received, id) WHERE received IS NOT NULL;
CREATE INDEX released_of_entry ON released(entry, id) WHERE entry IS NOT NULL;
CREATE TABLE finding_settled (finding BLOB PRIMARY KEY, fact INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE received (
    id INTEGER PRIMARY KEY, bundle BLOB UNIQUE, document BLOB NOT NULL UNIQUE, from_name TEXT NOT NULL,
    signed_by TEXT NOT NULL, purpose TEXT NOT NULL, child TEXT NOT NULL, recorded INTEGER NOT NULL,
    case_id INTEGER, answered TEXT, open INTEGER NOT NULL, filed INTEGER, at TEXT, asked INTEGER,
    gone INTEGER, by_node INTEGER NOT NULL DEFAULT 0, seal BLOB
) STRICT;
CREATE INDEX received_by_node ON received(id) WHERE by_node = 1;
CREATE INDEX received_seal ON received(seal) WHERE seal IS NOT NULL;
CREATE INDEX received_in_chronology ON received(case_id, at, id) WHERE case_id IS NOT NULL;
CREATE INDEX received_open ON received(id) WHERE open = 1;
CREATE INDEX received_unfiled ON received(id) WHERE filed IS NULL AND gone IS NULL;
CREATE TABLE received_answer (
    received INTEGER NOT NULL, fact INTEGER NOT NULL, kind TEXT NOT NULL, PRIMARY KEY (received, fact)
) STRICT, WITHOUT ROWID;
CREATE INDEX received_answer_by_fact ON received_answer(fact);";

const RETENTION: &str = "
CREATE INDEX person_born ON person(born, id) WHERE pupil = 1;
CREATE TABLE leaving (person INTEGER PRIMARY KEY, fact INTEGER NOT NULL) STRICT;
CREATE TABLE hold (
    id INTEGER PRIMARY KEY, file INTEGER NOT NULL, of_bundle INTEGER NOT NULL, lifted INTEGER
) STRICT;
CREATE INDEX hold_of_file ON hold(file) WHERE lifted IS NULL;
CREATE TABLE proposal (
    id INTEGER PRIMARY KEY, file INTEGER NOT NULL, of_bundle INTEGER NOT NULL, open INTEGER NOT NULL
) STRICT;
CREATE INDEX proposal_of_file ON proposal(file) WHERE open = 1;
CREATE TABLE disposal (id INTEGER PRIMARY KEY) STRICT;";
