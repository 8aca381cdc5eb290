//! One cell: how a deal comes into its column, what happens then, and what has to become of it.

use crate::mapping::{DealSettings, Grain, SourceWord};

use super::world::{Seat, World, told};

pub(super) const CONSULTATION: &str = "Erstberatung Aligner";
pub(super) const DAY: &str = "2026-03-02";
/// Templates that support a stage once they are completed with entries.
pub(super) const SUPPORTS: [(&str, &str); 6] = [
    ("erstberatung", CONSULTATION),
    ("diagnostik", "Anfangsunterlagen/Scan"),
    ("plan_erstellt", "Planbesprechung"),
    ("angebot", "HKP-Besprechung"),
    ("in_behandlung", "Einsetzen Multiband"),
    ("gewonnen", "Entbänderung"),
];
const ACTIVE: [&str; 4] = ["geplant", "bestätigt", "da", "in Behandlung"];

/// Column of the matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    NoDeal,
    Lead,
    Booked,
    Consulted,
    Between,
    Treated,
    Won,
    Lost,
}

/// Row of the matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// Booked, confirmed, arrived, in treatment.
    Active,
    /// The same appointment at another time.
    NewTime,
    CompletedWithoutEntries,
    Cancelled,
    ClarifiedConsultation,
    ClarifiedOther,
    NoShow,
    Deleted,
    /// Replaced by another id.
    Replaced,
    /// An entry that gives no more than money to what is completed already.
    EntryChanged,
    EntryRemoved,
    /// A person has moved the deal there; nothing else happens, and it is looked at again.
    PersonMoves,
}

/// How the deal came where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// The appointment was completed with entries, or lost.
    Tool,
    /// The appointment is booked, and a person moved the deal.
    Person,
}

/// A deal at `stage`, whose appointment has `template`.
#[derive(Clone, Copy, Debug)]
struct Start {
    way: Way,
    stage: &'static str,
    template: &'static str,
}

/// Every stage of a column.
fn stages(column: Column) -> &'static [&'static str] {
    match column {
        Column::NoDeal => &["none"],
        Column::Lead => &["neuer_lead"],
        Column::Booked => &["termin_gebucht"],
        Column::Consulted => &["erstberatung"],
        Column::Between => &["diagnostik", "plan_erstellt", "angebot"],
        Column::Treated => &["in_behandlung"],
        Column::Won => &["gewonnen"],
        Column::Lost => &["verloren"],
    }
}

/// All ways into a column that a row can start from.
fn starts(event: Event, column: Column) -> Vec<Start> {
    let other = if event == Event::ClarifiedOther { "Planbesprechung" } else { CONSULTATION };
    let mut starts = Vec::new();
    for stage in stages(column) {
        let fits = SUPPORTS.iter().find(|(supported, _)| supported == stage).map_or(other, |(_, template)| *template);
        let consults = fits == CONSULTATION;
        let told_apart = match event {
            Event::ClarifiedConsultation => consults || column == Column::Won,
            Event::ClarifiedOther => !consults,
            Event::Active
            | Event::NewTime
            | Event::CompletedWithoutEntries
            | Event::Cancelled
            | Event::NoShow
            | Event::Deleted
            | Event::Replaced
            | Event::EntryChanged
            | Event::EntryRemoved
            | Event::PersonMoves => true,
        };
        let by_tool = told_apart && column != Column::Lead && event != Event::PersonMoves;
        // What a person closes is another matter (R0), and so is what is written on a deal without evidence.
        let closed = matches!(column, Column::Won | Column::Lost);
        let by_person = match event {
            Event::PersonMoves => column != Column::NoDeal,
            Event::EntryChanged | Event::EntryRemoved => column == Column::Lead,
            Event::Active
            | Event::NewTime
            | Event::CompletedWithoutEntries
            | Event::Cancelled
            | Event::ClarifiedConsultation
            | Event::ClarifiedOther
            | Event::NoShow
            | Event::Deleted
            | Event::Replaced => !closed && !matches!(column, Column::NoDeal | Column::Booked),
        };
        if by_tool {
            starts.push(Start { way: Way::Tool, stage, template: fits });
        }
        if by_person {
            starts.push(Start { way: Way::Person, stage, template: other });
        }
    }
    starts
}

/// A world with a deal of appointment `a` where `start` says.
fn world(grain: Grain, start: Start) -> World {
    let mut world = World::new(DealSettings { grain, ..DealSettings::default() });
    let seat = |state| Seat { id: "a", template: start.template, day: DAY, state };
    if start.stage == "none" {
        return world;
    }
    world.visit(seat("geplant"));
    world.run();
    assert_eq!(world.stage("a"), "termin_gebucht");
    match (start.way, start.stage) {
        (Way::Tool, "termin_gebucht") => {}
        (Way::Tool, "verloren") => world.visit(seat("abgesagt")),
        (Way::Tool, _) => {
            world.visit(seat("fertig"));
            world.entry("e", DAY, "Leistung", 100);
        }
        (Way::Person, stage) => world.person_moves("a", stage),
    }
    if start.way == Way::Tool {
        world.run();
    }
    assert_eq!(world.stage("a"), start.stage, "{start:?}");
    world
}

/// Lets it happen.
fn happen(world: &mut World, event: Event, start: Start, state: &'static str) {
    let now = world
        .file
        .appointments
        .first()
        .map_or("geplant", |one| if one.record.state == "fertig" { "fertig" } else { "geplant" });
    let seat = |day, state| Seat { id: "a", template: start.template, day, state };
    match event {
        Event::NewTime => world.visit(seat("2026-03-05", "geplant")),
        Event::CompletedWithoutEntries => {
            world.remove_entries();
            world.visit(seat(DAY, "fertig"));
        }
        Event::EntryChanged if now == "fertig" => world.entry("e", DAY, "Leistung", 250),
        Event::EntryRemoved if now == "fertig" => world.remove_entries(),
        // Where nothing is completed, the entry came with an appointment that did not take place, or not yet.
        Event::EntryChanged | Event::EntryRemoved => {
            world.visit(seat(DAY, if start.stage == "termin_gebucht" { "geplant" } else { "abgesagt" }));
            world.entry("e", DAY, "Leistung", 100);
            world.run();
            if event == Event::EntryChanged {
                world.entry("e", DAY, "Leistung", 250);
            } else {
                world.remove_entries();
            }
            world.requeue();
        }
        Event::PersonMoves => world.requeue(),
        Event::Active
        | Event::Cancelled
        | Event::ClarifiedConsultation
        | Event::ClarifiedOther
        | Event::NoShow
        | Event::Deleted
        | Event::Replaced => world.visit(seat(DAY, state)),
    }
}

fn states(event: Event) -> &'static [&'static str] {
    match event {
        Event::Active => &ACTIVE,
        Event::Cancelled => &["abgesagt"],
        Event::ClarifiedConsultation | Event::ClarifiedOther => &["geklärt"],
        Event::NoShow => &["nicht erschienen"],
        Event::Deleted => &["gelöscht"],
        Event::Replaced => &["verschoben"],
        Event::NewTime
        | Event::CompletedWithoutEntries
        | Event::EntryChanged
        | Event::EntryRemoved
        | Event::PersonMoves => &[""],
    }
}

/// Everything is looked at once more: nothing may be written, and the contact tells the number of its open deals.
pub(super) fn check_settled(world: &mut World, context: &str) {
    let open = world.file.ledger.iter().filter(|row| row.open == Some(true)).count().to_string();
    let told = world.open_deals();
    assert!(
        told == open || (told.is_empty() && open == "0"),
        "{context}: {told} open deals on the contact, {open} in the ledger"
    );
    world.requeue();
    let again = world.run();
    let steps: Vec<String> =
        again.plan.steps.iter().map(|step| format!("{:?} {} {:?}", step.op, step.reason, step.set)).collect();
    assert!(steps.is_empty(), "{context}: a second run writes {steps:?}");
}

/// Tries a cell in every way into its column; `expected` is the stage it moves to and the rule, `=`, `none` or `held`.
pub(super) fn check(grain: Grain, event: Event, column: Column, expected: &str) {
    let starts = starts(event, column);
    assert!(!starts.is_empty(), "no way into the cell");
    for start in starts {
        for state in states(event) {
            // What the calendar says already is no news for a deal that a person moved: another row.
            if start.way == Way::Person && column == Column::Lead && *state == "geplant" {
                continue;
            }
            let mut world = world(grain, start);
            let context = format!("{grain:?} {event:?} {state} at {start:?}");
            happen(&mut world, event, start, state);
            let decision = world.run();
            assert_eq!(told(&decision, &world, "a"), expected, "{context}");
            if world.deal("a").is_some() && column != Column::NoDeal && expected != "held" {
                check_flags(&world, event, &context);
            }
            check_settled(&mut world, &context);
        }
    }
}

/// R10: what is flagged while the stage stays; and what the entries add up to.
fn check_flags(world: &World, event: Event, context: &str) {
    let (flag, revenue) = match event {
        Event::NoShow => ("no_show", None),
        Event::Deleted => ("deleted", None),
        Event::EntryChanged => ("", Some("250.00")),
        Event::EntryRemoved | Event::CompletedWithoutEntries => ("", Some("")),
        Event::Active
        | Event::NewTime
        | Event::Cancelled
        | Event::ClarifiedConsultation
        | Event::ClarifiedOther
        | Event::Replaced
        | Event::PersonMoves => ("", None),
    };
    assert_eq!(world.value("a", SourceWord::DealFlag), flag, "{context}");
    if let Some(revenue) = revenue {
        assert_eq!(world.value("a", SourceWord::DealRevenue), revenue, "{context}");
    }
}
