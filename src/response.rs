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
    pub(crate) fn new(head: &ResponseHead<'_, '_>) -> Self {
        Self {
            status: head.status,
            bytes: [head.reason.as_bytes(), head.headers.view().lines()].concat(),
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
    head: &ResponseHead<'_, 'h>,
    accept: &AcceptValue,
    subprotocols: &str,
) -> Result<ExtensionList<'h>, HandshakeError> {
    if !head.is_http_1_1 {
        return Err(HandshakeError::HttpVersion);
    }
    let (mut upgrade, mut other, mut connection) = (false, false, false);
    let (mut accepted, mut subprotocol) = (Single::Missing, Single::Missing);
    let mut extensions = ListCheck::default();
    for (name, value) in head.headers.fields() {
        let is = |other: &str| name.eq_ignore_ascii_case(other.as_bytes());
        if is("Upgrade") {
            upgrade |= token::has_token(value, "websocket");
            other |= token::list(value).any(|token| !token.eq_ignore_ascii_case(b"websocket"));
        } else if is("Connection") {
            connection |= token::has_token(value, "upgrade");
        } else if is("Sec-WebSocket-Accept") {
            accepted.add(value);
        } else if is("Sec-WebSocket-Protocol") {
            subprotocol.add(value);
        } else if is("Sec-WebSocket-Extensions") {
            extensions.add(value);
        }
    }
    if !upgrade || other {
        return Err(HandshakeError::MissingUpgrade);
    }
    if !connection {
        return Err(HandshakeError::MissingConnection);
    }
    match accepted {
        Single::Missing => return Err(HandshakeError::MissingAccept),
        Single::Many => return Err(HandshakeError::DuplicateAccept),
        Single::One(value) if value != accept => return Err(HandshakeError::WrongAccept),
        Single::One(_) => {}
    }
    let offered = |one| token::list(subprotocols.as_bytes()).any(|other| other == one);
    match subprotocol {
        Single::Many => return Err(HandshakeError::DuplicateSubprotocol),
        Single::One(value) if token::list(value).nth(1).is_some() => {
            return Err(HandshakeError::DuplicateSubprotocol);
        }
        Single::One(value) if !offered(value) => {
            return Err(HandshakeError::UnofferedSubprotocol);
        }
        Single::One(_) | Single::Missing => {}
    }
    let extensions = extensions.finish();
    extensions.map_err(|_| HandshakeError::InvalidExtensions)?;
    Ok(ExtensionList::parsed(head.headers.view()))
}
