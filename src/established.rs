//! The phases behind the handshake as one value, for a phase that is known only at run time.
//!
//! Knows the phases, and owns no buffer. Its one idea: an enum over the typed phases, so that a
//! struct or a map can hold a connection, and one inbox and one outbox can serve many.

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

/// A connection behind its handshake, in whatever phase it is: for a field of a struct, or a map
/// of connections that share an inbox and an outbox.
///
/// [`Connection`](crate::Connection) owns its buffers and has the phases of the handshake too.
/// `N` is the proposal of extensions that was negotiated, as in [`Handshaking`](crate::Handshaking).
#[must_use = "dropping a connection does not tell the peer"]
pub enum Established<R: Role, N: Negotiate = ()> {
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

impl<R: Role, N: Negotiate> Established<R, N> {
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
        self.end(|established| match established {
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
        self.end(|established| match established {
            Self::Open(open) => open.fail(violation, outbox),
            Self::StreamingText(streaming) => streaming.fail(violation, outbox),
            Self::StreamingBinary(streaming) => streaming.fail(violation, outbox),
            Self::Closing(closing) => closing.fail(violation),
            Self::Closed(closed) => closed,
        })
    }

    /// The transport has ended. What has ended before stays as it is.
    pub fn eof(&mut self) {
        self.end(|established| match established {
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

impl<R: Role, N: Negotiate> fmt::Debug for Established<R, N> {
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

/// From a typed phase, and back: whoever asks for another phase gets the value back.
macro_rules! phase {
    ($variant:ident, $phase:ty) => {
        impl<R: Role, N: Negotiate> From<$phase> for Established<R, N> {
            fn from(phase: $phase) -> Self {
                Self::$variant(phase)
            }
        }

        impl<R: Role, N: Negotiate> TryFrom<Established<R, N>> for $phase {
            type Error = Established<R, N>;

            fn try_from(established: Established<R, N>) -> Result<Self, Established<R, N>> {
                match established {
                    Established::$variant(phase) => Ok(phase),
                    other => Err(other),
                }
            }
        }
    };
}

phase!(Open, Open<R, N::Agreed>);
phase!(StreamingText, Streaming<R, N::Agreed, Text>);
phase!(StreamingBinary, Streaming<R, N::Agreed, Binary>);
phase!(Closing, Closing<R, N::Agreed>);
phase!(Closed, Closed<R>);
