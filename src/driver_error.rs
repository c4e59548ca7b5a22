//! What ends a connection that a driver drives.
//!
//! Knows nothing of drivers. Its one idea: errors are told apart by who is to blame, the transport,
//! the peer in its frames, or the peer in its handshake.

use alloc::boxed::Box;
use core::fmt;
use std::io;

use crate::error::Violation;
use crate::handshake_error::HandshakeError;
use crate::rejected::Rejected;
use crate::role::Client;

/// What ends a connection that a driver drives, or keeps it from being opened.
///
/// That the peer says Close is no error: it is an [`Event::Close`](crate::Event::Close).
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The transport failed, or took longer than it was given.
    Transport(io::Error),
    /// Nothing more will come: the transport has ended without a Close (1006, RFC 6455 7.1.5), or
    /// the peer's Close was received before.
    Eof,
    /// Nothing more can be sent: we have said Close, or the connection has ended. Only where that is
    /// not known from the type.
    Closed,
    /// No message has come or gone for longer than the
    /// [idle deadline](crate::Keepalive::idle_deadline). The peer may be well: `close` it.
    Idle,
    /// The peer broke the protocol. It has been told so, by close code (RFC 6455 7.1.7).
    Violation(Violation),
    /// The opening handshake failed. A client has been told so, by HTTP status.
    Handshake(HandshakeError),
    /// The server refused to open a connection.
    Rejected(Box<Rejected<Client>>),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transport(error) => error.fmt(f),
            Self::Eof => f.write_str("the peer left without a Close"),
            Self::Closed => f.write_str("the connection is closed"),
            Self::Idle => f.write_str("the connection is idle"),
            Self::Violation(violation) => write!(f, "the peer broke the protocol: {violation}"),
            Self::Handshake(error) => write!(f, "the handshake failed: {error}"),
            Self::Rejected(rejected) => {
                let (status, reason) = (rejected.status(), rejected.reason());
                let space = if reason.is_empty() { "" } else { " " };
                write!(f, "the server refused: {status}{space}{reason}")
            }
        }
    }
}

impl core::error::Error for Error {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Transport(error) => Some(error),
            Self::Violation(violation) => Some(violation),
            Self::Handshake(error) => Some(error),
            Self::Eof | Self::Closed | Self::Idle | Self::Rejected(_) => None,
        }
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Transport(error)
    }
}

impl From<HandshakeError> for Error {
    fn from(error: HandshakeError) -> Self {
        Self::Handshake(error)
    }
}

impl From<Error> for io::Error {
    /// As it is where it is the transport's.
    fn from(error: Error) -> Self {
        match error {
            Error::Transport(error) => error,
            Error::Eof => Self::new(io::ErrorKind::UnexpectedEof, error),
            Error::Closed => Self::new(io::ErrorKind::NotConnected, error),
            Error::Idle => Self::new(io::ErrorKind::TimedOut, error),
            Error::Violation(_) | Error::Handshake(_) => {
                Self::new(io::ErrorKind::InvalidData, error)
            }
            Error::Rejected(_) => Self::new(io::ErrorKind::ConnectionRefused, error),
        }
    }
}
