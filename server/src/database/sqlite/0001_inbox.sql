-- No address, no time finer than a day for anything that a venue did, and no order of uploads: not in
-- a key, not in a row number, and not in where on the disk something lies. A row that an upload
-- changes has the same length before and after, so that SQLite writes it over itself. The version
-- before this kind of migration made the same tables.
-- One row for each case: the hash of its upload code. The authority makes them; an upload changes
-- `used` and `noise`. Row 0 is nobody's: dummies change it.
CREATE TABLE IF NOT EXISTS codes (
    row INTEGER NOT NULL PRIMARY KEY,
    code_hash BLOB NOT NULL UNIQUE CHECK (length(code_hash) = 32),
    expires INTEGER NOT NULL,
    used INTEGER NOT NULL CHECK (used IN (0, 1)),
    noise BLOB NOT NULL CHECK (length(noise) = 16)
) STRICT;
INSERT INTO codes VALUES (0, randomblob(32), 0, 1, randomblob(16)) ON CONFLICT DO NOTHING;

-- Places for sealed uploads, made before they are needed and taken in a random order. What a free one
-- holds is random. There is no index, because an index shows in which order it was filled.
CREATE TABLE IF NOT EXISTS places (
    place INTEGER NOT NULL PRIMARY KEY,
    taken INTEGER NOT NULL CHECK (taken IN (0, 1)),
    id BLOB NOT NULL CHECK (length(id) = 16),
    code_hash BLOB NOT NULL CHECK (length(code_hash) = 32),
    body_hash BLOB NOT NULL CHECK (length(body_hash) = 32),
    received_day BLOB NOT NULL CHECK (length(received_day) = 8)
) STRICT;

-- The sealed body of each place.
CREATE TABLE IF NOT EXISTS bodies (
    place INTEGER NOT NULL PRIMARY KEY,
    body BLOB NOT NULL CHECK (length(body) = 65536)
) STRICT;

-- Nonces of the authority's requests, until a replay would be too old anyway.
CREATE TABLE IF NOT EXISTS nonces (
    nonce BLOB NOT NULL PRIMARY KEY CHECK (length(nonce) = 16),
    expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Which entries of the log were appended in which two hours, for the trace key feed.
CREATE TABLE IF NOT EXISTS appends (
    old_size INTEGER NOT NULL PRIMARY KEY,
    new_size INTEGER NOT NULL CHECK (new_size > old_size),
    bucket INTEGER NOT NULL CHECK (bucket % 7200 = 0)
) STRICT;

-- The seat of the authority's desk that was seen last, and its turn to append, if it has one.
CREATE TABLE IF NOT EXISTS turn (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    seat INTEGER NOT NULL CHECK (seat > 0),
    id BLOB NOT NULL CHECK (length(id) = 16),
    turn BLOB CHECK (length(turn) = 16),
    expires INTEGER NOT NULL
) STRICT;

-- The latest time that has come for certain, by which what is too old is deleted.
CREATE TABLE IF NOT EXISTS clock (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    certain INTEGER NOT NULL
) STRICT;
