//! What can differ between a live contract and the route profile.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One difference, and the routes that have it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Difference {
    /// Paths.
    pub paths: Vec<String>,
    /// Reading goes wrong unless the route profile is changed.
    pub matters: bool,
    /// What differs.
    pub what: Differs,
}

/// What differs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Differs {
    /// A route that is used is not there.
    RouteMissing {
        /// What clearly stands for it.
        live: Option<String>,
    },
    /// The path is spelt otherwise.
    RouteSpelt {
        /// Live.
        live: String,
    },
    /// A parameter that is sent is not there.
    ParameterMissing {
        /// Our word.
        word: String,
        /// What is sent.
        name: String,
        /// What clearly stands for it.
        live: Option<String>,
    },
    /// A parameter that is sent takes something else.
    ParameterKind {
        /// Our word.
        word: String,
        /// What is sent.
        name: String,
        /// Ours.
        ours: String,
        /// Live.
        live: String,
    },
    /// A parameter that every call must carry, and ours do not.
    ParameterNeeded {
        /// Live.
        name: String,
        /// Its kind.
        kind: String,
    },
    /// A field that matters is not there.
    FieldMissing {
        /// Our word.
        word: String,
        /// What clearly stands for it.
        live: Option<String>,
    },
    /// A route that reads and that ivohub does not know.
    RouteNew,
    /// A parameter that could be sent.
    ParameterNew {
        /// Live.
        name: String,
        /// Its kind.
        kind: String,
    },
    /// A field that ivohub would like to have.
    FieldAbsent {
        /// Our word.
        word: String,
        /// What clearly stands for it.
        live: Option<String>,
    },
    /// A field that ivohub does not know.
    FieldNew {
        /// Live.
        name: String,
        /// Its kind.
        kind: String,
    },
    /// Values of an enumeration that our contract does not list.
    WordsNew {
        /// Live.
        field: String,
        /// The values.
        words: Vec<String>,
    },
}

impl fmt::Display for Differs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let instead = |f: &mut fmt::Formatter<'_>, live: &Option<String>| match live {
            Some(live) => write!(f, "; {live} stands for it"),
            None => Ok(()),
        };
        match self {
            Self::RouteMissing { live } => {
                f.write_str("the route is not there")?;
                instead(f, live)
            }
            Self::RouteSpelt { live } => write!(f, "the path is spelt {live}"),
            Self::ParameterMissing { word, name, live } => {
                write!(f, "no parameter {name}")?;
                if name != word {
                    write!(f, " ({word})")?;
                }
                instead(f, live)
            }
            Self::ParameterKind { word: _, name, ours, live } => write!(f, "parameter {name} is {live}, not {ours}"),
            Self::ParameterNeeded { name, kind } => write!(f, "parameter {name} ({kind}) is required and not sent"),
            Self::FieldMissing { word, live } => {
                write!(f, "no field for {word}")?;
                instead(f, live)
            }
            Self::RouteNew => f.write_str("a route that ivohub does not use"),
            Self::ParameterNew { name, kind } => write!(f, "parameter {name} ({kind}) could be sent"),
            Self::FieldAbsent { word, live } => {
                write!(f, "no field for {word}, which is optional")?;
                instead(f, live)
            }
            Self::FieldNew { name, kind } => write!(f, "field {name} ({kind}) is new"),
            Self::WordsNew { field, words } => write!(f, "{field} has further values: {}", words.join(", ")),
        }
    }
}
