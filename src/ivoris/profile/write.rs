//! [`RouteProfile`] → a profile file with everything in it.

use super::RouteProfile;

pub(super) fn to_toml(_profile: &RouteProfile) -> String {
    String::new()
}
