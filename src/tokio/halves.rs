//! The two halves of a connection, for two tasks.
//!
//! Knows the halves of the core. Its one idea: what the half that receives owes to the peer lies in
//! a slot of constant size, which the half that sends empties whenever it does anything.

use alloc::sync::Arc;
use core::fmt;
use core::future::poll_fn;
use core::task::{Context, Poll, Waker, ready};
use std::sync::{Mutex, MutexGuard, PoisonError};

use ::tokio::io::AsyncRead;
use ::tokio::time::timeout;

use super::ending::LINGER;
use super::line::Line;
use super::send_half::SendHalf;
use super::socket::Socket;
use crate::close::PeerClose;
use crate::delivery::Delivery;
use crate::driver_error::Error;
use crate::error::Violation;
use crate::event::Event;
use crate::extension::Extension;
use crate::inbox::{Inbox, Ready};
use crate::open::Open;
use crate::outbox::Outbox;
use crate::owed::OwedPong;
use crate::receiver::Receiver;
use crate::role::Role;
use crate::sender::Sender;

/// What the half that receives leaves to the half that sends.
#[derive(Default)]
pub(super) struct Owed {
    /// Only the newest need be answered (RFC 6455 5.5.3).
    pub(super) pong: Option<OwedPong>,
    pub(super) end: Option<Heard>,
    /// Nothing more will be read: the transport has ended, or nobody is left who reads it.
    pub(super) is_over: bool,
    /// The half that sends, where it waits for this.
    pub(super) sender: Option<Waker>,
}

/// How what the peer says has ended. See [`SendHalf::ended`].
#[derive(Debug)]
#[must_use = "the peer may wait for an answer"]
pub enum Heard {
    /// With a Close: [`acknowledge`](SendHalf::acknowledge) it, or
    /// [`finish`](SendHalf::finish) with it.
    Close(PeerClose),
    /// With what it did wrong: [`fail`](SendHalf::fail).
    Violation(Violation),
    /// With its transport, or the half that received is gone: [`eof`](SendHalf::eof).
    Eof,
}

#[derive(Clone, Default)]
pub(super) struct Slot(Arc<Mutex<Owed>>);

impl Slot {
    pub(super) fn lock(&self) -> MutexGuard<'_, Owed> {
        // Nothing in it can be left half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn leave(&self, change: impl FnOnce(&mut Owed)) {
        let mut owed = self.lock();
        change(&mut owed);
        let sender = owed.sender.take();
        drop(owed);
        if let Some(sender) = sender {
            sender.wake();
        }
    }

    /// Waits until nothing more will be read.
    pub(super) fn poll_over(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut owed = self.lock();
        if owed.is_over {
            return Poll::Ready(());
        }
        owed.sender = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl<R: Role, X: Extension, S> Socket<Open<R, X>, S> {
    /// Splits it into a half that sends and a half that receives, for two tasks, by splitting the
    /// transport: with `TcpStream::into_split` of tokio, or [`tokio::io::split`] for any other.
    ///
    /// Nothing is locked but a slot for the answer to the newest Ping and the peer's last word, which
    /// the half that sends looks into whenever it does anything. While it has nothing to do, let it
    /// wait for [`SendHalf::ended`].
    ///
    /// ```
    /// # use tokio::{net::TcpStream, sync::mpsc::Receiver};
    /// use wsproto::tokio::{Heard, ReceiveHalf, SendHalf, Socket};
    /// use wsproto::{Error, Event, Inbox, Open, Sender, Server};
    ///
    /// # async fn serve(socket: Socket<Open<Server>, TcpStream>, mut news: Receiver<String>) -> Result<(), Error> {
    /// let (mut sender, mut receiver) = socket.split_with(TcpStream::into_split);
    /// let receive = tokio::spawn(async move {
    ///     let mut inbox = Inbox::new();
    ///     while let Some(event) = receiver.receive(&mut inbox).await? {
    ///         println!("{event:?}");
    ///     }
    ///     receiver.end().await;
    ///     Ok::<_, Error>(())
    /// });
    /// let mut closed = loop {
    ///     tokio::select! {
    ///         Some(news) = news.recv() => sender.send_text(&news).await?,
    ///         heard = sender.ended() => break match heard? {
    ///             Heard::Close(close) => sender.acknowledge(close),
    ///             Heard::Violation(violation) => sender.fail(violation),
    ///             Heard::Eof => sender.eof(),
    ///         },
    ///     }
    /// };
    /// closed.end().await?;
    /// # receive.await.unwrap()
    /// # }
    /// ```
    ///
    /// [`tokio::io::split`]: https://docs.rs/tokio/latest/tokio/io/fn.split.html
    #[allow(clippy::type_complexity)] // An alias would hide what they are.
    pub fn split_with<I, O>(
        self,
        split: impl FnOnce(S) -> (I, O),
    ) -> (SendHalf<Sender<R, X>, O>, ReceiveHalf<R, I, X>) {
        let (sender, receiver) = self.phase.split();
        let slot = Slot::default();
        let (input, line) = self.line.map_stream(split);
        let send = SendHalf {
            phase: sender,
            line,
            slot: slot.clone(),
        };
        let receive = ReceiveHalf {
            receiver,
            line: Line::new(input, Outbox::new()),
            slot: Leaving(slot),
        };
        (send, receive)
    }
}

/// The half of a connection that receives. See [`Socket::split_with`].
#[must_use = "dropping the half that receives makes the peer unheard"]
pub struct ReceiveHalf<R: Role, S, X: Extension = ()> {
    pub(super) receiver: Receiver<R, X>,
    pub(super) line: Line<S>,
    slot: Leaving,
}

/// The slot, as the half that receives has it: when that is gone, nothing more will be heard.
struct Leaving(Slot);

impl Leaving {
    fn leave(&self, change: impl FnOnce(&mut Owed)) {
        self.0.leave(change);
    }
}

impl Drop for Leaving {
    fn drop(&mut self) {
        self.leave(|owed| {
            owed.end.get_or_insert(Heard::Eof);
            owed.is_over = true;
        });
    }
}

impl<R: Role, S: AsyncRead + Unpin, X: Extension> ReceiveHalf<R, S, X> {
    /// Waits for the next event: nothing once the peer has said Close. That goes to the half that
    /// sends, and so does what a Ping asks for: an [`Event::Close`] is never given.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: what was read is in the inbox.
    ///
    /// # Errors
    ///
    /// - [`Error::Violation`]: what the peer did wrong, for the half that sends to tell it. Final.
    /// - [`Error::Eof`]: the transport has ended without a Close.
    /// - [`Error::Transport`]: those of the transport.
    ///
    /// # Panics
    ///
    /// If the inbox holds part of a message of another connection (see [`Inbox`]).
    pub async fn receive<'e, D: Delivery>(
        &mut self,
        inbox: &'e mut Inbox<D>,
    ) -> Result<Option<Event<'e, D>>, Error> {
        let Some(ready) = poll_fn(|cx| self.poll_find(inbox, cx)).await? else {
            return Ok(None);
        };
        match self.receiver.incoming.event(ready, inbox) {
            Ok(Event::Close(close)) => {
                self.slot.leave(|owed| owed.end = Some(Heard::Close(close)));
                Ok(None)
            }
            Ok(event) => Ok(Some(event)),
            Err(violation) => Err(self.fail(violation)),
        }
    }

    fn poll_find<D: Delivery>(
        &mut self,
        inbox: &mut Inbox<D>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<Ready>, Error>> {
        loop {
            if let Some(ready) = inbox.kept() {
                // It was answered when it was found.
                return Poll::Ready(Ok(Some(ready)));
            }
            let incoming = &mut self.receiver.incoming;
            match incoming.advance(inbox) {
                Ok(Some(ready)) => {
                    if let Ready::Ping { from, to } = ready {
                        let payload = &inbox.buffer.bytes()[from..to];
                        let pong = OwedPong::new(payload, incoming.max_pongs());
                        self.slot.leave(|owed| owed.pong = Some(pong));
                    }
                    return Poll::Ready(Ok(Some(ready)));
                }
                Ok(None) if incoming.heard_close().is_some() => return Poll::Ready(Ok(None)),
                Ok(None) => {}
                Err(violation) => return Poll::Ready(Err(self.fail(violation))),
            }
            let read = ready!(self.line.poll_read(inbox, cx));
            if !matches!(read, Ok(1..)) {
                self.slot.leave(|owed| {
                    owed.end.get_or_insert(Heard::Eof);
                    owed.is_over = true;
                });
            }
            if read? == 0 {
                return Poll::Ready(Err(Error::Eof));
            }
        }
    }

    fn fail(&mut self, violation: Violation) -> Error {
        self.slot.leave(|owed| {
            owed.end.get_or_insert(Heard::Violation(violation));
        });
        Error::Violation(violation)
    }

    /// Discards what still comes, until the transport ends or a second has passed: the last thing to
    /// be done with it (RFC 6455 7.1.1). The half that sends, of a client, waits for it.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    pub async fn end(&mut self) {
        let mut nobody_reads_this = Inbox::new();
        let discard = async {
            loop {
                let line = &mut self.line;
                match poll_fn(|cx| line.poll_read(&mut nobody_reads_this, cx)).await {
                    Ok(1..) => nobody_reads_this.clear(),
                    Ok(0) | Err(_) => break,
                }
            }
        };
        // A peer that takes longer has had its time.
        let _ = timeout(LINGER, discard).await;
        self.slot.leave(|owed| owed.is_over = true);
    }
}

impl<R: Role, S, X: Extension> fmt::Debug for ReceiveHalf<R, S, X> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReceiveHalf")
            .field("receiver", &self.receiver)
            .finish_non_exhaustive()
    }
}
