//! What the words of `--only` mean: ids of records that may be new, and every other KEY of records that are known.

use std::collections::BTreeSet;

use serde_json::json;

use crate::config::Instance;
use crate::domain::{Kind, Object, Patient, Record};
use crate::report::{Screen, counted, pass_of, why};
use crate::store::{Fit, LedgerRow, PatientFile, Sought, SqliteStore, Store};

use super::{One, Only};
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::key::{Key, KeyError};

impl Only {
    /// Reads the option: KEYs, or `@FILE` with one per line. `None` = it was not given.
    ///
    /// An Ivoris id may be that of a record that nobody has read so far; all other forms name records that are known. A
    /// word that fits several is told, and nothing is done.
    pub(in crate::cli) async fn read(
        context: &Context,
        kind: Kind,
        given: &[String],
        instances: &[&Instance],
    ) -> Result<Option<Self>, Failure> {
        if given.is_empty() {
            return Ok(None);
        }
        let mut keys = Vec::new();
        for (at, word) in words(given)?.iter().enumerate() {
            let key = Key::read(word).map_err(|error| refused(at, &error))?;
            if let Some(letter) = key.letter().filter(|letter| !letters(kind).contains(letter)) {
                let text = format!("--only, id {}: {} takes {}, not {letter}:", at + 1, pass_of(kind), taken(kind));
                return Err(Failure::new(Exit::Usage, text).next(format!("ivohub why {}", word.trim())));
            }
            keys.push(key);
        }
        // Where nothing was read yet there is nothing to look up, and no state to be made for it.
        let store = context.config.state.is_file().then(|| context.store(context.sealer()?)).transpose()?;
        let meaning = Meaning { kind, instances, store };
        let (mut all, mut unclear) = (Vec::new(), None);
        for (at, key) in keys.iter().enumerate() {
            match meaning.of(key).await? {
                Meant::One(one) => all.push(one),
                Meant::Several(several) => {
                    list(&context.screen, at + 1, &several);
                    unclear = unclear.or(several.first().copied());
                }
            }
        }
        if let Some(first) = unclear {
            let next =
                format!("name the one that is meant: ivohub {} --only {} …", pass_of(kind), why::pseudonym(first));
            return Err(Failure::told(Exit::Usage).next(next));
        }
        if all.iter().all(|one| one.names.is_empty()) {
            let next = "give a pseudonym from a screen or log, an Ivoris id, a Pat.-Nr. or a HubSpot id";
            return Err(Failure::new(Exit::Usage, "no record fits --only").next(next));
        }
        Ok(Some(Self::of(all)))
    }
}

/// What a KEY means for a pass.
struct Meaning<'a> {
    kind: Kind,
    instances: &'a [&'a Instance],
    /// `None` = nothing was read yet.
    store: Option<SqliteStore>,
}

/// What was found.
enum Meant {
    One(One),
    /// All that the KEY fits.
    Several(Vec<Fit>),
}

impl Meaning<'_> {
    async fn of(&self, key: &Key) -> Result<Meant, Failure> {
        let named = key.names(self.instances);
        let Some(store) = &self.store else { return Ok(Meant::One(One::named(&named))) };
        let sought = named.iter().map(|(_, name)| Sought::Key(name.clone())).collect();
        let by_id = store.find(sought).await?;
        let mut fits = [by_id.clone(), store.find(key.besides(self.instances)).await?].concat();
        fits.sort_unstable();
        fits.dedup();
        let (own, others): (Vec<Fit>, Vec<Fit>) = fits.into_iter().partition(|fit| self.takes(*fit));
        let own = key.chosen(own);
        Ok(match own.as_slice() {
            [] => Meant::One(One { other: others.first().copied(), ..One::named(&named) }),
            // Its rows carry this id; those of a patient may carry another name. Many are named this way, so no file is opened.
            [fit] if by_id.contains(fit) => {
                let mut one = One::named(&named);
                for (_, name) in named.iter().filter(|_| self.kind == Kind::Patient) {
                    if let Some(Record::Patient(patient)) = store.record(Kind::Patient, name.clone()).await? {
                        self.names_of(&patient, &mut one);
                    }
                }
                Meant::One(one)
            }
            [fit] => Meant::One(self.known(*fit, &store.file_of(fit.patient).await?)),
            [_, _, ..] => Meant::Several(own),
        })
    }

    fn takes(&self, fit: Fit) -> bool {
        fit.kind.is_none_or(|kind| kind == self.kind) && (fit.kind.is_some() || self.kind == Kind::Appointment)
    }

    /// Every key that a known record may come with; of a deal, those of its appointments.
    fn known(&self, fit: Fit, file: &PatientFile) -> One {
        let mut one = One::default();
        match fit.kind {
            Some(Kind::Patient) => file.patient.iter().for_each(|filed| self.names_of(&filed.record, &mut one)),
            Some(Kind::Entry) => {
                let own = file.entries.iter().filter(|filed| filed.key == fit.key);
                own.for_each(|filed| one.add(&filed.record.instance, filed.record.id.as_str()));
            }
            Some(Kind::Appointment) | None => {
                let linked = |row: &&LedgerRow| row.object == Object::Appointment && row.deal == Some(fit.key);
                let linked = file.ledger.iter().filter(linked).map(|row| row.key);
                let wanted: BTreeSet<_> = linked.filter(|_| fit.kind.is_none()).chain([fit.key]).collect();
                let own = file.appointments.iter().filter(|filed| wanted.contains(&filed.key));
                own.for_each(|filed| one.add(&filed.record.instance, filed.record.id.as_str()));
            }
        }
        one
    }

    /// A patient's key, the id that was learned later, and the key that `--number-keys` gives.
    fn names_of(&self, patient: &Patient, one: &mut One) {
        let at = self.instances.iter().find(|instance| instance.key == patient.instance);
        let number = patient.number.as_ref().and_then(|number| number.as_str().rsplit_once(':'));
        let by_number = at.zip(number).map(|(at, (_, number))| format!("{}nr-{number}", at.prefix));
        one.add(&patient.instance, patient.id.as_str());
        patient.known_as.iter().for_each(|id| one.add(&patient.instance, id.as_str()));
        by_number.iter().for_each(|name| one.add(&patient.instance, name));
    }
}

/// The words themselves; lines of a file that say nothing are none.
fn words(given: &[String]) -> Result<Vec<String>, Failure> {
    let mut words = Vec::new();
    for word in given {
        match word.strip_prefix('@') {
            Some(file) => {
                let text = std::fs::read_to_string(file)
                    .map_err(|error| Failure::new(Exit::Usage, format!("cannot read {file}: {error}")))?;
                words.extend(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned));
            }
            None => words.push(word.clone()),
        }
    }
    Ok(words)
}

fn refused(at: usize, error: &KeyError) -> Failure {
    let number = at + 1;
    Failure::new(
        Exit::Usage,
        match error {
            KeyError::Letter | KeyError::Digits => format!("--only, id {number} {error}"),
            KeyError::Neither(error) => format!("--only, id {number}: {error}"),
        },
    )
}

/// Letters of the pseudonyms that a pass takes.
const fn letters(kind: Kind) -> &'static [char] {
    match kind {
        Kind::Patient => &['P'],
        Kind::Appointment => &['A', 'D'],
        Kind::Entry => &['E'],
    }
}

const fn taken(kind: Kind) -> &'static str {
    match kind {
        Kind::Patient => "patients (P:)",
        Kind::Appointment => "appointments (A:) and deals (D:)",
        Kind::Entry => "entries (E:)",
    }
}

/// The records that one word fits.
fn list(screen: &Screen, number: usize, several: &[Fit]) {
    screen.complain(&format!("--only, id {number} fits {}", counted(several.len() as u64, "record", "records")));
    why::fits(several).iter().for_each(|line| screen.error(line));
    for fit in several {
        let key = why::pseudonym(*fit);
        let patient = format!("P:{}", fit.patient);
        screen.json(&json!({"type": "fit", "option": "--only", "number": number, "key": key, "patient": patient}));
    }
}
