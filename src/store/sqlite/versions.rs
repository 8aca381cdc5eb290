//! Words, who looked at them, and the mappings that decisions were made with.

use std::collections::{BTreeSet, HashMap, HashSet};

use rusqlite::{Connection, OptionalExtension};

use super::Db;
use super::rows::{blob_at, count, hash_at, run_key};
use crate::domain::{KeyHash, RunId};
use crate::store::seal::Sealer;
use crate::store::{Basis, Concerned, Error, KeptMapping, Looked, NewWord, PatientPlan, Rebase, Word, WordId, WordUse};

/// Mappings that are kept.
const KEPT: i64 = 20;
/// What the accepted decisions were made with, and what those of the present run are made with.
const BASIS: &str = "basis";
const NEXT: &str = "basis of the run";
/// There while a run decides under other tables than the accepted ones and is not whole.
const UNSETTLED: &str = "unsettled run";

impl Db {
    pub(super) fn words(&self) -> Result<Vec<Word>, Error> {
        let mut select = self.connection.prepare_cached("SELECT id, name, text FROM word ORDER BY id")?;
        let mut rows = select.query([])?;
        let mut words = Vec::new();
        while let Some(row) = rows.next()? {
            let text = self.sealer.open(&word_place(hash_at(row, 1)?), blob_at(row, 2)?)?;
            let text = String::from_utf8(text).map_err(|_| Error::Corrupt("a word is no text"))?;
            words.push(Word { id: WordId(row.get(0)?), text });
        }
        Ok(words)
    }

    pub(super) fn basis(&self) -> Result<Option<Basis>, Error> {
        let json = self.meta(BASIS)?;
        json.map(|json| serde_json::from_slice(&json).map_err(|_| Error::Corrupt("basis"))).transpose()
    }

    /// Writes down words that nobody looked up before, as proposed.
    pub(super) fn learn(&mut self, words: &[NewWord]) -> Result<Vec<WordId>, Error> {
        self.transaction(|tx, sealer| {
            let mut insert = tx.prepare_cached(
                "INSERT INTO word (name, text, next) VALUES (?1, ?2, ?3) ON CONFLICT (name) DO NOTHING",
            )?;
            let mut select = tx.prepare_cached("SELECT id FROM word WHERE name = ?1")?;
            let mut ids = Vec::with_capacity(words.len());
            for NewWord { text, answer } in words {
                let name = sealer.word(text);
                let sealed = sealer.seal(&word_place(name), text.as_bytes());
                insert.execute((name.0, sealed, sealer.digest(answer)))?;
                ids.push(WordId(select.query_row([name.0], |row| row.get(0))?));
            }
            Ok(ids)
        })
    }

    /// Who is concerned by what differs from the accepted basis; nothing is written.
    pub(super) fn concerned(&self, rebase: &Rebase) -> Result<Concerned, Error> {
        let before = self.basis()?;
        let same = |basis: &Basis| basis.foundation == rebase.basis.foundation;
        if !before.as_ref().is_some_and(same) {
            let patients = self.hashes("SELECT DISTINCT patient FROM record ORDER BY patient")?;
            let records = self.connection.query_row("SELECT count(*) FROM record", [], |row| row.get(0))?;
            return Ok(Concerned { before, all: true, patients, records: count(records) });
        }
        let changed = self.changed(&rebase.answers)?;
        let mut patients: BTreeSet<KeyHash> =
            self.hashes("SELECT patient FROM looked_at WHERE settled = 0")?.into_iter().collect();
        let mut records = 0;
        if !changed.is_empty() {
            self.each_looker(|patient, looked| {
                let hits = looked.iter().filter(|one| changed.contains(&one.word));
                let (number, sum) = hits.fold((0_u32, 0), |(n, sum), one| (n + 1, sum + u64::from(one.records)));
                if number > 0 {
                    patients.insert(patient);
                    records += sum;
                }
            })?;
        }
        Ok(Concerned { before, all: false, patients: patients.into_iter().collect(), records })
    }

    /// Words whose accepted answer is another one.
    fn changed(&self, answers: &[(WordId, [u8; 32])]) -> Result<HashSet<WordId>, Error> {
        let mut known = HashMap::new();
        let mut select = self.connection.prepare_cached("SELECT id, answer FROM word WHERE answer IS NOT NULL")?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            known.insert(WordId(row.get(0)?), blob_at(row, 1)?.to_vec());
        }
        let differs = |(id, answer): &&(WordId, [u8; 32])| {
            known.get(id).is_some_and(|known| *known != self.sealer.digest(answer))
        };
        Ok(answers.iter().filter(differs).map(|(id, _)| *id).collect())
    }

    /// Begins to plan under a basis: who is concerned is part of the run's plan, if the run is whole.
    pub(super) fn rebase(&mut self, rebase: &Rebase) -> Result<Concerned, Error> {
        let concerned = self.concerned(rebase)?;
        let changes = concerned.before.as_ref() != Some(&rebase.basis);
        let kinds = rebase.kinds.iter().fold(0_i64, |bits, kind| bits | 1 << (*kind as i64));
        self.transaction(|tx, sealer| {
            withdraw(tx)?;
            if !rebase.whole {
                // Whoever is concerned: what it decides, the accepted tables do not say.
                if changes {
                    set_meta(tx, sealer, UNSETTLED, b"")?;
                }
                return Ok(());
            }
            let mut insert = tx.prepare_cached("INSERT INTO affected VALUES (?1, ?2)")?;
            for patient in &concerned.patients {
                insert.execute((patient.0, kinds))?;
            }
            if changes {
                let mut update = tx.prepare_cached("UPDATE word SET next = ?2 WHERE id = ?1")?;
                for (id, answer) in &rebase.answers {
                    update.execute((id.0, sealer.digest(answer)))?;
                }
                set_meta(tx, sealer, NEXT, &serde_json::to_vec(&rebase.basis).expect("a basis serialises"))?;
            }
            Ok(())
        })?;
        Ok(concerned)
    }

    fn hashes(&self, sql: &str) -> Result<Vec<KeyHash>, Error> {
        let mut select = self.connection.prepare_cached(sql)?;
        let mut rows = select.query([])?;
        let mut hashes = Vec::new();
        while let Some(row) = rows.next()? {
            hashes.push(hash_at(row, 0)?);
        }
        Ok(hashes)
    }

    /// Tells of every patient what its accepted decision looked at.
    fn each_looker(&self, mut tell: impl FnMut(KeyHash, &[Looked])) -> Result<(), Error> {
        let mut select = self.connection.prepare_cached("SELECT patient, words FROM looked_at")?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let patient = hash_at(row, 0)?;
            tell(patient, &unpack(&self.sealer.open(&looked_place(patient), blob_at(row, 1)?)?)?);
        }
        Ok(())
    }

    /// How much words are used by accepted decisions; the sets are told apart by their place.
    pub(super) fn word_uses(&self, sets: &[Vec<WordId>]) -> Result<Vec<WordUse>, Error> {
        let mut open: HashMap<KeyHash, u64> = HashMap::new();
        let mut select = self
            .connection
            .prepare_cached("SELECT patient, count(*) FROM ledger WHERE object = 3 AND open = 1 GROUP BY patient")?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            open.insert(hash_at(row, 0)?, count(row.get(1)?));
        }
        let mut places: HashMap<WordId, Vec<usize>> = HashMap::new();
        for (at, set) in sets.iter().enumerate() {
            set.iter().for_each(|word| places.entry(*word).or_default().push(at));
        }
        let mut uses = vec![WordUse::default(); sets.len()];
        self.each_looker(|patient, looked| {
            let mut seen = BTreeSet::new();
            for one in looked {
                for at in places.get(&one.word).into_iter().flatten() {
                    uses[*at].records += u64::from(one.records);
                    seen.insert(*at);
                }
            }
            for at in seen {
                uses[at].patients += 1;
                uses[at].open_deals += open.get(&patient).copied().unwrap_or(0);
            }
        })?;
        Ok(uses)
    }

    pub(super) fn keep_mapping(&mut self, kept: &KeptMapping) -> Result<(), Error> {
        let newest: Option<String> = self
            .connection
            .query_row("SELECT digest FROM mapping_version ORDER BY used DESC LIMIT 1", [], |row| row.get(0))
            .optional()?;
        if newest.as_ref() == Some(&kept.digest) {
            return Ok(());
        }
        self.transaction(|tx, sealer| {
            let files = sealer.seal_json(&mapping_place(&kept.digest), &kept.files);
            tx.execute(
                "INSERT INTO mapping_version VALUES (?1, (SELECT coalesce(max(used), 0) + 1 FROM mapping_version), ?2)
                 ON CONFLICT (digest) DO UPDATE SET used = excluded.used",
                (&kept.digest, files),
            )?;
            tx.execute(
                "DELETE FROM mapping_version WHERE digest IN (
                     SELECT digest FROM mapping_version ORDER BY used DESC LIMIT -1 OFFSET ?1)",
                [KEPT],
            )?;
            Ok(())
        })
    }

    pub(super) fn kept_mappings(&self) -> Result<Vec<String>, Error> {
        let mut select = self.connection.prepare_cached("SELECT digest FROM mapping_version ORDER BY used DESC")?;
        let digests = select.query_map([], |row| row.get(0))?;
        Ok(digests.collect::<Result<_, _>>()?)
    }

    pub(super) fn kept_mapping(&self, digest: &str) -> Result<Option<KeptMapping>, Error> {
        let mut select = self.connection.prepare_cached("SELECT files FROM mapping_version WHERE digest = ?1")?;
        let mut rows = select.query([digest])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let files = self.sealer.open_json(&mapping_place(digest), blob_at(row, 0)?)?;
        Ok(Some(KeptMapping { digest: digest.to_owned(), files }))
    }

    pub(super) fn mapping_of(&self, run: RunId) -> Result<Option<String>, Error> {
        let mut select = self.connection.prepare_cached("SELECT mapping FROM run WHERE id = ?1")?;
        Ok(select.query_row([run_key(run)], |row| row.get(0)).optional()?.flatten())
    }
}

/// Proposes what the decisions of a chunk looked at; what is known already is not written again.
pub(super) fn propose_looks(tx: &Connection, sealer: &mut Sealer, plans: &[PatientPlan]) -> Result<(), Error> {
    let unsettled = tx.prepare_cached("SELECT 1 FROM meta WHERE name = ?1")?.exists([UNSETTLED])?;
    let mut known = tx.prepare_cached("SELECT digest, settled FROM looked_at WHERE patient = ?1")?;
    let mut insert = tx.prepare_cached("INSERT OR REPLACE INTO looked_now VALUES (?1, ?2, ?3, ?4)")?;
    for plan in plans {
        let Some(patient) = plan.patient else { continue };
        let packed = pack(&plan.looked);
        let digest = sealer.digest(&packed);
        let before: Option<([u8; 16], bool)> =
            known.query_row([patient.0], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        if before.map_or(plan.looked.is_empty(), |before| before == (digest, !unsettled)) {
            continue;
        }
        let words = if packed.is_empty() { Vec::new() } else { sealer.seal(&looked_place(patient), &packed) };
        insert.execute((patient.0, digest, !unsettled, words))?;
    }
    Ok(())
}

/// The run is accepted: its words, looks and basis count from now on, and records it could not drain become ready.
pub(super) fn settle_looks(tx: &Connection) -> Result<(), Error> {
    // What other tables answered to a word that was met under them says nothing of the accepted ones: it is no answer, so
    // that whoever looks at the word meanwhile is looked at again.
    tx.prepare_cached(
        "UPDATE word SET answer = CASE WHEN EXISTS (SELECT 1 FROM meta WHERE name = ?1) THEN x'' ELSE next END,
             next = NULL
         WHERE next IS NOT NULL",
    )?
    .execute([UNSETTLED])?;
    tx.execute_batch(
        "INSERT OR REPLACE INTO looked_at SELECT * FROM looked_now WHERE words <> x'';
         DELETE FROM looked_at WHERE patient IN (SELECT patient FROM looked_now WHERE words = x'');
         -- Patients and appointments may be held from now on, or no longer. Entries are in the deals of this plan already;
         -- only those that wait are looked at again.
         UPDATE record SET queue = 1, reason = 6 FROM affected a
         WHERE record.patient = a.patient AND (a.kinds >> record.kind) & 1 = 0 AND record.queue <> 1
             AND (record.kind < 3 OR record.queue = 2);",
    )?;
    Ok(())
}

/// What a run proposed about words is no more.
pub(super) fn withdraw(tx: &Connection) -> Result<(), Error> {
    tx.execute_batch(
        "DELETE FROM looked_now; DELETE FROM affected; DELETE FROM word WHERE answer IS NULL;
         UPDATE word SET next = NULL WHERE next IS NOT NULL;",
    )?;
    tx.execute("DELETE FROM meta WHERE name IN (?1, ?2)", [NEXT, UNSETTLED])?;
    Ok(())
}

/// The basis of the run becomes the accepted one.
pub(super) fn settle_basis(tx: &Connection, sealer: &mut Sealer) -> Result<(), Error> {
    let mut select = tx.prepare_cached("SELECT value FROM meta WHERE name = ?1")?;
    let sealed: Option<Vec<u8>> = select.query_row([NEXT], |row| row.get(0)).optional()?;
    if let Some(sealed) = sealed {
        let plain = sealer.open(NEXT.as_bytes(), &sealed)?;
        set_meta(tx, sealer, BASIS, &plain)?;
    }
    Ok(())
}

fn set_meta(tx: &Connection, sealer: &mut Sealer, name: &str, value: &[u8]) -> Result<(), Error> {
    let sealed = sealer.seal(name.as_bytes(), value);
    tx.prepare_cached("INSERT OR REPLACE INTO meta VALUES (?1, ?2)")?.execute((name, sealed))?;
    Ok(())
}

fn word_place(name: KeyHash) -> Vec<u8> {
    [b"word".as_slice(), &name.0].concat()
}

fn looked_place(patient: KeyHash) -> Vec<u8> {
    [b"look".as_slice(), &patient.0].concat()
}

fn mapping_place(digest: &str) -> Vec<u8> {
    [b"mapping ", digest.as_bytes()].concat()
}

/// Word and number of records, in order of words: the distance to the word before and the number, seven bits a byte.
fn pack(looked: &[Looked]) -> Vec<u8> {
    let mut sorted = looked.to_vec();
    sorted.sort_unstable();
    let mut bytes = Vec::with_capacity(sorted.len() * 2);
    let mut before = 0;
    for Looked { word, records } in sorted {
        for mut number in [word.0 - before, records] {
            while number >= 0x80 {
                bytes.push(u8::try_from(number & 0x7f).unwrap_or(0) | 0x80);
                number >>= 7;
            }
            bytes.push(u8::try_from(number).unwrap_or(0));
        }
        before = word.0;
    }
    bytes
}

fn unpack(bytes: &[u8]) -> Result<Vec<Looked>, Error> {
    let mut numbers = Vec::with_capacity(bytes.len());
    let (mut number, mut shift) = (0_u64, 0_u32);
    for byte in bytes {
        if shift > 28 {
            return Err(Error::Corrupt("words of a patient"));
        }
        number |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte & 0x80 == 0 {
            numbers.push(u32::try_from(number).map_err(|_| Error::Corrupt("words of a patient"))?);
            (number, shift) = (0, 0);
        }
    }
    let (pairs, rest) = numbers.as_chunks::<2>();
    if shift != 0 || !rest.is_empty() {
        return Err(Error::Corrupt("words of a patient"));
    }
    let mut before = 0_u32;
    let mut looked = Vec::with_capacity(pairs.len());
    for [distance, records] in pairs {
        before = before.checked_add(*distance).ok_or(Error::Corrupt("words of a patient"))?;
        looked.push(Looked { word: WordId(before), records: *records });
    }
    Ok(looked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_packed_and_come_back() {
        let check = |looked: &[(u32, u32)]| {
            let looked: Vec<Looked> =
                looked.iter().map(|(word, records)| Looked { word: WordId(*word), records: *records }).collect();
            assert_eq!(unpack(&pack(&looked)).expect("comes back"), looked);
        };
        check(&[]);
        check(&[(1, 1), (2, 0), (130, 300), (70_000, u32::MAX), (u32::MAX, 1)]);
        assert!(unpack(&[0x80]).is_err() && unpack(&[1]).is_err() && unpack(&[0xff; 9]).is_err());
    }
}
