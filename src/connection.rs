//! wsproto's own interface: a connection of any phase, with its two buffers, that is told events and
//! tells them.
//!
//! Knows every phase, and no rule of the protocol: those are the phases'. Its one idea: what the
//! types of the phases say at compile time is a [`LocalError`] here, and nothing else differs.

use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;

use bytes::Bytes;

use crate::client_opening::{ClientOpening, Unasked};
use crate::closed::{Closed, Shutdown};
use crate::delivery::Delivery;
use crate::entropy::Entropy;
use crate::established::Established;
use crate::events::Event;
use crate::extension::Extension;
use crate::handshaking::Handshaking;
use crate::headers::ExtraHeaders;
use crate::inbox::Inbox;
use crate::local_error::{LocalError, LocalReason};
use crate::negotiate::Negotiate;
use crate::outbox::Outbox;
use crate::phase::Phase;
use crate::requested::Requested;
use crate::role::sealed::{Each, Role as Sealed};
use crate::role::{Client, Role, Server};
use crate::server_opening::ServerOpening;
use crate::settings::{AnyInbox, Settings, either};
use crate::step::{Step, Unsent};

/// A connection in whatever phase it is, from before its handshake to its end, with its buffers: the
/// interface of Python's wsproto.
///
/// For code that knows its phase only at run time, or that comes from wsproto: see
/// [*Coming from wsproto*](crate::guide::coming_from_wsproto). `N` is the proposal of extensions.
///
/// 1. [`receive_bytes`](Self::receive_bytes) what the transport has read, or
///    [`receive_eof`](Self::receive_eof) at its end.
/// 2. [`next_event`](Self::next_event) until there is none; [`send`](Self::send) what there is to
///    say.
/// 3. Write [`bytes_to_send`](Self::bytes_to_send) to the transport.
/// 4. Once [`shutdown`](Self::shutdown) says what to do with the transport, do so.
///
/// Pings, the peer's Close, what the peer does wrong, and requests that are none are answered by
/// `next_event`, which tells them.
///
/// ```
/// # #[cfg(feature = "getrandom")]
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use wsproto::events::{AcceptConnection, CloseConnection, Event, TextMessage};
/// use wsproto::{CloseCode, Connection, Phase, Request};
///
/// let (mut client, mut server) = (Connection::client(), Connection::server());
/// client.send(Request::new("example.com", "/chat")?)?;
///
/// server.receive_bytes(client.bytes_to_send(None));
/// while let Some(event) = server.next_event() {
///     match event {
///         Event::Request(request) if request.target() == "/chat" => {
///             server.send(AcceptConnection::default())?;
///             server.send(TextMessage::from("hello"))?;
///         }
///         other => println!("{other:?}"),
///     }
/// }
///
/// client.receive_bytes(server.bytes_to_send(None));
/// assert!(matches!(client.next_event(), Some(Event::AcceptConnection(_))));
/// assert_eq!(client.next_event(), Some(TextMessage::from("hello").into()));
/// client.send(CloseConnection::from(CloseCode::NORMAL))?;
///
/// server.receive_bytes(client.bytes_to_send(None));
/// assert!(matches!(server.next_event(), Some(Event::CloseConnection(_))));
/// assert_eq!(server.phase(), Phase::Closed);
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "getrandom"))]
/// # fn main() {}
/// ```
#[must_use = "dropping a connection does not tell the peer"]
pub struct Connection<R: Role, N: Negotiate = ()> {
    pub(crate) stage: Stage<R, N>,
    pub(crate) inbox: AnyInbox,
    pub(crate) outbox: Outbox,
    input: Input,
}

/// Whether more can come of the transport.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Input {
    Open,
    Ended,
}

/// The phases before it is open, of a role.
type Opening<R, N> = <R as Sealed>::Either<ClientOpening<N>, ServerOpening<N>>;

/// The phase.
pub(crate) enum Stage<R: Role, N: Negotiate> {
    Opening(Opening<R, N>),
    Established(Established<R, N>),
}

impl Connection<Client> {
    /// A client that has not asked, with the default [`Settings`]. Send it a
    /// [`Request`](crate::Request).
    pub fn client() -> Self {
        Settings::new().client()
    }
}

impl Connection<Server> {
    /// A server that waits for a request, with the default [`Settings`].
    pub fn server() -> Self {
        Settings::new().server()
    }
}

impl<N: Negotiate> Settings<N> {
    /// A client that has not asked. Its entropy comes from the operating system, when the
    /// [`Request`](crate::Request) is sent.
    pub fn client(self) -> Connection<Client, N> {
        self.client_of(None)
    }

    /// A client that has not asked, with the caller's entropy: 32 bytes that no peer can guess and
    /// no other connection has.
    pub fn client_with(self, entropy: impl Into<Entropy>) -> Connection<Client, N> {
        self.client_of(Some(entropy.into()))
    }

    fn client_of(self, entropy: Option<Entropy>) -> Connection<Client, N> {
        // Two extensions on one bit: here, where the caller can see it.
        let _ = const { N::Agreed::RSV };
        let inbox = self.inbox();
        let unasked = Unasked {
            limits: self.limits,
            proposal: self.proposal,
            entropy,
        };
        let stage = Stage::Opening(ClientOpening::Initial(unasked));
        Connection::new(stage, inbox, Outbox::new())
    }

    /// A server that waits for a request.
    pub fn server(self) -> Connection<Server, N> {
        // Two extensions on one bit: here, where the caller can see it.
        let _ = const { N::Agreed::RSV };
        let inbox = self.inbox();
        let handshaking = Handshaking::<Server>::new(self.limits);
        let stage = Stage::Opening(ServerOpening::Handshaking(handshaking, self.proposal));
        Connection::new(stage, inbox, Outbox::new())
    }
}

impl<R: Role, N: Negotiate> Connection<R, N> {
    pub(crate) fn new(stage: Stage<R, N>, inbox: AnyInbox, outbox: Outbox) -> Self {
        Self {
            stage,
            inbox,
            outbox,
            input: Input::Open,
        }
    }

    /// Takes in what was read from the transport. [`next_event`](Self::next_event) tells what it
    /// says.
    ///
    /// What arrives after the end is dropped, as RFC 6455 7.1.1 has it, and so is what arrives while
    /// a server refuses. While a request waits for its answer it is kept, as it may be the first
    /// frames: read no more before there is one.
    pub fn receive_bytes(&mut self, data: impl AsRef<[u8]>) {
        if self.shutdown().is_none() && self.phase() != Phase::Rejecting {
            either!(&mut self.inbox, inbox => inbox.extend(data.as_ref()));
        }
    }

    /// The transport has ended. [`next_event`](Self::next_event) tells so, once it has told all
    /// that came before.
    pub fn receive_eof(&mut self) {
        self.input = Input::Ended;
    }

    /// What the peer says next, if what has arrived says something. It is answered, where it has to
    /// be.
    pub fn next_event(&mut self) -> Option<Event> {
        let ended = self.input == Input::Ended;
        let outbox = &mut self.outbox;
        let event = either!(&mut self.inbox, inbox => self.stage.next_event(inbox, outbox, ended));
        if self.shutdown().is_some() {
            // What follows a Close or a violation is nobody's.
            either!(&mut self.inbox, inbox => inbox.clear());
        }
        event
    }

    /// Says something to the peer: an [`Event`], or one of the types in [`events`](crate::events).
    ///
    /// [`Phase`] has the table of what can be sent where. A message that is unfinished is continued
    /// by the next one of its kind.
    ///
    /// # Errors
    ///
    /// If it cannot be sent in this phase, or not at all. The connection is as it was, and the
    /// event is given back.
    pub fn send(&mut self, event: impl Into<Event>) -> Result<(), LocalError> {
        let (stage, unsent) = self.stage.take().send(event.into(), &mut self.outbox);
        self.stage = stage;
        match unsent {
            None => Ok(()),
            Some(Unsent { reason, event }) => {
                Err(LocalError::of_event(self.phase(), reason, event))
            }
        }
    }

    /// Takes out up to `amount` bytes for the transport, or all there are; empty where there are
    /// none.
    pub fn bytes_to_send(&mut self, amount: Option<usize>) -> Bytes {
        self.outbox.bytes_to_send(amount)
    }

    /// What waits for the transport, as a [`Buf`](bytes::Buf) to write it from without a copy, and
    /// as a length for back-pressure.
    pub fn outbox(&mut self) -> &mut Outbox {
        &mut self.outbox
    }

    /// The phase that it is in.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.stage.phase()
    }

    /// How it ended, once it has. Nothing where the handshake came to nothing.
    #[must_use]
    pub fn closed(&self) -> Option<&Closed<R>> {
        match &self.stage {
            Stage::Established(established) => established.closed(),
            Stage::Opening(_) => None,
        }
    }

    /// What to do with the transport once what is pending has been sent, where there will be no
    /// event any more.
    #[must_use]
    pub fn shutdown(&self) -> Option<Shutdown> {
        match &self.stage {
            Stage::Opening(opening) => R::each(
                Ending(PhantomData),
                R::as_ref::<ClientOpening<N>, ServerOpening<N>>(opening),
            ),
            Stage::Established(established) => established.closed().map(Closed::shutdown),
        }
    }
}

impl<N: Negotiate> Connection<Server, N> {
    /// The request that waits for an answer: all that can be asked of it.
    #[must_use]
    pub fn requested(&self) -> Option<&Requested> {
        match &self.stage {
            Stage::Opening(ServerOpening::Requested(requested, _)) => Some(requested),
            _ => None,
        }
    }

    /// Takes a request that an HTTP server has read already, of HTTP/1.1 and method GET. What
    /// follows it is for [`receive_bytes`](Self::receive_bytes).
    ///
    /// It is checked like one that arrives as bytes: [`next_event`](Self::next_event) tells the
    /// request, or why it is none.
    ///
    /// # Errors
    ///
    /// If something was received before, or the request could not have been: a name that is no
    /// token, a value or a target with what cannot stand in one. The connection is as it was.
    pub fn initiate_upgrade_connection<H, V>(
        &mut self,
        headers: impl IntoIterator<Item = (H, V)>,
        target: &str,
    ) -> Result<(), LocalError>
    where
        H: AsRef<str>,
        V: AsRef<[u8]>,
    {
        let phase = self.phase();
        let is_idle = either!(&self.inbox, inbox => inbox.is_idle());
        if phase != Phase::Handshaking || !is_idle || self.input == Input::Ended {
            return Err(LocalError::of_upgrade(phase, LocalReason::Phase));
        }
        let head = request_head(headers, target)
            .map_err(|reason| LocalError::of_upgrade(phase, reason))?;
        either!(&mut self.inbox, inbox => inbox.extend(&head));
        Ok(())
    }
}

/// A request as its bytes.
fn request_head<H: AsRef<str>, V: AsRef<[u8]>>(
    headers: impl IntoIterator<Item = (H, V)>,
    target: &str,
) -> Result<Vec<u8>, LocalReason> {
    if target.is_empty() || !target.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(LocalReason::Target);
    }
    let mut lines = ExtraHeaders::new();
    for (name, value) in headers {
        let added = lines.add(name.as_ref(), value.as_ref());
        added.map_err(LocalReason::Header)?;
    }
    let (target, lines) = (target.as_bytes(), lines.headers().lines());
    Ok([b"GET ", target, b" HTTP/1.1\r\n", lines, b"\r\n"].concat())
}

impl<R: Role, N: Negotiate> Stage<R, N> {
    /// Takes it out for a step, and leaves an end in its place until there is the next.
    fn take(&mut self) -> Self {
        let closed = Established::Closed(Closed::abnormal());
        core::mem::replace(self, Self::Established(closed))
    }

    fn phase(&self) -> Phase {
        match self {
            Self::Opening(opening) => R::each(
                Naming(PhantomData),
                R::as_ref::<ClientOpening<N>, ServerOpening<N>>(opening),
            ),
            Self::Established(established) => established.phase(),
        }
    }

    fn next_event<D: Delivery>(
        &mut self,
        inbox: &mut Inbox<D>,
        outbox: &mut Outbox,
        ended: bool,
    ) -> Option<Event> {
        if let Self::Established(established) = self {
            return established.next_event(inbox, outbox, ended);
        }
        let Self::Opening(opening) = self.take() else {
            return None;
        };
        let receiving = Receiving {
            inbox,
            outbox,
            ended,
            proposal: PhantomData,
        };
        let (stage, event) = R::each(receiving, opening);
        *self = stage;
        event
    }

    fn send(self, event: Event, outbox: &mut Outbox) -> (Self, Option<Unsent>) {
        match self {
            Self::Opening(opening) => {
                let proposal = PhantomData;
                let sending = Sending {
                    event,
                    outbox,
                    proposal,
                };
                R::each(sending, opening)
            }
            Self::Established(established) => {
                let (established, unsent) = established.send(event, outbox);
                (Self::Established(established), unsent)
            }
        }
    }
}

impl<R: Role, N: Negotiate> Stage<R, N> {
    pub(crate) fn of(step: Step<Opening<R, N>, R, N::Agreed>) -> Self {
        match step {
            Step::Opening(opening) => Self::Opening(opening),
            Step::Open(open) => Self::Established(open.into()),
        }
    }
}

/// What is told next, before it is open.
struct Receiving<'s, N, D: Delivery> {
    inbox: &'s mut Inbox<D>,
    outbox: &'s mut Outbox,
    ended: bool,
    proposal: PhantomData<N>,
}

impl<N: Negotiate, D: Delivery> Each for Receiving<'_, N, D> {
    type Client = ClientOpening<N>;
    type Server = ServerOpening<N>;
    type Out<R: Role> = (Stage<R, N>, Option<Event>);

    fn client(self, opening: ClientOpening<N>) -> (Stage<Client, N>, Option<Event>) {
        let (step, event) = opening.receive(self.inbox, self.ended);
        (Stage::of(step), event)
    }

    fn server(self, opening: ServerOpening<N>) -> (Stage<Server, N>, Option<Event>) {
        let (opening, event) = opening.receive(self.inbox, self.outbox, self.ended);
        (Stage::Opening(opening), event)
    }
}

/// What is sent, before it is open.
struct Sending<'s, N> {
    event: Event,
    outbox: &'s mut Outbox,
    proposal: PhantomData<N>,
}

impl<N: Negotiate> Each for Sending<'_, N> {
    type Client = ClientOpening<N>;
    type Server = ServerOpening<N>;
    type Out<R: Role> = (Stage<R, N>, Option<Unsent>);

    fn client(self, opening: ClientOpening<N>) -> (Stage<Client, N>, Option<Unsent>) {
        let (opening, unsent) = opening.send(self.event, self.outbox);
        (Stage::Opening(opening), unsent)
    }

    fn server(self, opening: ServerOpening<N>) -> (Stage<Server, N>, Option<Unsent>) {
        let (step, unsent) = opening.send(self.event, self.outbox);
        (Stage::of(step), unsent)
    }
}

/// The name of the phase, before it is open.
struct Naming<'o, N>(PhantomData<&'o N>);

impl<'o, N: Negotiate> Each for Naming<'o, N> {
    type Client = &'o ClientOpening<N>;
    type Server = &'o ServerOpening<N>;
    type Out<R: Role> = Phase;

    fn client(self, opening: &ClientOpening<N>) -> Phase {
        opening.phase()
    }

    fn server(self, opening: &ServerOpening<N>) -> Phase {
        opening.phase()
    }
}

/// What to do with the transport, before it is open.
struct Ending<'o, N>(PhantomData<&'o N>);

impl<'o, N: Negotiate> Each for Ending<'o, N> {
    type Client = &'o ClientOpening<N>;
    type Server = &'o ServerOpening<N>;
    type Out<R: Role> = Option<Shutdown>;

    fn client(self, opening: &ClientOpening<N>) -> Option<Shutdown> {
        opening.shutdown()
    }

    fn server(self, opening: &ServerOpening<N>) -> Option<Shutdown> {
        opening.shutdown()
    }
}

impl<R: Role, N: Negotiate> fmt::Debug for Connection<R, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("phase", &self.phase())
            .field("inbox", &self.inbox)
            .field("outbox", &self.outbox)
            .finish()
    }
}
