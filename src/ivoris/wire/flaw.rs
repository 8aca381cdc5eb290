//! Why an answer's element is no record.

use super::super::route::Thing;

/// Why an element is no record. Names the field, never a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// The element is not an object.
    #[error("{} is not an object", thing.name())]
    NotAnObject {
        /// What it should have been.
        thing: Thing,
    },
    /// A field that every record must have is missing, null or empty.
    #[error("{} has no {field}", thing.name())]
    Missing {
        /// What it should have been.
        thing: Thing,
        /// Our name of the field.
        field: &'static str,
    },
    /// A field has a form that is not known.
    #[error("{} has a {field} of unknown form", thing.name())]
    Form {
        /// What it should have been.
        thing: Thing,
        /// Our name of the field.
        field: &'static str,
    },
}
