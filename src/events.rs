//! What [`Connection`](crate::Connection) tells and is told: the events of Python's wsproto, owned.
//!
//! Each event is a type of its own, and [`Event`] is any of them. The same types are heard and
//! sent, as far as both make sense:
//!
//! ```
//! use wsproto::events::{BytesMessage, CloseConnection, Event, Ping, TextMessage};
//! use wsproto::CloseCode;
//!
//! let whole = TextMessage::from("hello");
//! let part = BytesMessage { message_finished: false, ..BytesMessage::from(&b"first"[..]) };
//! let events: [Event; 4] =
//!     [whole.into(), part.into(), Ping::default().into(), CloseConnection::from(CloseCode::NORMAL).into()];
//! ```

use alloc::string::String;
use core::fmt;

use bytes::Bytes;

use crate::close::{CloseCode, CloseReason, CloseStatus, ControlPayload};
use crate::extension_header::ExtensionHeader;
use crate::handshake_error::HandshakeError;
use crate::headers::ExtraHeaders;
use crate::request::Request;

/// A server accepts a request (RFC 6455 4.2.2): told to a client, and sent by a server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AcceptConnection {
    /// The subprotocol that is spoken: one of those that the client offers, or none.
    pub subprotocol: Option<String>,
    /// The extensions that were agreed, as the client hears. What is sent is what the server's
    /// proposal agrees to, whatever stands here.
    pub extensions: ExtensionHeader,
    /// Headers beside those of the handshake.
    pub extra_headers: ExtraHeaders,
}

/// A server refuses a request (RFC 6455 4.2.2): told to a client, and sent by a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectConnection {
    /// The HTTP status. What can be sent is a [`RejectStatus`](crate::RejectStatus).
    pub status_code: u16,
    /// Headers beside those that say how long the connection and the body are.
    pub headers: ExtraHeaders,
    /// Whether [`RejectData`] follows.
    pub has_body: bool,
}

impl Default for RejectConnection {
    /// 400 Bad Request, without a body.
    fn default() -> Self {
        Self {
            status_code: 400,
            headers: ExtraHeaders::new(),
            has_body: false,
        }
    }
}

/// A piece of the body of a refusal.
#[derive(Clone, PartialEq, Eq)]
pub struct RejectData {
    /// The piece, which may be empty.
    pub data: Bytes,
    /// Whether it is the last one.
    pub body_finished: bool,
}

/// The opening handshake has failed: there is no connection, and no refusal of the server's either.
///
/// Only told. A server has answered the client already, with
/// [`HandshakeError::respond`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fail {
    /// What the peer did wrong.
    pub error: HandshakeError,
}

/// A text message, or a piece of one.
///
/// A piece is cut between characters.
#[derive(Clone, PartialEq, Eq)]
pub struct TextMessage {
    /// The text.
    pub data: String,
    /// Whether this is the last piece of its frame. What is sent is a frame each time, whatever
    /// stands here.
    pub frame_finished: bool,
    /// Whether this is the last piece of its message.
    pub message_finished: bool,
}

/// A binary message, or a piece of one.
#[derive(Clone, PartialEq, Eq)]
pub struct BytesMessage {
    /// The bytes. A server sends large ones without a copy.
    pub data: Bytes,
    /// Whether this is the last piece of its frame. What is sent is a frame each time, whatever
    /// stands here.
    pub frame_finished: bool,
    /// Whether this is the last piece of its message.
    pub message_finished: bool,
}

/// A Ping (RFC 6455 5.5.2). One that is told has been answered already.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ping {
    /// What the Pong brings back.
    pub payload: ControlPayload,
}

/// A Pong (RFC 6455 5.5.3), asked for or not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pong {
    /// The payload of the Ping that it answers, or any.
    pub payload: ControlPayload,
}

/// The end of a connection. What is told is the last event, and has been answered.
///
/// Told, it is the peer's Close; or what the peer did wrong, with the code that it was told and the
/// rule as the reason; or 1006 where the transport just ended.
/// [`Connection::closed`](crate::Connection::closed) says which. Sent, it is our Close.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CloseConnection {
    /// The code. [`CloseStatus::NONE`] is sent as a Close without a code; the other codes that may
    /// not be on the wire cannot be sent.
    pub code: CloseStatus,
    /// The reason; empty where there is no code.
    pub reason: CloseReason,
}

/// Any event.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A client asks for a WebSocket: sent by a client, and told to a server.
    Request(Request),
    /// A server accepts.
    AcceptConnection(AcceptConnection),
    /// A server refuses.
    RejectConnection(RejectConnection),
    /// A piece of the body of a refusal.
    RejectData(RejectData),
    /// The opening handshake has failed.
    Fail(Fail),
    /// Text.
    TextMessage(TextMessage),
    /// Bytes.
    BytesMessage(BytesMessage),
    /// A Ping.
    Ping(Ping),
    /// A Pong.
    Pong(Pong),
    /// The end.
    CloseConnection(CloseConnection),
}

impl Event {
    /// Its name, as that of the act to send it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Request(_) => "Request",
            Self::AcceptConnection(_) => "AcceptConnection",
            Self::RejectConnection(_) => "RejectConnection",
            Self::RejectData(_) => "RejectData",
            Self::Fail(_) => "Fail",
            Self::TextMessage(_) => "TextMessage",
            Self::BytesMessage(_) => "BytesMessage",
            Self::Ping(_) => "Ping",
            Self::Pong(_) => "Pong",
            Self::CloseConnection(_) => "CloseConnection",
        }
    }
}

/// Lengths and not payloads, which are nobody's business.
impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(event) => event.fmt(f),
            Self::AcceptConnection(event) => event.fmt(f),
            Self::RejectConnection(event) => event.fmt(f),
            Self::RejectData(event) => event.fmt(f),
            Self::Fail(event) => event.fmt(f),
            Self::TextMessage(event) => event.fmt(f),
            Self::BytesMessage(event) => event.fmt(f),
            Self::Ping(event) => event.fmt(f),
            Self::Pong(event) => event.fmt(f),
            Self::CloseConnection(event) => event.fmt(f),
        }
    }
}

macro_rules! any_of {
    ($($event:ident)*) => {
        $(impl From<$event> for Event {
            fn from(event: $event) -> Self {
                Self::$event(event)
            }
        })*
    };
}

any_of!(Request AcceptConnection RejectConnection RejectData Fail);
any_of!(TextMessage BytesMessage Ping Pong CloseConnection);

impl fmt::Debug for RejectData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RejectData({} bytes)", self.data.len())
    }
}

impl fmt::Debug for TextMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TextMessage({} bytes)", self.data.len())
    }
}

impl fmt::Debug for BytesMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BytesMessage({} bytes)", self.data.len())
    }
}

/// A whole message.
impl From<String> for TextMessage {
    fn from(data: String) -> Self {
        Self {
            data,
            frame_finished: true,
            message_finished: true,
        }
    }
}

/// A whole message.
impl From<&str> for TextMessage {
    fn from(data: &str) -> Self {
        String::from(data).into()
    }
}

/// A whole message.
impl From<Bytes> for BytesMessage {
    fn from(data: Bytes) -> Self {
        Self {
            data,
            frame_finished: true,
            message_finished: true,
        }
    }
}

/// A whole message.
impl From<&[u8]> for BytesMessage {
    fn from(data: &[u8]) -> Self {
        Bytes::copy_from_slice(data).into()
    }
}

/// The last piece.
impl From<Bytes> for RejectData {
    fn from(data: Bytes) -> Self {
        Self {
            data,
            body_finished: true,
        }
    }
}

impl From<ControlPayload> for Ping {
    fn from(payload: ControlPayload) -> Self {
        Self { payload }
    }
}

impl From<ControlPayload> for Pong {
    fn from(payload: ControlPayload) -> Self {
        Self { payload }
    }
}

/// Without a reason.
impl From<CloseCode> for CloseConnection {
    fn from(code: CloseCode) -> Self {
        Self {
            code: code.into(),
            reason: CloseReason::default(),
        }
    }
}
