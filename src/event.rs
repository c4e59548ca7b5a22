//! What a connection tells: data, and control frames.
//!
//! Knows nothing of connections: an event borrows the inbox, so that one can send while holding
//! it.

use core::fmt;

use crate::close::PeerClose;
use crate::delivery::{Delivery, Messages};
use crate::payload::Data;

/// What the peer said.
///
/// Borrows the [`Inbox`](crate::Inbox), never the connection. Whether `Text` and `Binary` hold
/// whole messages or pieces of them is the inbox's mode of delivery.
// With a tag of its own: one that is hidden in the fields takes longer to tell apart than a short message
// to unmask.
#[repr(u8)]
pub enum Event<'e, D: Delivery = Messages> {
    /// Text, valid UTF-8.
    Text(Data<'e, str, D>),
    /// Bytes.
    Binary(Data<'e, [u8], D>),
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
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Self::Binary(data) => write!(f, "Binary({} bytes)", data.len()),
            Self::Ping(payload) => write!(f, "Ping({} bytes)", payload.len()),
            Self::Pong(payload) => write!(f, "Pong({} bytes)", payload.len()),
            Self::Close(close) => close.fmt(f),
        }
    }
}
