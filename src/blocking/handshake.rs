//! The opening handshake, in both roles.

#[cfg(feature = "getrandom")]
use alloc::string::ToString;
use alloc::vec::Vec;
use std::io::{Read, Write};

use super::socket::Socket;
use crate::client_handshake::ClientProgress;
use crate::delivery::Delivery;
use crate::driver_error::Error;
use crate::handshake_error::HandshakeError;
use crate::handshaking::Handshaking;
use crate::inbox::Inbox;
use crate::limits::Limits;
use crate::negotiate::Negotiate;
use crate::outbox::Outbox;
use crate::rejected::Rejected;
#[cfg(feature = "getrandom")]
use crate::request::Request;
use crate::requested::{Acceptance, Requested};
use crate::role::Server;
use crate::server_handshake::ServerProgress;
use crate::transitions::answers;

/// Opens a connection as a client, over a transport to the server that `request` names, with the
/// usual [`Limits`] and without an extension. For all else there is [`Socket::new`].
///
/// # Errors
///
/// - [`Error::Rejected`]: the server refused; its status and headers are in it.
/// - [`Error::Handshake`]: what the server did wrong.
/// - [`Error::Transport`]: also where the operating system has no entropy for the masking keys.
#[cfg(feature = "getrandom")]
#[cfg_attr(docsrs, doc(cfg(feature = "getrandom")))]
pub fn connect<S: Read + Write, D: Delivery>(
    stream: S,
    request: &Request,
    inbox: &mut Inbox<D>,
) -> Result<Accepted<S>, Error> {
    let mut outbox = Outbox::new();
    let handshaking = Handshaking::<Client>::start(request, Limits::default(), &mut outbox)
        .map_err(|error| std::io::Error::other(error.to_string()))?;
    match Socket::new(handshaking, outbox, stream).receive_answer(inbox)? {
        Answer::Accepted(accepted) => Ok(accepted),
        Answer::Rejected(rejected) => Err(Error::Rejected(rejected.phase.into())),
    }
}

/// Opens a connection as a server, for any request that may be accepted, with the usual [`Limits`]
/// and without an extension. To look at the request first, there is [`receive_request`].
///
/// # Errors
///
/// - [`Error::Handshake`]: what is wrong with the request. The client was told, but the transport is
///   dropped: where the client is to read it whatever it has sent, [`receive_request`], and
///   [`end`](Socket::end) what was refused.
/// - [`Error::Transport`]: those of the transport.
pub fn accept<S: Read + Write, D: Delivery>(
    stream: S,
    inbox: &mut Inbox<D>,
) -> Result<Socket<Open<Server>, S>, Error> {
    match receive_request(stream, Limits::default(), inbox)? {
        Asked::Requested(requested) => {
            let mut open = requested.accept(Acceptance::default());
            open.flush()?;
            Ok(open)
        }
        Asked::Refused(mut refused) => {
            refused.flush()?;
            Err(Error::Handshake(refused.phase))
        }
    }
}

/// Waits for a client's request, to be looked at, and then accepted or rejected.
///
/// ```no_run
/// use std::net::TcpStream;
/// use wsproto::blocking::{self, Asked};
/// use wsproto::{Acceptance, Error, ExtraHeaders, Inbox, Limits, RejectStatus};
///
/// fn serve(stream: TcpStream) -> Result<(), Error> {
///     let mut inbox = Inbox::new();
///     let requested = match blocking::receive_request(stream, Limits::default(), &mut inbox)? {
///         Asked::Requested(requested) => requested,
///         Asked::Refused(mut refused) => {
///             println!("refused: {}", refused.end()?);
///             return Ok(());
///         }
///     };
///     if requested.phase().target() != "/chat" {
///         requested.reject(RejectStatus::NOT_FOUND, &ExtraHeaders::new(), b"").end()?;
///         return Ok(());
///     }
///     let chat = requested.phase().choose_subprotocol(&["chat"]);
///     let mut socket = requested.accept(Acceptance::default().subprotocol(chat));
///     socket.send_text("welcome")
/// }
/// ```
///
/// # Errors
///
/// - [`Error::Handshake`]: the transport ended before the request was whole.
/// - [`Error::Transport`]: those of the transport.
pub fn receive_request<S: Read + Write, D: Delivery>(
    stream: S,
    limits: Limits,
    inbox: &mut Inbox<D>,
) -> Result<Asked<S>, Error> {
    let handshaking = Handshaking::<Server>::new(limits);
    let mut socket = Socket::new(handshaking, Outbox::new(), stream);
    loop {
        let Socket { phase, line } = socket;
        let phase = match phase.receive(inbox) {
            Ok(ServerProgress::Handshaking(phase)) => phase,
            Ok(ServerProgress::Requested(phase)) => {
                return Ok(Asked::Requested(Socket { phase, line }));
            }
            Err(error) => {
                let mut refused = Socket { phase: error, line };
                error.respond(&mut refused.line.outbox);
                return Ok(Asked::Refused(refused));
            }
        };
        socket = Socket { phase, line };
        if !socket.line.exchange(inbox)? {
            return Err(Error::Handshake(socket.phase.eof()));
        }
    }
}

impl<N: Negotiate, S: Read + Write> Socket<Handshaking<Client, N>, S> {
    /// Sends the request, and waits for the server's answer.
    ///
    /// # Errors
    ///
    /// - [`Error::Handshake`]: what the server did wrong.
    /// - [`Error::Transport`]: those of the transport.
    pub fn receive_answer<D: Delivery>(
        mut self,
        inbox: &mut Inbox<D>,
    ) -> Result<Answer<N::Agreed, S>, Error> {
        loop {
            if !self.line.exchange(inbox)? {
                return Err(Error::Handshake(self.phase.eof()));
            }
            let Self { phase, line } = self;
            let phase = match phase.receive(inbox)? {
                ClientProgress::Handshaking(phase) => phase,
                ClientProgress::Rejected(phase) => {
                    return Ok(Answer::Rejected(Socket { phase, line }));
                }
                ClientProgress::Open(accepted) => {
                    return Ok(Answer::Accepted(Accepted {
                        socket: Socket {
                            phase: accepted.open,
                            line,
                        },
                        response: accepted.response,
                    }));
                }
            };
            self = Self { phase, line };
        }
    }
}

impl<S: Read + Write> Socket<Rejected<Client>, S> {
    /// Waits for the next piece of the body and appends it; false at its end.
    ///
    /// ```
    /// # use std::io::{Read, Write};
    /// # use wsproto::{Client, Error, Inbox, Rejected, blocking::Socket};
    /// # fn body(mut rejected: Socket<Rejected<Client>, impl Read + Write>, mut inbox: Inbox) -> Result<Vec<u8>, Error> {
    /// let mut body = Vec::new();
    /// while body.len() < 4096 && rejected.receive_body(&mut inbox, &mut body)? {}
    /// # Ok(body)
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// - [`Error::Handshake`]: the body is not by its framing.
    /// - [`Error::Transport`]: those of the transport.
    pub fn receive_body<D: Delivery>(
        &mut self,
        inbox: &mut Inbox<D>,
        body: &mut Vec<u8>,
    ) -> Result<bool, Error> {
        loop {
            if let Some(piece) = self.phase.receive_body(inbox)? {
                body.extend_from_slice(piece);
                return Ok(true);
            }
            if self.phase.is_finished() {
                return Ok(false);
            }
            if !self.line.exchange(inbox)? {
                self.phase.eof()?;
            }
        }
    }
}

/// What a client asked for.
#[derive(Debug)]
#[must_use = "the client waits for an answer"]
pub enum Asked<S> {
    /// A connection: `accept` or `reject` it.
    Requested(Socket<Requested, S>),
    /// Nothing that may be accepted. The answer waits in the outbox: [`end`](Socket::end) it.
    Refused(Socket<HandshakeError, S>),
}

answers!();
