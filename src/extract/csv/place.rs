//! Which instance a row belongs to, and the prefixes of its keys (design.md section 3).

use super::Settings;
use super::cells::Fault;
use super::column::Column;
use crate::domain::{InstanceKey, fold};

/// Longest `Standort` that a message repeats.
const SHOWN: usize = 40;

/// An instance with everything its keys begin with.
pub(super) struct Place {
    pub(super) instance: InstanceKey,
    pub(super) prefix: String,
    /// Prefix of a patient that is keyed by number.
    pub(super) by_number: String,
    /// Prefix of a patient number, so that two instances never share one.
    pub(super) of_numbers: String,
}

/// The instances that rows of one file may belong to.
pub(super) struct Places<'s> {
    settings: &'s Settings,
    all: Vec<Place>,
    /// The instance of every row, where an option or the configuration leaves no choice.
    given: Option<usize>,
    /// Rows of one location follow each other: the last `Standort` and its instance.
    last: (String, usize),
}

impl<'s> Places<'s> {
    pub(super) fn new(settings: &'s Settings) -> Self {
        let place = |(key, prefix): &(InstanceKey, String)| Place {
            instance: key.clone(),
            prefix: prefix.clone(),
            by_number: format!("{prefix}nr-"),
            of_numbers: format!("{key}:"),
        };
        let all: Vec<_> = settings.instances.iter().map(place).collect();
        let given = settings.instance.as_ref().and_then(|key| all.iter().position(|place| place.instance == *key));
        Self { settings, all, given, last: (String::new(), usize::MAX) }
    }

    /// The place of a row with this `Standort`.
    pub(super) fn of(&mut self, location: &str) -> Result<&Place, Fault> {
        let only = if self.all.len() == 1 { Some(0) } else { None };
        let at = match (self.given, only) {
            (Some(given), _) => given,
            (None, Some(only)) if location.is_empty() => only,
            _ if location == self.last.0 && self.last.1 != usize::MAX => self.last.1,
            _ => {
                let at = self.look_up(location)?;
                self.last = (location.to_owned(), at);
                at
            }
        };
        self.all.get(at).ok_or_else(|| Fault::new(Column::Location, "no instance is configured"))
    }

    fn look_up(&self, location: &str) -> Result<usize, Fault> {
        let fault = |reason: String| Fault::new(Column::Location, reason);
        if location.is_empty() {
            return Err(fault(
                "Standort is empty and several instances are configured; fill it in or give --instance".to_owned(),
            ));
        }
        let shown: String = location.chars().filter(|letter| !letter.is_control()).take(SHOWN).collect();
        let instance = self.settings.locations.get(&fold(location)).ok_or_else(|| {
            fault(format!("unknown Standort \"{shown}\"; add it to standorte.csv or give --instance"))
        })?;
        self.all.iter().position(|place| place.instance == *instance).ok_or_else(|| {
            fault(format!("Standort \"{shown}\" belongs to instance \"{instance}\", which is not configured"))
        })
    }
}
