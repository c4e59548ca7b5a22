//! What a caller may not do, where types do not say it at compile time.
//!
//! Knows events and phases by name. Its one idea: what cannot be sent is given back, so that a wrong
//! act loses nothing.

use alloc::boxed::Box;
use core::fmt;

use crate::events::Event;
use crate::headers::InvalidHeader;
use crate::phase::Phase;

/// Something that a [`Connection`](crate::Connection) was told to do and cannot: the connection is as
/// it was.
///
/// ```
/// use wsproto::events::TextMessage;
/// use wsproto::{Connection, LocalReason, Phase};
///
/// let mut server = Connection::server();
/// let error = server.send(TextMessage::from("too early")).unwrap_err();
/// assert_eq!((error.phase(), error.act()), (Phase::Handshaking, "TextMessage"));
/// assert_eq!(error.reason(), LocalReason::Phase);
/// assert_eq!(error.to_string(), "TextMessage cannot be sent in phase Handshaking");
/// assert_eq!(error.into_event(), Some(TextMessage::from("too early").into()));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct LocalError {
    phase: Phase,
    reason: LocalReason,
    /// Nothing where what was to be done is to take a request.
    event: Option<Box<Event>>,
}

impl LocalError {
    pub(crate) fn of_event(phase: Phase, reason: LocalReason, event: Event) -> Self {
        Self {
            phase,
            reason,
            event: Some(Box::new(event)),
        }
    }

    pub(crate) fn of_upgrade(phase: Phase, reason: LocalReason) -> Self {
        Self {
            phase,
            reason,
            event: None,
        }
    }

    /// The phase that the connection is in.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// What it cannot do: to send the event of this name, or `initiate_upgrade_connection`.
    #[must_use]
    pub fn act(&self) -> &'static str {
        self.event
            .as_ref()
            .map_or("initiate_upgrade_connection", |event| event.name())
    }

    /// Why not.
    #[must_use]
    pub fn reason(&self) -> LocalReason {
        self.reason
    }

    /// The event that was not sent.
    #[must_use]
    pub fn into_event(self) -> Option<Event> {
        self.event.map(|event| *event)
    }
}

impl fmt::Debug for LocalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalError")
            .field("phase", &self.phase)
            .field("act", &self.act())
            .field("reason", &self.reason)
            .finish()
    }
}

impl fmt::Display for LocalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = if self.event.is_some() { "sent" } else { "done" };
        let (act, phase) = (self.act(), self.phase);
        match self.reason {
            LocalReason::Phase => write!(f, "{act} cannot be {what} in phase {phase}"),
            reason => write!(f, "{act} cannot be {what}: {reason}"),
        }
    }
}

impl core::error::Error for LocalError {}

/// Why a [`Connection`](crate::Connection) cannot do what it was told to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LocalReason {
    /// Not in this phase.
    Phase,
    /// The operating system has no entropy to give, or there is none (feature `getrandom`).
    NoEntropy,
    /// The subprotocol is none that the client offers (RFC 6455 4.2.2).
    UnofferedSubprotocol,
    /// An HTTP status that cannot refuse a request.
    Status,
    /// A close code that may not be on the wire (RFC 6455 7.4), or a reason without a code.
    CloseCode,
    /// A header of the request that could not have been received.
    Header(InvalidHeader),
    /// A target that could not have been received: not of visible ASCII characters alone.
    Target,
}

impl fmt::Display for LocalReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Phase => "not in this phase",
            Self::NoEntropy => "no entropy",
            Self::UnofferedSubprotocol => "subprotocol that was not offered",
            Self::Status => "status that cannot refuse",
            Self::CloseCode => "close code that may not be sent, or a reason without one",
            Self::Header(error) => return error.fmt(f),
            Self::Target => "invalid target",
        })
    }
}
