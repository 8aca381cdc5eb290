//! The same seed and the same requests give the same bytes.

use proptest::prelude::*;

use super::desk::{ask, samples};
use crate::sandbox::ivoris::{Burst, Change, Event, Fault, Faults, Reply, Settings, When};

const ROUTES: [&str; 6] = [
    "/About/v1/Ping",
    "/Patient/v1/AllPatients",
    "/Appointment/v1/AllAppointments",
    "/Appointment/v1/DentistChairs",
    "/Appointment/v1/LatestAppointmentSystemChange",
    "/About/v1/Documentation",
];

fn conversation(seed: u64, asked: &[(usize, u32)]) -> Vec<Reply> {
    let practice = samples(Settings { seed, ..Settings::default() });
    practice.set_faults(Faults {
        bursts: vec![Burst { fault: Fault::Unavailable, begins: 0.05, length: 3 }],
        ..Faults::none().with(Fault::GatewayTimeout, 0.2).with(Fault::Truncated, 0.1)
    });
    let id = practice.appointments("nord")[5].id.clone();
    let change = Change::cancelled(&id);
    practice.script([Event { when: When::AfterRequests(3), installation: "nord".to_owned(), change }]);
    let number = |page: &u32| page.to_string();
    let window = |week: &u32| (format!("2026-11-{:02}", week + 1), format!("2026-11-{:02}", week + 8));
    let mut replies = Vec::new();
    for (route, page) in asked {
        let (begin, end) = window(page);
        replies.push(ask(&practice, ROUTES[*route], &[("page", &number(page)), ("begin", &begin), ("end", &end)]));
    }
    replies
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_same_requests_get_the_same_bytes(
        seed in any::<u64>(),
        asked in prop::collection::vec((0..ROUTES.len(), 0_u32..4), 1..24),
    ) {
        let (one, other) = (conversation(seed, &asked), conversation(seed, &asked));
        prop_assert!(one == other);
    }
}

#[test]
fn another_seed_makes_another_mess() {
    let first = |seed: u64| ask(&samples(Settings { seed, ..Settings::exact() }), ROUTES[1], &[]).body;
    assert_ne!(first(1), first(2));
}
