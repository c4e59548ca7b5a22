//! The phases as one value, for a phase that is known only at run time.

use crate::closed::Closed;
use crate::closing::Closing;
use crate::delivery::Delivery;
use crate::error::Violation;
use crate::event::Event;
use crate::extension::Extension;
use crate::inbox::Inbox;
use crate::open::Open;
use crate::outbox::Outbox;
use crate::role::Role;
use crate::streaming::{Binary, Streaming, Text};

/// A connection in whatever phase it is: for a field of a struct, or a map of connections.
#[derive(Debug)]
#[must_use = "dropping a connection does not tell the peer"]
pub enum Connection<R: Role, X: Extension = ()> {
    /// Both ends may send.
    Open(Open<R, X>),
    /// A text message of ours is unfinished.
    StreamingText(Streaming<R, X, Text>),
    /// A binary message of ours is unfinished.
    StreamingBinary(Streaming<R, X, Binary>),
    /// We have said Close.
    Closing(Closing<R, X>),
    /// It has ended.
    Closed(Closed<R>),
}

impl<R: Role, X: Extension> Connection<R, X> {
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

impl<R: Role, X: Extension> From<Open<R, X>> for Connection<R, X> {
    fn from(open: Open<R, X>) -> Self {
        Self::Open(open)
    }
}

impl<R: Role, X: Extension> From<Streaming<R, X, Text>> for Connection<R, X> {
    fn from(streaming: Streaming<R, X, Text>) -> Self {
        Self::StreamingText(streaming)
    }
}

impl<R: Role, X: Extension> From<Streaming<R, X, Binary>> for Connection<R, X> {
    fn from(streaming: Streaming<R, X, Binary>) -> Self {
        Self::StreamingBinary(streaming)
    }
}

impl<R: Role, X: Extension> From<Closing<R, X>> for Connection<R, X> {
    fn from(closing: Closing<R, X>) -> Self {
        Self::Closing(closing)
    }
}

impl<R: Role, X: Extension> From<Closed<R>> for Connection<R, X> {
    fn from(closed: Closed<R>) -> Self {
        Self::Closed(closed)
    }
}
