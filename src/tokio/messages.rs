//! A connection as a stream and a sink of owned messages.
//!
//! Its one idea: neither trait can tell a phase by its type, so the phase is a value here, and what
//! cannot be done in it is an error.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::task::Wake;
use core::fmt;
use core::mem;
use core::pin::Pin;
use core::task::{Context, Poll, Waker, ready};

use ::tokio::io::{AsyncRead, AsyncWrite};
use bytes::Bytes;
use futures_core::Stream;
use futures_sink::Sink;

use super::line::Line;
use crate::close::{CloseCode, CloseReason};
use crate::closed::Closed;
use crate::closing::Closing;
use crate::driven::sealed::{Found, Listening as _};
use crate::driver_error::Error;
use crate::event::Event;
use crate::extension::Extension;
use crate::inbox::Inbox;
use crate::open::Open;
use crate::outbox::Outbox;
use crate::role::Role;

/// A whole message, owned.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Message {
    /// Text.
    Text(String),
    /// Bytes.
    Binary(Bytes),
}

impl fmt::Debug for Message {
    /// The length; payloads are nobody's business.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Self::Binary(data) => write!(f, "Binary({} bytes)", data.len()),
        }
    }
}

impl From<String> for Message {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<Bytes> for Message {
    fn from(data: Bytes) -> Self {
        Self::Binary(data)
    }
}

/// A connection as a [`Stream`] and a [`Sink`] of owned messages. See [`Socket::messages`].
///
/// The stream answers pings and the peer's Close, and ends the transport; then it ends. An error is
/// the last that it gives. The sink refuses a message with [`Error::Closed`] once a Close was said by
/// either end; closing it says Close with 1000, and the closing handshake is completed by the stream,
/// so go on until that ends.
///
/// The two can be split (`futures_util::StreamExt::split`), and used by two tasks. That sink holds one
/// message back until it is flushed, and the peer's Close may come before it.
///
/// # Cancel safety
///
/// `next` is cancel safe, and so are `feed` and `flush`, as far as they are of `SinkExt`: no
/// frame is cut, and no message is lost that was read. Of `send` it is not known then whether the
/// message was taken.
///
/// [`Socket::messages`]: super::Socket::messages
#[must_use = "dropping it ends the transport, and does not tell the peer"]
pub struct MessageStream<R: Role, S, X: Extension = ()> {
    phase: Phase<R, X>,
    line: Line<S>,
    inbox: Inbox,
    waiting: Waiting,
}

/// Nothing in it is ever pinned.
impl<R: Role, S, X: Extension> Unpin for MessageStream<R, S, X> {}

enum Phase<R: Role, X: Extension> {
    Open(Open<R, X>),
    Closing(Closing<R, X>),
    /// What to do with the transport comes next.
    Closed(Closed<R>),
    /// The stream has ended.
    Ended(Closed<R>),
}

impl<R: Role, X: Extension> Phase<R, X> {
    /// Takes the phase out, for a transition.
    fn take(&mut self) -> Self {
        mem::replace(self, Self::Ended(Closed::abnormal()))
    }
}

impl<R: Role, S, X: Extension> MessageStream<R, S, X> {
    pub(super) fn new(open: Open<R, X>, line: Line<S>, inbox: Inbox) -> Self {
        Self {
            phase: Phase::Open(open),
            line,
            inbox,
            waiting: Waiting::default(),
        }
    }

    /// How the connection ended, once it has.
    #[must_use]
    pub fn closed(&self) -> Option<&Closed<R>> {
        match &self.phase {
            Phase::Open(_) | Phase::Closing(_) => None,
            Phase::Closed(closed) | Phase::Ended(closed) => Some(closed),
        }
    }

    /// Says Close, with a code and a reason, as closing the sink does with 1000. Nothing where a Close
    /// was said before.
    pub fn start_close(&mut self, code: CloseCode, reason: CloseReason) {
        self.phase = match self.phase.take() {
            Phase::Open(open) => {
                // It has to see to it that the peer answers in time.
                self.waiting.wake(Half::Stream);
                Phase::Closing(match self.line.told {
                    None => open.close(code, reason, self.line.outbox()),
                    Some(_) => open.close(code, reason, &mut Outbox::new()),
                })
            }
            phase => phase,
        };
    }

    /// An error has ended the connection.
    fn fail(&mut self, error: &Error) {
        // What it waits for may never come.
        self.waiting.wake(Half::Sink);
        let nowhere = &mut Outbox::new();
        self.phase = Phase::Ended(match (self.phase.take(), error) {
            (Phase::Open(open), Error::Violation(violation)) => open.fail(*violation, nowhere),
            (Phase::Open(open), _) => open.eof(),
            (Phase::Closing(closing), Error::Violation(violation)) => closing.fail(*violation),
            (Phase::Closing(closing), _) => closing.eof(),
            (Phase::Closed(closed) | Phase::Ended(closed), _) => closed,
        });
    }

    /// What was found: a message, or something that was dealt with.
    fn hear(&mut self, found: Found) -> Option<Message> {
        let event = match &mut self.phase {
            Phase::Open(open) => open.event(found, &mut self.inbox),
            Phase::Closing(closing) => closing.event(found, &mut self.inbox),
            Phase::Closed(_) | Phase::Ended(_) => return None,
        };
        let message = match event {
            Ok(Event::Text(text)) => Message::Text(text.into_string()),
            Ok(Event::Binary(data)) => Message::Binary(data.into_vec().into()),
            Ok(Event::Ping(_) | Event::Pong(_)) => return None,
            Ok(Event::Close(close)) => {
                self.phase = Phase::Closed(match self.phase.take() {
                    Phase::Open(open) => open.acknowledge(close, self.line.outbox()),
                    Phase::Closing(closing) => closing.finish(close),
                    Phase::Closed(closed) | Phase::Ended(closed) => closed,
                });
                return None;
            }
            Err(violation) => {
                // What is found next is the error.
                match &mut self.phase {
                    Phase::Open(open) => self.line.tell(open, violation),
                    Phase::Closing(closing) => self.line.tell(closing, violation),
                    Phase::Closed(_) | Phase::Ended(_) => {}
                }
                return None;
            }
        };
        if let Some(beat) = self.line.beat() {
            beat.active();
        }
        Some(message)
    }
}

impl<R: Role, S: AsyncRead + AsyncWrite + Unpin, X: Extension> MessageStream<R, S, X> {
    fn poll_message(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Message, Error>>> {
        loop {
            let found = match &mut self.phase {
                Phase::Open(open) => ready!(self.line.poll_find(open, &mut self.inbox, cx)),
                Phase::Closing(closing) => {
                    ready!(self.line.poll_find(closing, &mut self.inbox, cx))
                }
                Phase::Closed(closed) => {
                    let result = ready!(self.line.poll_end(closed.shutdown(), cx));
                    self.fail(&Error::Eof);
                    return Poll::Ready(result.err().map(Err));
                }
                Phase::Ended(_) => return Poll::Ready(None),
            };
            match found {
                Ok(found) => {
                    if let Some(message) = self.hear(found) {
                        return Poll::Ready(Some(Ok(message)));
                    }
                }
                Err(Error::Idle) => {
                    self.start_close(CloseCode::NORMAL, CloseReason::from_static("idle"));
                }
                Err(error) => {
                    self.fail(&error);
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
    }

    fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        match &self.phase {
            Phase::Open(_) => self.line.poll_room(cx),
            Phase::Closing(_) | Phase::Closed(_) | Phase::Ended(_) => {
                Poll::Ready(Err(Error::Closed))
            }
        }
    }

    fn poll_written(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        match self.line.poll_flush(cx) {
            // Nobody waits for a peer any more that does not read.
            Poll::Pending if matches!(self.phase, Phase::Ended(_)) => {
                Poll::Ready(Err(Error::Closed))
            }
            written => written.map_err(Error::Transport),
        }
    }

    /// Polls for one of the halves, so that the other is woken too if it waits: a transport wakes
    /// only who asked last.
    fn poll_half<T>(
        &mut self,
        half: Half,
        cx: &mut Context<'_>,
        poll: impl FnOnce(&mut Self, &mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        let both = self.waiting.both(half, cx.waker());
        let polled = match &both {
            Some(both) => poll(self, &mut Context::from_waker(both)),
            None => poll(self, cx),
        };
        self.waiting
            .note(half, polled.is_pending().then(|| cx.waker()));
        polled
    }
}

impl<R: Role, S: AsyncRead + AsyncWrite + Unpin, X: Extension> Stream for MessageStream<R, S, X> {
    type Item = Result<Message, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut()
            .poll_half(Half::Stream, cx, Self::poll_message)
    }
}

impl<R: Role, S: AsyncRead + AsyncWrite + Unpin, X: Extension> Sink<Message>
    for MessageStream<R, S, X>
{
    type Error = Error;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.get_mut().poll_half(Half::Sink, cx, Self::poll_room)
    }

    fn start_send(self: Pin<&mut Self>, message: Message) -> Result<(), Error> {
        let Self { phase, line, .. } = self.get_mut();
        let (Phase::Open(open), None) = (phase, line.told) else {
            return Err(Error::Closed);
        };
        match message {
            Message::Text(text) => open.send_string(text, line.outbox()),
            Message::Binary(data) => open.send_bytes(data, line.outbox()),
        }
        if let Some(beat) = line.beat() {
            beat.active();
        }
        Ok(())
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.get_mut().poll_half(Half::Sink, cx, Self::poll_written)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.start_close(CloseCode::NORMAL, CloseReason::default());
        self.poll_flush(cx)
    }
}

#[derive(Clone, Copy)]
enum Half {
    Stream,
    Sink,
}

/// Who waits.
#[derive(Default)]
struct Waiting {
    stream: Option<Waker>,
    sink: Option<Waker>,
}

impl Waiting {
    /// A waker for both halves, where the other waits in another task.
    fn both(&self, half: Half, waker: &Waker) -> Option<Waker> {
        let other = match half {
            Half::Stream => self.sink.as_ref()?,
            Half::Sink => self.stream.as_ref()?,
        };
        let is_other = !other.will_wake(waker);
        is_other.then(|| Arc::new(Both(waker.clone(), other.clone())).into())
    }

    /// Has a half that waits look again.
    fn wake(&self, half: Half) {
        let waker = match half {
            Half::Stream => &self.stream,
            Half::Sink => &self.sink,
        };
        if let Some(waker) = waker {
            waker.wake_by_ref();
        }
    }

    fn note(&mut self, half: Half, waker: Option<&Waker>) {
        let slot = match half {
            Half::Stream => &mut self.stream,
            Half::Sink => &mut self.sink,
        };
        match (slot, waker) {
            (Some(slot), Some(waker)) => slot.clone_from(waker),
            (slot, waker) => *slot = waker.cloned(),
        }
    }
}

struct Both(Waker, Waker);

impl Wake for Both {
    fn wake(self: Arc<Self>) {
        self.0.wake_by_ref();
        self.1.wake_by_ref();
    }
}

impl<R: Role, S, X: Extension> fmt::Debug for MessageStream<R, S, X> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageStream")
            .field("closed", &self.closed())
            .field("waiting", &self.line.waiting())
            .finish_non_exhaustive()
    }
}
