//! A list that comes in pages, by offset and without a snapshot: what moves between two pages is read again.

use std::collections::HashSet;

use serde_json::Value;

use crate::ivoris::{Ask, Client, Error, Paging, Route, Thing, Trouble};

use super::tries::earnestly;

/// More pages than any list has; a server that never ends is in trouble.
const MOST: u32 = 5_000;
/// So far behind a page, a server that looks at pages has nothing; two neighbours can be alike by repeats.
const FAR: u32 = 10_000;

/// The pages of one answer.
#[derive(Debug, Default)]
pub(super) struct Pages {
    pages: Vec<Vec<Value>>,
}

impl Pages {
    /// Reads pages until one is empty: a short page proves nothing. A server that ignores the page gives the same page
    /// again, which ends the reading too.
    pub(super) async fn read(client: &Client, route: Route, ask: &Ask) -> Result<Self, Error> {
        let paged = client.profile().route(route).paging != Paging::None
            && client.learned().route(route.name()).ignores_page != Some(true);
        if !paged {
            return Ok(Self { pages: vec![client.list(route, ask).await?] });
        }
        let ids = Ids { client, thing: route.thing() };
        let mut read = Self::default();
        let mut seen = HashSet::new();
        let mut moved = None;
        for number in 0..MOST {
            let asked = ask.clone().page(number);
            // Were a page behind the first put off, those before it would have to be read again.
            let page = match number {
                0 => client.list(route, &asked).await?,
                _ => earnestly(|| client.list(route, &asked)).await?,
            };
            if page.is_empty() {
                if let Some(upto) = moved {
                    read.again(client, route, ask, upto, &ids).await?;
                }
                return Ok(read);
            }
            let here = ids.of(&page);
            let far = ask.clone().page(number + FAR);
            if read.pages.last().is_some_and(|before| ids.of(before) == here)
                && ids.of(&earnestly(|| client.list(route, &far)).await?) == here
            {
                client.learn(|learned| learned.route_mut(route.name()).ignores_page = Some(true));
                return Ok(read);
            }
            // A record that comes again has been pushed here by one that was put in before it.
            if here.iter().flatten().any(|id| seen.contains(id)) {
                moved = Some(number);
            }
            seen.extend(here.into_iter().flatten());
            read.pages.push(page);
        }
        Err(Error::Unreadable { route, what: Trouble::NotAList, attempts: MOST })
    }

    /// Reads pages before `upto` again, backwards, until one is as it was: what was put in stands behind it.
    async fn again(&mut self, client: &Client, route: Route, ask: &Ask, upto: u32, ids: &Ids<'_>) -> Result<(), Error> {
        for number in (0..upto).rev() {
            let asked = ask.clone().page(number);
            let page = earnestly(|| client.list(route, &asked)).await?;
            let at = usize::try_from(number).unwrap_or(usize::MAX);
            let Some(before) = self.pages.get_mut(at) else { return Ok(()) };
            if ids.of(before) == ids.of(&page) {
                return Ok(());
            }
            before.extend(page);
        }
        Ok(())
    }

    /// The first page alone.
    pub(super) async fn first(client: &Client, route: Route, ask: &Ask) -> Result<Vec<Value>, Error> {
        let ask = ask.clone().page(0);
        earnestly(|| client.list(route, &ask)).await
    }

    /// All rows in the order of reading.
    pub(super) fn values(&self) -> impl Iterator<Item = &Value> {
        self.pages.iter().flatten()
    }
}

/// Reads ids out of rows.
struct Ids<'a> {
    client: &'a Client,
    thing: Option<Thing>,
}

impl Ids<'_> {
    fn of(&self, page: &[Value]) -> Vec<Option<String>> {
        let id = |value: &Value| {
            let fields = self.client.profile().fields(self.thing?);
            fields.text("id", value.as_object()?)
        };
        page.iter().map(id).collect()
    }
}
