-- Schema 3: looking things up. Readable columns only.

-- Everything that was ever planned for a patient, for `why`.
CREATE INDEX step_patient ON step (patient);
-- Which record of ours a HubSpot id is.
CREATE INDEX ledger_hubspot ON ledger (hubspot_id);
