//! The phase in which we have said Close, and the peer may not have.

use core::fmt;

use crate::close::{CloseReason, CloseStatus, PeerClose};
use crate::closed::{Closed, Side};
use crate::delivery::Delivery;
use crate::error::Violation;
use crate::event::Event;
use crate::extension::Extension;
use crate::inbox::Inbox;
use crate::open::Open;
use crate::outbox::Outbox;
use crate::role::Role;

/// A connection on which we have said Close: nothing more can be sent.
///
/// What the peer sends until it has said Close too still arrives, and pings are still answered
/// (RFC 6455 5.5.2). The wait wants a timeout of the caller's: the peer may never answer.
///
/// | exit | to |
/// |---|---|
/// | [`finish`](Self::finish), [`fail`](Self::fail), [`eof`](Self::eof) | [`Closed`] |
#[must_use = "the peer's Close is yet to come: `receive` until it does, and `finish`"]
pub struct Closing<R: Role, X: Extension = ()> {
    pub(crate) open: Open<R, X>,
    pub(crate) sent: (CloseStatus, CloseReason),
    /// Who said Close first.
    pub(crate) initiator: Side,
}

impl<R: Role, X: Extension> Closing<R, X> {
    pub(crate) fn new(open: Open<R, X>, code: CloseStatus, reason: CloseReason) -> Self {
        let initiator = match open.incoming.heard_close() {
            Some(_) => Side::Peer,
            None => Side::Us,
        };
        Self {
            open,
            sent: (code, reason),
            initiator,
        }
    }

    /// As [`Open::receive`]: what the peer sent before it heard our Close.
    ///
    /// # Errors
    ///
    /// As [`Open::receive`].
    ///
    /// # Panics
    ///
    /// As [`Open::receive`].
    #[inline]
    pub fn receive<'e, D: Delivery>(
        &mut self,
        inbox: &'e mut Inbox<D>,
        outbox: &mut Outbox,
    ) -> Result<Option<Event<'e, D>>, Violation> {
        self.open.receive(inbox, outbox)
    }

    /// As [`Open::has_event`].
    ///
    /// # Errors
    ///
    /// As [`Open::receive`].
    ///
    /// # Panics
    ///
    /// As [`Open::receive`].
    pub fn has_event<D: Delivery>(
        &mut self,
        inbox: &mut Inbox<D>,
        outbox: &mut Outbox,
    ) -> Result<bool, Violation> {
        self.open.has_event(inbox, outbox)
    }

    /// The peer has said Close too: the closing handshake is complete (RFC 6455 7.1.4).
    pub fn finish(self, close: PeerClose) -> Closed<R> {
        Closed {
            // A witness of another connection says nothing of this one.
            clean: self.open.incoming.heard_close().is_some(),
            received: Some(close),
            ..self.end()
        }
    }

    /// Ends because of what the peer did wrong. It has our Close already, and gets no second one.
    pub fn fail(self, violation: Violation) -> Closed<R> {
        Closed {
            violation: Some(violation),
            ..self.end()
        }
    }

    /// The transport has ended. Clean if the peer's Close was heard before.
    pub fn eof(self) -> Closed<R> {
        let received = self.open.incoming.heard_close();
        Closed {
            clean: received.is_some(),
            received,
            ..self.end()
        }
    }

    fn end(self) -> Closed<R> {
        Closed::closing(self.sent, self.initiator)
    }
}

impl<R: Role, X: Extension> fmt::Debug for Closing<R, X> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Closing").field(&self.open.incoming).finish()
    }
}
