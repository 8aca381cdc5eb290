//! Reading alone: odd servers, faults, readings that die. Whatever happened, the inbox holds what the practice knows:
//! nothing is lost and nothing doubled.

use chrono::Days;
use ivohub::domain::Kind;
use ivohub::http::{Random, SeededRandom};
use ivohub::ivoris::Settings as Care;
use ivohub::pass::Fetched;
use ivohub::sandbox::ivoris::{
    AskForm, Burst, Change, Data, DayForm, Envelope, Event, Fault, Faults, Load, NumberForm, Oddities, Practice,
    Settings as Shape, TimeForm, Unknown, When,
};
use ivohub::sandbox::seed;

use super::life::{INSTANCES, Life};

/// Requests during which things happen.
const EVENTFUL: u64 = 60;

struct Dice(SeededRandom);

impl Dice {
    fn below(&self, number: u64) -> u64 {
        self.0.draw() % number
    }

    fn one_in(&self, number: u64) -> bool {
        self.below(number) == 0
    }

    fn few(&self, number: u64) -> usize {
        usize::try_from(self.below(number)).expect("few")
    }

    fn small(&self, number: u64) -> u32 {
        u32::try_from(self.below(number)).expect("small")
    }

    fn pick<T: Copy>(&self, all: &[T]) -> T {
        all[usize::try_from(self.below(all.len() as u64)).expect("few")]
    }
}

/// A server of any kind that a reader has to bear without a profile of its own.
fn shape(dice: &Dice) -> Shape {
    Shape {
        seed: dice.below(1_000),
        page: 1 + dice.few(4),
        appointment_page: dice.one_in(2).then(|| 1 + dice.few(6)),
        window_dates: !dice.one_in(8),
        unknown: dice.pick(&[Unknown::Text400, Unknown::NotFound404, Unknown::Null200, Unknown::Empty200]),
        mixed_ids: dice.one_in(3),
        numbers: dice.pick(&[NumberForm::Number, NumberForm::Point, NumberForm::Comma]),
        documented: dice.small(101),
        entries_lack: dice.pick(&[0, 10, 40]),
        durations: dice.one_in(3),
        ask: AskForm::Date,
        times: dice.pick(&[TimeForm::Local, TimeForm::Offset, TimeForm::Utc]),
        days: dice.pick(&[DayForm::Mixed, DayForm::Day, DayForm::Midnight]),
        envelope: if dice.one_in(2) { Envelope::Bare } else { Envelope::Named("items".to_owned()) },
        oddities: Oddities { duplicates: 10, callers: 2, ghosts: 2, strange: 2, stale: 10 },
        load: Load { parallel: None, days: dice.one_in(2).then(|| 3 + dice.small(40)), after_ms: 0 },
        ..Shape::default()
    }
}

fn trouble(dice: &Dice) -> Faults {
    let kinds = [
        Fault::GatewayTimeout,
        Fault::Unavailable,
        Fault::BadGateway,
        Fault::ServerError,
        Fault::Reset,
        Fault::Truncated,
        Fault::Html,
        Fault::Empty,
    ];
    let mut faults = Faults::none();
    for kind in kinds {
        if dice.one_in(4) {
            faults = faults.with(kind, 0.05);
        }
    }
    if dice.one_in(4) {
        faults.bursts.push(Burst { fault: dice.pick(&kinds), begins: 0.02, length: 4 + dice.small(10) });
    }
    faults
}

fn invented(dice: &Dice) -> Data {
    Data::seed(&seed::Settings {
        seed: dice.below(1_000_000),
        patients: 2 + dice.small(5),
        ..seed::Settings::default()
    })
}

/// Something that happens while somebody reads.
fn happening(practice: &Practice, dice: &Dice) -> Option<Event> {
    let (name, _) = dice.pick(&INSTANCES);
    let pick = |all: usize| usize::try_from(dice.below(all as u64)).expect("few");
    let change = match dice.below(4) {
        0 => {
            let mut patient = practice.patients(name).into_iter().next()?;
            patient.id = format!("0000000{}-aaaa-4aaa-8aaa-00000000000{}", dice.below(10), dice.below(10));
            Change::PatientAdded { patient: Box::new(patient), place: Some(pick(practice.patients(name).len() + 1)) }
        }
        1 => {
            let all = practice.appointments(name);
            let one = all.get(pick(all.len().max(1)))?;
            Change::AppointmentMoved { id: one.id.clone(), begin: one.begin + Days::new(dice.below(60)), chair: None }
        }
        2 => {
            let all = practice.appointments(name);
            Change::cancelled(&all.get(pick(all.len().max(1)))?.id)
        }
        _ => {
            let all = practice.entries(name);
            let mut entry = all.get(pick(all.len().max(1)))?.clone();
            entry.id = format!("0000000{}-bbbb-4bbb-8bbb-00000000000{}", dice.below(10), dice.below(10));
            Change::EntryAdded { entry: Box::new(entry) }
        }
    };
    Some(Event { when: When::AfterRequests(dice.below(EVENTFUL)), installation: name.to_owned(), change })
}

async fn life(seed: u64) {
    let dice = Dice(SeededRandom::new(seed));
    let mut life = Life::new(shape(&dice), invented(&dice));
    life.care = |care| Care { slice_days: 60, slice_max: 366, ..care };
    life.practice.set_faults(trouble(&dice));
    // Some practices go on working while they are read; then only a second reading can know everything.
    let lives_on = dice.one_in(3);
    if lives_on {
        let events: Vec<Event> = (0..3).filter_map(|_| happening(&life.practice, &dice)).collect();
        life.practice.script(events);
    }
    let mut last = !lives_on;
    loop {
        for kind in Kind::ALL {
            let mut tries = 0;
            loop {
                tries += 1;
                assert!(tries < 40, "seed {seed}: it does not come to an end");
                let left = if dice.one_in(3) { i64::try_from(dice.below(60)).expect("small") } else { i64::MAX };
                let whole = |fetched: &Fetched| {
                    fetched.is_something() && fetched.installations.iter().all(|one| one.gaps.is_empty())
                };
                match life.read(Life::want(kind), left).await {
                    Some(Ok(fetched)) if whole(&fetched) => break,
                    // It died, or something is still missing: once more.
                    None | Some(Ok(_)) => {}
                    Some(Err(error)) => panic!("seed {seed}: {error}"),
                }
                if tries > 10 {
                    life.practice.set_faults(Faults::none());
                }
            }
        }
        if last {
            break;
        }
        life.practice.set_faults(Faults::none());
        // The last reading begins when everything has happened.
        last = life.practice.counters().requests >= EVENTFUL;
    }
    assert_eq!(life.practice.counters().not_get, 0);
    let (found, wanted) = (life.inbox().await, life.truth());
    let lost: Vec<&String> = wanted.difference(&found).collect();
    let strange: Vec<&String> = found.difference(&wanted).collect();
    assert!(lost.is_empty() && strange.is_empty(), "seed {seed}: lost {lost:#?}, strange {strange:#?}");
}

async fn lives(part: u64) {
    let only = std::env::var("IVOHUB_SEED").ok().and_then(|seed| seed.parse().ok());
    let count: u64 = std::env::var("IVOHUB_READINGS").ok().and_then(|count| count.parse().ok()).unwrap_or(2_000);
    let seeds = only.map_or(part * count / 4..(part + 1) * count / 4, |seed| seed..seed + 1);
    for seed in seeds {
        life(seed).await;
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_lost_and_nothing_doubled() {
    lives(0).await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_lost_and_nothing_doubled_second_quarter() {
    lives(1).await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_lost_and_nothing_doubled_third_quarter() {
    lives(2).await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_lost_and_nothing_doubled_last_quarter() {
    lives(3).await;
}
