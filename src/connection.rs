//! The phases as one value, for a phase that is known only at run time.

use core::fmt;

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
