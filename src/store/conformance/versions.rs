//! What decisions looked at: real with their run, and asked again when an answer changes.

use super::{BOTH, begin, files, patient, read};
use crate::domain::{Held, KeyHash, Kind, PatientId, PatientRef, RunId};
use crate::plan::{Outcome, RecordOutcome, Totals};
use crate::store::{
    Basis, Concerned, KeptMapping, Looked, NewWord, PatientFile, PatientPlan, Rebase, Store, WordId, WordUse,
};

const OLD: [u8; 32] = [1; 32];
const NEW: [u8; 32] = [2; 32];

fn basis(mapping: &str, foundation: &str) -> Basis {
    Basis { mapping: mapping.to_owned(), foundation: foundation.to_owned(), portal: String::new() }
}

fn rebase(mapping: &str, answers: &[(WordId, [u8; 32])], whole: bool) -> Rebase {
    Rebase { basis: basis(mapping, "f"), answers: answers.to_vec(), kinds: vec![Kind::Patient], whole }
}

/// A plan that looks a word up for each record of a patient.
fn plan(file: &PatientFile, word: Option<WordId>) -> PatientPlan {
    let outcome = |kind, key, from_queue, outcome| RecordOutcome { kind, patient: file.key, key, from_queue, outcome };
    let held = Outcome::Held(Held::UnknownTemplate("Neu".to_owned()));
    let patients = file.patient.iter().filter(|one| one.queued);
    let visits = file.appointments.iter().filter(|one| one.queued);
    let outcomes = patients.map(|one| outcome(Kind::Patient, one.key, !one.read_now, Outcome::Unchanged));
    let visits = visits.map(|one| outcome(Kind::Appointment, one.key, !one.read_now, held.clone()));
    PatientPlan {
        steps: Vec::new(),
        outcomes: outcomes.chain(visits).collect(),
        patient: Some(file.key),
        looked: word.map(|word| Looked { word, records: 3 }).into_iter().collect(),
    }
}

async fn learn<S: Store>(store: &S, text: &str, answer: [u8; 32]) -> WordId {
    store.learn(vec![NewWord { text: text.to_owned(), answer }]).await.expect("learns")[0]
}

async fn finish<S: Store>(store: &S, run: RunId) {
    store.planned(run, "digest".to_owned(), Totals::default()).await.expect("is planned");
    store.accept(run).await.expect("accepts");
}

/// Two patients, one visit each; the first has looked at one word, the other at another.
async fn begun<S: Store>(store: &S) -> ([KeyHash; 2], [WordId; 2]) {
    let run = begin(store, 1).await;
    read(store, run, Kind::Patient, vec![patient("1", "Koch"), patient("2", "Lange")]).await;
    let visit = |id, of: &str| super::appointment(id, PatientRef::Id(PatientId::new(of)), "geplant", None);
    read(store, run, Kind::Appointment, vec![visit("a", "1"), visit("b", "2")]).await;
    let concerned = store.rebase(rebase("m1", &[], true)).await.expect("asks");
    assert!(concerned.all && concerned.patients.is_empty(), "nothing was decided before");
    let words = [learn(store, "one", OLD).await, learn(store, "two", OLD).await];
    let all = files(store, run).await;
    let plans = all.iter().zip(words).map(|(file, word)| plan(file, Some(word))).collect();
    store.propose(run, plans).await.expect("proposes");
    finish(store, run).await;
    ([all[0].key, all[1].key], words)
}

async fn concerned<S: Store>(store: &S, rebase: Rebase) -> Concerned {
    store.concerned(rebase).await.expect("asks")
}

pub(super) async fn a_changed_answer_concerns_those_who_looked<S: Store>(store: &S) {
    let (patients, words) = begun(store).await;
    let same = [(words[0], OLD), (words[1], OLD)];
    let changed = [(words[0], NEW), (words[1], OLD)];
    assert!(concerned(store, rebase("m2", &same, true)).await.patients.is_empty());
    let found = concerned(store, rebase("m2", &changed, true)).await;
    assert_eq!((found.patients.as_slice(), found.records, found.all), (&patients[..1], 3, false));
    assert_eq!(found.before, Some(basis("m1", "f")));
    let other = Rebase { basis: basis("m1", "g"), ..rebase("m1", &[], true) };
    let all = concerned(store, other).await;
    assert_eq!((all.patients.len(), all.records, all.all), (2, 4, true));

    // A refused run leaves everything as it was, an accepted one moves the answers.
    for accept in [false, true] {
        let run = begin(store, if accept { 3 } else { 2 }).await;
        store.read_done(run).await.expect("nothing to read");
        store.rebase(rebase("m2", &changed, true)).await.expect("asks");
        let fresh = learn(store, "three", OLD).await;
        let again = files(store, run).await;
        assert_eq!(again.iter().map(|file| file.key).collect::<Vec<_>>(), [patients[0]]);
        assert!(again[0].patient.as_ref().is_some_and(|one| one.queued) && again[0].appointments[0].queued);
        store.propose(run, vec![plan(&again[0], Some(fresh))]).await.expect("proposes");
        if accept {
            finish(store, run).await;
        } else {
            store.discard(run).await.expect("is refused");
            assert_eq!(store.words().await.expect("words").len(), 2);
            assert_eq!(store.basis().await.expect("a basis"), Some(basis("m1", "f")));
        }
    }
    assert_eq!(store.basis().await.expect("a basis"), Some(basis("m2", "f")));
    assert!(concerned(store, rebase("m2", &changed, true)).await.patients.is_empty());
    let uses = store.word_uses(vec![vec![words[0]], vec![words[1]]]).await.expect("counts");
    let none = WordUse::default();
    assert_eq!(uses, [none, WordUse { patients: 1, records: 3, open_deals: 0 }], "it looks at another word now");
}

pub(super) async fn a_part_leaves_the_rest_to_a_whole_run<S: Store>(store: &S) {
    let (patients, words) = begun(store).await;
    let changed = [(words[0], OLD), (words[1], NEW)];
    let run = begin(store, 2).await;
    store.read_done(run).await.expect("nothing to read");
    let waits = store.rebase(rebase("m2", &changed, false)).await.expect("asks");
    assert_eq!(waits.patients, [patients[1]]);
    assert!(files(store, run).await.is_empty(), "they are not part of its plan");
    let first = store.files_of(vec![patients[0]]).await.expect("a file").remove(0);
    store.propose(run, vec![plan(&first, Some(words[0]))]).await.expect("proposes");
    finish(store, run).await;
    // Back under the old tables: who was decided under the others is looked at again all the same.
    let back = concerned(store, rebase("m1", &[(words[0], OLD), (words[1], OLD)], true)).await;
    assert_eq!(back.patients, [patients[0]]);
    let mut both = patients;
    both.sort_unstable();
    let on = concerned(store, rebase("m2", &changed, true)).await;
    assert_eq!(on.patients, both);
}

/// A part that was decided under other tables, whoever they concerned: neither the old tables nor the new ones take what it
/// left for their own.
pub(super) async fn a_part_under_other_tables_is_looked_at_again<S: Store>(store: &S) {
    let (patients, words) = begun(store).await;
    let answers = [(words[0], NEW), (words[1], OLD)];
    // Nobody looks at the first word any more, and a patient meets a new one.
    let run = begin(store, 2).await;
    store.read_done(run).await.expect("nothing to read");
    store.rebase(rebase("m1", &[], false)).await.expect("asks");
    let first = store.files_of(vec![patients[0]]).await.expect("a file").remove(0);
    store.propose(run, vec![plan(&first, Some(words[1]))]).await.expect("proposes");
    finish(store, run).await;
    let run = begin(store, 3).await;
    store.read_done(run).await.expect("nothing to read");
    let waits = store.rebase(rebase("m2", &answers, false)).await.expect("asks");
    assert!(waits.patients.is_empty(), "nobody who was decided");
    let fresh = learn(store, "three", NEW).await;
    let looked = [words[0], fresh].map(|word| Looked { word, records: 1 });
    store.propose(run, vec![PatientPlan { looked: looked.to_vec(), ..plan(&first, None) }]).await.expect("proposes");
    finish(store, run).await;
    let back = concerned(store, rebase("m1", &[], true)).await;
    assert_eq!(back.patients, [patients[0]], "the tables are the old ones again, its decision is not");

    // Under the old tables, somebody else looks at the word that was met under the others.
    let run = begin(store, 4).await;
    store.read_done(run).await.expect("nothing to read");
    store.rebase(rebase("m1", &[], true)).await.expect("asks");
    let both = store.files_of(patients.to_vec()).await.expect("files");
    let plans = both.iter().map(|file| plan(file, Some(fresh))).collect();
    store.propose(run, plans).await.expect("proposes");
    finish(store, run).await;
    let mut all = patients;
    all.sort_unstable();
    let on = concerned(store, rebase("m2", &[(words[0], OLD), (words[1], OLD), (fresh, NEW)], true)).await;
    assert_eq!(on.patients, all, "they were decided with another answer");
}

pub(super) async fn what_was_held_wakes_up_for_its_own_pass<S: Store>(store: &S) {
    let (patients, words) = begun(store).await;
    let held = |report: &crate::store::StatusReport| report.queues[1];
    assert_eq!(held(&store.status().await.expect("a status")), (Kind::Appointment, 2, 0, 2));
    let run = begin(store, 2).await;
    store.read_done(run).await.expect("nothing to read");
    store.rebase(rebase("m2", &[(words[0], NEW)], true)).await.expect("asks");
    let scope = crate::store::Scope { kinds: vec![Kind::Patient], only_run: true, requeue: false };
    let again = store.chunk(run, scope, None, 9).await.expect("a chunk").patients;
    assert!(again[0].key == patients[0] && !again[0].appointments[0].queued, "this pass drains patients");
    store.propose(run, vec![plan(&again[0], Some(words[0]))]).await.expect("proposes");
    finish(store, run).await;
    assert_eq!(held(&store.status().await.expect("a status")), (Kind::Appointment, 2, 1, 1));
    let run = begin(store, 3).await;
    store.read_done(run).await.expect("nothing to read");
    assert_eq!(files(store, run).await.len(), 1);
    assert_eq!(BOTH.len(), 2);
}

pub(super) async fn the_last_mappings_are_kept<S: Store>(store: &S) {
    let kept = |number: usize| KeptMapping {
        digest: format!("{number:064}"),
        files: vec![("status.csv".to_owned(), number.to_le_bytes().to_vec())],
    };
    for number in [0, 1, 0].into_iter().chain(2..22) {
        store.keep_mapping(kept(number)).await.expect("is kept");
    }
    let digests = store.kept_mappings().await.expect("digests");
    assert_eq!((digests.len(), digests[0].as_str()), (20, kept(21).digest.as_str()));
    assert!(!digests.contains(&kept(1).digest) && !digests.contains(&kept(0).digest));
    let back = store.kept_mapping(kept(7).digest).await.expect("reads");
    assert!(back == Some(kept(7)));
    assert!(store.kept_mapping("7".to_owned()).await.expect("reads").is_none());
    let run = begin(store, 1).await;
    assert_eq!(store.mapping_of(run).await.expect("reads").as_deref(), Some(""));
}
