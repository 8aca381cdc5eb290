//! A portal in a folder.

use crate::domain::Object;
use crate::sandbox::hubspot::{Actor, Portal};
use crate::sandbox::serve::{OpenError, open};

fn state(portal: &Portal) -> String {
    Object::ALL.map(|object| portal.state_lines(object)).concat()
}

#[test]
fn a_kept_portal_survives_and_a_fresh_one_is_another() {
    let folder = tempfile::tempdir().expect("a folder");
    let portal = open(folder.path(), false).expect("a new portal");
    let now = chrono::Utc::now();
    let contact = |name| portal.create(Actor::Person, Object::Contact, &[("lastname", name)], now).expect("a contact");
    let (one, two, three) = (contact("Eins"), contact("Zwei"), contact("Drei"));
    let deal = [("dealname", "x"), ("pipeline", "default"), ("dealstage", "closedwon")];
    let deal = portal.create(Actor::Workflow, Object::Deal, &deal, now).expect("a deal");
    portal.link((Object::Deal, deal), (Object::Contact, two)).expect("two records");
    portal.merge(Object::Contact, one, two, now).expect("two records");
    portal.archive(Object::Contact, three, now).expect("a record");
    let (before, id) = (state(&portal), portal.portal_id());
    assert!(matches!(open(folder.path(), false), Err(OpenError::InUse(_))));
    drop(portal);
    // A server that died while it wrote a line.
    let log = folder.path().join("changes.jsonl");
    let mut bytes = std::fs::read(&log).expect("a log");
    bytes.extend_from_slice(b"[{\"record\":{\"obj");
    std::fs::write(&log, bytes).expect("a log");
    for _ in 0..2 {
        let again = open(folder.path(), false).expect("the same portal");
        assert_eq!((state(&again), again.portal_id()), (before.clone(), id));
        assert_eq!(again.archived(Object::Contact).len(), 1);
        assert_eq!(again.links(Object::Deal, deal, Object::Contact).len(), 1);
    }
    let fresh = open(folder.path(), true).expect("a fresh portal");
    assert_eq!(state(&fresh), "");
    assert_ne!(fresh.portal_id(), id);
}
