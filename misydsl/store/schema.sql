-- The journal, schema 1. Later versions are reached by the steps in migrations.py.

CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

-- One row about a run, kept in the same transaction as the facts it sums up.
CREATE TABLE run (
    number      INTEGER PRIMARY KEY,
    id          TEXT NOT NULL UNIQUE,
    pipeline    TEXT NOT NULL,
    title       TEXT,
    status      TEXT NOT NULL,
    session     TEXT NOT NULL,
    accepted_at REAL NOT NULL,
    finished_at REAL,
    steps       INTEGER NOT NULL
) STRICT;

-- Facts, append only. `body` says everything; kind, step and item are read from it when asked for.
-- AUTOINCREMENT, because a cursor must never meet a seq twice, even after old runs were removed.
CREATE TABLE event (
    seq  INTEGER PRIMARY KEY AUTOINCREMENT,
    run  INTEGER NOT NULL REFERENCES run (number),
    body TEXT NOT NULL,
    kind TEXT GENERATED ALWAYS AS (body ->> '$.kind') VIRTUAL,
    step TEXT GENERATED ALWAYS AS (coalesce(body ->> '$.step', '')) VIRTUAL,
    item TEXT GENERATED ALWAYS AS (coalesce(body ->> '$.item', '')) VIRTUAL
) STRICT;

-- An index holds the rowid too, so this one answers `run = ? AND seq > ? ORDER BY seq`.
CREATE INDEX event_of_run ON event (run);

CREATE TRIGGER event_is_final BEFORE UPDATE ON event
BEGIN
    SELECT raise(ABORT, 'facts are only ever appended');
END;

-- Values over 256 kB, once each, by the SHA-256 of their bytes.
CREATE TABLE blob (sha256 TEXT PRIMARY KEY, data BLOB NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE command (
    seq  INTEGER PRIMARY KEY AUTOINCREMENT,
    run  INTEGER NOT NULL REFERENCES run (number),
    verb TEXT NOT NULL,
    body TEXT NOT NULL
) STRICT;

CREATE INDEX command_of_run ON command (run);

CREATE TABLE lease (
    run          INTEGER PRIMARY KEY REFERENCES run (number),
    owner        TEXT NOT NULL,
    host         TEXT NOT NULL,
    machine      TEXT NOT NULL,
    pid          INTEGER NOT NULL,
    began        TEXT NOT NULL,
    heartbeat_at REAL NOT NULL
) STRICT;

-- Results by the content of their calls, for `cache`; they go with the run they came in.
CREATE TABLE memo (
    key   TEXT PRIMARY KEY,
    at    REAL NOT NULL,
    run   INTEGER NOT NULL REFERENCES run (number),
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX memo_of_run ON memo (run);
