//! The half of a connection that sends, in each of its phases.
//!
//! Its one idea: whatever it does, it first pays what the other half owes.

use core::fmt;
use core::future::poll_fn;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use ::tokio::io::AsyncWrite;
use ::tokio::time::timeout;
use bytes::Bytes;

use super::ending::LINGER;
use super::halves::{Heard, ReceiveHalf, Slot};
use super::line::{LARGE, Line, late};
use super::socket::Socket;
use crate::broadcast::Broadcast;
use crate::close::{CloseCode, CloseReason, ControlPayload, PeerClose};
use crate::closed::Closed;
use crate::closing::Closing;
use crate::closing_sender::ClosingSender;
use crate::driver_error::Error;
use crate::error::Violation;
use crate::extension::Extension;
use crate::open::Open;
use crate::outbox::Outbox;
use crate::owed::OwedPong;
use crate::role::{Role, Server};
use crate::sender::Sender;
use crate::streaming::{Binary, Kind, Streaming, Text};
use crate::streaming_sender::StreamingSender;
use crate::unsent::Unsent;

/// The half of a connection that sends, in one of the phases of a [`Sender`]. See
/// [`Socket::split_with`].
#[must_use = "dropping the half that sends does not tell the peer: `close` it"]
pub struct SendHalf<P, S> {
    pub(super) phase: P,
    pub(super) line: Line<S>,
    pub(super) slot: Slot,
}

/// A phase of the half that sends: [`Sender`], [`StreamingSender`] or [`ClosingSender`]. Sealed.
pub trait Sending: sealed::Sending {}

mod sealed {
    use super::{Outbox, OwedPong};

    pub trait Sending {
        /// Whether the peer's Close is waited for.
        const IS_CLOSING: bool;

        fn answer(&mut self, pong: OwedPong, outbox: &mut Outbox);
    }
}

macro_rules! sending {
    ($phase:ident $(, $kind:ident)? => $is_closing:literal) => {
        impl<R: Role, X: Extension $(, $kind: Kind)?> Sending for $phase<R, X $(, $kind)?> {}

        impl<R: Role, X: Extension $(, $kind: Kind)?> sealed::Sending for $phase<R, X $(, $kind)?> {
            const IS_CLOSING: bool = $is_closing;

            fn answer(&mut self, pong: OwedPong, outbox: &mut Outbox) {
                self.answer(pong, outbox);
            }
        }
    };
}

sending!(Sender => false);
sending!(StreamingSender, K => false);
sending!(ClosingSender => true);

impl<P, S> SendHalf<P, S> {
    /// The phase, to look at.
    pub fn phase(&self) -> &P {
        &self.phase
    }

    fn then<Q>(mut self, next: impl FnOnce(P, &mut Outbox) -> Q) -> SendHalf<Q, S> {
        // Nothing follows the Close that told the peer of its error.
        let mut nowhere = Outbox::new();
        let outbox = match self.line.told {
            Some(_) => &mut nowhere,
            None => self.line.outbox(),
        };
        SendHalf {
            phase: next(self.phase, outbox),
            line: self.line,
            slot: self.slot,
        }
    }
}

impl<P: Sending, S: AsyncWrite + Unpin> SendHalf<P, S> {
    /// Writes all that waits, and the answer to a Ping that the other half got.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: what was not written waits still.
    ///
    /// # Errors
    ///
    /// Those of the transport.
    pub async fn flush(&mut self) -> Result<(), Error> {
        self.pay();
        Ok(poll_fn(|cx| self.line.poll_flush(cx)).await?)
    }

    /// Waits until the other half has heard the last of the peer, and answers pings meanwhile.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    ///
    /// # Errors
    ///
    /// Those of the transport; also, timed out, where the peer does not answer our Close within the
    /// [`close_timeout`](Socket::close_timeout).
    pub async fn ended(&mut self) -> Result<Heard, Error> {
        poll_fn(|cx| self.poll_ended(cx)).await
    }

    fn poll_ended(&mut self, cx: &mut Context<'_>) -> Poll<Result<Heard, Error>> {
        let mut owed = self.slot.lock();
        owed.sender = Some(cx.waker().clone());
        let end = owed.end.take();
        drop(owed);
        self.pay();
        if let Some(end) = end {
            // It goes out with what answers the end.
            return Poll::Ready(Ok(end));
        }
        if let Poll::Ready(Err(error)) = self.line.poll_flush(cx) {
            return Poll::Ready(Err(error.into()));
        }
        if P::IS_CLOSING {
            let extras = self.line.extras();
            ready!(extras.poll_late(extras.close_timeout, cx));
            return Poll::Ready(Err(late()));
        }
        Poll::Pending
    }

    /// Answers the Ping that the other half got, if there is one.
    fn pay(&mut self) {
        let pong = self.slot.lock().pong.take();
        if let Some(pong) = pong {
            self.phase.answer(pong, self.line.outbox());
        }
    }

    async fn feed(&mut self, send: impl FnOnce(&mut P, &mut Outbox)) -> Result<(), Error> {
        poll_fn(|cx| self.line.poll_room(cx)).await?;
        self.pay();
        send(&mut self.phase, self.line.outbox());
        Ok(())
    }

    /// Sends a message from where it lies, once there is room.
    async fn feed_in_place<'l>(
        &'l mut self,
        send: impl FnOnce(&'l mut P, &'l mut Outbox) -> Unsent<'l>,
    ) -> Result<(), Error> {
        self.feed(|_, _| {}).await?;
        let Self { phase, line, .. } = self;
        line.send_in_place(|outbox| send(phase, outbox)).await;
        Ok(())
    }
}

/// # Sending
impl<R: Role, X: Extension, S: AsyncWrite + Unpin> SendHalf<Sender<R, X>, S> {
    /// As [`Socket::send_text`](super::Socket::send_text).
    ///
    /// # Cancel safety
    ///
    /// As [`Socket::send_text`](super::Socket::send_text).
    ///
    /// # Errors
    ///
    /// Those of the transport.
    pub async fn send_text(&mut self, message: &str) -> Result<(), Error> {
        self.feed_text(message).await?;
        self.flush().await
    }

    /// As [`Socket::feed_text`](super::Socket::feed_text).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: it has taken the message when it returns, and not before.
    ///
    /// # Errors
    ///
    /// Those of the transport.
    pub async fn feed_text(&mut self, message: &str) -> Result<(), Error> {
        if message.len() < LARGE {
            self.feed(|sender, outbox| sender.send_text(message, outbox))
                .await
        } else {
            self.feed_in_place(|sender, outbox| sender.send_text_in_place(message, outbox))
                .await
        }
    }

    /// As [`Socket::send_binary`](super::Socket::send_binary).
    ///
    /// # Cancel safety
    ///
    /// As [`Socket::send_text`](super::Socket::send_text).
    ///
    /// # Errors
    ///
    /// Those of the transport.
    pub async fn send_binary(&mut self, message: &[u8]) -> Result<(), Error> {
        self.feed_binary(message).await?;
        self.flush().await
    }

    /// As [`Socket::feed_binary`](super::Socket::feed_binary).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: it has taken the message when it returns, and not before.
    ///
    /// # Errors
    ///
    /// Those of the transport.
    pub async fn feed_binary(&mut self, message: &[u8]) -> Result<(), Error> {
        if message.len() < LARGE {
            self.feed(|sender, outbox| sender.send_binary(message, outbox))
                .await
        } else {
            self.feed_in_place(|sender, outbox| sender.send_binary_in_place(message, outbox))
                .await
        }
    }

    /// As [`Socket::send_bytes`](super::Socket::send_bytes).
    ///
    /// # Cancel safety
    ///
    /// As [`Socket::send_text`](super::Socket::send_text).
    ///
    /// # Errors
    ///
    /// Those of the transport.
    pub async fn send_bytes(&mut self, message: Bytes) -> Result<(), Error> {
        self.feed_bytes(message).await?;
        self.flush().await
    }

    /// As [`Socket::feed_bytes`](super::Socket::feed_bytes).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: it has taken the message when it returns, and not before.
    ///
    /// # Errors
    ///
    /// Those of the transport.
    pub async fn feed_bytes(&mut self, message: Bytes) -> Result<(), Error> {
        self.feed(|sender, outbox| sender.send_bytes(message, outbox))
            .await
    }

    /// As [`Socket::ping`](super::Socket::ping).
    ///
    /// # Cancel safety
    ///
    /// As [`Socket::send_text`](super::Socket::send_text).
    ///
    /// # Errors
    ///
    /// Those of the transport.
    pub async fn ping(&mut self, payload: ControlPayload) -> Result<(), Error> {
        self.feed(|sender, outbox| sender.ping(payload, outbox))
            .await?;
        self.flush().await
    }
}

impl<X: Extension, S: AsyncWrite + Unpin> SendHalf<Sender<Server, X>, S> {
    /// As [`Socket::send_broadcast`](super::Socket::send_broadcast).
    ///
    /// # Cancel safety
    ///
    /// As [`Socket::send_text`](super::Socket::send_text).
    ///
    /// # Errors
    ///
    /// Those of the transport.
    pub async fn send_broadcast(&mut self, message: &Broadcast) -> Result<(), Error> {
        self.feed_broadcast(message).await?;
        self.flush().await
    }

    /// As [`Socket::feed_broadcast`](super::Socket::feed_broadcast).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: it has taken the message when it returns, and not before.
    ///
    /// # Errors
    ///
    /// Those of the transport.
    pub async fn feed_broadcast(&mut self, message: &Broadcast) -> Result<(), Error> {
        self.feed(|sender, outbox| sender.send_broadcast(message, outbox))
            .await
    }
}

impl<R: Role, X: Extension, K: Kind, S: AsyncWrite + Unpin> SendHalf<StreamingSender<R, X, K>, S> {
    /// Sends the next fragment.
    ///
    /// # Cancel safety
    ///
    /// As [`Socket::send_text`](super::Socket::send_text).
    ///
    /// # Errors
    ///
    /// Those of the transport.
    pub async fn write(&mut self, data: &K::Data) -> Result<(), Error> {
        self.feed(|sender, outbox| sender.write(data, outbox))
            .await?;
        self.flush().await
    }
}

/// # Leaving the phase
///
/// What these say waits in the outbox until it is flushed.
impl<R: Role, X: Extension, S> SendHalf<Sender<R, X>, S> {
    /// Starts a text message in fragments.
    pub fn start_text(self) -> SendHalf<StreamingSender<R, X, Text>, S> {
        self.then(|sender, _| sender.start_text())
    }

    /// Starts a binary message in fragments.
    pub fn start_binary(self) -> SendHalf<StreamingSender<R, X, Binary>, S> {
        self.then(|sender, _| sender.start_binary())
    }

    /// Says Close, with a code and a reason (RFC 6455 7.1.2).
    pub fn close(self, code: CloseCode, reason: CloseReason) -> SendHalf<ClosingSender<R, X>, S> {
        self.then(|sender, outbox| sender.close(code, reason, outbox))
    }

    /// Says Close, without a code (RFC 6455 7.1.5).
    pub fn close_without_code(self) -> SendHalf<ClosingSender<R, X>, S> {
        self.then(|sender, outbox| sender.close_without_code(outbox))
    }

    /// Answers the peer's Close with its own code (RFC 6455 5.5.1).
    pub fn acknowledge(self, close: PeerClose) -> SendHalf<Closed<R>, S> {
        self.then(|sender, outbox| sender.acknowledge(close, outbox))
    }

    /// Tells the peer what it did wrong (RFC 6455 7.1.7).
    pub fn fail(self, violation: Violation) -> SendHalf<Closed<R>, S> {
        self.then(|sender, outbox| sender.fail(violation, outbox))
    }

    /// The transport has ended, without a Close.
    pub fn eof(self) -> SendHalf<Closed<R>, S> {
        self.then(|sender, _| sender.eof())
    }
}

/// # Leaving the phase
///
/// What these say waits in the outbox until it is flushed.
impl<R: Role, X: Extension, K: Kind, S> SendHalf<StreamingSender<R, X, K>, S> {
    /// The last fragment, which may be empty.
    pub fn finish(self, data: &K::Data) -> SendHalf<Sender<R, X>, S> {
        self.then(|sender, outbox| sender.finish(data, outbox))
    }

    /// Says Close, with a code and a reason (RFC 6455 7.1.2).
    pub fn close(self, code: CloseCode, reason: CloseReason) -> SendHalf<ClosingSender<R, X>, S> {
        self.then(|sender, outbox| sender.close(code, reason, outbox))
    }

    /// Says Close, without a code (RFC 6455 7.1.5).
    pub fn close_without_code(self) -> SendHalf<ClosingSender<R, X>, S> {
        self.then(|sender, outbox| sender.close_without_code(outbox))
    }

    /// Answers the peer's Close with its own code (RFC 6455 5.5.1).
    pub fn acknowledge(self, close: PeerClose) -> SendHalf<Closed<R>, S> {
        self.then(|sender, outbox| sender.acknowledge(close, outbox))
    }

    /// Tells the peer what it did wrong (RFC 6455 7.1.7).
    pub fn fail(self, violation: Violation) -> SendHalf<Closed<R>, S> {
        self.then(|sender, outbox| sender.fail(violation, outbox))
    }

    /// The transport has ended, without a Close.
    pub fn eof(self) -> SendHalf<Closed<R>, S> {
        self.then(|sender, _| sender.eof())
    }
}

/// # Leaving the phase
impl<R: Role, X: Extension, S> SendHalf<ClosingSender<R, X>, S> {
    /// The peer has said Close too: the closing handshake is complete (RFC 6455 7.1.4).
    pub fn finish(self, close: PeerClose) -> SendHalf<Closed<R>, S> {
        self.then(|sender, _| sender.finish(close))
    }

    /// Ends because of what the peer did wrong. It has our Close already.
    pub fn fail(self, violation: Violation) -> SendHalf<Closed<R>, S> {
        self.then(|sender, _| sender.fail(violation))
    }

    /// The transport has ended, without a Close of the peer.
    pub fn eof(self) -> SendHalf<Closed<R>, S> {
        self.then(|sender, _| sender.eof())
    }
}

impl<R: Role, S: AsyncWrite + Unpin> SendHalf<Closed<R>, S> {
    /// Writes what waits, and ends our side of the transport. The other half
    /// [ends](ReceiveHalf::end) by itself.
    ///
    /// The server goes first (RFC 6455 7.1.1): a client ends its side once the other half has found
    /// the end of the transport, or is gone, or a second has passed.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: called again, it goes on where it was.
    ///
    /// # Errors
    ///
    /// If what waits cannot be written, or not within the
    /// [`close_timeout`](Socket::close_timeout).
    pub async fn end(&mut self) -> Result<&Closed<R>, Error> {
        let time = self.line.extras().close_timeout;
        match timeout(time, poll_fn(|cx| self.line.poll_flush(cx))).await {
            Ok(result) => result?,
            Err(_) => return Err(late()),
        }
        if R::IS_CLIENT {
            // One that takes longer has had its time.
            let _ = timeout(LINGER, poll_fn(|cx| self.slot.poll_over(cx))).await;
        }
        let stream = &mut self.line.stream;
        // Where that fails, or takes too long, nobody is left who would see it: the peer may have reset
        // the connection by now.
        let _ = timeout(
            LINGER,
            poll_fn(|cx| Pin::new(&mut *stream).poll_shutdown(cx)),
        )
        .await;
        Ok(&self.phase)
    }
}

macro_rules! join {
    ($sender:ident to $phase:ident $(, $kind:ident)?) => {
        impl<R: Role, X: Extension $(, $kind: Kind)?, O> SendHalf<$sender<R, X $(, $kind)?>, O> {
            /// Makes one socket of its halves again, by joining the transport. What is owed to the
            /// peer is paid; see [`Open::join`] for what the other half may have heard.
            pub fn join_with<I, S>(
                mut self,
                receive: ReceiveHalf<R, I, X>,
                join: impl FnOnce(I, O) -> S,
            ) -> Socket<$phase<R, X $(, $kind)?>, S> {
                let pong = self.slot.lock().pong.take();
                if let Some(pong) = pong {
                    self.phase.answer(pong, self.line.outbox());
                }
                if let Some(beat) = self.line.beat() {
                    // Nobody has told it what the other half heard.
                    beat.heard();
                    beat.active();
                }
                let (input, _) = receive.line.into_parts();
                let join = |output| ((), join(input, output));
                Socket {
                    phase: $phase::join(self.phase, receive.receiver),
                    line: self.line.map_stream(join).1,
                }
            }
        }
    };
}

join!(Sender to Open);
join!(StreamingSender to Streaming, K);
join!(ClosingSender to Closing);

impl<P: fmt::Debug, S> fmt::Debug for SendHalf<P, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendHalf")
            .field("phase", &self.phase)
            .field("waiting", &self.line.waiting())
            .finish_non_exhaustive()
    }
}
