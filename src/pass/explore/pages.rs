//! How many pages a route has, found with few calls: doubling until a page is empty, then halving.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Calls a search makes at most: enough for sixteen thousand pages.
pub const MOST_CALLS: u32 = 29;

/// A search. Feed [`Search::took`] what [`Search::next`] asks for.
#[derive(Clone, Debug, Default)]
pub struct Search {
    pages: BTreeMap<u32, u64>,
    failed: bool,
}

/// What a search found out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Total {
    /// Rows of a full page; of the only page, if there is just one.
    pub size: u64,
    /// Pages with rows.
    pub pages: u64,
    /// Rows on all pages; at least that many when it is not exact.
    pub rows: u64,
    /// The last page was seen, and the one behind it is empty or the page is short.
    pub exact: bool,
}

impl Search {
    /// The page to ask for next.
    #[must_use]
    pub fn next(&self) -> Option<u32> {
        if self.failed || self.pages.len() >= MOST_CALLS as usize {
            return None;
        }
        let Some(first) = self.pages.get(&0) else { return Some(0) };
        if *first == 0 {
            return None;
        }
        let last = self.last_filled();
        match self.first_empty() {
            // Doubling.
            None if self.is_short(last) => None,
            None => Some(if last == 0 { 1 } else { last.saturating_mul(2) }),
            // Halving.
            Some(empty) if empty - last <= 1 || self.is_short(last) => None,
            Some(empty) => Some(last + (empty - last) / 2),
        }
    }

    /// Takes the number of rows of a page; `None` = the page could not be read, the search ends.
    pub fn took(&mut self, page: u32, rows: Option<u64>) {
        match rows {
            Some(rows) => drop(self.pages.insert(page, rows)),
            None => self.failed = true,
        }
    }

    /// What is known by now.
    #[must_use]
    pub fn total(&self) -> Total {
        let last = self.last_filled();
        let size = self.size();
        let rows_of_last = self.pages.get(&last).copied().unwrap_or(0);
        let filled = u64::from(rows_of_last > 0);
        let known = self.first_empty().is_some_and(|empty| empty - last <= 1 || last == 0 && empty == 0);
        Total {
            size,
            pages: (u64::from(last) + 1) * filled,
            rows: u64::from(last) * size + rows_of_last,
            exact: known || self.is_short(last),
        }
    }

    fn size(&self) -> u64 {
        self.pages.values().copied().max().unwrap_or(0)
    }

    /// A page with fewer rows than another is the last one.
    fn is_short(&self, page: u32) -> bool {
        page > 0 && self.pages.get(&page).is_some_and(|rows| *rows < self.size())
    }

    fn last_filled(&self) -> u32 {
        self.pages.iter().filter(|(_, rows)| **rows > 0).map(|(page, _)| *page).next_back().unwrap_or(0)
    }

    fn first_empty(&self) -> Option<u32> {
        self.pages.iter().find(|(_, rows)| **rows == 0).map(|(page, _)| *page)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn search(total: u64, size: u64) -> (Total, usize) {
        let mut search = Search::default();
        let mut calls = 0;
        while let Some(page) = search.next() {
            calls += 1;
            search.took(page, Some(total.saturating_sub(u64::from(page) * size).min(size)));
        }
        (search.total(), calls)
    }

    #[test]
    fn a_practice_of_4601_takes_a_dozen_calls() {
        let (total, calls) = search(4_601, 50);
        assert_eq!(total, Total { size: 50, pages: 93, rows: 4_601, exact: true });
        assert!(calls <= 14, "{calls}");
        assert_eq!(search(0, 50).0, Total { size: 0, pages: 0, rows: 0, exact: true });
        assert_eq!(search(7, 50).0, Total { size: 7, pages: 1, rows: 7, exact: true });
    }

    #[test]
    fn a_page_that_fails_ends_the_search_honestly() {
        let mut search = Search::default();
        search.took(0, Some(50));
        search.took(1, Some(50));
        search.took(2, None);
        assert_eq!(search.next(), None);
        assert_eq!(search.total(), Total { size: 50, pages: 2, rows: 100, exact: false });
    }

    proptest! {
        #[test]
        fn the_total_is_found(total in 0_u64..200_000, size in 1_u64..300) {
            let (found, calls) = search(total, size);
            prop_assert!(calls <= MOST_CALLS as usize);
            if found.exact {
                prop_assert_eq!(found.rows, total);
            } else {
                prop_assert!(found.rows <= total);
            }
            prop_assert!(found.exact || total / size > 8_000, "{:?}", found);
        }
    }
}
