//! The words that decisions look up, numbered: what a patient's decision looked at is a short list of numbers.
//!
//! Records repeat the same few words, so each text is folded and looked for once; after that a word costs one look into a
//! table of texts as written.

use std::collections::HashMap;

use crate::mapping::{Digest, Hit, Look, Mapping, Rulings};
use crate::store::{Looked, NewWord, PatientFile, Word, WordId};

/// Version of how answers are made; a change looks at everything once.
pub(super) const FORM: u32 = 1;

/// All words met so far.
pub(super) struct Words<'a> {
    mapping: &'a Mapping,
    rulings: &'a Rulings,
    known: HashMap<String, (u32, Hit)>,
    /// Number of a word by the number that the rulings give to facts.
    facts: HashMap<usize, u32>,
    /// Facts that the store knows, as it knows them.
    stored_facts: HashMap<String, u32>,
    /// Number in the store, by our own number; `None` = it does not know the word yet.
    ids: Vec<Option<WordId>>,
    fresh: Vec<(u32, NewWord)>,
    /// Records of the present patient, by word.
    counts: Vec<Option<u32>>,
    touched: Vec<u32>,
    spelled: String,
}

impl<'a> Words<'a> {
    /// Begins with the words that the store knows.
    pub(super) fn of(known: &[Word], mapping: &'a Mapping, rulings: &'a Rulings) -> Self {
        let mut words = Self {
            mapping,
            rulings,
            known: HashMap::with_capacity(known.len() * 2),
            facts: HashMap::new(),
            stored_facts: HashMap::new(),
            ids: Vec::with_capacity(known.len()),
            fresh: Vec::new(),
            counts: Vec::new(),
            touched: Vec::new(),
            spelled: String::new(),
        };
        for word in known {
            // A word of another version is no word of this one; nobody looks it up any more.
            let Some(look) = read(&word.text) else { continue };
            let number = words.number(Some(word.id));
            if matches!(look, Look::Facts(_)) {
                words.stored_facts.insert(word.text.clone(), number);
            } else {
                look.spell(&mut words.spelled);
                words.known.insert(words.spelled.clone(), (number, mapping.hit(&look)));
            }
        }
        words
    }

    fn number(&mut self, id: Option<WordId>) -> u32 {
        self.ids.push(id);
        self.counts.push(None);
        u32::try_from(self.ids.len() - 1).expect("fewer words than records")
    }

    /// What the patient's file looks up, in our own numbers. The rulings tell what was asked since they were last asked.
    pub(super) fn of_file(&mut self, file: &PatientFile) -> Vec<Looked> {
        for one in &file.appointments {
            Look::of_appointment(&one.record, &mut |look| self.see(&look, 1));
        }
        if let Some(one) = &file.patient {
            Look::of_patient(&one.record, &mut |look| self.see(&look, 1));
        }
        // Where the others who share the address are seen decides about it.
        for mate in &file.mates {
            Look::of_patient(&mate.patient, &mut |look| self.see(&look, 0));
            if let Some(latest) = &mate.latest {
                Look::of_appointment(latest, &mut |look| self.see(&look, 0));
            }
        }
        for one in &file.entries {
            self.see(&Look::of_entry(&one.record), 1);
        }
        for number in self.rulings.looked() {
            self.see_facts(number);
        }
        self.touched.sort_unstable();
        let counts = &mut self.counts;
        let mut looked = Vec::with_capacity(self.touched.len());
        for number in self.touched.drain(..) {
            let records = counts.get_mut(number as usize).and_then(Option::take).unwrap_or(0);
            looked.push(Looked { word: WordId(number), records });
        }
        looked
    }

    fn see(&mut self, look: &Look<'_>, records: u32) -> Hit {
        look.spell(&mut self.spelled);
        let (number, hit) = match self.known.get(self.spelled.as_str()) {
            Some(known) => *known,
            None => {
                let number = self.meet(look);
                let known = (number, self.mapping.hit(look));
                self.known.insert(self.spelled.clone(), known);
                known
            }
        };
        self.count(number, records);
        hit
    }

    fn see_facts(&mut self, ruled: usize) {
        if let Some(number) = self.facts.get(&ruled) {
            return self.count(*number, 0);
        }
        let Some(facts) = self.rulings.facts(ruled) else { return };
        let look = Look::Facts(facts);
        let number = match self.stored_facts.get(&write(&look)) {
            Some(number) => *number,
            None => self.meet(&look),
        };
        self.facts.insert(ruled, number);
        self.count(number, 0);
    }

    /// A word for the first time.
    fn meet(&mut self, look: &Look<'_>) -> u32 {
        let number = self.number(None);
        let answer = self.mapping.answer(look, self.rulings).digest;
        self.fresh.push((number, NewWord { text: write(look), answer: answer.0 }));
        number
    }

    fn count(&mut self, number: u32, records: u32) {
        let Some(slot) = self.counts.get_mut(number as usize) else { return };
        match slot {
            Some(sum) => *sum = sum.saturating_add(records),
            None => {
                *slot = Some(records);
                self.touched.push(number);
            }
        }
    }

    /// Words that the store has to learn before their numbers can be stored.
    pub(super) fn fresh(&mut self) -> (Vec<u32>, Vec<NewWord>) {
        std::mem::take(&mut self.fresh).into_iter().unzip()
    }

    /// The store's numbers of learned words.
    pub(super) fn learned(&mut self, numbers: &[u32], ids: &[WordId]) {
        for (number, id) in numbers.iter().zip(ids) {
            if let Some(slot) = self.ids.get_mut(*number as usize) {
                *slot = Some(*id);
            }
        }
    }

    /// The same list in the store's numbers.
    pub(super) fn stored(&self, looked: &[Looked]) -> Vec<Looked> {
        let id = |one: &Looked| {
            let id = self.ids.get(one.word.0 as usize).copied().flatten()?;
            Some(Looked { word: id, records: one.records })
        };
        looked.iter().filter_map(id).collect()
    }
}

/// What the tables answer to words that the store knows.
#[must_use]
pub fn answers(words: &[Word], mapping: &Mapping, rulings: &Rulings) -> Vec<(WordId, [u8; 32])> {
    let answer = |word: &Word| {
        // A word that cannot be read is looked at again: its answer is one that nothing gave before.
        let digest = read(&word.text).map_or(Digest([0; 32]), |look| mapping.answer(&look, rulings).digest);
        (word.id, digest.0)
    };
    words.iter().map(answer).collect()
}

/// A word as the store keeps it.
fn write(look: &Look<'_>) -> String {
    serde_json::to_string(look).expect("a look-up serialises")
}

/// A word as the store kept it; `None` if this version cannot read it.
#[must_use]
pub fn read(text: &str) -> Option<Look<'static>> {
    serde_json::from_str(text).ok()
}
