-- Schema 2: reading over the API. Readable: commands, installations, kinds, keyed hashes, days, pages, states, counters,
-- times. All else is sealed.

-- Units that a command has read and no accepted run has filed yet, in the order of spooling.
CREATE TABLE spool (
    id       INTEGER PRIMARY KEY,
    command  TEXT NOT NULL,
    instance TEXT NOT NULL,
    kind     INTEGER NOT NULL,
    part     INTEGER NOT NULL,         -- 1 page, 2 days, 3 chart, 4 one record
    first    INTEGER NOT NULL,         -- page, or first day as days since 0001-01-01; else 0
    last     INTEGER NOT NULL,         -- the same for the last one
    name     BLOB NOT NULL,            -- hash of patient and profile, or of the record's key; else empty
    state    INTEGER NOT NULL,         -- 1 read, 2 gap
    rows     INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    label    BLOB NOT NULL,            -- sealed: the unit in clear, checksum, note
    payload  BLOB NOT NULL,            -- sealed: records with their origins, rejected rows
    UNIQUE (command, instance, kind, part, first, last, name)
);
CREATE INDEX spool_order ON spool (command, id);

-- Units whose run was accepted: when each was last read, and what is open.
CREATE TABLE read_window (
    instance TEXT NOT NULL, kind INTEGER NOT NULL, part INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
    name BLOB NOT NULL, state INTEGER NOT NULL, rows INTEGER NOT NULL, at INTEGER NOT NULL,
    since    INTEGER NOT NULL,         -- gaps: first tried
    attempts INTEGER NOT NULL,         -- gaps: runs in which it was tried
    run      BLOB NOT NULL,
    label    BLOB NOT NULL,            -- as in the spool, sealed to the same place
    PRIMARY KEY (instance, kind, part, first, last, name, state)
) WITHOUT ROWID;

-- What was learned about an installation.
CREATE TABLE source (instance TEXT PRIMARY KEY, state BLOB NOT NULL) WITHOUT ROWID;

-- Records that are asked for again before something is believed of them.
CREATE TABLE watch (
    what INTEGER NOT NULL, kind INTEGER NOT NULL, key BLOB NOT NULL, instance TEXT NOT NULL, first INTEGER NOT NULL,
    due INTEGER NOT NULL, attempts INTEGER NOT NULL,
    name BLOB NOT NULL,                -- sealed key
    PRIMARY KEY (what, kind, key)
) WITHOUT ROWID;

-- Appointments by day: what a window should have brought, and whose charts are wanted.
CREATE INDEX record_day ON record (day) WHERE kind = 2;
