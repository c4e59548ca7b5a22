//! The phase in which a server has a request and has not answered it (RFC 6455 4.2.2).
//!
//! Knows that the request is one that may be accepted. Its one idea: whatever could be wrong with
//! an answer is settled by the types that it is made of, so that answering cannot fail.

use alloc::vec::Vec;
use core::{fmt, str};

use crate::accept_key::{self, AcceptValue};
use crate::extension::Extension;
use crate::extension_header::ExtensionHeader;
use crate::extension_list::ExtensionList;
use crate::handshake_error::HandshakeError;
use crate::head::RequestHead;
use crate::headers::{ExtraHeaders, Headers};
use crate::limits::Limits;
use crate::negotiate::Negotiate;
use crate::open::Open;
use crate::outbox::Outbox;
use crate::refusal::{self, RejectStatus};
use crate::rejected::Rejected;
use crate::rejecting::Rejecting;
use crate::request::Request;
use crate::request_check::{self, Fields};
use crate::role::Server;

/// A client's request to open a WebSocket, checked and not answered yet.
///
/// | exit | to |
/// |---|---|
/// | [`accept`](Self::accept), [`accept_with`](Self::accept_with) | [`Open`] |
/// | [`reject`](Self::reject) | [`Rejected`] |
/// | [`start_reject`](Self::start_reject) | [`Rejecting`] |
///
/// ```
/// use wsproto::{Acceptance, ExtraHeaders, Handshaking, Inbox, Limits, Outbox, RejectStatus};
/// use wsproto::{Server, ServerProgress};
///
/// let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
/// inbox.extend(b"GET /chat HTTP/1.1\r\nHost: server.example.com\r\n");
/// inbox.extend(b"Upgrade: websocket\r\nConnection: Upgrade\r\n");
/// inbox.extend(b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n");
/// inbox.extend(b"Sec-WebSocket-Protocol: superchat, chat\r\n\r\n");
///
/// let handshaking = Handshaking::<Server>::new(Limits::default());
/// let requested = match handshaking.receive(&mut inbox)? {
///     ServerProgress::Requested(requested) => requested,
///     ServerProgress::Handshaking(_) => panic!("read more"),
/// };
/// if requested.target() != "/chat" {
///     let headers = ExtraHeaders::new().with("Content-Type", "text/plain")?;
///     requested.reject(RejectStatus::NOT_FOUND, &headers, b"try /chat", &mut outbox);
/// } else {
///     let chat = requested.choose_subprotocol(&["chat"]);
///     let open = requested.accept(Acceptance::default().subprotocol(chat), &mut outbox);
/// }
/// let sent = outbox.bytes_to_send(None);
/// assert!(sent.starts_with(b"HTTP/1.1 101 Switching Protocols\r\n"));
/// assert!(sent.ends_with(b"Sec-WebSocket-Protocol: chat\r\n\r\n"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// It is answered once:
///
/// ```compile_fail,E0382
/// # use wsproto::{Acceptance, ExtraHeaders, Outbox, RejectStatus, Requested};
/// # fn answer(requested: Requested, outbox: &mut Outbox) {
/// let open = requested.accept(Acceptance::default(), outbox);
/// requested.reject(RejectStatus::NOT_FOUND, &ExtraHeaders::new(), b"", outbox);
/// # }
/// ```
///
/// Nothing can be sent before it is accepted:
///
/// ```compile_fail,E0599
/// # use wsproto::{Outbox, Requested};
/// # fn answer(mut requested: Requested, outbox: &mut Outbox) {
/// requested.send_text("too early", outbox);
/// # }
/// ```
///
/// One that arrived as bytes is answered by bytes. One that somebody else parsed (feature `http`) is
/// a `Requested<Http>`, and is answered by a response.
#[must_use = "the client waits for an answer: `accept` or `reject` it"]
pub struct Requested<A = Wire> {
    /// The target in origin form, the host, and the header lines. The first two are ASCII.
    bytes: Vec<u8>,
    /// Where the target ends. target <= host
    target: usize,
    /// Where the host ends. host <= bytes.len()
    host: usize,
    /// What the answer is made of.
    pub(crate) answer: A,
    pub(crate) limits: Limits,
}

/// The answer to a request is bytes of HTTP/1.1, which go into an outbox.
#[derive(Debug)]
pub struct Wire {
    pub(crate) accept: AcceptValue,
}

impl Requested {
    /// The request in `head`, if it is one that a server may accept.
    pub(crate) fn parse(
        head: &RequestHead<'_>,
        fields: &Fields<'_>,
        limits: Limits,
    ) -> Result<Self, HandshakeError> {
        if head.method != "GET" {
            return Err(HandshakeError::MethodNotGet);
        }
        if !head.is_http_1_1 {
            return Err(HandshakeError::HttpVersion);
        }
        let (host, target) = request_check::target(head.target, fields.host()?)?;
        fields.check_upgrade()?;
        fields.check_version()?;
        let key = fields.key()?;
        fields.check_no_body()?;
        fields.check_origin()?;
        fields.check_offers(head.headers)?;

        let accept = accept_key::accept(key);
        Ok(Self::new(
            target,
            host,
            head.headers,
            Wire { accept },
            limits,
        ))
    }
}

impl<A> Requested<A> {
    /// A request that was checked.
    pub(crate) fn new(
        target: &str,
        host: &str,
        headers: Headers<'_>,
        answer: A,
        limits: Limits,
    ) -> Self {
        let lines = headers.lines();
        let mut bytes = Vec::with_capacity(1 + target.len() + host.len() + lines.len());
        // The target of an absolute form may have no path.
        if !target.starts_with('/') {
            bytes.push(b'/');
        }
        bytes.extend_from_slice(target.as_bytes());
        let target = bytes.len();
        bytes.extend_from_slice(host.as_bytes());
        let host = bytes.len();
        bytes.extend_from_slice(lines);
        Self {
            bytes,
            target,
            host,
            answer,
            limits,
        }
    }

    /// The same request, with another kind of answer.
    #[cfg(feature = "http")]
    pub(crate) fn answered_by<B>(self, answer: impl FnOnce(A) -> B) -> Requested<B> {
        Requested {
            bytes: self.bytes,
            target: self.target,
            host: self.host,
            answer: answer(self.answer),
            limits: self.limits,
        }
    }

    /// The host that the client asks for, with a port where it is not the usual one: what stands
    /// in `Host`, or in a target in absolute form, which overrides it (RFC 9112 3.2.2).
    #[must_use]
    pub fn host(&self) -> &str {
        str::from_utf8(&self.bytes[self.target..self.host]).unwrap_or_default()
    }

    /// The target: path and query, whichever form it was sent in.
    #[must_use]
    pub fn target(&self) -> &str {
        str::from_utf8(&self.bytes[..self.target]).unwrap_or_default()
    }

    /// All headers, as they were sent.
    #[must_use]
    pub fn headers(&self) -> Headers<'_> {
        Headers::of(&self.bytes[self.host..])
    }

    /// The same as a value that can be kept, and be asked of another server: without the headers
    /// that are the handshake's own.
    #[must_use]
    pub fn to_request(&self) -> Request {
        Request::received(
            self.host(),
            self.target(),
            self.subprotocols(),
            self.headers(),
        )
    }

    /// The subprotocols that the client offers, the most preferred first.
    pub fn subprotocols(&self) -> impl Iterator<Item = &str> {
        request_check::subprotocols(self.headers())
            .map(|subprotocol| str::from_utf8(subprotocol).unwrap_or_default())
    }

    /// Chooses the first of `supported` that the client offers, in exactly this spelling.
    ///
    /// ```
    /// # fn choose(requested: &wsproto::Requested) -> wsproto::Acceptance {
    /// let choice = requested.choose_subprotocol(&["chat.v2", "chat.v1"]);
    /// wsproto::Acceptance::default().subprotocol(choice)
    /// # }
    /// ```
    #[must_use]
    pub fn choose_subprotocol(&self, supported: &[&str]) -> Option<SubprotocolChoice> {
        supported.iter().find_map(|ours| {
            let index = self.subprotocols().position(|theirs| theirs == *ours)?;
            Some(SubprotocolChoice { index })
        })
    }

    /// The extensions that the client offers, the most preferred first.
    #[must_use]
    pub fn extensions(&self) -> ExtensionList<'_> {
        ExtensionList::parsed(self.headers())
    }

    /// The origin of the page that asks, as a browser gives it (RFC 6454 7): such as
    /// `https://example.com`, or `null` where the page is not to be trusted with its origin.
    /// Other clients need not give any.
    #[must_use]
    pub fn origin(&self) -> Option<&str> {
        str::from_utf8(self.headers().first("Origin")?).ok()
    }

    /// Whether the page that asks is of one of these origins: scheme, host, and the port where it
    /// is not the scheme's own, in exactly this spelling, in lower case.
    ///
    /// Browsers send their cookies with a request from any page, so a server that relies on
    /// cookies must look at the origin or else answers to every page on the web (RFC 6455 10.2).
    /// Nothing here does so unasked. A request without an origin is of none of them, and so is one
    /// of `null`, which any page can bring about.
    ///
    /// ```
    /// # fn check(requested: &wsproto::Requested) -> bool {
    /// requested.origin_is(&["https://example.com", "https://example.com:8443"])
    /// # }
    /// ```
    #[must_use]
    pub fn origin_is(&self, origins: &[&str]) -> bool {
        self.origin()
            .is_some_and(|origin| origin != "null" && origins.contains(&origin))
    }

    /// The subprotocol that is accepted; empty where none is.
    pub(crate) fn chosen(&self, acceptance: &Acceptance) -> &str {
        let choice = acceptance.subprotocol;
        let chosen = choice.and_then(|choice| self.subprotocols().nth(choice.index));
        chosen.unwrap_or_default()
    }
}

impl Requested {
    /// Opens the connection, without an extension.
    pub fn accept(self, acceptance: Acceptance, outbox: &mut Outbox) -> Open<Server> {
        self.accept_with((), acceptance, outbox)
    }

    /// Opens the connection, with what `proposal` agrees to of the extensions that are offered.
    pub fn accept_with<N: Negotiate>(
        self,
        proposal: N,
        acceptance: Acceptance,
        outbox: &mut Outbox,
    ) -> Open<Server, N::Agreed> {
        // Two extensions on one bit: here, where the caller can see it.
        let _ = const { N::Agreed::RSV };
        let mut answer = ExtensionHeader::default();
        let agreed = proposal.answer(self.extensions(), &mut answer);
        let subprotocol = self.chosen(&acceptance);
        let mut write = |parts: &[&[u8]]| parts.iter().for_each(|part| outbox.write(part));
        write(&[
            b"HTTP/1.1 101 Switching Protocols\r\n\
              Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ",
            &self.answer.accept,
            b"\r\n",
        ]);
        for (name, value) in [
            ("Sec-WebSocket-Protocol: ", subprotocol),
            ("Sec-WebSocket-Extensions: ", answer.as_str()),
        ] {
            if !value.is_empty() {
                write(&[name.as_bytes(), value.as_bytes(), b"\r\n"]);
            }
        }
        write(&[acceptance.headers.headers().lines(), b"\r\n"]);
        Open::<Server, _>::after_upgrade(agreed, self.limits)
    }

    /// Refuses, with a status, headers and a body.
    pub fn reject(
        self,
        status: RejectStatus,
        headers: &ExtraHeaders,
        body: &[u8],
        outbox: &mut Outbox,
    ) -> Rejected<Server> {
        refusal::whole(status.get(), headers.headers().lines(), body, outbox);
        Rejected::with(status)
    }

    /// Starts to refuse, with a status and headers; the body follows piece by piece.
    pub fn start_reject(
        self,
        status: RejectStatus,
        headers: &ExtraHeaders,
        outbox: &mut Outbox,
    ) -> Rejecting {
        Rejecting::start(status, headers, outbox)
    }
}

impl<A> fmt::Debug for Requested<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Requested")
            .field("host", &self.host())
            .field("headers", &self.headers())
            .finish_non_exhaustive()
    }
}

/// One of the subprotocols that a client offers. See [`Requested::choose_subprotocol`].
///
/// It is not tied to its request: used with another one, which is the caller's error, it stands
/// for whatever that offers in the same place, or for none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubprotocolChoice {
    /// Its place among those that are offered.
    index: usize,
}

/// What goes with a server's acceptance: nothing by default.
#[derive(Clone, Debug, Default)]
pub struct Acceptance {
    subprotocol: Option<SubprotocolChoice>,
    pub(crate) headers: ExtraHeaders,
}

impl Acceptance {
    /// Speaks this subprotocol; `None` for none.
    #[must_use]
    pub fn subprotocol(self, choice: Option<SubprotocolChoice>) -> Self {
        Self {
            subprotocol: choice,
            ..self
        }
    }

    /// Sends these headers, in place of others.
    #[must_use]
    pub fn headers(self, headers: ExtraHeaders) -> Self {
        Self { headers, ..self }
    }
}
