//! The sending half of a connection that was split, once it has said Close.
//!
//! Knows what is sent, and of what arrives only what it is given. Its one idea: no data may follow a
//! Close, but what is owed may.

use core::fmt;

use crate::close::{CloseReason, CloseStatus, PeerClose};
use crate::closed::{Closed, Side};
use crate::error::Violation;
use crate::extension::Extension;
use crate::outbox::Outbox;
use crate::outgoing::Outgoing;
use crate::owed::OwedPong;
use crate::role::Role;

/// The sending half of a connection on which we have said Close: pings are still answered (RFC 6455
/// 5.5.2), and nothing more can be sent.
///
/// The receiving half goes on until the peer has said Close too. The wait wants a timeout of the
/// caller's: the peer may never answer.
///
/// | exit | to |
/// |---|---|
/// | [`finish`](Self::finish), [`fail`](Self::fail), [`eof`](Self::eof) | [`Closed`] |
/// | [`Closing::join`](crate::Closing::join) | [`Closing`](crate::Closing) |
#[must_use = "the peer's Close is yet to come: `finish` with what the receiving half gets"]
pub struct ClosingSender<R: Role, X: Extension = ()> {
    pub(crate) outgoing: Outgoing<R, X>,
    pub(crate) sent: (CloseStatus, CloseReason),
    /// Who said Close first.
    pub(crate) initiator: Side,
}

impl<R: Role, X: Extension> ClosingSender<R, X> {
    /// As [`Sender::answer`](crate::Sender::answer).
    pub fn answer(&mut self, pong: OwedPong, outbox: &mut Outbox) {
        self.outgoing.answer(pong, outbox);
    }

    /// The peer has said Close too: the closing handshake is complete (RFC 6455 7.1.4).
    ///
    /// `close` is taken for what its own receiving half got: see [`Sender::acknowledge`].
    ///
    /// [`Sender::acknowledge`]: crate::Sender::acknowledge
    pub fn finish(self, close: PeerClose) -> Closed<R> {
        Closed {
            clean: true,
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

    /// The transport has ended, and this half was not given a Close of the peer: not clean. See
    /// [`Sender::eof`](crate::Sender::eof).
    pub fn eof(self) -> Closed<R> {
        self.end()
    }

    fn end(self) -> Closed<R> {
        Closed::closing(self.sent, self.initiator)
    }
}

impl<R: Role, X: Extension> fmt::Debug for ClosingSender<R, X> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClosingSender")
    }
}
