//! The sending half of a connection that was split, in a message of ours (RFC 6455 5.4).

use core::fmt;
use core::marker::PhantomData;

use crate::close::{CloseCode, CloseReason, ControlPayload, PeerClose};
use crate::closed::Closed;
use crate::closing_sender::ClosingSender;
use crate::error::Violation;
use crate::extension::Extension;
use crate::frame::Opcode;
use crate::outbox::Outbox;
use crate::outgoing::Fragments;
use crate::owed::OwedPong;
use crate::role::Role;
use crate::sender::Sender;
use crate::streaming::Kind;

/// The sending half of an open connection, with an unfinished message of ours.
///
/// Control frames may go between its fragments, another message may not.
///
/// | exit | to |
/// |---|---|
/// | [`finish`](Self::finish) | [`Sender`] |
/// | [`close`](Self::close), [`close_without_code`](Self::close_without_code) | [`ClosingSender`] |
/// | [`acknowledge`](Self::acknowledge), [`fail`](Self::fail), [`eof`](Self::eof) | [`Closed`] |
/// | [`Streaming::join`](crate::Streaming::join) | [`Streaming`](crate::Streaming) |
#[must_use = "the message is unfinished: `finish` it, or `close` the connection"]
pub struct StreamingSender<R: Role, X: Extension, K: Kind> {
    pub(crate) sender: Sender<R, X>,
    pub(crate) fragments: Fragments,
    pub(crate) kind: PhantomData<fn() -> K>,
}

impl<R: Role, X: Extension, K: Kind> StreamingSender<R, X, K> {
    pub(crate) fn start(mut sender: Sender<R, X>) -> Self {
        let fragments = sender.outgoing.start(K::OPCODE);
        Self {
            sender,
            fragments,
            kind: PhantomData,
        }
    }

    /// Sends the next fragment.
    #[inline]
    pub fn write(&mut self, data: &K::Data, outbox: &mut Outbox) {
        self.sender
            .outgoing
            .fragment(&mut self.fragments, data.as_ref(), false, outbox);
    }

    /// Sends the last fragment, which may be empty.
    #[inline]
    pub fn finish(mut self, data: &K::Data, outbox: &mut Outbox) -> Sender<R, X> {
        self.sender
            .outgoing
            .fragment(&mut self.fragments, data.as_ref(), true, outbox);
        self.sender
    }

    /// As [`Sender::answer`], between two fragments.
    pub fn answer(&mut self, pong: OwedPong, outbox: &mut Outbox) {
        self.sender.answer(pong, outbox);
    }

    /// Sends a Ping, between two fragments.
    #[inline]
    pub fn ping(&mut self, payload: ControlPayload, outbox: &mut Outbox) {
        self.sender.ping(payload, outbox);
    }

    /// Sends a Pong that nobody asked for, between two fragments.
    #[inline]
    pub fn pong(&mut self, payload: ControlPayload, outbox: &mut Outbox) {
        self.sender.pong(payload, outbox);
    }

    /// As [`Sender::close`]. The peer drops the unfinished message.
    pub fn close(
        self,
        code: CloseCode,
        reason: CloseReason,
        outbox: &mut Outbox,
    ) -> ClosingSender<R, X> {
        self.sender.close(code, reason, outbox)
    }

    /// As [`Sender::close_without_code`]. The peer drops the unfinished message.
    pub fn close_without_code(self, outbox: &mut Outbox) -> ClosingSender<R, X> {
        self.sender.close_without_code(outbox)
    }

    /// As [`Sender::acknowledge`]. The peer drops the unfinished message; to have it heard,
    /// [`finish`](Self::finish) first.
    pub fn acknowledge(self, close: PeerClose, outbox: &mut Outbox) -> Closed<R> {
        self.sender.acknowledge(close, outbox)
    }

    /// As [`Sender::fail`].
    pub fn fail(self, violation: Violation, outbox: &mut Outbox) -> Closed<R> {
        self.sender.fail(violation, outbox)
    }

    /// As [`Sender::eof`].
    pub fn eof(self) -> Closed<R> {
        self.sender.eof()
    }
}

impl<R: Role, X: Extension, K: Kind> fmt::Debug for StreamingSender<R, X, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match K::OPCODE {
            Opcode::Text => "StreamingSender<Text>",
            _ => "StreamingSender<Binary>",
        })
    }
}
