//! What `samples/manifest.csv` says must become of the dirty rows, as far as the demo counts it.

use crate::domain::Kind;
use crate::sandbox::samples::FILES;

/// The manifest's rows: file and expectation.
pub(super) struct Manifest(Vec<(Kind, String)>);

impl Manifest {
    /// The manifest of the samples in the binary.
    pub(super) fn of_samples() -> Self {
        let bytes = FILES.iter().find(|(name, _)| *name == "manifest.csv").map_or(&[][..], |(_, bytes)| bytes);
        let mut rows = Vec::new();
        let mut reader = csv::ReaderBuilder::new().delimiter(b';').from_reader(bytes);
        for record in reader.records().flatten() {
            let kind = match record.get(1) {
                Some("patienten.csv") => Kind::Patient,
                Some("termine.csv") => Kind::Appointment,
                Some("eintraege.csv") => Kind::Entry,
                Some(_) | None => continue,
            };
            rows.push((kind, record.get(3).unwrap_or_default().to_owned()));
        }
        Self(rows)
    }

    /// Rows that must be rejected.
    pub(super) fn rejected(&self, kind: Kind) -> u64 {
        self.0.iter().filter(|(of, expectation)| *of == kind && expectation.starts_with("rejected")).count() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_samples_hold_rows_to_reject() {
        let manifest = Manifest::of_samples();
        assert!(Kind::ALL.iter().any(|kind| manifest.rejected(*kind) > 0));
    }
}
