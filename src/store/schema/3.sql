-- Schema 3: looking things up. Readable columns only.

-- Everything that was ever planned for a patient, for `why`.
CREATE INDEX step_patient ON step (patient);
-- Which record of ours a HubSpot id is.
CREATE INDEX ledger_hubspot ON ledger (hubspot_id);

-- Complete readings of entries. A chart (API): scope = hash of the patient, name = hash of patient and profile. Files:
-- scope = "instance " and its name, name empty.
CREATE TABLE entries_read (
    scope BLOB NOT NULL, name BLOB NOT NULL,
    first INTEGER NOT NULL,            -- files: first day of what they hold; else 0
    last  INTEGER NOT NULL,            -- day of the reading; files: newest day of what they hold; 0 = could not be read yet
    run   BLOB NOT NULL,               -- a run that is not accepted yet; empty = accepted
    PRIMARY KEY (scope, name, first, run)
) WITHOUT ROWID;
-- Patients of whose visits a complete reading says something new: they are planned by the next run about entries.
CREATE TABLE entries_due (
    patient BLOB PRIMARY KEY,
    run     BLOB NOT NULL,             -- as above
    planned BLOB                       -- the run that has planned them
) WITHOUT ROWID;
-- Steps after which a deal says that entries of a completed visit are missing.
ALTER TABLE step ADD COLUMN waits INTEGER NOT NULL DEFAULT 0;
CREATE INDEX step_waits ON step (id) WHERE waits = 1;
-- Versions of the tables, and what decisions looked up in them. Readable: keyed hashes and digests, numbers, flags.
CREATE TABLE word (
    id     INTEGER PRIMARY KEY,
    name   BLOB NOT NULL UNIQUE,       -- keyed hash of the look-up
    text   BLOB NOT NULL,              -- sealed: the look-up
    answer BLOB,                       -- keyed digest of what the accepted tables answer; NULL until a run is accepted,
                                       -- x'' where it was made under other tables and only for a part
    next   BLOB                        -- the same under the tables of the run that is proposed
);
-- Per patient: the words of its last accepted decision, each with the number of records that looked it up.
CREATE TABLE looked_at (
    patient BLOB PRIMARY KEY,
    digest  BLOB NOT NULL,             -- keyed, of the words
    settled INTEGER NOT NULL,          -- 0: decided by a run that left other patients under older tables
    words   BLOB NOT NULL              -- sealed
) WITHOUT ROWID;
CREATE TABLE looked_now (patient BLOB PRIMARY KEY, digest BLOB NOT NULL, settled INTEGER NOT NULL, words BLOB NOT NULL)
    WITHOUT ROWID;                     -- proposed
-- Patients that a run looks at again because an answer has changed, and the kinds of records it drains (bits).
CREATE TABLE affected (patient BLOB PRIMARY KEY, kinds INTEGER NOT NULL) WITHOUT ROWID;
-- The last mappings that decisions were made with.
CREATE TABLE mapping_version (digest TEXT PRIMARY KEY, used INTEGER NOT NULL, files BLOB NOT NULL) WITHOUT ROWID;
ALTER TABLE run ADD COLUMN mapping TEXT;
