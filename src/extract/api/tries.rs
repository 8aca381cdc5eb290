//! How often something was asked for in vain.

use crate::ivoris::Error;

/// Attempts that make a try (design.md section 2, "Ivoris defaults"). A call has fewer when the share of retries is used
/// up; what it lacks is made up for later.
const ATTEMPTS: u32 = 3;
/// Tries after which something is given up until the next run.
const TRIES: u32 = 4;

/// How often something was asked for in vain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tries {
    calls: u32,
    attempts: u32,
}

impl Tries {
    /// One more call has failed.
    pub fn failed(&mut self, error: &Error) {
        self.calls += 1;
        self.attempts += match error {
            Error::Unreadable { attempts, .. } => (*attempts).clamp(1, ATTEMPTS),
            // Asking again changes nothing.
            Error::BadRequest { .. }
            | Error::Missing { .. }
            | Error::Gone { .. }
            | Error::Credentials { .. }
            | Error::Unavailable { .. }
            | Error::Stopped => ATTEMPTS,
        };
    }

    /// Whether it was tried in earnest: what is too much for the server is halved then.
    #[must_use]
    pub const fn are_one(self) -> bool {
        self.attempts >= ATTEMPTS
    }

    /// Whether it is given up.
    #[must_use]
    pub const fn are_all(self) -> bool {
        self.calls >= TRIES && self.attempts >= TRIES * ATTEMPTS
    }
}

/// Asks until there is an answer or it was tried in earnest: for what cannot be put off.
///
/// # Errors
/// The last [`Error`].
pub async fn earnestly<T, F: Future<Output = Result<T, Error>>>(ask: impl Fn() -> F) -> Result<T, Error> {
    until(Tries::are_one, ask).await
}

/// Asks until there is an answer or it would be given up: for what nothing can begin without.
///
/// # Errors
/// The last [`Error`].
pub async fn patiently<T, F: Future<Output = Result<T, Error>>>(ask: impl Fn() -> F) -> Result<T, Error> {
    until(Tries::are_all, ask).await
}

async fn until<T, F: Future<Output = Result<T, Error>>>(
    over: fn(Tries) -> bool,
    ask: impl Fn() -> F,
) -> Result<T, Error> {
    let mut tries = Tries::default();
    loop {
        match ask().await {
            Err(error @ Error::Unreadable { .. }) => {
                tries.failed(&error);
                if over(tries) {
                    return Err(error);
                }
            }
            answer => return answer,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ivoris::{Route, Trouble};

    /// Calls until one try and until all are made, with so many attempts each.
    fn check(attempts: u32, one: u32, all: u32) {
        let error = Error::Unreadable { route: Route::Entries, what: Trouble::Status(504), attempts };
        let until = |done: fn(Tries) -> bool| {
            let mut tries = Tries::default();
            (1..100).find(|_| {
                tries.failed(&error);
                done(tries)
            })
        };
        assert_eq!((until(Tries::are_one), until(Tries::are_all)), (Some(one), Some(all)), "{attempts}");
    }

    #[test]
    fn calls_without_retries_count_less() {
        check(1, 3, 12);
        check(2, 2, 6);
        check(3, 1, 4);
        check(9, 1, 4);
    }
}
