//! What a [`Connection`] is made with.
//!
//! Knows no phase. Its one idea: what can be chosen is chosen before there is a connection, so that
//! nothing of it can come too late.

use crate::delivery::{Chunks, Messages};
use crate::inbox::Inbox;
use crate::limits::Limits;

/// What a [`Connection`](crate::Connection) is made with: limits, what it offers or accepts, and how
/// data is delivered.
///
/// ```
/// use wsproto::{Connection, Limits, Server, Settings};
/// let limits = Limits::default().message_payload(1 << 16);
/// let server: Connection<Server> = Settings::new().limits(limits).whole_messages().server();
/// ```
#[derive(Clone, Debug, Default)]
pub struct Settings<N = ()> {
    pub(crate) limits: Limits,
    pub(crate) proposal: N,
    delivered: Delivered,
}

/// How data is delivered.
#[derive(Clone, Copy, Debug, Default)]
enum Delivered {
    #[default]
    Chunks,
    Messages,
}

impl Settings {
    /// The default limits, no extension, and data as it arrives.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl<N> Settings<N> {
    /// These limits, in place of the default ones.
    #[must_use]
    pub fn limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Each message is told as one event, in place of pieces as they arrive.
    #[must_use]
    pub fn whole_messages(self) -> Self {
        Self {
            delivered: Delivered::Messages,
            ..self
        }
    }

    /// What a client offers and a server is willing to accept, such as
    /// [`DeflateOffer`](crate::DeflateOffer) or a [`Registry`](crate::Registry).
    #[must_use]
    pub fn proposal<M>(self, proposal: M) -> Settings<M> {
        Settings {
            limits: self.limits,
            proposal,
            delivered: self.delivered,
        }
    }

    pub(crate) fn inbox(&self) -> AnyInbox {
        match self.delivered {
            Delivered::Chunks => AnyInbox::Chunks(Inbox::chunks()),
            Delivered::Messages => AnyInbox::Messages(Inbox::new()),
        }
    }
}

/// An inbox of either mode of delivery.
#[derive(Debug)]
pub enum AnyInbox {
    /// Data is delivered as it arrives.
    Chunks(Inbox<Chunks>),
    /// Each data event is a whole message.
    Messages(Inbox<Messages>),
}

impl From<Inbox<Chunks>> for AnyInbox {
    fn from(inbox: Inbox<Chunks>) -> Self {
        Self::Chunks(inbox)
    }
}

impl From<Inbox<Messages>> for AnyInbox {
    fn from(inbox: Inbox<Messages>) -> Self {
        Self::Messages(inbox)
    }
}

/// Does the same with an inbox of either mode.
macro_rules! either {
    ($any:expr, $inbox:ident => $act:expr) => {
        match $any {
            AnyInbox::Chunks($inbox) => $act,
            AnyInbox::Messages($inbox) => $act,
        }
    };
}
pub(crate) use either;
