//! All patients: a full pull, page by page, because no route tells what changed.

use std::collections::{BTreeSet, HashSet};

use chrono::{DateTime, Utc};

use crate::domain::{Kind, PatientId, Record};
use crate::extract::Row;
use crate::extract::api::Tries;
use crate::ivoris::{self, Paging, Route};
use crate::store::{Part, ReadState, Store};

use super::bench::Bench;
use crate::pass::error::Error;

/// Pages of one legal unit: page numbers of the next one begin behind them.
const PER_MANDANT: u32 = 100_000;
/// So far behind a page, a server that looks at pages has nothing.
const FAR: u32 = 10_000;
/// After so many pages in a row that cannot be read, the next one is left to the next run.
const BAD: u32 = 3;

/// What became of a page.
enum Page {
    Came(Vec<Row>),
    /// It cannot be read, and is a gap.
    Unread,
    /// The list is not offered.
    NotOffered,
}

impl Page {
    fn rows(self) -> Option<Vec<Row>> {
        match self {
            Self::Came(rows) => Some(rows),
            Self::Unread | Self::NotOffered => None,
        }
    }
}

impl<S: Store> Bench<'_, S> {
    /// Pulls all patients, then looks for those that are known and were not shown.
    pub(super) async fn people(&mut self) -> Result<(), Error> {
        let begun = self.now();
        if !self.pull_pages().await? || self.is_enough() {
            return Ok(());
        }
        let (seen, oldest) = self.pulled(begun).await?;
        self.vanished_patients(seen.into_iter().collect(), oldest).await
    }

    /// Pulls all patients, as far as that can be done; returns those that came.
    pub(super) async fn pull_all(&mut self) -> Result<BTreeSet<PatientId>, Error> {
        self.pull_pages().await?;
        Ok(self.pulled(self.now()).await?.0)
    }

    /// Pulls the patients of all legal units; `false` when that could not be done to the end.
    async fn pull_pages(&mut self) -> Result<bool, Error> {
        let mandants = self.reader.client().settings().mandants.clone();
        let mandants: Vec<Option<&str>> =
            if mandants.is_empty() { vec![None] } else { mandants.iter().map(|one| Some(one.as_str())).collect() };
        let mut whole = true;
        for (place, mandant) in (0..).zip(mandants) {
            whole &= self.pull(place * PER_MANDANT, mandant).await?;
            if self.is_enough() {
                break;
            }
        }
        Ok(whole)
    }

    /// Patients on the pages in the spool, and when the first of these was read.
    async fn pulled(&self, now: DateTime<Utc>) -> Result<(BTreeSet<PatientId>, DateTime<Utc>), Error> {
        let (mut seen, mut oldest) = (BTreeSet::new(), now);
        self.each_spooled(|unit, at, records| {
            if matches!(unit.part, Part::Page(_)) {
                oldest = oldest.min(at);
                seen.extend(records.iter().filter_map(id_of));
            }
        })
        .await?;
        Ok((seen, oldest))
    }

    /// Pulls the patients of one legal unit; `false` when it could not be done to the end.
    async fn pull(&mut self, first: u32, mandant: Option<&str>) -> Result<bool, Error> {
        let paged = self.reader.client().profile().route(Route::AllPatients).paging != Paging::None;
        let mut pages = self.spooled_pages(first).await?;
        self.facts.reused += u64::try_from(pages.len()).unwrap_or(u64::MAX);
        let mut seen: HashSet<PatientId> = pages.iter().flatten().cloned().collect();
        let (mut moved, mut bad, mut whole) = (None, 0, true);
        // The last page that an earlier run had read tells whether anything moved since.
        if let Some(last) = pages.len().checked_sub(1) {
            let number = u32::try_from(last).unwrap_or(u32::MAX);
            let Some(rows) = self.page(first, number, mandant).await?.rows() else { return Ok(false) };
            if ids_of(&rows) != pages[last] {
                moved = Some(number);
            }
            seen.extend(ids_of(&rows));
            pages[last] = ids_of(&rows);
            self.keep_page(first, number, rows).await?;
        }
        loop {
            let number = u32::try_from(pages.len()).unwrap_or(u32::MAX);
            self.may_go_on()?;
            if self.is_enough() {
                return Ok(whole);
            }
            let rows = match self.page(first, number, mandant).await? {
                Page::Came(rows) => rows,
                Page::Unread if bad + 1 < BAD => {
                    // One bad record must not hide everybody behind it.
                    (bad, whole) = (bad + 1, false);
                    pages.push(Vec::new());
                    continue;
                }
                Page::Unread | Page::NotOffered => return Ok(false),
            };
            bad = 0;
            let ids = ids_of(&rows);
            let alike = !rows.is_empty() && pages.last().is_some_and(|before| *before == ids);
            let again = alike && {
                let Some(far) = self.page(first, number + FAR, mandant).await?.rows() else { return Ok(false) };
                !far.is_empty() && ids_of(&far) == ids
            };
            if again && paged {
                let text = "every page of the patients is the same: if it holds all of them, say paging = \"none\" in the route \
                            profile";
                self.facts.notes.push(text.to_owned());
                whole = false;
            }
            if rows.is_empty() || again {
                // One empty page could be an accident.
                if rows.is_empty() && paged && number > 0 {
                    let Some(rows) = self.page(first, number + 1, mandant).await?.rows() else { return Ok(false) };
                    if !rows.is_empty() {
                        pages.push(Vec::new());
                        continue;
                    }
                }
                break;
            }
            // A patient who comes again was pushed here by one who was put in before.
            if ids.iter().any(|id| seen.contains(id)) {
                moved = Some(number);
            }
            seen.extend(ids.iter().cloned());
            pages.push(ids);
            let count = seen.len();
            self.says(&format!("page {number} · {count} patients"));
            self.keep_page(first, number, rows).await?;
            if !paged {
                break;
            }
        }
        match moved {
            Some(upto) => Ok(self.again(first, upto, &pages, mandant).await? && whole),
            None => Ok(whole),
        }
    }

    /// Reads pages before `upto` again, backwards, until one is as it was: whoever was put in stands behind it.
    async fn again(
        &mut self,
        first: u32,
        upto: u32,
        pages: &[Vec<PatientId>],
        mandant: Option<&str>,
    ) -> Result<bool, Error> {
        for number in (0..upto).rev() {
            self.may_go_on()?;
            let Some(rows) = self.page(first, number, mandant).await?.rows() else { return Ok(false) };
            let at = usize::try_from(number).unwrap_or(usize::MAX);
            if pages.get(at).is_some_and(|before| *before == ids_of(&rows)) {
                return Ok(true);
            }
            // Beside the page as it was: a patient who has moved to a later page meanwhile is in neither otherwise.
            self.keep_page(first, PER_MANDANT / 2 + number, rows).await?;
        }
        Ok(true)
    }

    /// One page, tried several times.
    async fn page(&mut self, first: u32, number: u32, mandant: Option<&str>) -> Result<Page, Error> {
        let mut tries = Tries::default();
        loop {
            match self.reader.patients(number, mandant).await {
                Ok(rows) => return Ok(Page::Came(rows)),
                Err(error @ (ivoris::Error::Unreadable { .. } | ivoris::Error::BadRequest { .. })) => {
                    tries.failed(&error);
                    if !tries.are_all() {
                        self.may_go_on()?;
                        continue;
                    }
                    self.observer.warns(&format!("{} page {number} of the patients: {error}", self.instance()));
                    let unit = self.unit(Kind::Patient, Part::Page(first + number));
                    self.give_up(unit, &error).await?;
                    return Ok(Page::Unread);
                }
                Err(ivoris::Error::Missing { .. }) => {
                    self.facts.notes.push("the list of patients is not offered".to_owned());
                    return Ok(Page::NotOffered);
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    async fn keep_page(&mut self, first: u32, number: u32, rows: Vec<Row>) -> Result<(), Error> {
        let unit = self.unit(Kind::Patient, Part::Page(first + number));
        self.keep(unit, rows).await
    }

    /// Pages that an earlier run had read, from the first without a break.
    async fn spooled_pages(&self, first: u32) -> Result<Vec<Vec<PatientId>>, Error> {
        let is_page = |part: &Part| matches!(part, Part::Page(page) if (first..first + PER_MANDANT / 2).contains(page));
        if !self.spooled.iter().any(|unit| unit.state == ReadState::Read && is_page(&unit.unit.part)) {
            return Ok(Vec::new());
        }
        let mut found: Vec<(u32, Vec<PatientId>)> = Vec::new();
        self.each_spooled(|unit, _, records| {
            if let Part::Page(page) = unit.part
                && is_page(&unit.part)
            {
                found.push((page - first, records.iter().filter_map(id_of).collect()));
            }
        })
        .await?;
        found.sort_unstable_by_key(|(page, _)| *page);
        let whole = (0..).zip(found).take_while(|(at, (page, _))| at == page);
        Ok(whole.map(|(_, (_, ids))| ids).collect())
    }
}

fn id_of(record: &Record) -> Option<PatientId> {
    match record {
        Record::Patient(patient) => Some(patient.id.clone()),
        Record::Appointment(_) | Record::Entry(_) => None,
    }
}

fn ids_of(rows: &[Row]) -> Vec<PatientId> {
    let id = |row: &Row| match row {
        Row::Record(record, _) => id_of(record),
        Row::Rejected(_) => None,
    };
    rows.iter().filter_map(id).collect()
}
