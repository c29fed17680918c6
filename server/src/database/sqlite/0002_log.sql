-- Where the log stands: the tree after the last append, as the roots of its complete subtrees, and the
-- signed note over it. The number counts the appends. What this row says was decided, whatever the published files show yet.
CREATE TABLE head (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    number INTEGER NOT NULL,
    size INTEGER NOT NULL CHECK (size >= 0),
    signed INTEGER NOT NULL,
    roots BLOB NOT NULL CHECK (length(roots) % 32 = 0),
    note BLOB NOT NULL
) STRICT;

-- Appends that were decided and are not published yet, in their order.
CREATE TABLE decided (
    number INTEGER NOT NULL PRIMARY KEY,
    old_size INTEGER NOT NULL,
    new_size INTEGER NOT NULL CHECK (new_size >= old_size),
    note BLOB NOT NULL
) STRICT;

-- The entries of these, and parts of an append that is still to come, which lie beyond the head.
CREATE TABLE entries (
    first INTEGER NOT NULL PRIMARY KEY,
    next INTEGER NOT NULL CHECK (next > first),
    part BLOB NOT NULL
) STRICT;

-- Before which time the feed has given everything out. Only what several servers share is here.
CREATE TABLE feed (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    settled INTEGER NOT NULL
) STRICT;

-- The profile and the budget of refused codes, where several servers share them.
CREATE TABLE profile (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    body BLOB NOT NULL
) STRICT;
CREATE TABLE failures (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    thousandths INTEGER NOT NULL,
    spent INTEGER NOT NULL
) STRICT;

PRAGMA user_version = 4;
