//! The opening handshake of a client (RFC 6455 4.1).

use alloc::string::String;
use core::fmt;

use crate::accept_key::{self, AcceptValue};
use crate::delivery::Delivery;
use crate::entropy::{Entropy, Keys};
use crate::extension::Extension;
use crate::extension_header::ExtensionHeader;
use crate::extension_list::ExtensionList;
use crate::handshake_error::HandshakeError;
use crate::handshaking::{Handshaking, sealed};
use crate::head::{Head, ResponseHead, Room, Scan};
use crate::inbox::Inbox;
use crate::limits::Limits;
use crate::narrow::Narrowed;
use crate::negotiate::{Answer, Negotiate};
use crate::open::Open;
use crate::outbox::Outbox;
use crate::rejected::{Refused, Rejected};
use crate::request::Request;
use crate::response::{self, Fields, Response};
use crate::role::Client;

/// Answers of status 1xx that are skipped.
const MAX_INTERIM: u8 = 8;

/// What a client's handshake keeps of its request.
pub struct Sent<N> {
    /// What gave the key of the request, and goes on to mask frames.
    keys: Keys,
    /// What the server must answer to the key.
    accept: AcceptValue,
    /// What was offered, as a list; empty where nothing was.
    subprotocols: String,
    proposal: N,
    /// Answers of status 1xx that may still come.
    interim_left: u8,
}

impl<N> fmt::Debug for Sent<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sent").finish_non_exhaustive()
    }
}

impl sealed::Handshake for Client {
    type Data<N> = Sent<N>;
    type Rejected = Refused;
}

impl Handshaking<Client> {
    /// Sends `request`, with entropy from the operating system. No extension is offered.
    ///
    /// # Errors
    ///
    /// If the operating system has no entropy to give.
    #[cfg(feature = "getrandom")]
    #[cfg_attr(docsrs, doc(cfg(feature = "getrandom")))]
    pub fn start(
        request: &Request,
        limits: Limits,
        outbox: &mut Outbox,
    ) -> Result<Self, getrandom::Error> {
        Ok(Self::start_with(
            request,
            limits,
            Entropy::from_os()?,
            outbox,
        ))
    }

    /// Sends `request`, with the caller's entropy: 32 bytes that no peer can guess and no other
    /// connection has. No extension is offered.
    ///
    /// ```
    /// use wsproto::{Client, ClientProgress, Handshaking, Inbox, Limits, Outbox, Request};
    ///
    /// let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    /// let request = Request::new("example.com", "/chat")?.subprotocols(&["chat"])?;
    /// let limits = Limits::default();
    /// # let seed = [0; 32]; // never do this
    /// let handshaking = Handshaking::<Client>::start_with(&request, limits, seed, &mut outbox);
    /// let sent = outbox.bytes_to_send(None);
    /// assert!(sent.starts_with(b"GET /chat HTTP/1.1\r\nHost: example.com\r\n"));
    ///
    /// inbox.extend(b"HTTP/1.1 101 Switching Protocols\r\n");
    /// inbox.extend(b"Upgrade: websocket\r\nConnection: Upgrade\r\n");
    /// inbox.extend(b"Sec-WebSocket-Accept: A7H9HYh1mE/+oRL0Kip7NajRQmU=\r\n");
    /// inbox.extend(b"Sec-WebSocket-Protocol: chat\r\n\r\n");
    /// match handshaking.receive(&mut inbox)? {
    ///     ClientProgress::Open(accepted) => {
    ///         assert_eq!(accepted.response.subprotocol(), Some("chat"));
    ///         let mut open = accepted.open;
    ///         open.send_text("hello", &mut outbox);
    ///     }
    ///     ClientProgress::Handshaking(_) => println!("more of the answer is needed"),
    ///     ClientProgress::Rejected(rejected) => println!("refused: {}", rejected.status()),
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// A client has no way to answer a handshake:
    ///
    /// ```compile_fail,E0599
    /// # use wsproto::{Acceptance, Client, Handshaking, Limits, Outbox, Request};
    /// # let mut outbox = Outbox::new();
    /// # let request = Request::new("example.com", "/").unwrap();
    /// # let limits = Limits::default();
    /// # let seed = [0; 32];
    /// let handshaking = Handshaking::<Client>::start_with(&request, limits, seed, &mut outbox);
    /// handshaking.accept(Acceptance::default(), &mut outbox);
    /// ```
    pub fn start_with(
        request: &Request,
        limits: Limits,
        entropy: impl Into<Entropy>,
        outbox: &mut Outbox,
    ) -> Self {
        Self::propose(request, (), limits, entropy, outbox)
    }
}

impl<N: Negotiate> Handshaking<Client, N> {
    /// Sends `request` and what `proposal` offers, with the caller's entropy: 32 bytes that no
    /// peer can guess and no other connection has ([`Entropy::from_os`] where there is an
    /// operating system).
    pub fn propose(
        request: &Request,
        proposal: N,
        limits: Limits,
        entropy: impl Into<Entropy>,
        outbox: &mut Outbox,
    ) -> Self {
        // Two extensions on one bit: here, where the caller can see it.
        let _ = const { N::Agreed::RSV };
        let mut keys = Keys::new(entropy.into());
        let key = accept_key::draw(&mut keys);
        let mut offers = ExtensionHeader::default();
        proposal.offer(&mut offers);
        request.write(&key, offers.as_str(), outbox);
        Self {
            scan: Scan::default(),
            limits,
            role: Sent {
                keys,
                accept: accept_key::accept(&key),
                subprotocols: request.subprotocol_list().into(),
                proposal,
                interim_left: MAX_INTERIM,
            },
        }
    }

    /// Looks at what has arrived of the server's answer.
    ///
    /// Answers of status 1xx but 101 are skipped. Bytes behind the head stay in the inbox: they
    /// are the first frames, or the body of a refusal.
    ///
    /// The phase is given back while more is needed, and is gone otherwise:
    ///
    /// ```compile_fail,E0382
    /// # use wsproto::{Client, Handshaking, Inbox};
    /// # fn receive(handshaking: Handshaking<Client>, inbox: &mut Inbox) {
    /// let progress = handshaking.receive(inbox);
    /// let again = handshaking.receive(inbox);
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If the answer opens no connection and is no refusal either. Nothing was sent since the
    /// request, and nothing may be: close the transport.
    ///
    /// # Panics
    ///
    /// If the inbox holds less than it did: it is another connection's.
    pub fn receive<D: Delivery>(
        mut self,
        inbox: &mut Inbox<D>,
    ) -> Result<ClientProgress<N>, HandshakeError> {
        loop {
            let (unread, mut room) = (inbox.unread(), Room::new());
            let Some(arrived) =
                ResponseHead::receive(&mut self.scan, unread, &self.limits, &mut room)?
            else {
                return Ok(ClientProgress::Handshaking(self));
            };
            let (head, len) = (&arrived.head, arrived.len);
            let progress = match head.status {
                101 => {
                    let fields = Fields::of(arrived.fields());
                    ClientProgress::Open(self.accepted(head, &fields)?)
                }
                100..=199 => {
                    self.skip_interim()?;
                    drop(room);
                    inbox.buffer.take(len);
                    continue;
                }
                _ => ClientProgress::Rejected(Rejected::of_response(Response::new(head))),
            };
            drop(room);
            inbox.buffer.take(len);
            return Ok(progress);
        }
    }

    fn skip_interim(&mut self) -> Result<(), HandshakeError> {
        self.scan = Scan::default();
        let left = self.role.interim_left.checked_sub(1);
        self.role.interim_left = left.ok_or(HandshakeError::TooManyInterimAnswers)?;
        Ok(())
    }

    fn accepted(
        self,
        head: &ResponseHead<'_>,
        fields: &Fields<'_>,
    ) -> Result<Accepted<N::Agreed>, HandshakeError> {
        let sent = self.role;
        let extensions = response::check(head, fields, &sent.accept, &sent.subprotocols)?;
        let agreed = confirm(sent.proposal, extensions)?;
        Ok(Accepted::new(agreed, head, &self.limits, sent.keys))
    }
}

/// What comes of `proposal` with the extensions that a server answers.
pub(crate) fn confirm<N: Negotiate>(
    proposal: N,
    extensions: ExtensionList<'_>,
) -> Result<N::Agreed, HandshakeError> {
    let mut answer = Answer::new(extensions);
    let agreed = proposal.confirm(&mut answer)?;
    if answer.is_left() {
        return Err(HandshakeError::UnofferedExtension);
    }
    Ok(agreed)
}

/// How far a client's handshake came. See [`Handshaking::receive`].
#[must_use = "it holds the connection"]
pub enum ClientProgress<N: Negotiate> {
    /// More of the answer is needed.
    Handshaking(Handshaking<Client, N>),
    /// The connection is open.
    Open(Accepted<N::Agreed>),
    /// The server refused.
    Rejected(Rejected),
}

impl<N: Negotiate> fmt::Debug for ClientProgress<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Handshaking(handshaking) => handshaking.fmt(f),
            Self::Open(accepted) => accepted.fmt(f),
            Self::Rejected(rejected) => rejected.fmt(f),
        }
    }
}

/// A handshake that the server accepted: the connection, and what the server said.
#[must_use = "it holds the connection"]
pub struct Accepted<X: Extension = ()> {
    /// The connection.
    pub open: Open<Client, X>,
    /// The server's answer: the subprotocol that it chose, its headers.
    pub response: Response,
}

impl<X: Extension> Accepted<X> {
    pub(crate) fn new(agreed: X, head: &ResponseHead<'_>, limits: &Limits, keys: Keys) -> Self {
        let (encoder, decoder) = agreed.split();
        Self {
            open: Open::<Client, _>::new(decoder, encoder, limits, keys),
            response: Response::new(head),
        }
    }
}

impl<X: Extension> Accepted<Option<X>> {
    /// The same with the extension, which the server must have agreed to.
    ///
    /// # Errors
    ///
    /// If it declined. Nothing was sent since the request: close the transport (RFC 6455 4.1). For
    /// a server that is to hear of it, [`narrow`](Open::narrow) the connection instead, and close
    /// it with 1010 (RFC 6455 7.4.1).
    pub fn require(self) -> Result<Accepted<X>, HandshakeError> {
        match self.open.narrow() {
            Narrowed::With(open) => Ok(Accepted {
                open,
                response: self.response,
            }),
            Narrowed::Without(_) => Err(HandshakeError::ExtensionDeclined),
        }
    }
}

impl<X: Extension> fmt::Debug for Accepted<X> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Accepted")
            .field("open", &self.open)
            .field("response", &self.response)
            .finish()
    }
}
