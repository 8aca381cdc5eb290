//! A state in the portal's own words: `booked=SCHEDULED|cancelled=CANCELED|*=SCHEDULED` in the column `transform`.
//!
//! With it one state can fill `hs_appointment_status`, a pipeline stage, or a select of the practice's own. A value is an
//! option's value or its label; for a pipeline stage that is the stage's id or name. `*` stands for all states that are
//! not named.

/// Whether a transform is of this kind.
#[must_use]
pub fn is_state_map(transform: &str) -> bool {
    transform.contains('=')
}

/// Its pairs, trimmed; `None` for a part that is none.
pub(super) fn pairs(transform: &str) -> impl Iterator<Item = Option<(&str, &str)>> {
    transform.split('|').map(|part| {
        let (state, value) = part.split_once('=')?;
        let (state, value) = (state.trim(), value.trim());
        (!state.is_empty() && !value.is_empty()).then_some((state, value))
    })
}

/// The values it writes.
pub fn mapped_values(transform: &str) -> impl Iterator<Item = &str> {
    pairs(transform).flatten().map(|(_, value)| value)
}

/// The value of a state; a checked map has one for every state.
pub(super) fn mapped<'t>(transform: &'t str, state: &str) -> Option<&'t str> {
    let of = |name: &str| pairs(transform).flatten().find(|(have, _)| *have == name).map(|(_, value)| value);
    of(state).or_else(|| of("*"))
}

/// The same map with other values, where `say` has one.
pub(super) fn translated(transform: &str, say: impl Fn(&str) -> Option<String>) -> String {
    let pair = |(state, value): (&str, &str)| format!("{state}={}", say(value).unwrap_or_else(|| value.to_owned()));
    pairs(transform).flatten().map(pair).collect::<Vec<_>>().join("|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_said_in_the_words_of_the_portal() {
        let map = "booked=SCHEDULED | cancelled = CANCELED|*=Erledigt in Praxis";
        for (state, wanted) in [("booked", "SCHEDULED"), ("cancelled", "CANCELED"), ("no_show", "Erledigt in Praxis")] {
            assert_eq!(mapped(map, state), Some(wanted), "{state}");
        }
        assert_eq!(mapped("booked=1", "moved"), None);
        assert_eq!(mapped_values("booked=1|x|=2|a=").collect::<Vec<_>>(), ["1"]);
        let ids = translated(map, |label| (label == "Erledigt in Praxis").then(|| "77".to_owned()));
        assert_eq!(ids, "booked=SCHEDULED|cancelled=CANCELED|*=77");
        assert!(is_state_map(map) && !is_state_map("trim"));
    }
}
