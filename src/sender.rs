//! The sending half of a connection that was split.
//!
//! Knows what is sent, and of what arrives only what it is given. Its one idea: it has the phases
//! that a connection has, as they are what *we* may send.

use core::fmt;

use bytes::Bytes;

use crate::broadcast::Broadcast;
use crate::close::{CloseCode, CloseReason, CloseStatus, ControlPayload, PeerClose};
use crate::closed::{Closed, Side};
use crate::closing_sender::ClosingSender;
use crate::error::Violation;
use crate::extension::Extension;
use crate::frame::Opcode;
use crate::outbox::Outbox;
use crate::outgoing::Outgoing;
use crate::owed::OwedPong;
use crate::role::{Role, Server};
use crate::streaming::{Binary, Text};
use crate::streaming_sender::StreamingSender;
use crate::unsent::Unsent;

/// The sending half of an open connection. See [`Open::split`](crate::Open::split).
///
/// | exit | to |
/// |---|---|
/// | [`start_text`](Self::start_text), [`start_binary`](Self::start_binary) | [`StreamingSender`] |
/// | [`close`](Self::close), [`close_without_code`](Self::close_without_code) | [`ClosingSender`] |
/// | [`acknowledge`](Self::acknowledge), [`fail`](Self::fail), [`eof`](Self::eof) | [`Closed`] |
/// | [`Open::join`](crate::Open::join) | [`Open`](crate::Open) |
///
/// `size_of::<Sender<Server>>()` is 0, and of a `Sender<Client>` 104 bytes: the masking keys.
#[must_use = "dropping the half that sends does not tell the peer: `close` it"]
pub struct Sender<R: Role, X: Extension = ()> {
    pub(crate) outgoing: Outgoing<R, X>,
}

impl<X: Extension> Sender<Server, X> {
    /// As [`Open::send_broadcast`](crate::Open::send_broadcast).
    #[inline]
    pub fn send_broadcast(&mut self, message: &Broadcast, outbox: &mut Outbox) {
        self.outgoing.broadcast(message, outbox);
    }

    /// As [`Open::send_broadcast_in_place`](crate::Open::send_broadcast_in_place).
    #[inline]
    pub fn send_broadcast_in_place<'m>(
        &mut self,
        message: &'m Broadcast,
        outbox: &'m mut Outbox,
    ) -> Unsent<'m> {
        self.outgoing.broadcast_in_place(message, outbox)
    }
}

impl<R: Role, X: Extension> Sender<R, X> {
    /// Answers a Ping that the receiving half got.
    ///
    /// At most [`Limits::pending_pongs`](crate::Limits::pending_pongs) wait in the outbox; beyond
    /// that only the newest does.
    pub fn answer(&mut self, pong: OwedPong, outbox: &mut Outbox) {
        self.outgoing.answer(pong, outbox);
    }

    /// As [`Open::ping`](crate::Open::ping).
    #[inline]
    pub fn ping(&mut self, payload: ControlPayload, outbox: &mut Outbox) {
        self.outgoing.control(Opcode::Ping, &payload, outbox);
    }

    /// Sends a Pong that nobody asked for (RFC 6455 5.5.3): to a Ping,
    /// [`answer`](Self::answer).
    #[inline]
    pub fn pong(&mut self, payload: ControlPayload, outbox: &mut Outbox) {
        self.outgoing.control(Opcode::Pong, &payload, outbox);
    }

    /// As [`Open::send_text`](crate::Open::send_text).
    #[inline]
    pub fn send_text(&mut self, message: &str, outbox: &mut Outbox) {
        self.outgoing
            .message(Opcode::Text, message.as_bytes(), outbox);
    }

    /// As [`Open::send_binary`](crate::Open::send_binary).
    #[inline]
    pub fn send_binary(&mut self, message: &[u8], outbox: &mut Outbox) {
        self.outgoing.message(Opcode::Binary, message, outbox);
    }

    /// As [`Open::send_bytes`](crate::Open::send_bytes).
    #[inline]
    pub fn send_bytes(&mut self, message: Bytes, outbox: &mut Outbox) {
        self.outgoing.message_bytes(Opcode::Binary, message, outbox);
    }

    /// As [`Open::send_text_in_place`](crate::Open::send_text_in_place).
    #[inline]
    pub fn send_text_in_place<'m>(
        &mut self,
        message: &'m str,
        outbox: &'m mut Outbox,
    ) -> Unsent<'m> {
        self.outgoing
            .message_in_place(Opcode::Text, message.as_bytes(), outbox)
    }

    /// As [`Open::send_binary_in_place`](crate::Open::send_binary_in_place).
    #[inline]
    pub fn send_binary_in_place<'m>(
        &mut self,
        message: &'m [u8],
        outbox: &'m mut Outbox,
    ) -> Unsent<'m> {
        self.outgoing
            .message_in_place(Opcode::Binary, message, outbox)
    }

    /// Starts a text message in fragments.
    pub fn start_text(self) -> StreamingSender<R, X, Text> {
        StreamingSender::start(self)
    }

    /// Starts a binary message in fragments.
    pub fn start_binary(self) -> StreamingSender<R, X, Binary> {
        StreamingSender::start(self)
    }

    /// Says Close, with a code and a reason (RFC 6455 7.1.2).
    pub fn close(
        mut self,
        code: CloseCode,
        reason: CloseReason,
        outbox: &mut Outbox,
    ) -> ClosingSender<R, X> {
        self.outgoing.close(code.into(), &reason, outbox);
        self.closing(code.into(), reason)
    }

    /// Says Close, without a code: the peer is told 1005 (RFC 6455 7.1.5).
    pub fn close_without_code(mut self, outbox: &mut Outbox) -> ClosingSender<R, X> {
        self.outgoing.close(CloseStatus::NONE, "", outbox);
        self.closing(CloseStatus::NONE, CloseReason::default())
    }

    fn closing(self, code: CloseStatus, reason: CloseReason) -> ClosingSender<R, X> {
        ClosingSender {
            outgoing: self.outgoing,
            sent: (code, reason),
            // As far as this half knows.
            initiator: Side::Us,
        }
    }

    /// Answers the peer's Close, which the receiving half got, with its own code and no reason (RFC
    /// 6455 5.5.1).
    ///
    /// `close` is taken for what its own receiving half got: with that of another connection the
    /// end is called clean, and is not. [`Open::acknowledge`](crate::Open::acknowledge) can tell.
    pub fn acknowledge(mut self, close: PeerClose, outbox: &mut Outbox) -> Closed<R> {
        self.outgoing.close(close.status, "", outbox);
        Closed::acknowledged(close)
    }

    /// Tells the peer what it did wrong, which the receiving half found, and ends (RFC 6455 7.1.7).
    pub fn fail(mut self, violation: Violation, outbox: &mut Outbox) -> Closed<R> {
        self.outgoing
            .close(violation.close_code().into(), "", outbox);
        Closed::failed(violation)
    }

    /// The transport has ended, and this half was not given a Close of the peer: not clean.
    ///
    /// Whether the receiving half heard one, [`Open::eof`](crate::Open::eof) knows after a
    /// [`join`](crate::Open::join).
    pub fn eof(self) -> Closed<R> {
        Closed::abnormal()
    }
}

impl<R: Role, X: Extension> fmt::Debug for Sender<R, X> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sender")
    }
}
