//! A phase with its transport, and what can be done with it.

use alloc::boxed::Box;
use core::fmt;
use std::io::{Read, Write};

use bytes::Bytes;

use super::line::{Beat, Line};
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

/// A phase of a connection with its transport.
///
/// `P` is a phase of the core, and says what can be done: [`Requested`], [`Open`], [`Streaming`],
/// [`Closing`], [`Closed`], [`Rejected`]. `S` is any `Read + Write`. A transition consumes the socket
/// and gives that of the next phase; it does no I/O and cannot fail.
///
/// See the [module](crate::blocking) for examples, and for when bytes are written.
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
    /// # use std::io::{Read, Write};
    /// use wsproto::blocking::{Answer, Narrowed, Socket};
    /// use wsproto::{DeflateOffer, Entropy, Error, Handshaking, Inbox, Limits, Outbox, Request};
    ///
    /// # fn connect(stream: impl Read + Write, entropy: Entropy) -> Result<(), Box<dyn std::error::Error>> {
    /// let request = Request::new("example.com", "/chat")?.subprotocols(&["chat"])?;
    /// let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    /// let offer = DeflateOffer::default();
    /// let handshaking =
    ///     Handshaking::propose(&request, offer, Limits::default(), entropy, &mut outbox);
    /// match Socket::new(handshaking, outbox, stream).receive_answer(&mut inbox)? {
    ///     Answer::Accepted(accepted) => match accepted.socket.narrow() {
    ///         Narrowed::With(mut compressed) => compressed.send_text("hello")?,
    ///         Narrowed::Without(mut plain) => plain.send_text("hello")?,
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

    /// Sends pings while the peer is silent, and gives it up where it does not answer: `receive`
    /// then says [`Error::Transport`], timed out.
    ///
    /// It is asked whenever a read has timed out, which is no error any more: give the transport a
    /// read timeout of a second or a few. After our Close it is not asked: there a timeout is an error
    /// still, and all the time that the peer has to answer, unless you ask again.
    pub fn keepalive(mut self, keepalive: Keepalive) -> Self {
        self.line.beat = Some(Box::new(Beat::new(keepalive)));
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
        (self.phase, self.line.outbox, self.line.stream)
    }

    /// The next phase, and what it says.
    pub(super) fn then<Q>(mut self, next: impl FnOnce(P, &mut Outbox) -> Q) -> Socket<Q, S> {
        // Nothing follows the Close that told the peer of its error.
        let mut nowhere = Outbox::new();
        let outbox = match self.line.told {
            Some(_) => &mut nowhere,
            None => &mut self.line.outbox,
        };
        Socket {
            phase: next(self.phase, outbox),
            line: self.line,
        }
    }
}

impl<P, S: Write> Socket<P, S> {
    /// Writes all that waits.
    ///
    /// # Errors
    ///
    /// Those of the transport. What was not written waits still.
    pub fn flush(&mut self) -> Result<(), Error> {
        Ok(self.line.flush()?)
    }
}

impl<P: Listening, S: Write> Socket<P, S> {
    /// Sends into the outbox, unless the peer was told of its error: nothing follows that.
    fn put(&mut self, send: impl FnOnce(&mut P, &mut Outbox)) -> Result<(), Error> {
        if let Some(violation) = self.line.told {
            return Err(Error::Violation(violation));
        }
        send(&mut self.phase, &mut self.line.outbox);
        Ok(())
    }

    /// A message, or a part of one, later.
    fn feed_data(&mut self, send: impl FnOnce(&mut P, &mut Outbox)) -> Result<(), Error> {
        if self.line.told.is_none() {
            self.line.relieve()?;
        }
        self.put(send)?;
        if let Some(beat) = &mut self.line.beat {
            beat.active();
        }
        Ok(())
    }

    fn send_data(&mut self, send: impl FnOnce(&mut P, &mut Outbox)) -> Result<(), Error> {
        self.put(send)?;
        if let Some(beat) = &mut self.line.beat {
            beat.active();
        }
        self.flush()
    }

    fn send(&mut self, send: impl FnOnce(&mut P, &mut Outbox)) -> Result<(), Error> {
        self.put(send)?;
        self.flush()
    }
}

/// # Receiving
impl<P: Listening, S: Read + Write> Socket<P, S> {
    /// Waits for the next event. Pings are answered on the way.
    ///
    /// The event borrows the inbox and not the socket. Whole messages come from an [`Inbox::new`],
    /// and data as it arrives from an [`Inbox::chunks`].
    ///
    /// # Errors
    ///
    /// - [`Error::Violation`]: what the peer did wrong. It was told. Final, and given again each
    ///   time. To end the connection properly, [`fail`](Self::fail) and [`end`](Self::end) it.
    /// - [`Error::Eof`]: nothing more will come. [`eof`](Self::eof) says how it ended.
    /// - [`Error::Transport`]: nothing is lost of what was read; after a timeout, ask again. With
    ///   [`keepalive`](Self::keepalive) a timeout says that the peer is dead. Where a write fails because
    ///   the peer is gone, what it said before that is heard first.
    /// - [`Error::Idle`]: no message has come or gone for longer than keepalive allows.
    ///
    /// # Panics
    ///
    /// If the inbox holds part of a message of another connection (see [`Inbox`]).
    pub fn receive<'e, D: Delivery>(
        &mut self,
        inbox: &'e mut Inbox<D>,
    ) -> Result<Event<'e, D>, Error> {
        let ready = loop {
            match self.phase.find(inbox, &mut self.line.outbox) {
                Ok(Some(ready)) => break ready,
                Err(violation) => return Err(self.tell(violation)),
                Ok(None) if self.phase.has_heard_close() => return Err(Error::Eof),
                Ok(None) => {}
            }
            let goes_on = match P::IS_CLOSING {
                true => self.line.exchange(inbox),
                false => self.line.exchange_or_ping(&mut self.phase, inbox),
            };
            if !goes_on? {
                return Err(Error::Eof);
            }
        };
        match self.phase.event(ready, inbox) {
            Ok(event) => {
                let is_message = matches!(event, Event::Text(_) | Event::Binary(_));
                if let (Some(beat), true) = (&mut self.line.beat, is_message) {
                    beat.active();
                }
                Ok(event)
            }
            Err(violation) => Err(self.tell(violation)),
        }
    }

    /// Tells the peer what it did wrong, once.
    fn tell(&mut self, violation: Violation) -> Error {
        if self.line.told.is_none() {
            self.phase.tell(violation, &mut self.line.outbox);
            self.line.told = Some(violation);
        }
        // A transport that has failed meanwhile is not what ended the connection.
        let _ = self.line.flush();
        Error::Violation(violation)
    }
}

/// # Sending
impl<R: Role, X: Extension, S: Write> Socket<Open<R, X>, S> {
    /// Sends a text message in one frame.
    ///
    /// # Errors
    ///
    /// Those of the transport, and the peer's [`Violation`] if there was one. See the [module](super)
    /// for timeouts.
    pub fn send_text(&mut self, message: &str) -> Result<(), Error> {
        self.send_data(|open, outbox| open.send_text(message, outbox))
    }

    /// Sends a binary message in one frame.
    ///
    /// # Errors
    ///
    /// As [`send_text`](Self::send_text).
    pub fn send_binary(&mut self, message: &[u8]) -> Result<(), Error> {
        self.send_data(|open, outbox| open.send_binary(message, outbox))
    }

    /// Sends a binary message in one frame, for a server without a copy where it is large.
    ///
    /// # Errors
    ///
    /// As [`send_text`](Self::send_text).
    pub fn send_bytes(&mut self, message: Bytes) -> Result<(), Error> {
        self.send_data(|open, outbox| open.send_bytes(message, outbox))
    }

    /// Sends a text message later, with what follows. It writes what waits before, where that is
    /// more than 64 KiB.
    ///
    /// # Errors
    ///
    /// As [`send_text`](Self::send_text); the message was not taken then.
    pub fn feed_text(&mut self, message: &str) -> Result<(), Error> {
        self.feed_data(|open, outbox| open.send_text(message, outbox))
    }

    /// Sends a binary message later, as [`feed_text`](Self::feed_text) does.
    ///
    /// # Errors
    ///
    /// As [`feed_text`](Self::feed_text).
    pub fn feed_binary(&mut self, message: &[u8]) -> Result<(), Error> {
        self.feed_data(|open, outbox| open.send_binary(message, outbox))
    }

    /// Sends a binary message later, as [`feed_text`](Self::feed_text) does, for a server without a
    /// copy where it is large.
    ///
    /// # Errors
    ///
    /// As [`feed_text`](Self::feed_text).
    pub fn feed_bytes(&mut self, message: Bytes) -> Result<(), Error> {
        self.feed_data(|open, outbox| open.send_bytes(message, outbox))
    }

    /// Sends a Ping. The peer answers with the same payload (RFC 6455 5.5.2).
    ///
    /// # Errors
    ///
    /// As [`send_text`](Self::send_text).
    pub fn ping(&mut self, payload: ControlPayload) -> Result<(), Error> {
        self.send(|open, outbox| open.ping(payload, outbox))
    }

    /// Sends a Pong that nobody asked for (RFC 6455 5.5.3): pings are answered by `receive`.
    ///
    /// # Errors
    ///
    /// As [`send_text`](Self::send_text).
    pub fn pong(&mut self, payload: ControlPayload) -> Result<(), Error> {
        self.send(|open, outbox| open.pong(payload, outbox))
    }
}

impl<X: Extension, S: Write> Socket<Open<Server, X>, S> {
    /// Sends a message that was framed before, as a reference where it is large.
    ///
    /// # Errors
    ///
    /// As [`send_text`](Self::send_text).
    pub fn send_broadcast(&mut self, message: &Broadcast) -> Result<(), Error> {
        self.send_data(|open, outbox| open.send_broadcast(message, outbox))
    }

    /// Sends a message that was framed before, as [`feed_text`](Self::feed_text) does.
    ///
    /// # Errors
    ///
    /// As [`feed_text`](Self::feed_text).
    pub fn feed_broadcast(&mut self, message: &Broadcast) -> Result<(), Error> {
        self.feed_data(|open, outbox| open.send_broadcast(message, outbox))
    }
}

/// # Sending
impl<R: Role, X: Extension, K: Kind, S: Write> Socket<Streaming<R, X, K>, S> {
    /// Sends the next fragment.
    ///
    /// # Errors
    ///
    /// Those of the transport, and the peer's [`Violation`] if there was one. See the [module](super)
    /// for timeouts.
    pub fn write(&mut self, data: &K::Data) -> Result<(), Error> {
        self.send_data(|streaming, outbox| streaming.write(data, outbox))
    }

    /// Sends a Ping, between two fragments.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    pub fn ping(&mut self, payload: ControlPayload) -> Result<(), Error> {
        self.send(|streaming, outbox| streaming.ping(payload, outbox))
    }

    /// Sends a Pong that nobody asked for, between two fragments.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    pub fn pong(&mut self, payload: ControlPayload) -> Result<(), Error> {
        self.send(|streaming, outbox| streaming.pong(payload, outbox))
    }
}

impl<R: Role, X: Extension, S: Read + Write> Socket<Closing<R, X>, S> {
    /// Waits for the peer's Close, and drops what comes before it.
    ///
    /// # Errors
    ///
    /// As [`receive`](Self::receive).
    ///
    /// # Panics
    ///
    /// As [`receive`](Self::receive).
    pub fn receive_close<D: Delivery>(&mut self, inbox: &mut Inbox<D>) -> Result<PeerClose, Error> {
        loop {
            if let Event::Close(close) = self.receive(inbox)? {
                return Ok(close);
            }
        }
    }
}

impl<S: Write> Socket<Rejecting, S> {
    /// Sends the next piece of the body.
    ///
    /// # Errors
    ///
    /// Those of the transport.
    pub fn write(&mut self, data: &[u8]) -> Result<(), Error> {
        self.phase.write(data, &mut self.line.outbox);
        self.flush()
    }
}

transitions!();

impl<P: fmt::Debug, S> fmt::Debug for Socket<P, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Socket")
            .field("phase", &self.phase)
            .field("outbox", &self.line.outbox)
            .finish_non_exhaustive()
    }
}
