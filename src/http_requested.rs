//! A request that somebody else parsed, and its answer, which somebody else sends (RFC 6455 4.2,
//! RFC 8441, RFC 9220).
//!
//! Knows the types of the `http` crate, and no stack that uses them. Its one idea: the rules are
//! those of a request that arrived as bytes; only the answer is another type, so that bytes of
//! HTTP/1 cannot be written for a request whose bytes are not ours.

use alloc::string::ToString;

use http::request::Parts;
use http::{Method, StatusCode, Version};

use crate::authority::Authority;
use crate::extension::Extension;
use crate::extension_header::ExtensionHeader;
use crate::handshake_error::HandshakeError;
use crate::head::RequestHead;
use crate::headers::{ExtraHeaders, Headers};
use crate::http_parts::{self, Way};
use crate::limits::Limits;
use crate::negotiate::Negotiate;
use crate::open::Open;
use crate::refusal::RejectStatus;
use crate::request_check::{self, Fields};
use crate::requested::{Acceptance, Requested, Wire};
use crate::role::Server;

/// The answer to a request is a response, which whoever parsed the request sends.
///
/// | exit of `Requested<Http>` | to |
/// |---|---|
/// | [`accept`](Requested::<Http>::accept), [`accept_with`](Requested::<Http>::accept_with) | [`Open`], and a response |
/// | [`reject`](Requested::<Http>::reject) | a response |
///
/// ```
/// use wsproto::{Acceptance, HandshakeError, Http, Limits, Open, Requested, Server};
///
/// fn answer(
///     parts: &http::request::Parts,
/// ) -> Result<(http::Response<()>, Open<Server>), HandshakeError> {
///     let requested = Requested::from_parts(parts, Limits::default())?;
///     let chat = requested.choose_subprotocol(&["chat"]);
///     Ok(requested.accept(Acceptance::default().subprotocol(chat)))
/// }
///
/// let (parts, ()) = http::Request::get("/chat")
///     .header("Host", "server.example.com")
///     .header("Upgrade", "websocket")
///     .header("Connection", "Upgrade")
///     .header("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
///     .header("Sec-WebSocket-Version", "13")
///     .body(())?
///     .into_parts();
/// let (response, open) = answer(&parts)?;
/// assert_eq!(response.status(), 101);
/// assert_eq!(response.headers()["sec-websocket-accept"], "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
///
/// let (parts, ()) = http::Request::get("/chat").body(())?.into_parts();
/// let error = answer(&parts).unwrap_err();
/// assert_eq!(error.response(parts.version).status(), 400);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// What is accepted is open as soon as the response has been sent: the stack gives the connection,
/// or the stream, and whatever it has read of it already belongs into the inbox.
///
/// Bytes of HTTP/1 are not what it is answered with:
///
/// ```compile_fail,E0061
/// # use wsproto::{Acceptance, Http, Outbox, Requested};
/// # fn answer(requested: Requested<Http>, outbox: &mut Outbox) {
/// requested.accept(Acceptance::default(), outbox);
/// # }
/// ```
#[derive(Debug)]
pub struct Http {
    way: Way,
}

impl Requested<Http> {
    /// The request to upgrade a connection of HTTP/1.1, if it is one that a server may accept.
    ///
    /// It is the same that [`Handshaking`](crate::Handshaking) accepts, as far as a parsed request
    /// can show: a fragment in the target, for one, is cut off by whoever parsed it. The
    /// [`Limits`] of a head are held too, though nothing is gained by them that the other parser
    /// has not allowed already.
    ///
    /// # Errors
    ///
    /// What is wrong with the request. [`HandshakeError::response`] tells the client.
    pub fn from_parts(parts: &Parts, limits: Limits) -> Result<Self, HandshakeError> {
        let (method, target) = (parts.method.as_str(), parts.uri.to_string());
        let start = [method, " ", &target, " HTTP/1.1\r\n"].map(str::len);
        let lines = http_parts::lines(start.iter().sum(), &parts.headers, &limits)?;
        let head = RequestHead {
            method,
            target: &target,
            is_http_1_1: parts.version == Version::HTTP_11,
            headers: Headers::of(&lines),
        };
        let requested =
            Requested::<Wire>::parse(&head, &Fields::of(head.headers.fields()), limits)?;
        Ok(requested.answered_by(|Wire { accept }| Http {
            way: Way::Upgrade(accept),
        }))
    }

    /// The request for a stream of HTTP/2 ([RFC 8441]) or HTTP/3 ([RFC 9220]), by extended CONNECT,
    /// if it is one that a server may accept.
    ///
    /// `protocol` is what stands in `:protocol`, for which the `http` crate has no place of its
    /// own. `h2`, `h3` and hyper keep it among the extensions, each in a type named `Protocol`:
    ///
    /// ```
    /// # use wsproto::{HandshakeError, Http, Limits, Requested};
    /// # #[derive(Clone)]
    /// # struct Protocol;
    /// # impl Protocol { fn as_str(&self) -> &str { "websocket" } }
    /// fn requested(parts: &http::request::Parts) -> Result<Requested<Http>, HandshakeError> {
    ///     let protocol = parts.extensions.get::<Protocol>(); // h2::ext::Protocol
    ///     let protocol = protocol.map(|protocol| protocol.as_str());
    ///     Requested::from_extended_connect(parts, protocol, Limits::default())
    /// }
    /// # let uri = "https://server.example.com/chat";
    /// # let request = http::Request::connect(uri).version(http::Version::HTTP_2);
    /// # let request = request.header("Sec-WebSocket-Version", "13").extension(Protocol);
    /// # let requested = requested(&request.body(()).unwrap().into_parts().0)?;
    /// # assert_eq!((requested.host(), requested.target()), ("server.example.com", "/chat"));
    /// # Ok::<(), HandshakeError>(())
    /// ```
    ///
    /// There is no key and no `Upgrade`; host and target are of the URI, and the rest is as in
    /// HTTP/1.1.
    ///
    /// # Errors
    ///
    /// What is wrong with the request. [`HandshakeError::response`] tells the client.
    ///
    /// [RFC 8441]: https://www.rfc-editor.org/rfc/rfc8441
    /// [RFC 9220]: https://www.rfc-editor.org/rfc/rfc9220
    pub fn from_extended_connect(
        parts: &Parts,
        protocol: Option<&str>,
        limits: Limits,
    ) -> Result<Self, HandshakeError> {
        if parts.method != Method::CONNECT {
            return Err(HandshakeError::MethodNotConnect);
        }
        if !is_multiplexed(parts.version) {
            return Err(HandshakeError::HttpVersion);
        }
        match protocol {
            None => return Err(HandshakeError::MissingProtocol),
            Some("websocket") => {}
            Some(_) => return Err(HandshakeError::UnsupportedProtocol),
        }
        http_parts::check_end_to_end(&parts.headers)?;
        let (host, target) = host_and_target(&parts.uri)?;
        let lines = http_parts::lines(host.len() + target.len(), &parts.headers, &limits)?;
        let headers = Headers::of(&lines);
        let fields = Fields::of(headers.fields());
        fields.check_host_is(host)?;
        fields.check_version()?;
        fields.check_no_body()?;
        fields.check_origin()?;
        fields.check_offers(headers)?;
        let way = Way::Connect;
        Ok(Self::new(target, host, headers, Http { way }, limits))
    }

    /// Opens the connection, without an extension. See [`accept_with`](Self::accept_with).
    pub fn accept(self, acceptance: Acceptance) -> (http::Response<()>, Open<Server>) {
        self.accept_with((), acceptance)
    }

    /// Opens the connection, with what `proposal` agrees to of the extensions that are offered.
    ///
    /// The response has status 101 in HTTP/1.1, and 200 for extended CONNECT. Once it has been
    /// sent, the connection or the stream is the transport of what is open. The acceptance's
    /// headers that cannot be in the response are left out: those of a connection where there is
    /// but a stream ([RFC 9113 8.2.2]), names above 64 KiB, and those for which a
    /// [`HeaderMap`](http::HeaderMap) has no room.
    ///
    /// [RFC 9113 8.2.2]: https://www.rfc-editor.org/rfc/rfc9113#section-8.2.2
    pub fn accept_with<N: Negotiate>(
        self,
        proposal: N,
        acceptance: Acceptance,
    ) -> (http::Response<()>, Open<Server, N::Agreed>) {
        // Two extensions on one bit: here, where the caller can see it.
        let _ = const { N::Agreed::RSV };
        let mut answer = ExtensionHeader::default();
        let agreed = proposal.answer(self.extensions(), &mut answer);
        let mut response = match &self.answer.way {
            Way::Upgrade(accept) => {
                let headers = [
                    ("Upgrade", &b"websocket"[..]),
                    ("Connection", b"Upgrade"),
                    ("Sec-WebSocket-Accept", accept),
                ];
                response(StatusCode::SWITCHING_PROTOCOLS, headers, ())
            }
            Way::Connect => response(StatusCode::OK, [], ()),
        };
        let choices = [
            ("Sec-WebSocket-Protocol", self.chosen(&acceptance)),
            ("Sec-WebSocket-Extensions", answer.as_str()),
        ];
        let said = choices.into_iter().filter(|(_, value)| !value.is_empty());
        extend(
            &mut response,
            said.map(|(name, value)| (name, value.as_bytes())),
        );
        self.answer
            .way
            .add_extra(&mut response, &acceptance.headers);
        (
            response,
            Open::<Server, _>::after_upgrade(agreed, self.limits),
        )
    }

    /// Refuses, with a status, headers and a body, of whatever type the stack sends.
    ///
    /// In HTTP/1.1 the response says `Connection: close`, as a client may have sent frames behind
    /// its request. For extended CONNECT, where any status of 2xx would accept the request, 500
    /// stands in its place. Headers that cannot be in the response are left out, as in
    /// [`accept_with`](Self::accept_with).
    pub fn reject<B>(
        self,
        status: RejectStatus,
        headers: &ExtraHeaders,
        body: B,
    ) -> http::Response<B> {
        let status = StatusCode::from_u16(status.get());
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let way = self.answer.way;
        let mut response = match way {
            Way::Upgrade(_) => response(status, [CLOSE], body),
            Way::Connect if status.is_success() => {
                response(StatusCode::INTERNAL_SERVER_ERROR, [], body)
            }
            Way::Connect => response(status, [], body),
        };
        way.add_extra(&mut response, headers);
        response
    }
}

impl HandshakeError {
    /// As a server whose requests somebody else parses: refuses a request of this version of
    /// HTTP, with a body that names the rule.
    ///
    /// It says what [`respond`](Self::respond) says. In HTTP/2 and HTTP/3 that is without
    /// `Connection` and `Upgrade`, and without status 426, which asks for an `Upgrade`: it is 400
    /// there.
    #[cfg_attr(docsrs, doc(cfg(feature = "http")))]
    #[must_use]
    pub fn response(self, version: Version) -> http::Response<&'static str> {
        let status = StatusCode::from_u16(self.status());
        let status = status.unwrap_or(StatusCode::BAD_REQUEST);
        let headers = Headers::of(self.lines());
        if !is_multiplexed(version) {
            let mut response = response(status, [CLOSE], self.as_str());
            extend(&mut response, headers);
            return response;
        }
        let status = match status {
            StatusCode::UPGRADE_REQUIRED => StatusCode::BAD_REQUEST,
            other => other,
        };
        let mut response = response(status, [], self.as_str());
        extend(&mut response, http_parts::end_to_end(headers));
        response
    }
}

impl Way {
    /// Adds the application's headers.
    fn add_extra<B>(&self, response: &mut http::Response<B>, extra: &ExtraHeaders) {
        match self {
            Self::Upgrade(_) => extend(response, extra.headers()),
            Self::Connect => extend(response, http_parts::end_to_end(extra.headers())),
        }
    }
}

/// Every refusal in HTTP/1.1 ends the connection.
const CLOSE: (&str, &[u8]) = ("Connection", b"close");

fn response<B, const N: usize>(
    status: StatusCode,
    headers: [(&str, &[u8]); N],
    body: B,
) -> http::Response<B> {
    let mut response = http::Response::new(body);
    *response.status_mut() = status;
    extend(&mut response, headers);
    response
}

/// Adds headers, but for those that cannot be there.
fn extend<'h, B>(
    response: &mut http::Response<B>,
    headers: impl IntoIterator<Item = (&'h str, &'h [u8])>,
) {
    for (name, value) in headers {
        let _ = http_parts::add(response.headers_mut(), name, value);
    }
}

/// Whether connections of this version have streams.
fn is_multiplexed(version: Version) -> bool {
    matches!(version, Version::HTTP_2 | Version::HTTP_3)
}

/// What extended CONNECT asks for: `:authority` and `:path`, beside a `:scheme` (RFC 8441 4, 5).
fn host_and_target(uri: &http::Uri) -> Result<(&str, &str), HandshakeError> {
    if !matches!(uri.scheme_str(), Some("http" | "https")) {
        return Err(HandshakeError::InvalidScheme);
    }
    let host = uri.authority().ok_or(HandshakeError::MissingHost)?.as_str();
    Authority::parse(host).ok_or(HandshakeError::InvalidHost)?;
    let target = uri.path_and_query().map_or("", |path| path.as_str());
    request_check::check_target(target)?;
    if !target.starts_with('/') {
        return Err(HandshakeError::InvalidTarget);
    }
    Ok((host, target))
}
