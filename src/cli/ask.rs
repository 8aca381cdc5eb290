//! Questions: only where somebody can answer, and each with the flag that answers it.

use std::io::IsTerminal;

use dialoguer::{Confirm, Input};

use super::exit::Exit;
use super::failure::Failure;

/// Whether questions can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asking {
    /// Somebody sits there.
    Possible,
    /// No terminal, or `--no-input`.
    Impossible,
}

impl Asking {
    /// Looks at stdin and stderr.
    pub(super) fn here(no_input: bool) -> Self {
        let terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        if terminal && !no_input { Self::Possible } else { Self::Impossible }
    }

    /// Refuses a command that would have to ask, before it does anything.
    pub(super) fn or_flag(self, flag: &str) -> Result<(), Failure> {
        match self {
            Self::Possible => Ok(()),
            Self::Impossible => {
                Err(Failure::new(Exit::Usage, "there is no terminal to ask on").next(format!("add {flag}")))
            }
        }
    }
}

/// Yes or no; no is the default. A closed terminal is a no.
pub(super) fn yes(question: &str) -> Result<bool, Failure> {
    said(Confirm::new().with_prompt(question).default(false).interact())
}

/// Whether the number that was asked for is typed.
pub(super) fn types(question: &str, number: u64) -> Result<bool, Failure> {
    let typed = Input::<String>::new().with_prompt(question).allow_empty(true).interact_text();
    said(typed.map(|typed| typed.replace([' ', '.'], "") == number.to_string()))
}

fn said(answer: dialoguer::Result<bool>) -> Result<bool, Failure> {
    match answer {
        Ok(answer) => Ok(answer),
        Err(dialoguer::Error::IO(error)) if error.kind() == std::io::ErrorKind::Interrupted => {
            Err(Failure::from(crate::hubspot::Error::Cancelled))
        }
        Err(dialoguer::Error::IO(_)) => Ok(false),
    }
}
