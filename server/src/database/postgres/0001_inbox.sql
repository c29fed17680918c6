-- The same tables as in SQLite. PostgreSQL writes a changed row to another place and keeps the old one
-- until a vacuum: what of that an operator has to know is in spec/http-api.md.

-- One row for each case: the hash of its upload code. The authority makes them; an upload changes
-- `used` and `noise`. Row 0 is nobody's: dummies change it.
CREATE TABLE codes (
    row BIGINT NOT NULL PRIMARY KEY,
    code_hash BYTEA NOT NULL UNIQUE CHECK (length(code_hash) = 32),
    expires BIGINT NOT NULL,
    used BIGINT NOT NULL CHECK (used IN (0, 1)),
    noise BYTEA NOT NULL CHECK (length(noise) = 16)
);
INSERT INTO codes VALUES (0, sha256(gen_random_uuid()::text::bytea), 0, 1, uuid_send(gen_random_uuid()));

-- Places for sealed uploads, made before they are needed and taken in a random order. What a free one
-- holds is random. There is no index, because an index shows in which order it was filled.
CREATE TABLE places (
    place BIGINT NOT NULL PRIMARY KEY,
    taken BIGINT NOT NULL CHECK (taken IN (0, 1)),
    id BYTEA NOT NULL CHECK (length(id) = 16),
    code_hash BYTEA NOT NULL CHECK (length(code_hash) = 32),
    body_hash BYTEA NOT NULL CHECK (length(body_hash) = 32),
    received_day BYTEA NOT NULL CHECK (length(received_day) = 8)
);

-- The sealed body of each place.
CREATE TABLE bodies (
    place BIGINT NOT NULL PRIMARY KEY,
    body BYTEA NOT NULL CHECK (length(body) = 65536)
);

-- Nonces of the authority's requests, until a replay would be too old anyway.
CREATE TABLE nonces (
    nonce BYTEA NOT NULL PRIMARY KEY CHECK (length(nonce) = 16),
    expires BIGINT NOT NULL
);

-- Which entries of the log were appended in which two hours, for the trace key feed.
CREATE TABLE appends (
    old_size BIGINT NOT NULL PRIMARY KEY,
    new_size BIGINT NOT NULL CHECK (new_size > old_size),
    bucket BIGINT NOT NULL CHECK (bucket % 7200 = 0)
);

-- The seat of the authority's desk that was seen last, and its turn to append, if it has one.
CREATE TABLE turn (
    one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    seat BIGINT NOT NULL CHECK (seat > 0),
    id BYTEA NOT NULL CHECK (length(id) = 16),
    turn BYTEA CHECK (length(turn) = 16),
    expires BIGINT NOT NULL
);

-- The latest time that has come for certain, by which what is too old is deleted.
CREATE TABLE clock (
    one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    certain BIGINT NOT NULL
);
