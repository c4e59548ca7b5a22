//! One connection as two halves, and two halves as one connection, without a lock.
//!
//! Knows all phases. Its one idea: the two directions share nothing but what is owed to the peer,
//! and that is handed over as values.

use core::marker::PhantomData;

use crate::closing::Closing;
use crate::closing_sender::ClosingSender;
use crate::extension::Extension;
use crate::open::Open;
use crate::receiver::Receiver;
use crate::role::Role;
use crate::sender::Sender;
use crate::streaming::{Kind, Streaming};
use crate::streaming_sender::StreamingSender;

impl<R: Role, X: Extension> Open<R, X> {
    /// Splits it into a half that sends and a half that receives, for two threads or tasks.
    ///
    /// Nothing is shared, and nothing is locked. What arrives and asks for something to be sent is
    /// handed out by [`Receiver::receive`], and goes to the sender as you please, by a channel or a
    /// queue:
    ///
    /// | the receiver gives | a [`Sender`] or [`StreamingSender`] does | a [`ClosingSender`] does |
    /// |---|---|---|
    /// | a [`Ping`](crate::Received::Ping), with an [`OwedPong`](crate::OwedPong) | `answer` | `answer` |
    /// | a [`Close`](crate::Received::Close), with a [`PeerClose`](crate::PeerClose) | `acknowledge`: [`Closed`](crate::Closed), clean | `finish`: `Closed`, clean |
    /// | an error, a [`Violation`](crate::Violation) | `fail`: `Closed`, and the peer is told | `fail`: `Closed` |
    /// | (the transport has ended) | `eof`: `Closed`, unclean | `eof`: `Closed`, unclean |
    ///
    /// The receiver gives nothing further after a Close or an error, and is of no more use; nor is
    /// it after its sender has become `Closed`. Until then `join` makes one connection of the two
    /// again. What that can do depends on what the receiver has heard:
    ///
    /// | the receiver has | and a [`Sender`]: [`Open::join`] | and a [`StreamingSender`]: [`Streaming::join`] | and a [`ClosingSender`]: [`Closing::join`] |
    /// |---|---|---|---|
    /// | not ended | [`Open`] | [`Streaming`] | [`Closing`], which waits for the peer's Close |
    /// | heard the peer's Close | `Open`: `acknowledge` it, or `eof`, clean | `Streaming`: likewise, or `finish` before | `Closing`: `finish`, or `eof`, clean |
    /// | found an error | `Open`: `fail` | `Streaming`: `fail` | `Closing`: `fail`, which sends nothing |
    ///
    /// [`PeerClose`](crate::PeerClose) and [`OwedPong`](crate::OwedPong) outlive a `join`: the one
    /// is for the phase to take, and the other for the next [`split`](Self::split). Where one waits
    /// in a queue, empty the queue into the sender first.
    ///
    /// ```
    /// # use wsproto::{Event, Inbox, Limits, Open, Outbox, Received, Server};
    /// # let open = Open::<Server>::after_upgrade((), Limits::default());
    /// # let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    /// # inbox.extend(b"\x89\x80\0\0\0\0\x88\x80\0\0\0\0");
    /// let (mut sender, mut receiver) = open.split();
    /// let closed = loop {
    ///     match receiver.receive(&mut inbox) {
    ///         Ok(Some(Received::Text(text))) => sender.send_text(&text, &mut outbox),
    ///         Ok(Some(Received::Ping(owed))) => sender.answer(owed, &mut outbox),
    ///         Ok(Some(Received::Close(close))) => break sender.acknowledge(close, &mut outbox),
    ///         Ok(Some(_)) => {}
    ///         Ok(None) => { /* read */ }
    ///         Err(violation) => break sender.fail(violation, &mut outbox),
    ///     }
    /// };
    /// assert!(closed.is_clean());
    /// assert_eq!(outbox.bytes_to_send(None), b"\x8a\x00\x88\x00"[..]);
    /// ```
    pub fn split(self) -> (Sender<R, X>, Receiver<R, X>) {
        let sender = Sender {
            outgoing: self.outgoing,
        };
        let receiver = Receiver {
            incoming: self.incoming,
        };
        (sender, receiver)
    }

    /// Makes one connection of its halves again.
    ///
    /// Halves of two connections are the caller's error, which nothing here can tell: the one then
    /// sends and the other receives as it did. Without an extension that has a memory of its
    /// messages nothing is wrong on the wire; with one, each peer gets what it cannot decode.
    pub fn join(sender: Sender<R, X>, receiver: Receiver<R, X>) -> Self {
        Self {
            incoming: receiver.incoming,
            outgoing: sender.outgoing,
        }
    }
}

impl<R: Role, X: Extension, K: Kind> Streaming<R, X, K> {
    /// Splits it, as [`Open::split`].
    pub fn split(self) -> (StreamingSender<R, X, K>, Receiver<R, X>) {
        let (sender, receiver) = self.open.split();
        let sender = StreamingSender {
            sender,
            fragments: self.fragments,
            kind: PhantomData,
        };
        (sender, receiver)
    }

    /// Makes one connection of its halves again, as [`Open::join`].
    pub fn join(sender: StreamingSender<R, X, K>, receiver: Receiver<R, X>) -> Self {
        Self {
            open: Open::join(sender.sender, receiver),
            fragments: sender.fragments,
            kind: PhantomData,
        }
    }
}

impl<R: Role, X: Extension> Closing<R, X> {
    /// Splits it, as [`Open::split`].
    pub fn split(self) -> (ClosingSender<R, X>, Receiver<R, X>) {
        let (Sender { outgoing }, receiver) = self.open.split();
        let sender = ClosingSender {
            outgoing,
            sent: self.sent,
            initiator: self.initiator,
        };
        (sender, receiver)
    }

    /// Makes one connection of its halves again, as [`Open::join`].
    ///
    /// Where both ends said Close before they heard the other, each was first for itself; so is a
    /// [`Sender`] that said Close before it was given the peer's.
    pub fn join(sender: ClosingSender<R, X>, receiver: Receiver<R, X>) -> Self {
        let ClosingSender {
            outgoing,
            sent,
            initiator,
        } = sender;
        Self {
            open: Open::join(Sender { outgoing }, receiver),
            sent,
            initiator,
        }
    }
}
