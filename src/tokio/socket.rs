//! A phase with its transport, and what can be done with it.

use core::fmt;
use core::future::poll_fn;
use core::time::Duration;

use ::tokio::io::{AsyncRead, AsyncWrite};
use bytes::Bytes;

use super::keeping::Beat;
use super::line::{LARGE, Line};
use super::messages::MessageStream;
use crate::broadcast::Broadcast;
use crate::close::ControlPayload;
use crate::delivery::Delivery;
use crate::driven::Listening;
use crate::driver_error::Error;
use crate::event::Event;
use crate::inbox::Inbox;
use crate::keepalive::Keepalive;
use crate::outbox::Outbox;
use crate::transitions::transitions;
use crate::unsent::Unsent;

/// A phase of a connection with its transport.
///
/// `P` is a phase of the core, and says what can be done: [`Requested`], [`Open`], [`Streaming`],
/// [`Closing`], [`Closed`], [`Rejected`]. `S` is any `AsyncRead + AsyncWrite + Unpin`. A transition
/// consumes the socket and gives that of the next phase; it does no I/O and cannot fail.
///
/// See the [module](crate::tokio) for examples, and for when bytes are written.
#[must_use = "dropping it ends the transport, and does not tell the peer"]
pub struct Socket<P, S> {
    pub(super) phase: P,
    pub(super) line: Line<S>,
}

impl<P, S> Socket<P, S> {
    /// A phase with its transport, and what it has put in an outbox.
    ///
    /// For a connection whose handshake was done elsewhere, and for a handshake with all that the
    /// core can do:
    ///
    /// ```
    /// # #[cfg(feature = "deflate")] mod example {
    /// # use tokio::io::{AsyncRead, AsyncWrite};
    /// use wsproto::tokio::{Answer, Narrowed, Socket};
    /// use wsproto::{DeflateOffer, Entropy, Error, Handshaking, Inbox, Limits, Outbox, Request};
    ///
    /// # async fn connect(stream: impl AsyncRead + AsyncWrite + Unpin, entropy: Entropy) -> Result<(), Box<dyn std::error::Error>> {
    /// let request = Request::new("example.com", "/chat")?.subprotocols(&["chat"])?;
    /// let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    /// let offer = DeflateOffer::default();
    /// let handshaking =
    ///     Handshaking::propose(&request, offer, Limits::default(), entropy, &mut outbox);
    /// match Socket::new(handshaking, outbox, stream).receive_answer(&mut inbox).await? {
    ///     Answer::Accepted(accepted) => match accepted.socket.narrow() {
    ///         Narrowed::With(mut compressed) => compressed.send_text("hello").await?,
    ///         Narrowed::Without(mut plain) => plain.send_text("hello").await?,
    ///     },
    ///     Answer::Rejected(rejected) => println!("refused: {}", rejected.phase().status()),
    /// }
    /// # Ok(())
    /// # }
    /// # }
    /// ```
    pub fn new(phase: P, outbox: Outbox, stream: S) -> Self {
        Self {
            phase,
            line: Line::new(stream, outbox),
        }
    }

    /// The bytes that may wait in the outbox before whatever sends waits too. 256 KiB by default.
    pub fn high_water_mark(mut self, bytes: usize) -> Self {
        self.line.extras().high_water_mark = bytes;
        self
    }

    /// How long the peer has to answer our Close, and to read what was sent last. Ten seconds by
    /// default.
    pub fn close_timeout(mut self, timeout: Duration) -> Self {
        self.line.extras().close_timeout = timeout;
        self
    }

    /// Sends pings while the peer is silent, and gives it up where it does not answer: `receive`
    /// then says [`Error::Transport`], timed out. It has to be waiting for that: nothing is sent, and
    /// nobody given up, while the application is busy, nor while the socket is
    /// [in halves](Self::split_with).
    pub fn keepalive(mut self, keepalive: Keepalive) -> Self {
        self.line.extras().beat = Some(Beat::new(keepalive));
        self
    }

    /// The phase, to look at: what was [`Requested`], how it [`Closed`].
    pub fn phase(&self) -> &P {
        &self.phase
    }

    /// The transport, to look at or to configure.
    pub fn stream(&self) -> &S {
        &self.line.stream
    }

    /// The phase, what waits to be written, and the transport.
    pub fn into_parts(self) -> (P, Outbox, S) {
        let (stream, outbox) = self.line.into_parts();
        (self.phase, outbox, stream)
    }

    /// The next phase, and what it says.
    pub(super) fn then<Q>(mut self, next: impl FnOnce(P, &mut Outbox) -> Q) -> Socket<Q, S> {
        // Nothing follows the Close that told the peer of its error.
        let mut nowhere = Outbox::new();
        let outbox = match self.line.told {
            Some(_) => &mut nowhere,
            None => self.line.outbox(),
        };
        Socket {
            phase: next(self.phase, outbox),
            line: self.line,
        }
    }
}

impl<P, S: AsyncWrite + Unpin> Socket<P, S> {
    /// Writes all that waits.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: what was not written waits still.
    ///
    /// # Errors
    ///
    /// Those of the transport.
    pub async fn flush(&mut self) -> Result<(), Error> {
        Ok(poll_fn(|cx| self.line.poll_flush(cx)).await?)
    }
}

impl<P: Listening, S: AsyncWrite + Unpin> Socket<P, S> {
    /// Sends into the outbox, once there is room.
    async fn feed(&mut self, send: impl FnOnce(&mut P, &mut Outbox)) -> Result<(), Error> {
        poll_fn(|cx| self.line.poll_room(cx)).await?;
        send(&mut self.phase, self.line.outbox());
        Ok(())
    }

    /// Sends a message, or a part of one, into the outbox, once there is room.
    async fn feed_data(&mut self, send: impl FnOnce(&mut P, &mut Outbox)) -> Result<(), Error> {
        self.feed(send).await?;
        if let Some(beat) = self.line.beat() {
            beat.active();
        }
        Ok(())
    }
}

impl<P: Listening, S: AsyncWrite + Unpin> Socket<P, S> {
    /// Sends a message from where it lies, once there is room.
    async fn feed_in_place<'l>(
        &'l mut self,
        send: impl FnOnce(&'l mut P, &'l mut Outbox) -> Unsent<'l>,
    ) -> Result<(), Error> {
        self.feed_data(|_, _| {}).await?;
        let Self { phase, line } = self;
        line.send_in_place(|outbox| send(phase, outbox)).await;
        Ok(())
    }
}

/// # Receiving
impl<P: Listening, S: AsyncRead + AsyncWrite + Unpin> Socket<P, S> {
    /// Waits for the next event. Pings are answered on the way.
    ///
    /// The event borrows the inbox and not the socket. Whole messages come from an [`Inbox::new`],
    /// and data as it arrives from an [`Inbox::chunks`].
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: what was read is in the inbox, and what was to be written waits still.
    ///
    /// # Errors
    ///
    /// - [`Error::Violation`]: what the peer did wrong. It was told, and the transport was ended as
    ///   [`end`](Self::end) does. Final, and given again each time. [`fail`](Self::fail) says how it
    ///   ended.
    /// - [`Error::Eof`]: nothing more will come. [`eof`](Self::eof) says how it ended.
    /// - [`Error::Transport`]: also, timed out, where the peer is silent for longer than
    ///   [`keepalive`](Self::keepalive) allows, or than the [`close_timeout`](Self::close_timeout)
    ///   after our Close. Where a write fails, what the peer said before that is heard first.
    /// - [`Error::Idle`]: no message has come or gone for longer than keepalive allows.
    ///
    /// # Panics
    ///
    /// If the inbox holds part of a message of another connection (see [`Inbox`]).
    pub async fn receive<'e, D: Delivery>(
        &mut self,
        inbox: &'e mut Inbox<D>,
    ) -> Result<Event<'e, D>, Error> {
        let Self { phase, line } = self;
        let found = poll_fn(|cx| line.poll_find(phase, inbox, cx)).await?;
        match phase.event(found, inbox) {
            Ok(event) => {
                if let (Some(beat), Event::Text(_) | Event::Binary(_)) = (line.beat(), &event) {
                    beat.active();
                }
                Ok(event)
            }
            Err(violation) => {
                line.tell(phase, violation);
                Err(poll_fn(|cx| line.poll_tell(cx, P::SHUTDOWN)).await)
            }
        }
    }
}

/// # Sending
impl<R: Role, X: Extension, S: AsyncWrite + Unpin> Socket<Open<R, X>, S> {
    /// Sends a text message in one frame.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe in that it is not known then whether the message was taken: where that
    /// matters, [`feed_text`](Self::feed_text) and then [`flush`](Self::flush). No frame is cut: what
    /// was taken goes out whole, with what is sent next.
    ///
    /// # Errors
    ///
    /// Those of the transport, and the peer's [`Violation`] if there was one.
    pub async fn send_text(&mut self, message: &str) -> Result<(), Error> {
        self.feed_text(message).await?;
        self.flush().await
    }

    /// Sends a binary message in one frame.
    ///
    /// # Cancel safety
    ///
    /// As [`send_text`](Self::send_text).
    ///
    /// # Errors
    ///
    /// As [`send_text`](Self::send_text).
    pub async fn send_binary(&mut self, message: &[u8]) -> Result<(), Error> {
        self.feed_binary(message).await?;
        self.flush().await
    }

    /// Sends a binary message in one frame, for a server without a copy where it is large.
    ///
    /// # Cancel safety
    ///
    /// As [`send_text`](Self::send_text).
    ///
    /// # Errors
    ///
    /// As [`send_text`](Self::send_text).
    pub async fn send_bytes(&mut self, message: Bytes) -> Result<(), Error> {
        self.feed_bytes(message).await?;
        self.flush().await
    }

    /// Sends a text message later, with what follows. A large one, of 32 KiB, goes at once from where it
    /// lies, as far as the transport takes it.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: it has taken the message when it returns, and not before.
    ///
    /// # Errors
    ///
    /// Those of the transport, and the peer's [`Violation`] if there was one.
    pub async fn feed_text(&mut self, message: &str) -> Result<(), Error> {
        if message.len() < LARGE {
            self.feed_data(|open, outbox| open.send_text(message, outbox))
                .await
        } else {
            self.feed_in_place(|open, outbox| open.send_text_in_place(message, outbox))
                .await
        }
    }

    /// Sends a binary message later, as [`feed_text`](Self::feed_text) does.
    ///
    /// # Cancel safety
    ///
    /// As [`feed_text`](Self::feed_text).
    ///
    /// # Errors
    ///
    /// As [`feed_text`](Self::feed_text).
    pub async fn feed_binary(&mut self, message: &[u8]) -> Result<(), Error> {
        if message.len() < LARGE {
            self.feed_data(|open, outbox| open.send_binary(message, outbox))
                .await
        } else {
            self.feed_in_place(|open, outbox| open.send_binary_in_place(message, outbox))
                .await
        }
    }

    /// Sends a binary message later, with what follows, for a server without a copy where it is
    /// large.
    ///
    /// # Cancel safety
    ///
    /// As [`feed_text`](Self::feed_text).
    ///
    /// # Errors
    ///
    /// As [`feed_text`](Self::feed_text).
    pub async fn feed_bytes(&mut self, message: Bytes) -> Result<(), Error> {
        self.feed_data(|open, outbox| open.send_bytes(message, outbox))
            .await
    }

    /// Sends a Ping. The peer answers with the same payload (RFC 6455 5.5.2).
    ///
    /// # Cancel safety
    ///
    /// As [`send_text`](Self::send_text).
    ///
    /// # Errors
    ///
    /// As [`send_text`](Self::send_text).
    pub async fn ping(&mut self, payload: ControlPayload) -> Result<(), Error> {
        self.feed(|open, outbox| open.ping(payload, outbox)).await?;
        self.flush().await
    }

    /// Sends a Pong that nobody asked for (RFC 6455 5.5.3): pings are answered by `receive`.
    ///
    /// # Cancel safety
    ///
    /// As [`send_text`](Self::send_text).
    ///
    /// # Errors
    ///
    /// As [`send_text`](Self::send_text).
    pub async fn pong(&mut self, payload: ControlPayload) -> Result<(), Error> {
        self.feed(|open, outbox| open.pong(payload, outbox)).await?;
        self.flush().await
    }
}

impl<X: Extension, S: AsyncWrite + Unpin> Socket<Open<Server, X>, S> {
    /// Sends a message that was framed before, as a reference where it is large.
    ///
    /// # Cancel safety
    ///
    /// As [`send_text`](Self::send_text).
    ///
    /// # Errors
    ///
    /// As [`send_text`](Self::send_text).
    pub async fn send_broadcast(&mut self, message: &Broadcast) -> Result<(), Error> {
        self.feed_broadcast(message).await?;
        self.flush().await
    }

    /// Sends a message that was framed before, later, with what follows.
    ///
    /// # Cancel safety
    ///
    /// As [`feed_text`](Self::feed_text).
    ///
    /// # Errors
    ///
    /// As [`feed_text`](Self::feed_text).
    pub async fn feed_broadcast(&mut self, message: &Broadcast) -> Result<(), Error> {
        self.feed_data(|open, outbox| open.send_broadcast(message, outbox))
            .await
    }
}

/// # Sending
impl<R: Role, X: Extension, K: Kind, S: AsyncWrite + Unpin> Socket<Streaming<R, X, K>, S> {
    /// Sends the next fragment.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe in that it is not known then whether the fragment was taken: where that
    /// matters, [`feed`](Self::feed_fragment) and then [`flush`](Self::flush). No frame is cut: what
    /// was taken goes out whole, with what is sent next.
    ///
    /// # Errors
    ///
    /// Those of the transport, and the peer's [`Violation`] if there was one.
    pub async fn write(&mut self, data: &K::Data) -> Result<(), Error> {
        self.feed_fragment(data).await?;
        self.flush().await
    }

    /// Sends the next fragment later, with what follows.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: it has taken the fragment when it returns, and not before.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    pub async fn feed_fragment(&mut self, data: &K::Data) -> Result<(), Error> {
        self.feed_data(|streaming, outbox| streaming.write(data, outbox))
            .await
    }

    /// Sends a Ping, between two fragments.
    ///
    /// # Cancel safety
    ///
    /// As [`write`](Self::write).
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    pub async fn ping(&mut self, payload: ControlPayload) -> Result<(), Error> {
        self.feed(|streaming, outbox| streaming.ping(payload, outbox))
            .await?;
        self.flush().await
    }

    /// Sends a Pong that nobody asked for, between two fragments.
    ///
    /// # Cancel safety
    ///
    /// As [`write`](Self::write).
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    pub async fn pong(&mut self, payload: ControlPayload) -> Result<(), Error> {
        self.feed(|streaming, outbox| streaming.pong(payload, outbox))
            .await?;
        self.flush().await
    }
}

impl<R: Role, X: Extension, S: AsyncRead + AsyncWrite + Unpin> Socket<Closing<R, X>, S> {
    /// Waits for the peer's Close, and drops what comes before it.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe, as [`receive`](Self::receive) is.
    ///
    /// # Errors
    ///
    /// As [`receive`](Self::receive).
    ///
    /// # Panics
    ///
    /// As [`receive`](Self::receive).
    pub async fn receive_close<D: Delivery>(
        &mut self,
        inbox: &mut Inbox<D>,
    ) -> Result<PeerClose, Error> {
        loop {
            if let Event::Close(close) = self.receive(inbox).await? {
                return Ok(close);
            }
        }
    }
}

impl<R: Role, X: Extension, S> Socket<Open<R, X>, S> {
    /// The connection as a [`Stream`] and a [`Sink`] of owned messages, with the inbox that it has
    /// been received from.
    ///
    /// [`Stream`]: futures_core::Stream
    /// [`Sink`]: futures_sink::Sink
    pub fn messages(self, inbox: Inbox) -> MessageStream<R, S, X> {
        MessageStream::new(self.phase, self.line, inbox)
    }
}

impl<S: AsyncWrite + Unpin> Socket<Rejecting, S> {
    /// Sends the next piece of the body.
    ///
    /// # Cancel safety
    ///
    /// As [`Socket::send_text`].
    ///
    /// # Errors
    ///
    /// Those of the transport.
    pub async fn write(&mut self, data: &[u8]) -> Result<(), Error> {
        poll_fn(|cx| self.line.poll_room(cx)).await?;
        self.phase.write(data, self.line.outbox());
        self.flush().await
    }
}

transitions!();

impl<P: fmt::Debug, S> fmt::Debug for Socket<P, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Socket")
            .field("phase", &self.phase)
            .field("waiting", &self.line.waiting())
            .finish_non_exhaustive()
    }
}
