//! One record: what has to be written, given what is wanted, what we last wrote, and what HubSpot holds.

use crate::domain::{Overwrite, Properties, Wanted};

use super::compare::same;

/// What an existing record needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Values to write.
    pub set: Properties,
    /// What HubSpot holds in the properties of `set`.
    pub before: Properties,
    /// Everything ivohub has written on the record once `set` is written.
    pub base: Properties,
    /// Number of properties left alone because a person changed or filled them.
    pub kept: usize,
}

impl Verdict {
    /// Whether nothing has to be written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self { set, before: _, base: _, kept: _ } = self;
        set.is_empty()
    }
}

/// Whether `wanted` asks for anything that we have not written already; needs no call to HubSpot.
///
/// `if_empty` properties count only while we have never written them and want a value, `never` ones not at all.
#[must_use]
pub fn differs_from_base(wanted: &Wanted, base: &Properties) -> bool {
    wanted.properties.iter().any(|property| {
        let ours = base.get(&property.name).map(String::as_str);
        match (property.overwrite, ours) {
            (Overwrite::Always | Overwrite::IfTool, Some(ours)) => !same(&property.value, ours),
            (Overwrite::Always | Overwrite::IfTool | Overwrite::IfEmpty, None) => !property.value.is_empty(),
            (Overwrite::IfEmpty, Some(_)) | (Overwrite::Never, _) => false,
        }
    })
}

/// The values of a record that is not there yet: everything wanted that is not empty.
#[must_use]
pub fn plan_create(wanted: Wanted) -> Properties {
    let filled = wanted.properties.into_iter().filter(|property| !property.value.is_empty());
    filled.map(|property| (property.name, property.value)).collect()
}

/// What has to be written on a record that exists.
///
/// `always` wins over everybody; `if_tool` yields once HubSpot holds something else than we last wrote (a value that
/// was there before us included); `if_empty` fills; `never` stays away.
#[must_use]
pub fn plan_update(wanted: &Wanted, base: &Properties, actual: &Properties) -> Verdict {
    let mut verdict = Verdict { base: base.clone(), ..Verdict::default() };
    for property in &wanted.properties {
        let theirs = actual.get(&property.name).map_or("", String::as_str);
        if same(&property.value, theirs) {
            if !property.value.is_empty() || base.contains_key(&property.name) {
                verdict.base.insert(property.name.clone(), property.value.clone());
            }
            continue;
        }
        let untouched = base.get(&property.name).map_or(theirs.is_empty(), |ours| same(ours, theirs));
        let write = match property.overwrite {
            Overwrite::Always => true,
            Overwrite::IfTool => untouched,
            Overwrite::IfEmpty => theirs.is_empty(),
            Overwrite::Never => false,
        };
        if write {
            verdict.set.insert(property.name.clone(), property.value.clone());
            verdict.before.insert(property.name.clone(), theirs.to_owned());
            verdict.base.insert(property.name.clone(), property.value.clone());
        } else {
            verdict.kept += 1;
        }
    }
    verdict
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::PropertyName;

    fn properties(pairs: &[(&str, &str)]) -> Properties {
        pairs.iter().map(|(name, value)| (PropertyName::new(name), (*value).to_owned())).collect()
    }

    fn check(overwrite: Overwrite, base: Option<&str>, actual: &str, wanted: &str, expected: Option<&str>) {
        let mut want = Wanted::default();
        want.set(&PropertyName::new("p"), wanted, overwrite);
        let base = base.map_or_else(Properties::new, |value| properties(&[("p", value)]));
        let verdict = plan_update(&want, &base, &properties(&[("p", actual)]));
        assert_eq!(
            verdict.set.get("p").map(String::as_str),
            expected,
            "{overwrite:?} base {base:?} actual {actual} wanted {wanted}"
        );
    }

    #[test]
    fn ownership_decides_who_wins() {
        use Overwrite::{Always, IfEmpty, IfTool, Never};
        check(Always, Some("a"), "person", "b", Some("b"));
        check(Always, None, "person", "b", Some("b"));
        check(IfTool, Some("a"), "a", "b", Some("b"));
        check(IfTool, Some("a"), "person", "b", None);
        check(IfTool, None, "person", "b", None);
        check(IfTool, None, "", "b", Some("b"));
        check(IfTool, Some("a"), "", "b", None);
        check(IfEmpty, Some("a"), "", "b", Some("b"));
        check(IfEmpty, None, "person", "b", None);
        check(Never, None, "", "b", None);
        check(IfTool, Some("a"), "a", "", Some(""));
        check(Always, Some("90.00"), "90", "90.00", None);
    }

    #[test]
    fn what_was_written_is_not_written_again() {
        let mut want = Wanted::default();
        want.set(&PropertyName::new("a"), "1.50", Overwrite::Always);
        want.set(&PropertyName::new("b"), "", Overwrite::IfTool);
        want.set(&PropertyName::new("c"), "x", Overwrite::IfEmpty);
        let written = plan_create(want.clone());
        assert_eq!(written, properties(&[("a", "1.50"), ("c", "x")]));
        assert!(!differs_from_base(&want, &written));
        assert!(plan_update(&want, &written, &written).is_empty());
    }

    #[test]
    fn a_value_that_comes_late_fills_too() {
        let mut want = Wanted::default();
        want.set(&PropertyName::new("c"), "x", Overwrite::IfEmpty);
        assert!(differs_from_base(&want, &properties(&[("a", "1")])));
        assert!(!differs_from_base(&want, &properties(&[("c", "y")])));
        want.set(&PropertyName::new("c"), "", Overwrite::IfEmpty);
        assert!(!differs_from_base(&want, &Properties::new()));
    }
}
