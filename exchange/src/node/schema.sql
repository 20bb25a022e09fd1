CREATE TABLE bundles (
    cursor INTEGER PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL UNIQUE,
    sender TEXT NOT NULL,
    recipient TEXT NOT NULL,
    gate BLOB NOT NULL,
    size INTEGER NOT NULL,
    ciphertext BLOB NOT NULL,
    envelope TEXT NOT NULL,
    signed_gate TEXT NOT NULL,
    stored TEXT NOT NULL,
    stored_at INTEGER NOT NULL,
    state INTEGER NOT NULL,
    delivered TEXT,
    changed_at INTEGER NOT NULL,
    gate_until INTEGER NOT NULL,
    mark INTEGER NOT NULL DEFAULT (random() & 8388607),
    UNIQUE (sender, gate)
) STRICT;
CREATE INDEX bundles_waiting ON bundles (recipient, cursor) WHERE state <= 1;
CREATE INDEX bundles_by_state ON bundles (state, changed_at);
CREATE TABLE bodies (id BLOB PRIMARY KEY, body BLOB NOT NULL) STRICT;
CREATE TABLE partials (
    id BLOB PRIMARY KEY,
    sender TEXT NOT NULL,
    size INTEGER NOT NULL,
    begun_at INTEGER NOT NULL,
    gate BLOB
) STRICT;
CREATE TABLE usage (agency TEXT PRIMARY KEY, held INTEGER NOT NULL) STRICT;
CREATE TABLE withdrawn (
    sender TEXT NOT NULL,
    gate BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (sender, gate)
) STRICT;
CREATE TABLE news (
    cursor INTEGER PRIMARY KEY AUTOINCREMENT,
    agency TEXT NOT NULL,
    bundle BLOB NOT NULL,
    kind INTEGER NOT NULL,
    body BLOB NOT NULL,
    digest BLOB NOT NULL,
    at INTEGER NOT NULL,
    mark INTEGER NOT NULL DEFAULT (random() & 8388607),
    UNIQUE (agency, bundle, kind, digest)
) STRICT;
CREATE INDEX news_by_agency ON news (agency, cursor);
CREATE INDEX news_by_age ON news (at);
CREATE TABLE log (id BLOB NOT NULL) STRICT;
INSERT INTO log (id) VALUES (randomblob(16));
CREATE TABLE log_leaves (hash BLOB PRIMARY KEY, place INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE log_hashes (
    level INTEGER NOT NULL,
    place INTEGER NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (level, place)
) STRICT, WITHOUT ROWID;
CREATE TABLE log_beginnings (id BLOB PRIMARY KEY, statement TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE log_cosigned (witness TEXT PRIMARY KEY, size INTEGER NOT NULL, line TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE witnessed (log TEXT PRIMARY KEY, agency TEXT NOT NULL, note TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX witnessed_by_agency ON witnessed (agency);
CREATE TABLE forks (one TEXT NOT NULL, other TEXT NOT NULL, PRIMARY KEY (one, other)) STRICT, WITHOUT ROWID;
