//! Invented records beside those of the data: callers, ghosts, words that nobody knows, versions out of date.

use std::sync::Arc;

use chrono::Duration;

use crate::sandbox::seed::rng::Rng;

use super::data::Data;
use super::record::Appointment;
use super::settings::{Oddities, Settings};

/// Adds what the settings ask for, beside a share of the appointments of each installation.
pub(super) fn add(data: &mut Data, settings: &Settings) {
    let Oddities { duplicates: _, callers, ghosts, strange, stale } = settings.oddities;
    if callers + ghosts + strange + stale == 0 {
        return;
    }
    for installation in data.installations.iter_mut().map(Arc::make_mut) {
        let mut added = Vec::new();
        for one in installation.calendar.all() {
            let key = one.id.bytes().fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
            let mut rng = Rng::of(settings.seed, "oddity", key);
            let mut beside = |share: u32| {
                let hit = rng.chance(share, 100);
                let (id, end) = (rng.uuid(), one.end.map(|end| end + Duration::minutes(5)));
                hit.then(|| Appointment { id, end, begin: one.begin + Duration::minutes(5), ..one.clone() })
            };
            let nobody = |extra: Appointment| Appointment { patient: None, caller: true, online: false, ..extra };
            added.extend(beside(callers).map(nobody));
            added.extend(beside(ghosts).map(|extra| Appointment { patient: Some(ghost(&extra.id)), ..extra }));
            added.extend(beside(strange).map(nobody).map(|extra| Appointment {
                template: "Sonderfall".to_owned(),
                chair: "Container 9".to_owned(),
                practitioner: "Dr. Gast".to_owned(),
                state:
                    if extra.id.starts_with(|digit: char| digit.is_ascii_digit()) { "7" } else { "Parked" }.to_owned(),
                unlisted: true,
                ..extra
            }));
            added.extend(beside(stale).and_then(|_| out_of_date(one)));
        }
        added.into_iter().for_each(|one| installation.insert_appointment(one));
    }
}

/// The id of a patient that does not exist.
fn ghost(of: &str) -> String {
    Rng::of(0, of, 7).uuid()
}

/// The same appointment as it was before it moved; only one that says when it was changed.
fn out_of_date(one: &Appointment) -> Option<Appointment> {
    let modified = one.modified? - Duration::days(1);
    let back = Duration::days(9);
    Some(Appointment {
        begin: one.begin - back,
        end: one.end.map(|end| end - back),
        state: "Planned".to_owned(),
        modified: Some(modified),
        ..one.clone()
    })
}
