//! The phase in which a message of ours is unfinished (RFC 6455 5.4).

use core::fmt;
use core::marker::PhantomData;

use crate::close::{CloseCode, CloseReason, ControlPayload, PeerClose};
use crate::closed::Closed;
use crate::closing::Closing;
use crate::delivery::Delivery;
use crate::error::Violation;
use crate::event::Event;
use crate::extension::Extension;
use crate::frame::Opcode;
use crate::inbox::Inbox;
use crate::open::Open;
use crate::outbox::Outbox;
use crate::outgoing::Fragments;
use crate::role::Role;

/// The kind of a message: [`Text`] or [`Binary`]. Sealed.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a kind of message",
    label = "neither `Text` nor `Binary`",
    note = "a message is `Text` or `Binary`, and there is no other kind (RFC 6455 5.6)"
)]
pub trait Kind: sealed::Kind {
    /// What a message of this kind is made of: [`str`] or `[u8]`.
    type Data: AsRef<[u8]> + ?Sized;
}

/// Text messages, of `str`.
#[derive(Debug)]
pub enum Text {}

/// Binary messages, of `[u8]`.
#[derive(Debug)]
pub enum Binary {}

mod sealed {
    use crate::frame::Opcode;

    #[diagnostic::on_unimplemented(
        message = "`{Self}` is not a kind of message",
        label = "neither `Text` nor `Binary`",
        note = "a message is `Text` or `Binary`, and there is no other kind (RFC 6455 5.6)"
    )]
    pub trait Kind: 'static {
        const OPCODE: Opcode;
    }
}

impl sealed::Kind for Text {
    const OPCODE: Opcode = Opcode::Text;
}

impl sealed::Kind for Binary {
    const OPCODE: Opcode = Opcode::Binary;
}

impl Kind for Text {
    type Data = str;
}

impl Kind for Binary {
    type Data = [u8];
}

/// An open connection with an unfinished message of ours.
///
/// Control frames may go between its fragments, another message may not. `receive` works as
/// ever.
///
/// | exit | to |
/// |---|---|
/// | [`finish`](Self::finish) | [`Open`] |
/// | [`close`](Self::close), [`close_without_code`](Self::close_without_code) | [`Closing`] |
/// | [`acknowledge`](Self::acknowledge), [`fail`](Self::fail), [`eof`](Self::eof) | [`Closed`] |
///
/// ```
/// # use wsproto::{Inbox, Limits, Open, Outbox, Server};
/// # let open = Open::<Server>::after_upgrade((), Limits::default());
/// # let mut outbox = Outbox::new();
/// let mut streaming = open.start_text();
/// streaming.write("Hel", &mut outbox);
/// let open = streaming.finish("lo", &mut outbox);
/// assert_eq!(outbox.bytes_to_send(None), b"\x01\x03Hel\x80\x02lo"[..]);
/// ```
#[must_use = "the message is unfinished: `finish` it, or `close` the connection"]
pub struct Streaming<R: Role, X: Extension, K: Kind> {
    pub(crate) open: Open<R, X>,
    pub(crate) fragments: Fragments,
    pub(crate) kind: PhantomData<fn() -> K>,
}

impl<R: Role, X: Extension, K: Kind> Streaming<R, X, K> {
    pub(crate) fn start(mut open: Open<R, X>) -> Self {
        let fragments = open.outgoing.start(K::OPCODE);
        Self {
            open,
            fragments,
            kind: PhantomData,
        }
    }

    /// Sends the next fragment.
    #[inline]
    pub fn write(&mut self, data: &K::Data, outbox: &mut Outbox) {
        self.open
            .outgoing
            .fragment(&mut self.fragments, data.as_ref(), false, outbox);
    }

    /// Sends the last fragment, which may be empty.
    #[inline]
    pub fn finish(mut self, data: &K::Data, outbox: &mut Outbox) -> Open<R, X> {
        self.open
            .outgoing
            .fragment(&mut self.fragments, data.as_ref(), true, outbox);
        self.open
    }

    /// As [`Open::receive`].
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

    /// Sends a Ping, between two fragments.
    #[inline]
    pub fn ping(&mut self, payload: ControlPayload, outbox: &mut Outbox) {
        self.open.ping(payload, outbox);
    }

    /// Sends a Pong that nobody asked for, between two fragments.
    #[inline]
    pub fn pong(&mut self, payload: ControlPayload, outbox: &mut Outbox) {
        self.open.pong(payload, outbox);
    }

    /// As [`Open::close`]. The peer drops the unfinished message.
    pub fn close(self, code: CloseCode, reason: CloseReason, outbox: &mut Outbox) -> Closing<R, X> {
        self.open.close(code, reason, outbox)
    }

    /// As [`Open::close_without_code`]. The peer drops the unfinished message.
    pub fn close_without_code(self, outbox: &mut Outbox) -> Closing<R, X> {
        self.open.close_without_code(outbox)
    }

    /// As [`Open::acknowledge`]. The peer drops the unfinished message; to have it heard,
    /// [`finish`](Self::finish) first.
    pub fn acknowledge(self, close: PeerClose, outbox: &mut Outbox) -> Closed<R> {
        self.open.acknowledge(close, outbox)
    }

    /// As [`Open::fail`].
    pub fn fail(self, violation: Violation, outbox: &mut Outbox) -> Closed<R> {
        self.open.fail(violation, outbox)
    }

    /// As [`Open::eof`].
    pub fn eof(self) -> Closed<R> {
        self.open.eof()
    }
}

impl<R: Role, X: Extension, K: Kind> fmt::Debug for Streaming<R, X, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match K::OPCODE {
            Opcode::Text => "Streaming<Text>",
            _ => "Streaming<Binary>",
        };
        f.debug_tuple(name).field(&self.open.incoming).finish()
    }
}
