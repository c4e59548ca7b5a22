//! A client's request that somebody else sends, and the answer, which somebody else parses (RFC
//! 6455 4.1, RFC 8441, RFC 9220).
//!
//! Knows the types of the `http` crate, and no client that uses them. Its one idea: the request and
//! what confirms its answer are made together, so that neither is had without the other.

use alloc::string::String;
use core::fmt;

use http::{HeaderMap, Method, Uri, Version};

use crate::accept_key;
use crate::client_handshake::{self, Accepted};
use crate::entropy::{Entropy, Keys};
use crate::extension::Extension;
use crate::extension_header::ExtensionHeader;
use crate::handshake_error::HandshakeError;
use crate::head::ResponseHead;
use crate::headers::{Headers, InvalidHeader};
use crate::http_parts::{self, Way};
use crate::limits::Limits;
use crate::negotiate::Negotiate;
use crate::request::{InvalidRequest, Request};
use crate::response::{self, Fields};

/// A client's request that somebody else sends: the answer is to be confirmed.
///
/// | exit | to |
/// |---|---|
/// | [`confirm`](Self::confirm) | [`Accepted`], which has an [`Open`](crate::Open), or a [`HandshakeError`] |
///
/// ```
/// use wsproto::{Accepted, Limits, Request, Requesting};
///
/// let request = Request::from_uri("ws://server.example.com/chat")?.subprotocols(&["chat"])?;
/// # let seed = [0; 32]; // `Entropy::from_os` takes it from the operating system
/// let (request, requesting) = Requesting::upgrade(&request, (), Limits::default(), seed)?;
/// assert_eq!(request.uri(), "/chat");
/// assert_eq!(request.headers()["host"], "server.example.com");
///
/// // The HTTP client sends the request, and receives:
/// let (parts, ()) = http::Response::builder()
///     .status(101)
///     .header("Upgrade", "websocket")
///     .header("Connection", "Upgrade")
///     .header("Sec-WebSocket-Accept", "A7H9HYh1mE/+oRL0Kip7NajRQmU=")
///     .header("Sec-WebSocket-Protocol", "chat")
///     .body(())?
///     .into_parts();
/// let Accepted { open, response } = requesting.confirm(&parts)?;
/// assert_eq!(response.subprotocol(), Some("chat"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "the server's answer is to be confirmed"]
pub struct Requesting<N = ()> {
    /// What masks the frames, and gave the key where there is one.
    keys: Keys,
    way: Way,
    /// What was offered, as a list; empty where nothing was.
    subprotocols: String,
    proposal: N,
    limits: Limits,
}

impl<N: Negotiate> Requesting<N> {
    /// To upgrade a connection of HTTP/1.1, with what `proposal` offers; `()` offers no extension.
    ///
    /// The request's URI is the target alone, and there is a `Host`: that is what goes over the
    /// wire. A client that finds the server by the URI needs the whole of it, with `http` or
    /// `https`. `entropy` is 32 bytes that no peer can guess and no other connection has
    /// ([`Entropy::from_os`]).
    ///
    /// # Errors
    ///
    /// If the request cannot be one of the `http` crate: a host or a target that this does not
    /// take as a URI, such as one of more than 64 KiB, or more headers than it has room for.
    pub fn upgrade(
        request: &Request,
        proposal: N,
        limits: Limits,
        entropy: impl Into<Entropy>,
    ) -> Result<(http::Request<()>, Self), InvalidRequest> {
        let mut keys = Keys::new(entropy.into());
        let key = accept_key::draw(&mut keys);
        let mut sent = http::Request::new(());
        *sent.uri_mut() = Uri::try_from(request.target()).map_err(|_| InvalidRequest::Target)?;
        let headers = sent.headers_mut();
        http_parts::add(headers, "Host", request.authority().as_bytes())?;
        http_parts::add(headers, "Upgrade", b"websocket")?;
        http_parts::add(headers, "Connection", b"Upgrade")?;
        http_parts::add(headers, "Sec-WebSocket-Key", &key)?;
        add_offers(headers, request, &proposal, request.headers())?;
        let way = Way::Upgrade(accept_key::accept(&key));
        Ok((sent, Self::new(way, keys, request, proposal, limits)))
    }

    /// For a stream of HTTP/2 ([RFC 8441]) or HTTP/3 ([RFC 9220]), by extended CONNECT, with what
    /// `proposal` offers; `()` offers no extension.
    ///
    /// Ask for it only where the server's settings allow it (`SETTINGS_ENABLE_CONNECT_PROTOCOL`),
    /// and put `websocket` where the client wants `:protocol`: `h2`, `h3` and hyper take it among
    /// the request's extensions, each in a type named `Protocol`. `entropy` is 32 bytes that no
    /// peer can guess and no other connection has ([`Entropy::from_os`]): frames are masked here
    /// too.
    ///
    /// # Errors
    ///
    /// As [`upgrade`](Self::upgrade); and if a header of the request belongs to a connection, as
    /// `Keep-Alive` does ([RFC 9113 8.2.2]).
    ///
    /// [RFC 8441]: https://www.rfc-editor.org/rfc/rfc8441
    /// [RFC 9220]: https://www.rfc-editor.org/rfc/rfc9220
    /// [RFC 9113 8.2.2]: https://www.rfc-editor.org/rfc/rfc9113#section-8.2.2
    pub fn extended_connect(
        request: &Request,
        proposal: N,
        limits: Limits,
        entropy: impl Into<Entropy>,
    ) -> Result<(http::Request<()>, Self), InvalidRequest> {
        let keys = Keys::new(entropy.into());
        let mut sent = http::Request::new(());
        *sent.method_mut() = Method::CONNECT;
        *sent.uri_mut() = absolute(request)?;
        let headers = sent.headers_mut();
        add_offers(headers, request, &proposal, request.headers())?;
        http_parts::check_end_to_end(headers).map_err(|_| InvalidHeader::Reserved)?;
        Ok((
            sent,
            Self::new(Way::Connect, keys, request, proposal, limits),
        ))
    }

    fn new(way: Way, keys: Keys, request: &Request, proposal: N, limits: Limits) -> Self {
        // Two extensions on one bit: here, where the caller can see it.
        let _ = const { N::Agreed::RSV };
        Self {
            keys,
            way,
            subprotocols: request.subprotocol_list().into(),
            proposal,
            limits,
        }
    }

    /// Looks whether the server's answer opens the connection.
    ///
    /// The transport is the connection that was upgraded, or the stream; what the client has read
    /// of it already belongs into the inbox.
    ///
    /// # Errors
    ///
    /// [`HandshakeError::Refused`] if the status is not 101, or for extended CONNECT not 2xx: the
    /// response says more. Otherwise what is wrong with the answer: close the connection, or reset
    /// the stream.
    pub fn confirm(
        self,
        parts: &http::response::Parts,
    ) -> Result<Accepted<N::Agreed>, HandshakeError> {
        let lines = http_parts::lines(0, &parts.headers, &self.limits)?;
        let head = ResponseHead {
            is_http_1_1: parts.version == Version::HTTP_11,
            status: parts.status.as_u16(),
            reason: "",
            headers: Headers::of(&lines),
        };
        let extensions = match &self.way {
            Way::Upgrade(accept) if head.status == 101 => {
                let fields = Fields::of(head.headers.fields());
                response::check(&head, &fields, accept, &self.subprotocols)?
            }
            Way::Connect if parts.status.is_success() => {
                http_parts::check_end_to_end(&parts.headers)?;
                response::check_connect(head.headers, &self.subprotocols)?
            }
            Way::Upgrade(_) | Way::Connect => return Err(HandshakeError::Refused),
        };
        let agreed = client_handshake::confirm(self.proposal, extensions)?;
        Ok(Accepted::new(agreed, &head, &self.limits, self.keys))
    }
}

/// Adds what both ways have: the version, what is offered, and the application's headers.
fn add_offers(
    headers: &mut HeaderMap,
    request: &Request,
    proposal: &impl Negotiate,
    extra: Headers<'_>,
) -> Result<(), InvalidHeader> {
    let mut offers = ExtensionHeader::default();
    proposal.offer(&mut offers);
    http_parts::add(headers, "Sec-WebSocket-Version", b"13")?;
    for (name, list) in [
        ("Sec-WebSocket-Protocol", request.subprotocol_list()),
        ("Sec-WebSocket-Extensions", offers.as_str()),
    ] {
        if !list.is_empty() {
            http_parts::add(headers, name, list.as_bytes())?;
        }
    }
    for (name, value) in extra {
        http_parts::add(headers, name, value)?;
    }
    Ok(())
}

/// The URI of a request by extended CONNECT: `:scheme`, `:authority` and `:path` (RFC 8441 5).
fn absolute(request: &Request) -> Result<Uri, InvalidRequest> {
    let mut parts = http::uri::Parts::default();
    let scheme = if request.is_secure() { "https" } else { "http" };
    parts.scheme = scheme.parse().ok();
    let authority = request.authority().parse();
    parts.authority = Some(authority.map_err(|_| InvalidRequest::Host)?);
    let target = request.target().parse();
    parts.path_and_query = Some(target.map_err(|_| InvalidRequest::Target)?);
    Uri::from_parts(parts).map_err(|_| InvalidRequest::Target)
}

impl<N> fmt::Debug for Requesting<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Requesting").finish_non_exhaustive()
    }
}
