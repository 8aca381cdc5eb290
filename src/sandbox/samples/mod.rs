//! The sample files: about 120 invented patients of three locations, with every dirty case and what must become of it.
//!
//! They are generated, committed in `samples/`, and part of the binary, so that `demo` needs nothing but itself.

mod book;
mod deals;
mod make;
mod oddities;
mod people;
#[cfg(test)]
mod tests;

pub use make::{make, write};

/// Name and bytes of the files in `samples/`.
pub const FILES: [(&str, &[u8]); 5] = [
    ("patienten.csv", include_bytes!("../../../samples/patienten.csv")),
    ("termine.csv", include_bytes!("../../../samples/termine.csv")),
    ("eintraege.csv", include_bytes!("../../../samples/eintraege.csv")),
    ("manifest.csv", include_bytes!("../../../samples/manifest.csv")),
    ("README.md", include_bytes!("../../../samples/README.md")),
];
