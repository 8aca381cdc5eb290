//! Who is linked with whom: both directions, ordered, without labels beyond HubSpot's own types.

use std::collections::BTreeSet;

use crate::domain::Object;

/// All links of the portal. A record is named by its index within its object.
#[derive(Default)]
pub(super) struct Links {
    pairs: [BTreeSet<(u32, u32)>; 9],
}

/// Place of an object in arrays of three.
pub(super) const fn slot(object: Object) -> usize {
    match object {
        Object::Contact => 0,
        Object::Deal => 1,
        Object::Appointment => 2,
    }
}

/// HubSpot's type of a plain link. Source: `hubspot-api.md` section 7. `None`: there is no default type.
pub(super) const fn type_id(from: Object, to: Object) -> Option<u16> {
    match (from, to) {
        (Object::Contact, Object::Deal) => Some(4),
        (Object::Deal, Object::Contact) => Some(3),
        (Object::Appointment, Object::Contact) => Some(906),
        (Object::Contact, Object::Appointment) => Some(907),
        (Object::Appointment, Object::Deal) => Some(944),
        (Object::Deal, Object::Appointment) => Some(945),
        (Object::Deal, Object::Deal) => Some(451),
        (Object::Contact, Object::Contact) => Some(449),
        (Object::Appointment, Object::Appointment) => None,
    }
}

impl Links {
    fn side(&mut self, from: Object, to: Object) -> &mut BTreeSet<(u32, u32)> {
        &mut self.pairs[slot(from) * 3 + slot(to)]
    }

    /// Links two records, both ways; returns whether they were not linked before.
    pub(super) fn add(&mut self, from: Object, a: u32, to: Object, b: u32) -> bool {
        self.side(to, from).insert((b, a));
        self.side(from, to).insert((a, b))
    }

    /// Removes a link, both ways; returns whether there was one.
    pub(super) fn remove(&mut self, from: Object, a: u32, to: Object, b: u32) -> bool {
        self.side(to, from).remove(&(b, a));
        self.side(from, to).remove(&(a, b))
    }

    /// Records of kind `to` that are linked with `a`, from `begin` on.
    pub(super) fn of(&self, from: Object, a: u32, to: Object, begin: u32) -> impl Iterator<Item = u32> {
        self.pairs[slot(from) * 3 + slot(to)].range((a, begin)..=(a, u32::MAX)).map(|(_, b)| *b)
    }

    /// Every link once.
    pub(super) fn all(&self) -> impl Iterator<Item = (Object, u32, Object, u32)> {
        let kinds = Object::ALL.into_iter().flat_map(|from| Object::ALL.map(|to| (from, to)));
        kinds.filter(|(from, to)| slot(*from) <= slot(*to)).flat_map(|(from, to)| {
            let pairs = self.pairs[slot(from) * 3 + slot(to)].iter();
            pairs.filter(move |(a, b)| from != to || a <= b).map(move |(a, b)| (from, *a, to, *b))
        })
    }
}
