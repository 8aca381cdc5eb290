//! Every path of the client and its template for logs: the one place that knows the version segment.

use crate::domain::Object;

use super::settings::ApiVersion;

/// A path and its route template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) route: &'static str,
    pub(super) path: String,
}

/// Builds the paths of one API version.
#[derive(Clone, Debug)]
pub(super) struct Paths(ApiVersion);

impl Paths {
    pub(super) const fn new(version: ApiVersion) -> Self {
        Self(version)
    }

    fn place(&self, route: &'static str, parts: &[&str]) -> Place {
        let mut parts = parts.iter();
        let path = route.split('/').skip(1).fold(String::with_capacity(route.len()), |mut path, segment| {
            path.push('/');
            match segment {
                "{version}" => path.push_str(self.0.as_str()),
                _ if segment.starts_with('{') => encode(&mut path, parts.next().expect("one part per placeholder")),
                _ => path.push_str(segment),
            }
            path
        });
        Place { route, path }
    }

    pub(super) fn account(&self) -> Place {
        self.place("/account-info/{version}/details", &[])
    }

    pub(super) fn enablement(&self) -> Place {
        self.place("/crm/object-library/{version}/enablement", &[])
    }

    pub(super) fn list(&self, object: Object) -> Place {
        self.place("/crm/objects/{version}/{type}", &[object.type_id()])
    }

    pub(super) fn batch_read(&self, object: Object) -> Place {
        self.place("/crm/objects/{version}/{type}/batch/read", &[object.type_id()])
    }

    pub(super) fn batch_upsert(&self, object: Object) -> Place {
        self.place("/crm/objects/{version}/{type}/batch/upsert", &[object.type_id()])
    }

    pub(super) fn batch_update(&self, object: Object) -> Place {
        self.place("/crm/objects/{version}/{type}/batch/update", &[object.type_id()])
    }

    pub(super) fn links_read(&self, from: Object, to: Object) -> Place {
        self.place("/crm/associations/{version}/{from}/{to}/batch/read", &[from.type_id(), to.type_id()])
    }

    pub(super) fn links_create(&self, from: Object, to: Object) -> Place {
        self.place("/crm/associations/{version}/{from}/{to}/batch/create", &[from.type_id(), to.type_id()])
    }

    pub(super) fn properties(&self, object: Object) -> Place {
        self.place("/crm/properties/{version}/{type}", &[object.type_id()])
    }

    pub(super) fn property(&self, object: Object, name: &str) -> Place {
        self.place("/crm/properties/{version}/{type}/{name}", &[object.type_id(), name])
    }

    pub(super) fn groups(&self, object: Object) -> Place {
        self.place("/crm/properties/{version}/{type}/groups", &[object.type_id()])
    }

    pub(super) fn pipelines(&self, object: Object) -> Place {
        self.place("/crm/pipelines/{version}/{type}", &[object.type_id()])
    }

    pub(super) fn stages(&self, object: Object, pipeline: &str) -> Place {
        self.place("/crm/pipelines/{version}/{type}/{pipeline}/stages", &[object.type_id(), pipeline])
    }
}

/// Appends `text` as one path segment.
fn encode(path: &mut String, text: &str) {
    let digit = |four: u8| char::from_digit(u32::from(four), 16).unwrap_or('0').to_ascii_uppercase();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            path.push(char::from(byte));
        } else {
            path.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_stands_where_hubspot_wants_it() {
        let paths = Paths::new(ApiVersion::default());
        assert_eq!(paths.batch_upsert(Object::Deal).path, "/crm/objects/2026-09/0-3/batch/upsert");
        let older = Paths::new(ApiVersion::parse("2026-03").expect("a version"));
        assert_eq!(
            older.links_create(Object::Appointment, Object::Deal).path,
            "/crm/associations/2026-03/0-421/0-3/batch/create"
        );
        assert_eq!(older.account().path, "/account-info/2026-03/details");
    }

    #[test]
    fn a_name_cannot_leave_its_segment() {
        let place = Paths::new(ApiVersion::default()).property(Object::Deal, "a/../b?c");
        assert_eq!(place.path, "/crm/properties/2026-09/0-3/a%2F..%2Fb%3Fc");
        assert_eq!(place.route, "/crm/properties/{version}/{type}/{name}");
    }
}
