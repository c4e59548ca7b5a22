//! The names of the phases, for code that knows its phase only at run time.

use core::fmt;

/// The phase that a [`Connection`](crate::Connection) is in, by name.
///
/// What can be sent where, with [`Connection::send`](crate::Connection::send), and what comes of it:
///
#[doc = include_str!("../docs/acts.md")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// A client that has not asked.
    Initial,
    /// A client that has asked, or a server that waits for a request:
    /// [`Handshaking`](crate::Handshaking).
    Handshaking,
    /// A server that was asked: [`Requested`](crate::Requested).
    Requested,
    /// A server whose refusal has more of a body to come: [`Rejecting`](crate::Rejecting).
    Rejecting,
    /// The server has refused: [`Rejected`](crate::Rejected). A client may still hear the body.
    Rejected,
    /// The opening handshake has failed, with a [`HandshakeError`](crate::HandshakeError).
    Failed,
    /// Both ends may send: [`Open`](crate::Open).
    Open,
    /// A text message of ours is unfinished: [`Streaming`](crate::Streaming).
    StreamingText,
    /// A binary message of ours is unfinished: [`Streaming`](crate::Streaming).
    StreamingBinary,
    /// We have said Close: [`Closing`](crate::Closing).
    Closing,
    /// It has ended: [`Closed`](crate::Closed).
    Closed,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}
