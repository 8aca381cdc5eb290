//! The closing account, counted from rows: what was read, what was decided, what really happened.

use std::collections::BTreeMap;

use super::Db;
use super::rows::{blob_at, count, hash_at, kind_from, note_place, object_from, run_key};
use crate::domain::{Held, KeyHash, Kind, Object, Origin, Rejected, RunId};
use crate::store::{Account, Error, KindAccount, OutcomeNote, RunState, StepCounts};

impl Db {
    pub(super) fn account(&self, run: RunId) -> Result<Account, Error> {
        let mut account = Account::default();
        let state: i64 =
            self.connection.query_row("SELECT state FROM run WHERE id = ?1", [run_key(run)], |row| row.get(0))?;
        let accepted = state == RunState::Accepted as i64;
        for kind in Kind::ALL {
            let lines = self.kind_account(run, kind, accepted)?;
            if lines != KindAccount::default() {
                account.kinds.push((kind, lines));
            }
        }
        if accepted {
            self.written(run, &mut account)?;
            account.steps = self.step_counts(Some(run))?;
        }
        for kind in Kind::ALL {
            let one = |queue: i64| -> Result<u64, Error> {
                let sql = format!("SELECT count(*) FROM record WHERE kind = ?1 AND queue = {queue}");
                Ok(count(self.connection.prepare_cached(&sql)?.query_row([kind as i64], |row| row.get(0))?))
            };
            let (ready, held) = (one(1)?, one(2)?);
            if ready + held > 0 {
                account.left.push((kind, ready, held));
            }
        }
        let (held, skipped) = self.notes(run)?;
        account.held = held;
        account.skipped = skipped;
        account.rejected = self.rejections(run)?;
        Ok(account)
    }

    fn kind_account(&self, run: RunId, kind: Kind, accepted: bool) -> Result<KindAccount, Error> {
        let mut lines = KindAccount::default();
        let sql =
            "SELECT read, repeated, rejected, unchanged, left_out, queued FROM input WHERE run = ?1 AND kind = ?2";
        let mut select = self.connection.prepare_cached(sql)?;
        let mut rows = select.query((run_key(run), kind as i64))?;
        if let Some(row) = rows.next()? {
            lines.read = count(row.get(0)?);
            lines.repeated = count(row.get(1)?);
            lines.rejected = count(row.get(2)?);
            lines.unchanged = count(row.get(3)?);
            lines.skipped = count(row.get(4)?);
            lines.queued = count(row.get(5)?);
        }
        let sql =
            "SELECT code, from_queue, count(*) FROM outcome WHERE run = ?1 AND kind = ?2 GROUP BY code, from_queue";
        let mut select = self.connection.prepare_cached(sql)?;
        let mut rows = select.query((run_key(run), kind as i64))?;
        while let Some(row) = rows.next()? {
            let number = count(row.get(2)?);
            if row.get(1)? {
                lines.from_queue += number;
            }
            match row.get(0)? {
                1_i64 | 6 => lines.created += number,
                2 | 7 => lines.updated += number,
                3 => lines.unchanged += number,
                8 => lines.ignored += number,
                4 => lines.held += number,
                5 => lines.skipped += number,
                _ => return Err(Error::Corrupt("unknown outcome")),
            }
        }
        if accepted {
            self.take_back(run, kind, &mut lines)?;
        }
        let taken = i128::from(lines.read) - i128::from(lines.repeated) - i128::from(lines.rejected)
            + i128::from(lines.from_queue);
        let KindAccount { created, updated, unchanged, ignored, held, skipped, in_doubt, queued, .. } = lines;
        let found = [created, updated, unchanged, ignored, held, skipped, in_doubt, queued];
        let missing = taken - found.into_iter().map(i128::from).sum::<i128>();
        lines.unaccounted = i64::try_from(missing).unwrap_or(i64::MAX);
        Ok(lines)
    }

    /// Records whose own step was refused or has not been answered are not "created" or "updated".
    fn take_back(&self, run: RunId, kind: Kind, lines: &mut KindAccount) -> Result<(), Error> {
        let (object, first, last) = match kind {
            Kind::Patient => (Object::Contact, 1, 2),
            Kind::Appointment => (Object::Appointment, 3, 3),
            Kind::Entry => return Ok(()),
        };
        let mut select = self.connection.prepare_cached(
            "SELECT o.code, s.state, count(*) FROM step s
             JOIN outcome o ON o.run = s.run AND o.patient = s.patient AND o.kind = ?3 AND o.key = s.key
             WHERE s.run = ?1 AND s.state IN (1, 4, 5) AND s.object = ?2 AND s.wave BETWEEN ?4 AND ?5
                 AND s.id >= (SELECT first_step FROM run WHERE id = ?1) AND o.code IN (1, 2)
             GROUP BY o.code, s.state",
        )?;
        let mut rows = select.query((run_key(run), object as i64, kind as i64, first, last))?;
        while let Some(row) = rows.next()? {
            let number = count(row.get(2)?);
            let planned = if row.get::<_, i64>(0)? == 1 { &mut lines.created } else { &mut lines.updated };
            *planned = planned.saturating_sub(number);
            if row.get::<_, i64>(1)? == 1 {
                lines.in_doubt += number;
            } else {
                lines.held += number;
            }
        }
        Ok(())
    }

    fn written(&self, run: RunId, account: &mut Account) -> Result<(), Error> {
        let mut select = self.connection.prepare_cached(
            "SELECT object, op, state, closes, count(*) FROM step
             WHERE run = ?1 AND wave < 5 AND op < 4 AND id >= (SELECT first_step FROM run WHERE id = ?1)
             GROUP BY object, op, state, closes",
        )?;
        let mut rows = select.query([run_key(run)])?;
        let mut per_object: BTreeMap<Object, (u64, u64, u64)> = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let object = object_from(row.get(0)?)?;
            let (op, state): (i64, i64) = (row.get(1)?, row.get(2)?);
            let number = count(row.get(4)?);
            let (created, updated, refused) = per_object.entry(object).or_default();
            match (state, op) {
                (3, 1) => *created += number,
                (3, _) => *updated += number,
                (4, _) => *refused += number,
                _ => {}
            }
            if state == 3 && row.get(3)? {
                account.closed += number;
            }
        }
        account.written = per_object.into_iter().map(|(object, (c, u, r))| (object, c, u, r)).collect();
        Ok(())
    }

    /// Steps by state, of one run or of all; of all, only what is not done.
    pub(super) fn step_counts(&self, run: Option<RunId>) -> Result<StepCounts, Error> {
        let flying = self.in_flight()?;
        let mut counts = StepCounts::default();
        let planned =
            if let Some(run) = run { self.count_run(run, &mut counts)? } else { self.count_open(&mut counts)? };
        counts.planned = planned.saturating_sub(flying);
        counts.in_doubt = flying.min(planned);
        Ok(counts)
    }

    /// One walk over the steps of a run, which stand together.
    fn count_run(&self, run: RunId, counts: &mut StepCounts) -> Result<u64, Error> {
        let mut select = self.connection.prepare_cached(
            "SELECT state, op < 4, contact_link, deal_link, count(*) FROM step
             WHERE run = ?1 AND id >= (SELECT first_step FROM run WHERE id = ?1) GROUP BY 1, 2, 3, 4",
        )?;
        let mut rows = select.query([run_key(run)])?;
        let mut planned = 0;
        while let Some(row) = rows.next()? {
            let (state, writes, links) = (row.get(0)?, row.get(1)?, [row.get(2)?, row.get(3)?]);
            let number = count(row.get(4)?);
            match (state, writes) {
                (1_i64, _) => planned += number,
                (3, true) => counts.done += number,
                (4, _) => counts.rejected += number,
                (5, _) => counts.dropped += number,
                _ => {}
            }
            for link in links {
                match link {
                    3_i64 => counts.links_done += number,
                    4 => counts.links_refused += number,
                    1 if state == 3 => counts.links_open += number,
                    _ => {}
                }
            }
        }
        Ok(planned)
    }

    /// What is open or went wrong; each count has an index of its own.
    fn count_open(&self, counts: &mut StepCounts) -> Result<u64, Error> {
        let one = |sql: &str| -> Result<u64, Error> {
            Ok(count(self.connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?))
        };
        let bad = "SELECT count(*) FROM step INDEXED BY step_bad WHERE
            (state IN (4, 5) OR contact_link IN (4, 5) OR deal_link IN (4, 5))";
        counts.rejected = one(&format!("{bad} AND state = 4"))?;
        counts.dropped = one(&format!("{bad} AND state = 5"))?;
        counts.links_open = one("SELECT count(*) FROM step WHERE contact_link IN (1) AND state = 3")?
            + one("SELECT count(*) FROM step WHERE deal_link IN (1) AND state = 3")?;
        one("SELECT count(*) FROM step WHERE state = 1 AND run IN (SELECT id FROM run WHERE state = 3)")
    }

    fn in_flight(&self) -> Result<u64, Error> {
        let bytes: i64 = self.connection.query_row(
            "SELECT coalesce(sum(length(steps)), 0) FROM flight WHERE what = 0",
            [],
            |row| row.get(0),
        )?;
        Ok(count(bytes / 8))
    }

    /// Held and skipped records of a run, grouped by reason.
    fn notes(&self, run: RunId) -> Result<(Vec<OutcomeNote>, Vec<OutcomeNote>), Error> {
        let (mut held, mut skipped) = (Groups::default(), Groups::default());
        let mut select = self.connection.prepare_cached(
            "SELECT kind, key, code, note FROM outcome WHERE run = ?1 AND code IN (4, 5) ORDER BY kind, patient, key",
        )?;
        let mut rows = select.query([run_key(run)])?;
        while let Some(row) = rows.next()? {
            let (kind, key) = (kind_from(row.get(0)?)?, hash_at(row, 1)?);
            let place = note_place(kind, key);
            if row.get::<_, i64>(2)? == 4 {
                let reason: Held = self.sealer.open_json(&place, blob_at(row, 3)?)?;
                held.add(kind, reason.to_string(), key);
            } else {
                let reason: String = self.sealer.open_json(&place, blob_at(row, 3)?)?;
                skipped.add(kind, reason, key);
            }
        }
        for (kind, key, reason) in self.refused(run)? {
            held.add(kind, reason, key);
        }
        Ok((held.finish(self)?, skipped.finish(self)?))
    }

    fn refused(&self, run: RunId) -> Result<Vec<(Kind, KeyHash, String)>, Error> {
        let mut select = self.connection.prepare_cached(
            "SELECT object, key, problem, state FROM step WHERE run = ?1 AND (state = 4 OR state = 5 AND object = 2)
                 ORDER BY id",
        )?;
        let mut rows = select.query([run_key(run)])?;
        let mut refused = Vec::new();
        while let Some(row) = rows.next()? {
            let object = object_from(row.get(0)?)?;
            let kind = if object == Object::Contact { Kind::Patient } else { Kind::Appointment };
            let problem: Option<String> = row.get(2)?;
            let reason = if row.get::<_, i64>(3)? == 4 {
                Held::Refused(format!("{object} {}", problem.unwrap_or_default()))
            } else {
                Held::WaitingForPatient
            };
            refused.push((kind, hash_at(row, 1)?, reason.to_string()));
        }
        Ok(refused)
    }

    pub(super) fn rejections(&self, run: RunId) -> Result<Vec<OutcomeNote>, Error> {
        let mut select =
            self.connection.prepare_cached("SELECT kind, note FROM rejection WHERE run = ?1 ORDER BY id")?;
        let mut rows = select.query([run_key(run)])?;
        let mut groups: Vec<OutcomeNote> = Vec::new();
        while let Some(row) = rows.next()? {
            let kind = kind_from(row.get(0)?)?;
            let rejected: Rejected = self.sealer.open_json(b"rejection", blob_at(row, 1)?)?;
            let place = match (&rejected.header, rejected.column) {
                (Some(header), _) => format!("{header}: {}", rejected.reason),
                (None, _) => rejected.reason,
            };
            match groups.iter_mut().find(|group| group.kind == kind && group.reason == place) {
                Some(group) => group.count += 1,
                None => groups.push(OutcomeNote {
                    kind,
                    reason: place,
                    count: 1,
                    first: Some(rejected.origin),
                    column: rejected.column,
                    example: None,
                }),
            }
        }
        Ok(groups)
    }

    /// What is held at present, grouped by reason.
    pub(super) fn held_now(&self) -> Result<Vec<OutcomeNote>, Error> {
        let mut select = self
            .connection
            .prepare_cached("SELECT kind, key, note FROM record WHERE queue = 2 ORDER BY kind, patient, key")?;
        let mut rows = select.query([])?;
        let mut groups = Groups::default();
        while let Some(row) = rows.next()? {
            let (kind, key) = (kind_from(row.get(0)?)?, hash_at(row, 1)?);
            let held: Held = self.sealer.open_json(&note_place(kind, key), blob_at(row, 2)?)?;
            groups.add(kind, held.to_string(), key);
        }
        groups.finish(self)
    }
}

/// Records by kind and reason: how many, and the first.
#[derive(Default)]
struct Groups(BTreeMap<(Kind, String), (u64, KeyHash)>);

impl Groups {
    fn add(&mut self, kind: Kind, reason: String, key: KeyHash) {
        self.0.entry((kind, reason)).or_insert((0, key)).0 += 1;
    }

    fn finish(self, db: &Db) -> Result<Vec<OutcomeNote>, Error> {
        self.0
            .into_iter()
            .map(|((kind, reason), (count, key))| {
                let first: Option<Origin> = db.origin_of(kind, key)?;
                Ok(OutcomeNote { kind, reason, count, first, column: None, example: Some(key) })
            })
            .collect()
    }
}
