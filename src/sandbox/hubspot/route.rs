//! Which endpoint a path names. Source: `hubspot-api.md` section 1.1.

use std::borrow::Cow;

use crate::domain::Object;
use crate::http::Method;

use super::refusal::Refusal;
use super::value::Dates;
use super::write::Mode;

/// An endpoint with what its path holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Route<'a> {
    Account,
    DailyUsage,
    Enablement(Option<Cow<'a, str>>),
    Owners,
    Validations(Object),
    Properties(Object),
    PropertyBatch(Object, PropertyBatch),
    Property(Object, Cow<'a, str>),
    Groups(Object),
    Group(Object, Cow<'a, str>),
    Pipelines(Object),
    Pipeline(Object, Cow<'a, str>),
    Stages(Object, Cow<'a, str>),
    Stage(Object, Cow<'a, str>, Cow<'a, str>),
    Records(Object),
    Record(Object, Cow<'a, str>),
    BatchWrite(Object, Mode),
    BatchRead(Object),
    BatchArchive(Object),
    Search(Object),
    Merge(Object),
    DefaultLink([(Object, Cow<'a, str>); 2]),
    Link([(Object, Cow<'a, str>); 2]),
    LinksOf(Object, Cow<'a, str>, Object),
    LinkBatch(Object, Object, LinkBatch),
    Labels(Object, Object),
}

/// Batch calls on property definitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PropertyBatch {
    Create,
    Read,
    Archive,
}

/// Batch calls on links.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LinkBatch {
    Create,
    Default,
    Read,
    Archive,
}

/// Which API version a request speaks, as far as it matters here.
const VERSIONS: [(&str, Dates); 2] = [("2026-09", Dates::Normalised), ("2026-03", Dates::Strict)];

/// Reads a path. No such endpoint or version: 404; no such object: 400.
pub(super) fn route(path: &str) -> Result<(Route<'_>, Dates), Refusal> {
    let segments: Vec<Cow<'_, str>> = path.trim_start_matches('/').split('/').map(decode).collect();
    let parts: Vec<&str> = segments.iter().map(Cow::as_ref).collect();
    let unknown = || Refusal::new(404, "NOT_FOUND", "resource not found");
    let at = if parts.first() == Some(&"account-info") { 1 } else { 2 };
    let version = parts.get(at).copied().unwrap_or_default();
    let (_, dates) = VERSIONS.into_iter().find(|(known, _)| *known == version).ok_or_else(unknown)?;
    let own = |at: usize| segments[at].clone();
    let object = object_named;
    let route = match parts.as_slice() {
        ["account-info", _, "details"] => Route::Account,
        ["account-info", _, "api-usage", "daily", "private-apps"] => Route::DailyUsage,
        ["crm", "object-library", _, "enablement"] => Route::Enablement(None),
        ["crm", "object-library", _, "enablement", _] => Route::Enablement(Some(own(4))),
        ["crm", "owners", _] => Route::Owners,
        ["crm", "property-validations", _, of] => Route::Validations(object(of)?),
        ["crm", "properties", _, of] => Route::Properties(object(of)?),
        ["crm", "properties", _, of, "batch", "create"] => Route::PropertyBatch(object(of)?, PropertyBatch::Create),
        ["crm", "properties", _, of, "batch", "read"] => Route::PropertyBatch(object(of)?, PropertyBatch::Read),
        ["crm", "properties", _, of, "batch", "archive"] => Route::PropertyBatch(object(of)?, PropertyBatch::Archive),
        ["crm", "properties", _, of, "groups"] => Route::Groups(object(of)?),
        ["crm", "properties", _, of, "groups", _] => Route::Group(object(of)?, own(5)),
        ["crm", "properties", _, of, _] => Route::Property(object(of)?, own(4)),
        ["crm", "pipelines", _, of] => Route::Pipelines(object(of)?),
        ["crm", "pipelines", _, of, _] => Route::Pipeline(object(of)?, own(4)),
        ["crm", "pipelines", _, of, _, "stages"] => Route::Stages(object(of)?, own(4)),
        ["crm", "pipelines", _, of, _, "stages", _] => Route::Stage(object(of)?, own(4), own(6)),
        ["crm", "objects", _, of] => Route::Records(object(of)?),
        ["crm", "objects", _, of, "search"] => Route::Search(object(of)?),
        ["crm", "objects", _, of, "merge"] => Route::Merge(object(of)?),
        ["crm", "objects", _, of, "batch", "create"] => Route::BatchWrite(object(of)?, Mode::Create),
        ["crm", "objects", _, of, "batch", "update"] => Route::BatchWrite(object(of)?, Mode::Update),
        ["crm", "objects", _, of, "batch", "upsert"] => Route::BatchWrite(object(of)?, Mode::Upsert),
        ["crm", "objects", _, of, "batch", "read"] => Route::BatchRead(object(of)?),
        ["crm", "objects", _, of, "batch", "archive"] => Route::BatchArchive(object(of)?),
        ["crm", "objects", _, of, _, "associations", "default", to, _] => {
            Route::DefaultLink([(object(of)?, own(4)), (object(to)?, own(8))])
        }
        ["crm", "objects", _, of, _, "associations", to, _] => {
            Route::Link([(object(of)?, own(4)), (object(to)?, own(7))])
        }
        ["crm", "objects", _, of, _, "associations", to] => Route::LinksOf(object(of)?, own(4), object(to)?),
        ["crm", "objects", _, of, _] => Route::Record(object(of)?, own(4)),
        ["crm", "associations", _, from, to, "labels"] => Route::Labels(object(from)?, object(to)?),
        ["crm", "associations", _, from, to, "batch", rest @ ..] => {
            let kind = match rest {
                ["create"] => LinkBatch::Create,
                ["associate", "default"] => LinkBatch::Default,
                ["read"] => LinkBatch::Read,
                ["archive"] => LinkBatch::Archive,
                _ => return Err(unknown()),
            };
            Route::LinkBatch(object(from)?, object(to)?, kind)
        }
        _ => return Err(unknown()),
    };
    Ok((route, dates))
}

/// `0-3`, `deal`, `Deals`, …
pub(super) fn object_named(name: &str) -> Result<Object, Refusal> {
    let lower = name.to_ascii_lowercase();
    let word = lower.strip_suffix('s').unwrap_or(&lower);
    let found = Object::ALL.into_iter().find(|object| object.type_id() == name || object.word() == word);
    found.ok_or_else(|| Refusal::invalid(format!("Unable to infer object type from: {name}")))
}

impl Route<'_> {
    /// Name for the counters: the path without version and values.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Account => "account-info/details".to_owned(),
            Self::DailyUsage => "account-info/api-usage".to_owned(),
            Self::Enablement(_) => "object-library/enablement".to_owned(),
            Self::Owners => "owners".to_owned(),
            Self::Validations(of) => format!("property-validations/{of}"),
            Self::Properties(of) => format!("properties/{of}"),
            Self::PropertyBatch(of, _) => format!("properties/{of}/batch"),
            Self::Property(of, _) => format!("properties/{of}/{{name}}"),
            Self::Groups(of) | Self::Group(of, _) => format!("properties/{of}/groups"),
            Self::Pipelines(of) => format!("pipelines/{of}"),
            Self::Pipeline(of, _) => format!("pipelines/{of}/{{id}}"),
            Self::Stages(of, _) | Self::Stage(of, ..) => format!("pipelines/{of}/{{id}}/stages"),
            Self::Records(of) => format!("objects/{of}"),
            Self::Record(of, _) => format!("objects/{of}/{{id}}"),
            Self::BatchWrite(of, Mode::Create) => format!("objects/{of}/batch/create"),
            Self::BatchWrite(of, Mode::Update) => format!("objects/{of}/batch/update"),
            Self::BatchWrite(of, Mode::Upsert) => format!("objects/{of}/batch/upsert"),
            Self::BatchRead(of) => format!("objects/{of}/batch/read"),
            Self::BatchArchive(of) => format!("objects/{of}/batch/archive"),
            Self::Search(of) => format!("objects/{of}/search"),
            Self::Merge(of) => format!("objects/{of}/merge"),
            Self::DefaultLink([(from, _), (to, _)]) | Self::Link([(from, _), (to, _)]) | Self::LinksOf(from, _, to) => {
                format!("objects/{from}/{{id}}/associations/{to}")
            }
            Self::LinkBatch(from, to, LinkBatch::Create) => format!("associations/{from}/{to}/batch/create"),
            Self::LinkBatch(from, to, LinkBatch::Default) => {
                format!("associations/{from}/{to}/batch/associate/default")
            }
            Self::LinkBatch(from, to, LinkBatch::Read) => format!("associations/{from}/{to}/batch/read"),
            Self::LinkBatch(from, to, LinkBatch::Archive) => format!("associations/{from}/{to}/batch/archive"),
            Self::Labels(from, to) => format!("associations/{from}/{to}/labels"),
        }
    }

    /// Whether a request to it can change the portal.
    pub(super) fn writes(&self, method: Method) -> bool {
        let reads = matches!(
            self,
            Self::BatchRead(_)
                | Self::Search(_)
                | Self::LinkBatch(_, _, LinkBatch::Read)
                | Self::PropertyBatch(_, PropertyBatch::Read)
        );
        !reads && method != Method::Get
    }

    /// Whether it counts against the limit of association calls.
    pub(super) const fn is_association(&self) -> bool {
        matches!(self, Self::LinkBatch(..) | Self::Labels(..))
    }

    /// Whether it is a batch of links or records.
    pub(super) const fn is_definition(&self) -> bool {
        matches!(
            self,
            Self::Properties(_)
                | Self::PropertyBatch(..)
                | Self::Property(..)
                | Self::Groups(_)
                | Self::Group(..)
                | Self::Pipelines(_)
                | Self::Pipeline(..)
                | Self::Stages(..)
                | Self::Stage(..)
        )
    }

    /// Most inputs of one call, for the fill factor.
    pub(super) const fn inputs(&self) -> Option<usize> {
        if let Self::LinkBatch(_, _, kind) = self {
            return match kind {
                LinkBatch::Create | LinkBatch::Default => Some(super::linking::PAIRS),
                LinkBatch::Read => Some(super::linking::READS),
                LinkBatch::Archive => None,
            };
        }
        let batch = matches!(self, Self::BatchWrite(..) | Self::BatchRead(_) | Self::BatchArchive(_));
        if batch { Some(super::write::BATCH) } else { None }
    }

    /// The scope that a call needs; any one of a list is enough (`hubspot-api.md` section 2).
    pub(super) fn scopes(&self, method: Method) -> Vec<String> {
        let access = if self.writes(method) { "write" } else { "read" };
        let objects: &[Object] = match self {
            Self::Records(of)
            | Self::Record(of, _)
            | Self::BatchWrite(of, _)
            | Self::BatchRead(of)
            | Self::BatchArchive(of)
            | Self::Search(of)
            | Self::Merge(of) => &[*of],
            Self::DefaultLink([(from, _), (to, _)])
            | Self::Link([(from, _), (to, _)])
            | Self::LinksOf(from, _, to)
            | Self::LinkBatch(from, to, _)
            | Self::Labels(from, to) => &[*from, *to],
            Self::Properties(of)
            | Self::Property(of, _)
            | Self::PropertyBatch(of, _)
            | Self::Groups(of)
            | Self::Group(of, _)
            | Self::Pipelines(of)
            | Self::Pipeline(of, _)
            | Self::Stages(of, _)
            | Self::Stage(of, ..)
            | Self::Validations(of) => return schema(*of, access),
            Self::Owners => return vec!["crm.objects.owners.read".to_owned()],
            Self::Account | Self::DailyUsage | Self::Enablement(_) => &[],
        };
        objects.iter().map(|object| format!("crm.objects.{object}s.{access}")).collect()
    }
}

/// Definitions can be read with either scope, and written with one.
fn schema(object: Object, access: &str) -> Vec<String> {
    let own = format!("crm.schemas.{object}s.{access}");
    if access == "read" { vec![own, format!("crm.objects.{object}s.read")] } else { vec![own] }
}

/// Percent-decoding of one segment; what is no valid escape stays as it is.
fn decode(segment: &str) -> Cow<'_, str> {
    if !segment.contains('%') {
        return Cow::Borrowed(segment);
    }
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escaped = (*first == b'%').then(|| after.get(..2)).flatten();
        let byte = escaped.and_then(|two| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, wanted: Result<&str, u16>) {
        let found = route(path).map(|(route, _)| route.name()).map_err(|refusal| refusal.status);
        assert_eq!(found.as_deref().map_err(|status| *status), wanted, "{path}");
    }

    #[test]
    fn type_ids_and_names_lead_to_one_endpoint() {
        for object in ["0-3", "deal", "deals", "Deals", "DEAL"] {
            check(&format!("/crm/objects/2026-09/{object}/batch/upsert"), Ok("objects/deal/batch/upsert"));
        }
        check(
            "/crm/objects/2026-03/0-421/1/associations/default/0-1/2",
            Ok("objects/appointment/{id}/associations/contact"),
        );
        check(
            "/crm/associations/2026-09/0-421/0-3/batch/associate/default",
            Ok("associations/appointment/deal/batch/associate/default"),
        );
        check("/account-info/2026-09/details", Ok("account-info/details"));
    }

    #[test]
    fn wrong_versions_and_objects_are_refused() {
        check("/crm/objects/v3/contacts", Err(404));
        check("/crm/v3/objects/contacts", Err(404));
        check("/crm/objects/2027-03/contacts", Err(404));
        check("/crm/objects/2026-09/patients", Err(400));
        check("/crm/objects/2026-09/contacts/batch/merge", Err(404));
        check("", Err(404));
    }

    #[test]
    fn names_are_decoded() {
        let (found, _) = route("/crm/properties/2026-09/0-3/a%2Fb%zz").expect("a property");
        assert_eq!(found, Route::Property(Object::Deal, Cow::Borrowed("a/b%zz")));
    }
}
