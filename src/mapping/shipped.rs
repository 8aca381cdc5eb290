//! The mapping set that comes with the binary: for the sandbox, the demo and `init`.

use super::index::Mapping;
use super::load::load;

macro_rules! shipped {
    ($($name:literal)*) => {
        /// Name and text of every file in `mappings/`.
        pub const SHIPPED: [(&str, &str); [$($name),*].len()] = [$(($name, include_str!(concat!("../../mappings/", $name))),)*];
    };
}

shipped! {
    "README.md" "mapping.toml" "standorte.csv" "behandlungsstuehle.csv" "behandler.csv" "terminarten.csv" "eintragsarten.csv" "kategorien.csv"
    "status.csv" "pipeline.csv" "regeln.csv" "verlustgruende.csv" "eigenschaften.csv" "gebuehren.csv" "punktwerte.csv" "tests.csv"
}

/// The text of a shipped file.
#[must_use]
pub fn shipped_file(name: &str) -> Option<&'static str> {
    SHIPPED.iter().find(|(have, _)| *have == name).map(|(_, text)| *text)
}

/// The shipped mapping.
///
/// # Panics
/// Never: a test loads the shipped tables without a problem.
#[must_use]
pub fn shipped() -> Mapping {
    let files = |name: &str| shipped_file(name).map(|text| text.as_bytes().to_vec());
    load(&files).0.expect("the shipped tables are sound")
}
