//! What a server answered, as a client keeps it (RFC 6455 4.1).
//!
//! Knows which answers open a connection. Its one idea: the head is copied once, and everything
//! else is a view of the copy.

use alloc::vec::Vec;
use core::{fmt, str};

use crate::accept_key::AcceptValue;
use crate::extension_list::{ExtensionList, ListCheck};
use crate::handshake_error::HandshakeError;
use crate::head::ResponseHead;
use crate::headers::{Headers, Single};
use crate::token;

/// What a server answered: status and headers.
#[derive(Clone)]
pub struct Response {
    status: u16,
    /// The reason phrase, then header lines.
    bytes: Vec<u8>,
    /// Of the reason phrase. reason <= bytes.len()
    reason: usize,
}

impl Response {
    pub(crate) fn new(head: &ResponseHead<'_>) -> Self {
        Self {
            status: head.status,
            bytes: [head.reason.as_bytes(), head.headers.lines()].concat(),
            reason: head.reason.len(),
        }
    }

    /// The HTTP status: 101 where the connection is open.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The reason phrase; empty where there is none, or one that is not ASCII.
    #[must_use]
    pub fn reason(&self) -> &str {
        str::from_utf8(&self.bytes[..self.reason]).unwrap_or_default()
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> Headers<'_> {
        Headers::of(&self.bytes[self.reason..])
    }

    /// The subprotocol that the server chose, if it chose one.
    #[must_use]
    pub fn subprotocol(&self) -> Option<&str> {
        let subprotocol = self.headers().first("Sec-WebSocket-Protocol")?;
        str::from_utf8(subprotocol).ok()
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("reason", &self.reason())
            .field("headers", &self.headers())
            .finish()
    }
}

/// Whether an answer of status 101 opens a connection: it accepts our key with `accept`, and one
/// of `subprotocols`, a list, or none. Gives the extensions, which nobody has confirmed yet.
pub(crate) fn check<'h>(
    head: &ResponseHead<'h>,
    fields: &Fields<'h>,
    accept: &AcceptValue,
    subprotocols: &str,
) -> Result<ExtensionList<'h>, HandshakeError> {
    if !head.is_http_1_1 {
        return Err(HandshakeError::HttpVersion);
    }
    fields.check_upgrade(accept)?;
    fields.check_choices(subprotocols)?;
    Ok(fields.extensions.list(head.headers))
}

/// The same for an answer to extended CONNECT, whose status accepts it.
#[cfg(feature = "http")]
pub(crate) fn check_connect<'h>(
    headers: Headers<'h>,
    subprotocols: &str,
) -> Result<ExtensionList<'h>, HandshakeError> {
    let fields = Fields::of(headers.fields());
    fields.check_choices(subprotocols)?;
    Ok(fields.extensions.list(headers))
}

/// What the headers of an answer say that is of importance here.
#[derive(Default)]
pub(crate) struct Fields<'h> {
    /// `Upgrade` has `websocket` in it.
    upgrade: bool,
    /// `Upgrade` has something else in it.
    other: bool,
    /// `Connection` has `upgrade` in it.
    connection: bool,
    accept: Single<'h>,
    subprotocol: Single<'h>,
    extensions: ListCheck,
}

impl<'h> Fields<'h> {
    /// Of the headers' names and values.
    pub(crate) fn of(headers: impl Iterator<Item = (&'h [u8], &'h [u8])>) -> Self {
        let mut fields = Self::default();
        for (name, value) in headers {
            let is = |other: &str| token::is(name, other);
            if is("Upgrade") {
                let is_other = |element: &[u8]| !token::is(element, "websocket");
                fields.upgrade |= token::has_token(value, "websocket");
                fields.other |= token::list(value).any(is_other);
            } else if is("Connection") {
                fields.connection |= token::has_token(value, "Upgrade");
            } else if is("Sec-WebSocket-Accept") {
                fields.accept.add(value);
            } else if is("Sec-WebSocket-Protocol") {
                fields.subprotocol.add(value);
            } else if is("Sec-WebSocket-Extensions") {
                fields.extensions.add(value);
            }
        }
        fields
    }

    /// That the connection has become a WebSocket, by our key: the way of HTTP/1.1.
    fn check_upgrade(&self, accept: &AcceptValue) -> Result<(), HandshakeError> {
        if !self.upgrade || self.other {
            return Err(HandshakeError::MissingUpgrade);
        }
        if !self.connection {
            return Err(HandshakeError::MissingConnection);
        }
        match self.accept {
            Single::Missing => Err(HandshakeError::MissingAccept),
            Single::Many => Err(HandshakeError::DuplicateAccept),
            Single::One(value) if value != accept => Err(HandshakeError::WrongAccept),
            Single::One(_) => Ok(()),
        }
    }

    /// That what was chosen is one of the `subprotocols` that were offered, and by the grammar.
    fn check_choices(&self, subprotocols: &str) -> Result<(), HandshakeError> {
        let offered = |one| token::list(subprotocols.as_bytes()).any(|other| other == one);
        match self.subprotocol {
            Single::Many => return Err(HandshakeError::DuplicateSubprotocol),
            Single::One(value) if token::list(value).nth(1).is_some() => {
                return Err(HandshakeError::DuplicateSubprotocol);
            }
            Single::One(value) if !offered(value) => {
                return Err(HandshakeError::UnofferedSubprotocol);
            }
            Single::One(_) | Single::Missing => {}
        }
        let extensions = self.extensions.finish();
        extensions.map_err(|_| HandshakeError::InvalidExtensions)
    }
}
