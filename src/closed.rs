//! The last phase: how a connection ended, as plain data.

use core::fmt;
use core::marker::PhantomData;

use crate::close::{CloseReason, CloseStatus, PeerClose};
use crate::error::Violation;
use crate::role::Role;

/// One of the two ends, as seen from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// This end.
    Us,
    /// The other end.
    Peer,
}

/// What to do with the transport once what is pending has been sent (RFC 6455 7.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shutdown {
    /// For a server: shut down the writing side, discard input until its end or until a second
    /// has passed, then close. (To close with input unread would send a reset, which can
    /// destroy our Close on its way.) Over HTTP/2 and HTTP/3: end the stream.
    CloseNow,
    /// For a client: read until the end of input, with a timeout, then close. The server goes
    /// first, so that it is not the client's port that waits, and it can connect again.
    AwaitEof,
}

impl Shutdown {
    pub(crate) const fn of<R: Role>() -> Self {
        if R::IS_CLIENT {
            Self::AwaitEof
        } else {
            Self::CloseNow
        }
    }
}

/// How a connection ended.
///
/// | exit | |
/// |---|---|
/// | none | send what is pending, then do what [`shutdown`](Self::shutdown) says |
#[must_use = "its `shutdown` says what to do with the transport"]
pub struct Closed<R: Role> {
    pub(crate) received: Option<PeerClose>,
    pub(crate) sent: Option<(CloseStatus, CloseReason)>,
    pub(crate) initiator: Option<Side>,
    pub(crate) clean: bool,
    pub(crate) violation: Option<Violation>,
    pub(crate) role: PhantomData<fn() -> R>,
}

impl<R: Role> Closed<R> {
    /// An end without a closing handshake.
    pub(crate) fn abnormal() -> Self {
        Self {
            received: None,
            sent: None,
            initiator: None,
            clean: false,
            violation: None,
            role: PhantomData,
        }
    }

    /// The peer said Close first, and was answered.
    pub(crate) fn acknowledged(close: PeerClose) -> Self {
        Self {
            clean: true,
            sent: Some((close.status, CloseReason::default())),
            received: Some(close),
            initiator: Some(Side::Peer),
            ..Self::abnormal()
        }
    }

    /// The peer was told what it did wrong.
    pub(crate) fn failed(violation: Violation) -> Self {
        let code = violation.close_code().into();
        Self {
            sent: Some((code, CloseReason::default())),
            initiator: Some(Side::Us),
            violation: Some(violation),
            ..Self::abnormal()
        }
    }

    /// We said Close, and did not hear the peer's.
    pub(crate) fn closing(sent: (CloseStatus, CloseReason), initiator: Side) -> Self {
        Self {
            sent: Some(sent),
            initiator: Some(initiator),
            ..Self::abnormal()
        }
    }

    /// Whether both ends said Close, or the peer did and then left (RFC 6455 7.1.4).
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.clean
    }

    /// The code that the peer gave (RFC 6455 7.1.5): 1005 if its Close had none, 1006 if
    /// there was no Close.
    #[must_use]
    pub fn code(&self) -> CloseStatus {
        self.received
            .as_ref()
            .map_or(CloseStatus::ABNORMAL, PeerClose::code)
    }

    /// The reason that the peer gave; empty if there was none (RFC 6455 7.1.6), or if its
    /// [`PeerClose`] was dropped.
    #[must_use]
    pub fn reason(&self) -> &str {
        self.received.as_ref().map_or("", PeerClose::reason)
    }

    /// The code that we sent: 1005 if our Close had none, 1006 if we sent no Close.
    #[must_use]
    pub fn sent_code(&self) -> CloseStatus {
        self.sent
            .as_ref()
            .map_or(CloseStatus::ABNORMAL, |(status, _)| *status)
    }

    /// The reason that we sent; empty if there was none.
    #[must_use]
    pub fn sent_reason(&self) -> &str {
        self.sent.as_ref().map_or("", |(_, reason)| reason)
    }

    /// Who said Close first; nobody, where the connection just ended. When both did before
    /// they heard the other, each was first for itself.
    #[must_use]
    pub fn initiator(&self) -> Option<Side> {
        self.initiator
    }

    /// What the peer did wrong, where that is what ended the connection.
    #[must_use]
    pub fn violation(&self) -> Option<Violation> {
        self.violation
    }

    /// What to do with the transport, once what is pending has been sent.
    #[must_use]
    pub fn shutdown(&self) -> Shutdown {
        Shutdown::of::<R>()
    }
}

impl<R: Role> fmt::Debug for Closed<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Closed")
            .field("clean", &self.clean)
            .field("code", &self.code())
            .field("sent_code", &self.sent_code())
            .field("initiator", &self.initiator)
            .field("violation", &self.violation)
            .finish_non_exhaustive()
    }
}
