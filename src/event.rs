//! What a connection tells: data, and control frames.
//!
//! Knows nothing of connections: an event borrows the inbox, so that one can send while holding
//! it.

use core::fmt;

use crate::close::PeerClose;
use crate::delivery::{Delivery, Messages};

/// What the peer said.
///
/// Borrows the [`Inbox`](crate::Inbox), never the connection. What `Text` and `Binary` hold
/// depends on the inbox: whole messages ([`TextMessage`], [`BinaryMessage`]) or pieces of them
/// ([`TextChunk`], [`BinaryChunk`]). Either dereferences to `str` or `[u8]`.
///
/// [`TextMessage`]: crate::TextMessage
/// [`BinaryMessage`]: crate::BinaryMessage
/// [`TextChunk`]: crate::TextChunk
/// [`BinaryChunk`]: crate::BinaryChunk
pub enum Event<'e, D: Delivery = Messages> {
    /// Text, valid UTF-8.
    Text(D::Text<'e>),
    /// Bytes.
    Binary(D::Binary<'e>),
    /// A Ping, which was answered already.
    Ping(&'e [u8]),
    /// A Pong, asked for or not (RFC 6455 5.5.3).
    Pong(&'e [u8]),
    /// The peer will send nothing more, and waits for our Close.
    Close(PeerClose),
}

impl<D: Delivery> fmt::Debug for Event<'_, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => text.fmt(f),
            Self::Binary(data) => data.fmt(f),
            Self::Ping(payload) => write!(f, "Ping({} bytes)", payload.len()),
            Self::Pong(payload) => write!(f, "Pong({} bytes)", payload.len()),
            Self::Close(close) => close.fmt(f),
        }
    }
}
