//! What came of a step of an erased connection: the phase that it is in then, and what was not sent.
//!
//! Knows no role. Its one idea: a step takes the phase and gives one back, whatever came of it.

use crate::events::Event;
use crate::extension::Extension;
use crate::local_error::LocalReason;
use crate::open::Open;
use crate::role::Role;

/// Where a step of the opening handshake, in phase `O`, has led to.
pub(crate) enum Step<O, R: Role, X: Extension> {
    Opening(O),
    Open(Open<R, X>),
}

/// An event that cannot be sent.
pub(crate) struct Unsent {
    pub(crate) reason: LocalReason,
    pub(crate) event: Event,
}

impl Unsent {
    /// It cannot be sent in this phase.
    pub(crate) fn phase(event: Event) -> Option<Self> {
        Self::for_reason(LocalReason::Phase, event)
    }

    pub(crate) fn for_reason(reason: LocalReason, event: impl Into<Event>) -> Option<Self> {
        let event = event.into();
        Some(Self { reason, event })
    }
}
