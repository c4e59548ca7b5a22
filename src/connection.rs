//! The phases as one value, for a phase that is known only at run time.

use core::fmt;

use crate::close::PeerClose;
use crate::closed::Closed;
use crate::closing::Closing;
use crate::delivery::Delivery;
use crate::error::Violation;
use crate::event::Event;
use crate::inbox::Inbox;
use crate::negotiate::Negotiate;
use crate::open::Open;
use crate::outbox::Outbox;
use crate::role::Role;
use crate::streaming::{Binary, Streaming, Text};

/// A connection in whatever phase it is: for a field of a struct, or a map of connections.
///
/// `N` is the proposal of extensions that was negotiated, as in [`Handshaking`](crate::Handshaking).
#[must_use = "dropping a connection does not tell the peer"]
pub enum Connection<R: Role, N: Negotiate = ()> {
    /// Both ends may send.
    Open(Open<R, N::Agreed>),
    /// A text message of ours is unfinished.
    StreamingText(Streaming<R, N::Agreed, Text>),
    /// A binary message of ours is unfinished.
    StreamingBinary(Streaming<R, N::Agreed, Binary>),
    /// We have said Close.
    Closing(Closing<R, N::Agreed>),
    /// It has ended.
    Closed(Closed<R>),
}

impl<R: Role, N: Negotiate> Connection<R, N> {
    /// As [`Open::receive`], in any phase; nothing once closed.
    ///
    /// # Errors
    ///
    /// As [`Open::receive`].
    ///
    /// # Panics
    ///
    /// As [`Open::receive`].
    pub fn receive<'e, D: Delivery>(
        &mut self,
        inbox: &'e mut Inbox<D>,
        outbox: &mut Outbox,
    ) -> Result<Option<Event<'e, D>>, Violation> {
        match self {
            Self::Open(open) => open.receive(inbox, outbox),
            Self::StreamingText(streaming) => streaming.receive(inbox, outbox),
            Self::StreamingBinary(streaming) => streaming.receive(inbox, outbox),
            Self::Closing(closing) => closing.receive(inbox, outbox),
            Self::Closed(_) => Ok(None),
        }
    }

    /// As [`Open::has_event`], in any phase; never once closed.
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
        match self {
            Self::Open(open) => open.has_event(inbox, outbox),
            Self::StreamingText(streaming) => streaming.has_event(inbox, outbox),
            Self::StreamingBinary(streaming) => streaming.has_event(inbox, outbox),
            Self::Closing(closing) => closing.has_event(inbox, outbox),
            Self::Closed(_) => Ok(false),
        }
    }

    /// The peer has said Close: answers it, unless we were first, and ends. What has ended stays
    /// as it is.
    pub fn acknowledge(&mut self, close: PeerClose, outbox: &mut Outbox) {
        self.end(|connection| match connection {
            Self::Open(open) => open.acknowledge(close, outbox),
            Self::StreamingText(streaming) => streaming.acknowledge(close, outbox),
            Self::StreamingBinary(streaming) => streaming.acknowledge(close, outbox),
            Self::Closing(closing) => closing.finish(close),
            Self::Closed(closed) => closed,
        })
    }

    /// Tells the peer what it did wrong, unless we have said Close already, and ends. What has
    /// ended stays as it is.
    pub fn fail(&mut self, violation: Violation, outbox: &mut Outbox) {
        self.end(|connection| match connection {
            Self::Open(open) => open.fail(violation, outbox),
            Self::StreamingText(streaming) => streaming.fail(violation, outbox),
            Self::StreamingBinary(streaming) => streaming.fail(violation, outbox),
            Self::Closing(closing) => closing.fail(violation),
            Self::Closed(closed) => closed,
        })
    }

    /// The transport has ended. What has ended before stays as it is.
    pub fn eof(&mut self) {
        self.end(|connection| match connection {
            Self::Open(open) => open.eof(),
            Self::StreamingText(streaming) => streaming.eof(),
            Self::StreamingBinary(streaming) => streaming.eof(),
            Self::Closing(closing) => closing.eof(),
            Self::Closed(closed) => closed,
        })
    }

    fn end(&mut self, end: impl FnOnce(Self) -> Closed<R>) {
        *self = Self::Closed(end(self.take()));
    }

    /// How it ended, once it has.
    #[must_use]
    pub fn closed(&self) -> Option<&Closed<R>> {
        match self {
            Self::Closed(closed) => Some(closed),
            _ => None,
        }
    }

    /// Takes the connection out, to make a transition with it, and leaves one that ended
    /// abnormally (1006) in its place.
    pub fn take(&mut self) -> Self {
        core::mem::replace(self, Self::Closed(Closed::abnormal()))
    }
}

impl<R: Role, N: Negotiate> fmt::Debug for Connection<R, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open(open) => open.fmt(f),
            Self::StreamingText(streaming) => streaming.fmt(f),
            Self::StreamingBinary(streaming) => streaming.fmt(f),
            Self::Closing(closing) => closing.fmt(f),
            Self::Closed(closed) => closed.fmt(f),
        }
    }
}

impl<R: Role, N: Negotiate> From<Open<R, N::Agreed>> for Connection<R, N> {
    fn from(open: Open<R, N::Agreed>) -> Self {
        Self::Open(open)
    }
}

impl<R: Role, N: Negotiate> From<Streaming<R, N::Agreed, Text>> for Connection<R, N> {
    fn from(streaming: Streaming<R, N::Agreed, Text>) -> Self {
        Self::StreamingText(streaming)
    }
}

impl<R: Role, N: Negotiate> From<Streaming<R, N::Agreed, Binary>> for Connection<R, N> {
    fn from(streaming: Streaming<R, N::Agreed, Binary>) -> Self {
        Self::StreamingBinary(streaming)
    }
}

impl<R: Role, N: Negotiate> From<Closing<R, N::Agreed>> for Connection<R, N> {
    fn from(closing: Closing<R, N::Agreed>) -> Self {
        Self::Closing(closing)
    }
}

impl<R: Role, N: Negotiate> From<Closed<R>> for Connection<R, N> {
    fn from(closed: Closed<R>) -> Self {
        Self::Closed(closed)
    }
}
