-- Where the log stands: the tree after the last append, as the roots of its complete subtrees, and the
-- signed note over it. The number counts the appends. What this row says was decided, whatever the published files show yet.
CREATE TABLE head (
    one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    number BIGINT NOT NULL,
    size BIGINT NOT NULL CHECK (size >= 0),
    signed BIGINT NOT NULL,
    roots BYTEA NOT NULL CHECK (length(roots) % 32 = 0),
    note BYTEA NOT NULL
);

-- Appends that were decided and are not published yet, in their order.
CREATE TABLE decided (
    number BIGINT NOT NULL PRIMARY KEY,
    old_size BIGINT NOT NULL,
    new_size BIGINT NOT NULL CHECK (new_size >= old_size),
    note BYTEA NOT NULL
);

-- The entries of these, and parts of an append that is still to come, which lie beyond the head.
CREATE TABLE entries (
    first BIGINT NOT NULL PRIMARY KEY,
    next BIGINT NOT NULL CHECK (next > first),
    part BYTEA NOT NULL
);

-- Before which time the feed has given everything out. Only what several servers share is here.
CREATE TABLE feed (
    one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    settled BIGINT NOT NULL
);

-- The profile and the budget of refused codes, where several servers share them.
CREATE TABLE profile (
    one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    body BYTEA NOT NULL
);
CREATE TABLE failures (
    one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    thousandths BIGINT NOT NULL,
    spent BIGINT NOT NULL
);
