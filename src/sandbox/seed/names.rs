//! Names at random from frequency lists (`domain.md` 6.3): nobody that exists, everybody that could.

use super::rng::Rng;

/// Surnames, the frequent ones.
pub(crate) const SURNAMES: [&str; 40] = [
    "Müller",
    "Schmidt",
    "Schneider",
    "Fischer",
    "Weber",
    "Meyer",
    "Wagner",
    "Becker",
    "Schulz",
    "Hoffmann",
    "Schäfer",
    "Koch",
    "Bauer",
    "Richter",
    "Klein",
    "Wolf",
    "Schröder",
    "Neumann",
    "Schwarz",
    "Zimmermann",
    "Braun",
    "Krüger",
    "Hartmann",
    "Lange",
    "Köhler",
    "König",
    "Jäger",
    "Günther",
    "Böhm",
    "Weiß",
    "Groß",
    "Voß",
    "Yılmaz",
    "Öztürk",
    "Kowalski",
    "Nguyen",
    "Petrović",
    "Keller",
    "Vogel",
    "Franke",
];

/// Surnames that have tripped up imports before.
pub(crate) const RARE_SURNAMES: [&str; 6] =
    ["von der Heide", "Müller-Groß", "O'Neil", "Nguyễn", "Çelik", "Krüger-Böhm"];

const GIRLS: [&str; 12] =
    ["Emma", "Mia", "Hannah", "Emilia", "Lina", "Marie", "Lea", "Frieda", "Ella", "Clara", "Zoë", "Ida"];
const BOYS: [&str; 12] =
    ["Noah", "Ben", "Elias", "Paul", "Leon", "Finn", "Matteo", "Jonas", "Emil", "Luis", "Oskar", "Can"];
const WOMEN: [&str; 12] =
    ["Anna", "Laura", "Julia", "Katharina", "Lisa", "Sarah", "Nina", "Ayşe", "Jana", "Svenja", "Elif", "Marlène"];
const MEN: [&str; 12] =
    ["Lukas", "Jan", "Tobias", "Florian", "Philipp", "Daniel", "Mehmet", "Marco", "Björn", "Nils", "Sören", "Max"];
const MOTHERS: [&str; 10] =
    ["Sabine", "Claudia", "Petra", "Andrea", "Susanne", "Birgit", "Heike", "Anja", "Simone", "Fatma"];
const FATHERS: [&str; 10] = ["Thomas", "Michael", "Andreas", "Stefan", "Frank", "Jörg", "Uwe", "Ralf", "Kai", "Götz"];
const OLD_WOMEN: [&str; 8] = ["Ursula", "Helga", "Renate", "Ingrid", "Gisela", "Käthe", "Christa", "Erika"];
const OLD_MEN: [&str; 8] = ["Jürgen", "Günter", "Hans", "Klaus", "Horst", "Dieter", "Wolfgang", "Rüdiger"];

const STREETS: [&str; 14] = [
    "Musterweg",
    "Musterstraße",
    "Beispielallee",
    "Am Probeplatz",
    "Testgasse",
    "Fantasieweg",
    "Erfundene Straße",
    "Platzhalterring",
    "Modellstraße",
    "Vorlagenweg",
    "Attrappengasse",
    "Am Entwurf",
    "Skizzenweg",
    "Zur Probe",
];

/// Whether somebody is called as a woman or as a man.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sex {
    Female,
    Male,
}

/// A first name of somebody born in `year`.
pub(crate) fn first_name(rng: &mut Rng, sex: Sex, year: i32) -> &'static str {
    let list: &[&'static str] = match (sex, year) {
        (Sex::Female, 2006..) => &GIRLS,
        (Sex::Male, 2006..) => &BOYS,
        (Sex::Female, 1982..) => &WOMEN,
        (Sex::Male, 1982..) => &MEN,
        (Sex::Female, 1958..) => &MOTHERS,
        (Sex::Male, 1958..) => &FATHERS,
        (Sex::Female, _) => &OLD_WOMEN,
        (Sex::Male, _) => &OLD_MEN,
    };
    rng.pick(list)
}

/// A surname.
pub(crate) fn surname(rng: &mut Rng) -> &'static str {
    if rng.chance(2, 100) { rng.pick(&RARE_SURNAMES) } else { rng.pick(&SURNAMES) }
}

/// An invented street with a number.
pub(crate) fn street(rng: &mut Rng) -> String {
    format!("{} {}", rng.pick(&STREETS), rng.between(1, 120))
}

/// The local part of an address that a name gives: ASCII letters, lower case.
pub(crate) fn mail_name(name: &str) -> String {
    let mut plain = String::with_capacity(name.len() + 2);
    for letter in name.chars().flat_map(char::to_lowercase) {
        match letter {
            'ä' => plain.push_str("ae"),
            'ö' => plain.push_str("oe"),
            'ü' => plain.push_str("ue"),
            'ß' => plain.push_str("ss"),
            'ç' | 'ć' => plain.push('c'),
            'ı' => plain.push('i'),
            'ş' => plain.push('s'),
            'ë' | 'è' | 'ễ' => plain.push('e'),
            letter if letter.is_ascii_alphanumeric() => plain.push(letter),
            _ => {}
        }
    }
    plain
}
