//! The fields of a row, cut out of one text.

/// The fields of one row.
#[derive(Clone, Copy)]
pub(super) struct Fields<'r> {
    text: &'r str,
    ends: &'r [usize],
}

impl<'r> Fields<'r> {
    /// Fields of `text`, each up to the byte that `ends` names.
    pub(super) const fn new(text: &'r str, ends: &'r [usize]) -> Self {
        Self { text, ends }
    }

    /// One field, counted from 0; empty if there is none.
    pub(super) fn get(&self, field: usize) -> &'r str {
        let start = field.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let end = self.ends.get(field).copied().unwrap_or(start);
        self.text.get(start..end).unwrap_or_default()
    }

    pub(super) const fn len(&self) -> usize {
        self.ends.len()
    }
}
