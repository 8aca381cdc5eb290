//! A step's life: its state changes through one function only, live and on resume, in every store.

use crate::domain::HubspotId;

/// Where a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepState {
    /// Accepted, not sent.
    Planned,
    /// Sent, no answer written down: its flight is open.
    InDoubt,
    /// Written.
    Done,
    /// Refused by HubSpot.
    Rejected,
    /// Given up; its key is on the queue again.
    Dropped,
}

/// What happened to a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepEvent {
    /// It is about to be sent.
    Sent,
    /// HubSpot has written it.
    Done {
        /// The record.
        hubspot_id: HubspotId,
    },
    /// HubSpot refused it; category and code only.
    Rejected {
        /// `VALIDATION_ERROR/INVALID_OPTION dealstage`
        code: String,
    },
    /// Certainly not written: it may be sent again.
    Released,
    /// What it builds on is gone.
    Dropped,
}

/// An event that cannot happen to a step in that state.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("step in state {state:?} cannot take {event:?}")]
pub struct IllegalEvent {
    /// The state.
    pub state: StepState,
    /// The event.
    pub event: StepEvent,
}

impl StepState {
    /// The state after an event.
    ///
    /// # Errors
    /// [`IllegalEvent`] when the event cannot happen in this state.
    pub fn after(self, event: &StepEvent) -> Result<Self, IllegalEvent> {
        match (self, event) {
            (Self::Planned, StepEvent::Sent) => Ok(Self::InDoubt),
            (Self::InDoubt, StepEvent::Done { .. }) => Ok(Self::Done),
            (Self::InDoubt, StepEvent::Rejected { .. }) => Ok(Self::Rejected),
            (Self::InDoubt, StepEvent::Released) => Ok(Self::Planned),
            (Self::Planned | Self::InDoubt, StepEvent::Dropped) => Ok(Self::Dropped),
            (state, event) => Err(IllegalEvent { state, event: event.clone() }),
        }
    }

    /// The number in the store's column. A step in doubt is stored as planned; its open flight makes the difference.
    #[must_use]
    pub const fn column(self) -> i64 {
        match self {
            Self::Planned | Self::InDoubt => 1,
            Self::Done => 3,
            Self::Rejected => 4,
            Self::Dropped => 5,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_done_that_was_not_sent() {
        let done = StepEvent::Done { hubspot_id: HubspotId(1) };
        assert!(StepState::Planned.after(&done).is_err());
        assert_eq!(StepState::InDoubt.after(&done), Ok(StepState::Done));
        for state in [StepState::Done, StepState::Rejected, StepState::Dropped] {
            assert!(state.after(&StepEvent::Sent).is_err(), "{state:?} is final");
        }
    }
}
