-- No address, no time finer than a day for anything that a venue did, and no row numbers: the keys
-- are random or hashed, so the order of the rows says nothing about the order of events.
BEGIN;

-- One row for each case: the hash of its upload code.
CREATE TABLE codes (
    code_hash BLOB NOT NULL PRIMARY KEY CHECK (length(code_hash) = 32),
    expires INTEGER NOT NULL,
    used INTEGER NOT NULL DEFAULT 0 CHECK (used IN (0, 1))
) STRICT, WITHOUT ROWID;

-- Sealed uploads, until the authority deletes them.
CREATE TABLE uploads (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    code_hash BLOB NOT NULL UNIQUE REFERENCES codes (code_hash) ON DELETE CASCADE,
    body_hash BLOB NOT NULL CHECK (length(body_hash) = 32),
    received_day INTEGER NOT NULL CHECK (received_day % 86400 = 0),
    body BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Nonces of the authority's requests, until a replay would be too old anyway.
CREATE TABLE nonces (
    nonce BLOB NOT NULL PRIMARY KEY CHECK (length(nonce) = 16),
    expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Which entries of the log were appended in which two hours, for the trace key feed.
CREATE TABLE appends (
    old_size INTEGER NOT NULL PRIMARY KEY,
    new_size INTEGER NOT NULL CHECK (new_size > old_size),
    bucket INTEGER NOT NULL CHECK (bucket % 7200 = 0)
) STRICT;

-- The seat of the authority's desk that was seen last, and its turn to append, if it has one.
CREATE TABLE turn (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    seat INTEGER NOT NULL CHECK (seat > 0),
    id BLOB NOT NULL CHECK (length(id) = 16),
    turn BLOB CHECK (length(turn) = 16),
    expires INTEGER NOT NULL
) STRICT;

PRAGMA user_version = 2;
COMMIT;
