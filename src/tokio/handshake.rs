//! The opening handshake, in both roles.

#[cfg(feature = "getrandom")]
use alloc::boxed::Box;
#[cfg(feature = "getrandom")]
use alloc::string::ToString;
use alloc::vec::Vec;
use core::future::poll_fn;

use ::tokio::io::{AsyncRead, AsyncWrite};

use super::socket::Socket;
use crate::client_handshake::ClientProgress;
use crate::delivery::Delivery;
use crate::driver_error::Error;
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
/// # Cancel safety
///
/// Not cancel safe: the transport is dropped with it.
///
/// # Errors
///
/// - [`Error::Rejected`]: the server refused; its status and headers are in it.
/// - [`Error::Handshake`]: what the server did wrong.
/// - [`Error::Transport`]: also where the operating system has no entropy for the masking keys.
#[cfg(feature = "getrandom")]
#[cfg_attr(docsrs, doc(cfg(feature = "getrandom")))]
pub async fn connect<S: AsyncRead + AsyncWrite + Unpin, D: Delivery>(
    stream: S,
    request: &Request,
    inbox: &mut Inbox<D>,
) -> Result<Accepted<S>, Error> {
    let mut outbox = Outbox::new();
    let handshaking = Handshaking::<Client>::start(request, Limits::default(), &mut outbox)
        .map_err(|error| std::io::Error::other(error.to_string()))?;
    let socket = Socket::new(handshaking, outbox, stream);
    match socket.receive_answer(inbox).await? {
        Answer::Accepted(accepted) => Ok(accepted),
        Answer::Rejected(rejected) => Err(Error::Rejected(Box::new(rejected.phase))),
    }
}

/// Opens a connection as a server, for any request that may be accepted, with the usual [`Limits`]
/// and without an extension. To look at the request first, there is [`receive_request`].
///
/// # Cancel safety
///
/// Not cancel safe: the transport is dropped with it.
///
/// # Errors
///
/// As [`receive_request`].
pub async fn accept<S: AsyncRead + AsyncWrite + Unpin, D: Delivery>(
    stream: S,
    inbox: &mut Inbox<D>,
) -> Result<Socket<Open<Server>, S>, Error> {
    let requested = receive_request(stream, Limits::default(), inbox).await?;
    let mut open = requested.accept(Acceptance::default());
    open.flush().await?;
    Ok(open)
}

/// Waits for a client's request, to be looked at, and then accepted or rejected.
///
/// ```
/// use tokio::net::TcpStream;
/// use wsproto::tokio::receive_request;
/// use wsproto::{Acceptance, Error, ExtraHeaders, Inbox, Limits, RejectStatus};
///
/// async fn serve(stream: TcpStream) -> Result<(), Error> {
///     let mut inbox = Inbox::new();
///     let requested = receive_request(stream, Limits::default(), &mut inbox).await?;
///     if requested.phase().target() != "/chat" {
///         let headers = ExtraHeaders::new();
///         requested.reject(RejectStatus::NOT_FOUND, &headers, b"try /chat").end().await?;
///         return Ok(());
///     }
///     let chat = requested.phase().choose_subprotocol(&["chat"]);
///     let mut socket = requested.accept(Acceptance::default().subprotocol(chat));
///     socket.send_text("welcome").await
/// }
/// ```
///
/// # Cancel safety
///
/// Not cancel safe: the transport is dropped with it.
///
/// # Errors
///
/// - [`Error::Handshake`]: what is wrong with the request. The client was told, and the transport was
///   ended as [`Socket::end`] does.
/// - [`Error::Transport`]: those of the transport.
pub async fn receive_request<S: AsyncRead + AsyncWrite + Unpin, D: Delivery>(
    stream: S,
    limits: Limits,
    inbox: &mut Inbox<D>,
) -> Result<Socket<Requested, S>, Error> {
    let handshaking = Handshaking::<Server>::new(limits);
    let mut socket = Socket::new(handshaking, Outbox::new(), stream);
    loop {
        let Socket { phase, mut line } = socket;
        let phase = match phase.receive(inbox) {
            Ok(ServerProgress::Handshaking(phase)) => phase,
            Ok(ServerProgress::Requested(phase)) => return Ok(Socket { phase, line }),
            Err(phase) => {
                phase.respond(line.outbox());
                let mut refused = Socket { phase, line };
                refused.end().await?;
                return Err(Error::Handshake(refused.phase));
            }
        };
        socket = Socket { phase, line };
        if !poll_fn(|cx| socket.line.poll_exchange(inbox, cx)).await? {
            return Err(Error::Handshake(socket.phase.eof()));
        }
    }
}

impl<N: Negotiate, S: AsyncRead + AsyncWrite + Unpin> Socket<Handshaking<Client, N>, S> {
    /// Sends the request, and waits for the server's answer.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: the transport is dropped with it.
    ///
    /// # Errors
    ///
    /// - [`Error::Handshake`]: what the server did wrong.
    /// - [`Error::Transport`]: those of the transport.
    pub async fn receive_answer<D: Delivery>(
        mut self,
        inbox: &mut Inbox<D>,
    ) -> Result<Answer<N::Agreed, S>, Error> {
        loop {
            if !poll_fn(|cx| self.line.poll_exchange(inbox, cx)).await? {
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

impl<S: AsyncRead + AsyncWrite + Unpin> Socket<Rejected<Client>, S> {
    /// Waits for the next piece of the body and appends it; false at its end.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: what was read is in the inbox.
    ///
    /// # Errors
    ///
    /// - [`Error::Handshake`]: the body is not by its framing.
    /// - [`Error::Transport`]: those of the transport.
    pub async fn receive_body<D: Delivery>(
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
            if !poll_fn(|cx| self.line.poll_exchange(inbox, cx)).await? {
                self.phase.eof()?;
            }
        }
    }
}

answers!();
