//! The phase in which both ends may send.

use alloc::string::String;
use core::fmt;

use bytes::Bytes;

use crate::broadcast::Broadcast;
use crate::close::{CloseCode, CloseReason, CloseStatus, ControlPayload, PeerClose};
use crate::closed::{Closed, Side};
use crate::closing::Closing;
use crate::delivery::Delivery;
use crate::entropy::{Entropy, Keys};
use crate::error::Violation;
use crate::event::Event;
use crate::extension::Extension;
use crate::frame::Opcode;
use crate::inbox::{Inbox, Ready};
use crate::incoming::{AtOnce, Incoming};
use crate::limits::Limits;
use crate::outbox::Outbox;
use crate::outgoing::Outgoing;
use crate::role::{Client, Role, Server};
use crate::streaming::{Binary, Streaming, Text};
use crate::unsent::Unsent;

/// An open connection: both ends may send.
///
/// | exit | to |
/// |---|---|
/// | [`start_text`](Self::start_text), [`start_binary`](Self::start_binary) | [`Streaming`] |
/// | [`close`](Self::close), [`close_without_code`](Self::close_without_code) | [`Closing`] |
/// | [`acknowledge`](Self::acknowledge), [`fail`](Self::fail), [`eof`](Self::eof) | [`Closed`] |
///
/// It owns no heap: `size_of::<Open<Server>>()` is 64 bytes on a 64-bit machine.
#[must_use = "dropping a connection does not tell the peer: `close` it"]
pub struct Open<R: Role, X: Extension = ()> {
    pub(crate) incoming: Incoming<R, X>,
    pub(crate) outgoing: Outgoing<R, X>,
}

impl<X: Extension> Open<Server, X> {
    /// A connection whose handshake was done elsewhere, with the extension that it agreed to.
    ///
    /// Bytes that followed the request's head belong into the inbox.
    pub fn after_upgrade(extension: X, limits: Limits) -> Self {
        // Two extensions on one bit: here, where the caller can see it.
        let _ = const { X::RSV };
        let (encoder, decoder) = extension.split();
        Self {
            incoming: Incoming::new(decoder, &limits),
            outgoing: Outgoing::new((), encoder),
        }
    }
}

impl<X: Extension> Open<Server, X> {
    /// Sends a message that was framed before, as a reference where it is large.
    #[inline]
    pub fn send_broadcast(&mut self, message: &Broadcast, outbox: &mut Outbox) {
        self.outgoing.broadcast(message, outbox);
    }

    /// Sends a message that was framed before, from where it lies: of what the transport takes at once
    /// nothing is copied.
    #[inline]
    pub fn send_broadcast_in_place<'m>(
        &mut self,
        message: &'m Broadcast,
        outbox: &'m mut Outbox,
    ) -> Unsent<'m> {
        self.outgoing.broadcast_in_place(message, outbox)
    }
}

impl<X: Extension> Open<Client, X> {
    /// A connection whose handshake was done elsewhere, with the extension that it agreed to.
    ///
    /// `entropy` seeds the masking keys: [`Entropy::from_os`], or 32 bytes that no peer can
    /// guess and no other connection has. Bytes that followed the response's head belong into the
    /// inbox.
    pub fn after_upgrade(extension: X, limits: Limits, entropy: impl Into<Entropy>) -> Self {
        // Two extensions on one bit: here, where the caller can see it.
        let _ = const { X::RSV };
        let (encoder, decoder) = extension.split();
        Self::new(decoder, encoder, &limits, Keys::new(entropy.into()))
    }

    pub(crate) fn new(
        decoder: X::Decoder,
        encoder: X::Encoder,
        limits: &Limits,
        keys: Keys,
    ) -> Self {
        Self {
            incoming: Incoming::new(decoder, limits),
            outgoing: Outgoing::new(keys, encoder),
        }
    }
}

impl<R: Role, X: Extension> Open<R, X> {
    /// The next event, if what is in the inbox holds one. Pings are answered on the way, into the
    /// outbox.
    ///
    /// Nothing says that more bytes are needed, or that the peer has said Close.
    ///
    /// # Errors
    ///
    /// What the peer did wrong. Final: it is given again each time. Give it to
    /// [`fail`](Self::fail).
    ///
    /// # Panics
    ///
    /// If the inbox holds part of a message of another connection (see [`Inbox`]).
    #[inline(always)]
    pub fn receive<'e, D: Delivery>(
        &mut self,
        inbox: &'e mut Inbox<D>,
        outbox: &mut Outbox,
    ) -> Result<Option<Event<'e, D>>, Violation> {
        match self.incoming.at_once(inbox) {
            AtOnce::Ready(ready) => self.incoming.event(ready, inbox).map(Some),
            AtOnce::Incomplete => Ok(None),
            AtOnce::Other => self.receive_step_by_step(inbox, outbox),
        }
    }

    #[inline(never)]
    fn receive_step_by_step<'e, D: Delivery>(
        &mut self,
        inbox: &'e mut Inbox<D>,
        outbox: &mut Outbox,
    ) -> Result<Option<Event<'e, D>>, Violation> {
        let ready = match inbox.kept() {
            Some(ready) => ready,
            None => match self.incoming.step_by_step(inbox)? {
                Some(ready) => self.answered(ready, inbox, outbox),
                None => return Ok(None),
            },
        };
        self.incoming.event(ready, inbox).map(Some)
    }

    /// Whether [`receive`](Self::receive) has an event: the same step without a loan of the inbox,
    /// for a caller that goes on reading where there is none.
    ///
    /// Text that lies in place is validated here, and again when it is received.
    ///
    /// # Errors
    ///
    /// As [`receive`](Self::receive).
    ///
    /// # Panics
    ///
    /// As [`receive`](Self::receive).
    pub fn has_event<D: Delivery>(
        &mut self,
        inbox: &mut Inbox<D>,
        outbox: &mut Outbox,
    ) -> Result<bool, Violation> {
        if inbox.keeps() {
            return Ok(true);
        }
        let Some(ready) = self.find(inbox, outbox)? else {
            return Ok(false);
        };
        self.incoming.check(ready, inbox)?;
        inbox.keep(ready);
        Ok(true)
    }

    /// The next event as a place in the inbox; a Ping has been answered.
    #[inline(always)]
    pub(crate) fn find<D: Delivery>(
        &mut self,
        inbox: &mut Inbox<D>,
        outbox: &mut Outbox,
    ) -> Result<Option<Ready>, Violation> {
        let ready = self.incoming.advance(inbox)?;
        Ok(ready.map(|ready| self.answered(ready, inbox, outbox)))
    }

    /// A Ping is answered.
    #[inline(always)]
    fn answered<D: Delivery>(
        &mut self,
        ready: Ready,
        inbox: &Inbox<D>,
        outbox: &mut Outbox,
    ) -> Ready {
        if let Ready::Ping { from, to } = ready {
            let limit = self.incoming.max_pongs();
            self.outgoing
                .pong(&inbox.buffer.bytes()[from..to], limit, outbox);
        }
        ready
    }

    /// Sends a Ping. The peer answers with the same payload (RFC 6455 5.5.2).
    #[inline]
    pub fn ping(&mut self, payload: ControlPayload, outbox: &mut Outbox) {
        self.outgoing.control(Opcode::Ping, &payload, outbox);
    }

    /// Sends a Pong that nobody asked for (RFC 6455 5.5.3): pings are answered by `receive`.
    #[inline]
    pub fn pong(&mut self, payload: ControlPayload, outbox: &mut Outbox) {
        self.outgoing.control(Opcode::Pong, &payload, outbox);
    }

    /// Sends a text message in one frame.
    #[inline]
    pub fn send_text(&mut self, message: &str, outbox: &mut Outbox) {
        self.outgoing
            .message(Opcode::Text, message.as_bytes(), outbox);
    }

    /// Sends a binary message in one frame.
    #[inline]
    pub fn send_binary(&mut self, message: &[u8], outbox: &mut Outbox) {
        self.outgoing.message(Opcode::Binary, message, outbox);
    }

    /// Sends a binary message in one frame, for a server without a copy where it is large.
    #[inline]
    pub fn send_bytes(&mut self, message: Bytes, outbox: &mut Outbox) {
        self.outgoing.message_bytes(Opcode::Binary, message, outbox);
    }

    /// Sends a text message in one frame, for a server without a copy where it is large.
    pub(crate) fn send_string(&mut self, message: String, outbox: &mut Outbox) {
        // A short one would only be moved to memory that can be shared.
        if Outbox::shares(message.len()) {
            self.outgoing
                .message_bytes(Opcode::Text, message.into(), outbox);
        } else {
            self.send_text(&message, outbox);
        }
    }

    /// Sends a text message in one frame, for a server from where it lies: of what the transport takes
    /// at once nothing is copied.
    #[inline]
    pub fn send_text_in_place<'m>(
        &mut self,
        message: &'m str,
        outbox: &'m mut Outbox,
    ) -> Unsent<'m> {
        self.outgoing
            .message_in_place(Opcode::Text, message.as_bytes(), outbox)
    }

    /// Sends a binary message in one frame, for a server from where it lies: of what the transport takes
    /// at once nothing is copied.
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
    pub fn start_text(self) -> Streaming<R, X, Text> {
        Streaming::start(self)
    }

    /// Starts a binary message in fragments.
    pub fn start_binary(self) -> Streaming<R, X, Binary> {
        Streaming::start(self)
    }

    /// Says Close, with a code and a reason (RFC 6455 7.1.2).
    pub fn close(
        mut self,
        code: CloseCode,
        reason: CloseReason,
        outbox: &mut Outbox,
    ) -> Closing<R, X> {
        self.outgoing.close(code.into(), &reason, outbox);
        Closing::new(self, code.into(), reason)
    }

    /// Says Close, without a code: the peer is told 1005 (RFC 6455 7.1.5).
    pub fn close_without_code(mut self, outbox: &mut Outbox) -> Closing<R, X> {
        self.outgoing.close(CloseStatus::NONE, "", outbox);
        Closing::new(self, CloseStatus::NONE, CloseReason::default())
    }

    /// Answers the peer's Close with its own code and no reason (RFC 6455 5.5.1).
    pub fn acknowledge(mut self, close: PeerClose, outbox: &mut Outbox) -> Closed<R> {
        self.outgoing.close(close.status, "", outbox);
        Closed {
            // A witness of another connection says nothing of this one.
            clean: self.incoming.heard_close().is_some(),
            ..Closed::acknowledged(close)
        }
    }

    /// Tells the peer what it did wrong, by close code, and ends (RFC 6455 7.1.7).
    pub fn fail(mut self, violation: Violation, outbox: &mut Outbox) -> Closed<R> {
        let code = violation.close_code().into();
        self.outgoing.close(code, "", outbox);
        Closed::failed(violation)
    }

    /// The transport has ended. Clean if the peer's Close was heard before.
    pub fn eof(self) -> Closed<R> {
        let received = self.incoming.heard_close();
        Closed {
            clean: received.is_some(),
            initiator: received.is_some().then_some(Side::Peer),
            received,
            ..Closed::abnormal()
        }
    }
}

impl<R: Role, X: Extension> fmt::Debug for Open<R, X> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Open").field(&self.incoming).finish()
    }
}
