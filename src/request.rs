//! What a client asks for (RFC 6455 4.1), built and checked before anything is sent.
//!
//! Knows the syntax of a request and nothing of keys or connections. Its one idea: each step
//! checks its own part, so that sending the request cannot fail.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::authority::Authority;
use crate::extension_list::ExtensionList;
use crate::headers::{ExtraHeaders, Headers, InvalidHeader};
use crate::outbox::Outbox;
use crate::token;

/// What a client asks for: a host, a target, and what goes with them.
///
/// ```
/// use wsproto::Request;
/// let request = Request::from_uri("ws://example.com:8080/chat?room=1")?
///     .subprotocols(&["superchat", "chat"])?
///     .origin("https://example.com")?
///     .header("Authorization", "Bearer 1234")?;
/// assert_eq!((request.host(), request.port()), ("example.com", 8080));
/// # Ok::<(), wsproto::InvalidRequest>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// What stands in `Host`: a host, and a port where it is not the scheme's own.
    authority: String,
    /// The host as a resolver takes it.
    host: String,
    port: u16,
    is_secure: bool,
    /// In origin form, of visible ASCII characters.
    target: String,
    /// A list of tokens, or empty.
    subprotocols: String,
    extra: ExtraHeaders,
    /// What was offered by whom it comes from, where it was received.
    extensions: ExtraHeaders,
}

impl Request {
    /// A request for `target` (such as `/chat`, with a query or without) at `host`, which may
    /// have a port.
    ///
    /// # Errors
    ///
    /// If the host is not a host and an optional port, or the target is not a path that can stand
    /// in a request: visible ASCII, without a fragment.
    pub fn new(host: &str, target: &str) -> Result<Self, InvalidRequest> {
        let authority = Authority::parse(host).ok_or(InvalidRequest::Host)?;
        let port = authority.port.unwrap_or(80);
        Self::build(&authority, authority.port, port, false, target)
    }

    /// A request for a `ws` or `wss` URI ([RFC 6455 3]).
    ///
    /// `wss` differs in its default port, and in that [`is_secure`](Self::is_secure) says so:
    /// TLS is the transport's matter.
    ///
    /// ```
    /// use wsproto::{InvalidRequest, Request};
    /// let request = Request::from_uri("wss://[::1]/")?;
    /// assert_eq!((request.host(), request.port(), request.is_secure()), ("::1", 443, true));
    /// let fragment = Request::from_uri("ws://example.com/#top");
    /// assert_eq!(fragment.unwrap_err(), InvalidRequest::Fragment);
    /// # Ok::<(), InvalidRequest>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If it is not a `ws` or `wss` URI, or has a fragment.
    ///
    /// [RFC 6455 3]: https://www.rfc-editor.org/rfc/rfc6455#section-3
    pub fn from_uri(uri: &str) -> Result<Self, InvalidRequest> {
        let (scheme, rest) = uri.split_once("://").ok_or(InvalidRequest::Scheme)?;
        let is_secure = scheme.eq_ignore_ascii_case("wss");
        if !is_secure && !scheme.eq_ignore_ascii_case("ws") {
            return Err(InvalidRequest::Scheme);
        }
        if rest.contains('#') {
            return Err(InvalidRequest::Fragment);
        }
        let (authority, target) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let authority = Authority::parse(authority).ok_or(InvalidRequest::Host)?;
        let default = if is_secure { 443 } else { 80 };
        let named = authority.port.filter(|port| *port != default);
        let port = authority.port.unwrap_or(default);
        if target.starts_with('/') {
            Self::build(&authority, named, port, is_secure, target)
        } else {
            Self::build(&authority, named, port, is_secure, &format!("/{target}"))
        }
    }

    fn build(
        authority: &Authority<'_>,
        named_port: Option<u16>,
        port: u16,
        is_secure: bool,
        target: &str,
    ) -> Result<Self, InvalidRequest> {
        if target.contains('#') {
            return Err(InvalidRequest::Fragment);
        }
        if !target.starts_with('/') || !target.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(InvalidRequest::Target);
        }
        Ok(Self {
            authority: match named_port {
                Some(port) => format!("{}:{port}", authority.host),
                None => authority.host.to_owned(),
            },
            host: authority.bare_host().to_owned(),
            port,
            is_secure,
            target: target.to_owned(),
            subprotocols: String::new(),
            extra: ExtraHeaders::new(),
            extensions: ExtraHeaders::new(),
        })
    }

    /// A request that was received, and checked: `host` is a host and an optional port.
    pub(crate) fn received<'h>(
        host: &str,
        target: &str,
        subprotocols: impl Iterator<Item = &'h str>,
        headers: Headers<'_>,
    ) -> Self {
        let authority = Authority::parse(host);
        let bare = authority.as_ref().map_or(host, Authority::bare_host);
        Self {
            authority: host.to_owned(),
            host: bare.to_owned(),
            port: authority.as_ref().and_then(|it| it.port).unwrap_or(80),
            is_secure: false,
            target: target.to_owned(),
            subprotocols: subprotocols.collect::<Vec<_>>().join(", "),
            extra: ExtraHeaders::beside_the_handshake(headers),
            extensions: ExtraHeaders::named("Sec-WebSocket-Extensions", headers),
        }
    }

    /// Offers these subprotocols, the most preferred first, in place of others.
    ///
    /// # Errors
    ///
    /// If one is not a token, or comes twice (RFC 6455 4.1).
    pub fn subprotocols(mut self, subprotocols: &[&str]) -> Result<Self, InvalidRequest> {
        for (index, subprotocol) in subprotocols.iter().enumerate() {
            if !token::is_token(subprotocol.as_bytes()) {
                return Err(InvalidRequest::Subprotocol);
            }
            if subprotocols[..index].contains(subprotocol) {
                return Err(InvalidRequest::DuplicateSubprotocol);
            }
        }
        self.subprotocols = subprotocols.join(", ");
        Ok(self)
    }

    /// Says which page the request comes from, as a browser does (RFC 6455 4.1).
    ///
    /// # Errors
    ///
    /// If it cannot stand in a header, or there is one already.
    pub fn origin(self, origin: &str) -> Result<Self, InvalidRequest> {
        self.header("Origin", origin)
    }

    /// Adds a header.
    ///
    /// # Errors
    ///
    /// If the name or the value cannot be sent, the name is one that the handshake itself sends,
    /// or it is a second `Origin`.
    pub fn header(self, name: &str, value: impl AsRef<[u8]>) -> Result<Self, InvalidRequest> {
        if name.eq_ignore_ascii_case("Origin") && self.headers().first(name).is_some() {
            return Err(InvalidRequest::DuplicateOrigin);
        }
        Ok(Self {
            extra: self.extra.with(name, value)?,
            ..self
        })
    }

    /// The host to connect to, as a resolver takes it: an IPv6 address has no brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port to connect to.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether the URI was a `wss` one, so that the transport must be TLS.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.is_secure
    }

    /// The target: path and query.
    #[must_use]
    pub fn target(&self) -> &str {
        &self.target
    }

    /// The headers that were added.
    #[must_use]
    pub fn headers(&self) -> Headers<'_> {
        self.extra.headers()
    }

    /// What stands in `Host`.
    #[cfg(feature = "http")]
    pub(crate) fn authority(&self) -> &str {
        &self.authority
    }

    /// The subprotocols that are offered, the most preferred first.
    pub fn offered_subprotocols(&self) -> impl Iterator<Item = &str> {
        self.subprotocols
            .split(", ")
            .filter(|subprotocol| !subprotocol.is_empty())
    }

    /// The extensions that the client offers, where it was received. What is offered with a
    /// request that is sent is the [proposal](crate::Negotiate)'s.
    #[must_use]
    pub fn extensions(&self) -> ExtensionList<'_> {
        ExtensionList::parsed(self.extensions.headers())
    }

    /// What is offered, as it stands in the header.
    pub(crate) fn subprotocol_list(&self) -> &str {
        &self.subprotocols
    }

    /// Writes it, with `key` and an offer of `extensions`.
    pub(crate) fn write(&self, key: &[u8; 24], extensions: &str, outbox: &mut Outbox) {
        let mut write = |parts: &[&[u8]]| parts.iter().for_each(|part| outbox.write(part));
        write(&[b"GET ", self.target.as_bytes(), b" HTTP/1.1\r\nHost: "]);
        write(&[
            self.authority.as_bytes(),
            b"\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ",
            key,
            b"\r\nSec-WebSocket-Version: 13\r\n",
        ]);
        for (name, list) in [
            ("Sec-WebSocket-Protocol: ", self.subprotocols.as_str()),
            ("Sec-WebSocket-Extensions: ", extensions),
        ] {
            if !list.is_empty() {
                write(&[name.as_bytes(), list.as_bytes(), b"\r\n"]);
            }
        }
        write(&[self.headers().lines(), b"\r\n"]);
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("host", &self.authority)
            .field("subprotocols", &self.subprotocols)
            .field("headers", &self.extra)
            .finish_non_exhaustive()
    }
}

/// A request that cannot be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InvalidRequest {
    /// Not a `ws` or `wss` URI (RFC 6455 3).
    Scheme,
    /// Not a host and an optional port.
    Host,
    /// Not a path of visible ASCII characters.
    Target,
    /// A fragment, which has no meaning here (RFC 6455 3).
    Fragment,
    /// A subprotocol that is not a token (RFC 6455 4.1).
    Subprotocol,
    /// A subprotocol that is offered twice (RFC 6455 4.1).
    DuplicateSubprotocol,
    /// A second `Origin` (RFC 6454 7.3).
    DuplicateOrigin,
    /// A header that cannot be sent.
    Header(InvalidHeader),
}

impl From<InvalidHeader> for InvalidRequest {
    fn from(error: InvalidHeader) -> Self {
        Self::Header(error)
    }
}

impl fmt::Display for InvalidRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scheme => "not a ws or wss URI",
            Self::Host => "invalid host or port",
            Self::Target => "invalid target",
            Self::Fragment => "a ws URI has no fragment",
            Self::Subprotocol => "subprotocol is not a token",
            Self::DuplicateSubprotocol => "subprotocol offered twice",
            Self::DuplicateOrigin => "more than one Origin",
            Self::Header(error) => return error.fmt(f),
        })
    }
}

impl core::error::Error for InvalidRequest {}
