//! The route profile: paths, parameter names, formats, paging and field names as data.
//!
//! Nearly all of this is assumed (`ivoris-api.md` section 12). The built-in profile equals the fact sheet; a TOML file
//! overrides parts of it: a named route key or field replaces the built-in one, everything else stays.

mod builtin;
mod fields;
mod parse;
mod problem;
mod write;

use std::collections::BTreeMap;

use super::route::{Param, Route, Thing};

pub use fields::{Fields, IGNORED};
pub(crate) use fields::{member, same_name, scalar};
pub use problem::ProfileProblem;

/// How one installation wants to be asked, and how its answers are read. Holds no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteProfile {
    routes: BTreeMap<Route, RouteSpec>,
    fields: BTreeMap<Thing, Fields>,
    /// Which of the two entry routes is read.
    pub documentation: EntrySource,
}

/// How one route is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteSpec {
    /// Path below the base address; `{name}` stands for the parameter that the server calls so.
    pub path: String,
    /// The server's names of what may be asked; what is not named here is not sent.
    pub params: BTreeMap<Param, String>,
    /// How days and times are written in questions.
    pub date_format: DateFormat,
    /// Whether and how the answer comes in pages.
    pub paging: Paging,
    /// Whether the last day that is asked for belongs to the answer.
    pub end: EndDay,
    /// A route that is switched off is never asked: it counts as missing.
    pub enabled: bool,
}

impl RouteSpec {
    /// Whether the server has a name for `param`.
    #[must_use]
    pub fn has(&self, param: Param) -> bool {
        self.params.contains_key(&param)
    }
}

macro_rules! choice {
    ($(#[$outer:meta])* $type:ident { $($(#[$doc:meta])* $variant:ident $name:literal,)* }) => {
        $(#[$outer])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $type {
            $($(#[$doc])* $variant,)*
        }

        impl $type {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word in profiles.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

choice! {
    /// How days and times are written in questions.
    DateFormat {
        /// `2026-11-23`
        Date "date",
        /// `2026-11-23T08:30:00`, practice time
        DatetimeLocal "datetime-local",
        /// `2026-11-23T08:30:00+01:00`
        DatetimeOffset "datetime-offset",
        /// `23.11.2026`
        De "de",
    }
}

choice! {
    /// Whether and how the answer comes in pages.
    Paging {
        /// Everything at once.
        None "none",
        /// The first page is number 0.
        ZeroBased "zero-based",
        /// The first page is number 1.
        OneBased "one-based",
    }
}

choice! {
    /// Whether the last day that is asked for belongs to the answer.
    EndDay {
        /// It does.
        Inclusive "inclusive",
        /// It does not: one more day is asked for.
        Exclusive "exclusive",
    }
}

choice! {
    /// Which of the two entry routes is read. They do not agree (`ivoris-api.md` 8.2).
    EntrySource {
        /// `Entries`
        Entries "entries",
        /// `DocumentEntries`
        DocumentEntries "document_entries",
        /// Both, merged.
        Both "both",
    }
}

impl RouteProfile {
    /// The profile that equals the fact sheet.
    #[must_use]
    pub fn builtin() -> Self {
        builtin::profile()
    }

    /// Reads a profile file called `name` over the built-in profile.
    ///
    /// # Errors
    /// Every problem with its place, in the order of the text.
    pub fn parse(name: &str, text: &str) -> Result<Self, Vec<ProfileProblem>> {
        parse::parse(name, text)
    }

    /// The whole profile as a file with comments; reading it gives this profile again.
    #[must_use]
    pub fn to_toml(&self) -> String {
        write::to_toml(self)
    }

    /// How `route` is asked.
    ///
    /// # Panics
    /// Never: a profile has every route.
    #[must_use]
    pub fn route(&self, route: Route) -> &RouteSpec {
        self.routes.get(&route).expect("a profile has every route")
    }

    /// The same, to be changed.
    ///
    /// # Panics
    /// Never: a profile has every route.
    pub fn route_mut(&mut self, route: Route) -> &mut RouteSpec {
        self.routes.get_mut(&route).expect("a profile has every route")
    }

    /// The names of the fields of `thing`.
    ///
    /// # Panics
    /// Never: a profile has every thing.
    #[must_use]
    pub fn fields(&self, thing: Thing) -> &Fields {
        self.fields.get(&thing).expect("a profile has every thing")
    }

    /// The same, to be changed.
    ///
    /// # Panics
    /// Never: a profile has every thing.
    pub fn fields_mut(&mut self, thing: Thing) -> &mut Fields {
        self.fields.get_mut(&thing).expect("a profile has every thing")
    }
}

impl Default for RouteProfile {
    fn default() -> Self {
        Self::builtin()
    }
}
