-- Schema 1. Readable: kinds, keyed hashes, days, digests, states, counters, times, HubSpot ids. All else is sealed.
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;

-- Inbox and queue: the newest accepted version of each record, filed under its patient.
CREATE TABLE record (
    patient      BLOB NOT NULL,
    kind         INTEGER NOT NULL,
    key          BLOB NOT NULL,
    day          INTEGER,              -- local day of an appointment or entry, days since 0001-01-01
    digest       BLOB NOT NULL,
    version      INTEGER NOT NULL,
    changed      INTEGER,              -- the source's own change time, seconds of practice time
    mail         BLOB,                 -- patients: hash of the cleaned e-mail address
    first_read   INTEGER NOT NULL,     -- day
    status_read  INTEGER NOT NULL,     -- day on which the present status was first read
    queue        INTEGER NOT NULL,     -- 0 handled, 1 ready, 2 waiting
    reason       INTEGER NOT NULL,     -- why it is or was queued
    attempts     INTEGER NOT NULL DEFAULT 0,
    status       BLOB,                 -- appointments: digest of status and confirmation
    payload      BLOB NOT NULL,        -- sealed record and origin
    note         BLOB,                 -- sealed: why it is held
    PRIMARY KEY (patient, kind, key)
) WITHOUT ROWID;
CREATE UNIQUE INDEX record_key ON record (kind, key);
CREATE INDEX record_ready ON record (kind, patient) WHERE queue = 1;
CREATE INDEX record_waiting ON record (kind, patient) WHERE queue = 2;
CREATE INDEX record_mail ON record (mail) WHERE mail IS NOT NULL;

-- Other names of patients: Pat.-Nr., and ids that arrived after a record was keyed by number.
CREATE TABLE alias (name BLOB PRIMARY KEY, patient BLOB NOT NULL) WITHOUT ROWID;

-- What a run has read and nobody has accepted yet, in the order of reading.
CREATE TABLE proposed (
    id INTEGER PRIMARY KEY, run BLOB NOT NULL, kind INTEGER NOT NULL, key BLOB NOT NULL, patient BLOB NOT NULL,
    day INTEGER, digest BLOB NOT NULL, changed INTEGER, mail BLOB, number BLOB, status BLOB,
    alias BLOB,                        -- another name of the patient, which the record itself does not carry
    payload BLOB NOT NULL
);

-- What became of each queued record in a run.
CREATE TABLE outcome (
    run BLOB NOT NULL, patient BLOB NOT NULL, kind INTEGER NOT NULL, key BLOB NOT NULL, code INTEGER NOT NULL,
    from_queue INTEGER NOT NULL, note BLOB, PRIMARY KEY (run, patient, kind, key)
) WITHOUT ROWID;

-- Outbox, ledger values and journal in one: a step keeps its before and after for good.
CREATE TABLE step (
    id INTEGER PRIMARY KEY, run BLOB NOT NULL, wave INTEGER NOT NULL, object INTEGER NOT NULL, patient BLOB NOT NULL,
    key BLOB NOT NULL, op INTEGER NOT NULL, hubspot_id INTEGER,
    state INTEGER NOT NULL,            -- 1 planned (counts once its run is accepted; in doubt while a flight holds it), 3 done, 4 rejected, 5 dropped
    contact_link INTEGER NOT NULL,     -- 0 none, 1 planned, 3 done, 4 rejected, 5 dropped
    deal_link INTEGER NOT NULL, deal BLOB, closes INTEGER NOT NULL, open INTEGER,
    value BLOB NOT NULL,               -- sealed: key, what is sent, before, base, memo, rule, reason
    problem TEXT                       -- HubSpot's category and code, if it refused
);
CREATE INDEX step_todo ON step (wave, id) WHERE state = 1;
CREATE INDEX step_contact_link ON step (object, id) WHERE contact_link IN (1) AND state = 3;
CREATE INDEX step_deal_link ON step (object, id) WHERE deal_link IN (1) AND state = 3;
CREATE INDEX step_bad ON step (run, id) WHERE state IN (4, 5) OR contact_link IN (4, 5) OR deal_link IN (4, 5);

CREATE TABLE ledger (
    patient BLOB NOT NULL, object INTEGER NOT NULL, key BLOB NOT NULL, hubspot_id INTEGER NOT NULL,
    step INTEGER NOT NULL,             -- whose sealed value holds what ivohub has written
    contact_link INTEGER NOT NULL, deal BLOB, open INTEGER,
    PRIMARY KEY (patient, object, key)
) WITHOUT ROWID;

-- A request on its way: its steps are in doubt until the answer is written down.
CREATE TABLE flight (id INTEGER PRIMARY KEY, what INTEGER NOT NULL, steps BLOB NOT NULL);

-- What was answered, in order, each row chained to the one before.
CREATE TABLE journal (
    seq INTEGER PRIMARY KEY, run BLOB NOT NULL, at INTEGER NOT NULL, what INTEGER NOT NULL, steps BLOB NOT NULL,
    chain BLOB NOT NULL
);

CREATE TABLE run (
    id BLOB PRIMARY KEY, command TEXT NOT NULL, started INTEGER NOT NULL, today INTEGER NOT NULL, ended INTEGER, exit INTEGER,
    state INTEGER NOT NULL,            -- 0 reading, 1 proposed, 2 accepting, 3 accepted, 4 refused, 5 abandoned
    decisions TEXT NOT NULL, first_step INTEGER NOT NULL, planned INTEGER NOT NULL DEFAULT 0, digest TEXT, totals TEXT, summary TEXT
) WITHOUT ROWID;

-- Counted while reading: one row per run and kind.
CREATE TABLE input (
    run BLOB NOT NULL, kind INTEGER NOT NULL, read INTEGER NOT NULL, repeated INTEGER NOT NULL, rejected INTEGER NOT NULL,
    unchanged INTEGER NOT NULL, left_out INTEGER NOT NULL, queued INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (run, kind)
) WITHOUT ROWID;
CREATE TABLE rejection (id INTEGER PRIMARY KEY, run BLOB NOT NULL, kind INTEGER NOT NULL, note BLOB NOT NULL);
