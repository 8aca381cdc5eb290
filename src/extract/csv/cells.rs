//! A row seen through the header: fields by column, and what is wrong with them.

use std::borrow::Cow;

use super::column::Column;
use super::fields::Fields;
use super::header::Header;
use super::value::{Reason, clean};
use crate::domain::{IdError, Personal};

/// The fields of one row by column.
#[derive(Clone, Copy)]
pub(super) struct Cells<'r> {
    header: &'r Header,
    fields: Fields<'r>,
}

/// Why a row is no record. The reason holds no personal value.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) column: Column,
    pub(super) reason: Cow<'static, str>,
}

impl Fault {
    pub(super) fn new(column: Column, reason: impl Into<Cow<'static, str>>) -> Self {
        Self { column, reason: reason.into() }
    }
}

impl<'r> Cells<'r> {
    pub(super) const fn new(header: &'r Header, fields: Fields<'r>) -> Self {
        Self { header, fields }
    }

    /// The trimmed field; empty when the file lacks the column.
    pub(super) fn get(&self, column: Column) -> &'r str {
        self.header.place(column).map_or("", |field| self.fields.get(field).trim())
    }

    /// The field as a text about a person.
    pub(super) fn personal(&self, column: Column) -> Personal {
        Personal::new(clean(self.get(column)))
    }

    /// The field as a text that names no person.
    pub(super) fn plain(&self, column: Column) -> String {
        clean(self.get(column)).into_owned()
    }

    /// The same, `None` when empty.
    pub(super) fn given(&self, column: Column) -> Option<String> {
        let text = self.get(column);
        (!text.is_empty()).then(|| clean(text).into_owned())
    }

    /// What `read` makes of a field; `None` when it is empty.
    pub(super) fn read<T>(&self, column: Column, read: impl Fn(&str) -> Result<T, Reason>) -> Result<Option<T>, Fault> {
        let text = self.get(column);
        if text.is_empty() {
            return Ok(None);
        }
        read(text).map(Some).map_err(|reason| Fault::new(column, reason))
    }

    /// What `key` makes of an id; `None` when the field is empty.
    pub(super) fn id<T>(&self, column: Column, key: impl Fn(&str) -> Result<T, IdError>) -> Result<Option<T>, Fault> {
        let text = self.get(column);
        if text.is_empty() {
            return Ok(None);
        }
        match key(text) {
            Ok(key) => Ok(Some(key)),
            Err(IdError::Empty) => Ok(None),
            Err(error @ (IdError::Scientific | IdError::Shape)) => Err(Fault::new(column, error.to_string())),
        }
    }
}
