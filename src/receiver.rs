//! The receiving half of a connection that was split.
//!
//! Knows what arrives, and nothing of what is sent. Its one idea: what it owes to the peer it hands
//! out, as a value that the sending half takes.

use core::fmt;

use crate::close::PeerClose;
use crate::delivery::{Delivery, Messages};
use crate::error::Violation;
use crate::event::Event;
use crate::extension::Extension;
use crate::inbox::{Inbox, Ready};
use crate::incoming::{AtOnce, Incoming};
use crate::owed::OwedPong;
use crate::payload::Data;
use crate::role::Role;

/// The receiving half of a connection. See [`Open::split`](crate::Open::split).
///
/// It has one phase: what the peer may send does not depend on what we said. It owns what it needs,
/// and knows nothing of its sending half, which may have ended.
///
/// It owns no heap: `size_of::<Receiver<R>>()` is 64 bytes on a 64-bit machine, in both roles.
#[must_use = "dropping the half that receives makes the peer unheard"]
pub struct Receiver<R: Role, X: Extension = ()> {
    pub(crate) incoming: Incoming<R, X>,
}

/// What the peer said: as [`Event`], but that what is owed to the peer is still owed.
///
/// Borrows the [`Inbox`], never the receiver.
pub enum Received<'e, D: Delivery = Messages> {
    /// Text, valid UTF-8.
    Text(Data<'e, str, D>),
    /// Bytes.
    Binary(Data<'e, [u8], D>),
    /// A Ping, with the Pong to [answer](crate::Sender::answer) it.
    Ping(OwedPong),
    /// A Pong, asked for or not (RFC 6455 5.5.3).
    Pong(&'e [u8]),
    /// The peer will send nothing more, and waits for our Close: to
    /// [acknowledge](crate::Sender::acknowledge), or to [finish](crate::ClosingSender::finish) with.
    Close(PeerClose),
}

impl<R: Role, X: Extension> Receiver<R, X> {
    /// The next event, if what is in the inbox holds one. Nothing is answered.
    ///
    /// Nothing says that more bytes are needed, or that the peer has said Close.
    ///
    /// # Errors
    ///
    /// What the peer did wrong. Final: it is given again each time. Give it to the sending half, to
    /// [`fail`](crate::Sender::fail).
    ///
    /// # Panics
    ///
    /// If the inbox holds part of a message of another connection (see [`Inbox`]).
    #[inline]
    pub fn receive<'e, D: Delivery>(
        &mut self,
        inbox: &'e mut Inbox<D>,
    ) -> Result<Option<Received<'e, D>>, Violation> {
        match self.incoming.at_once(inbox) {
            AtOnce::Ready(ready) => self.received(ready, inbox).map(Some),
            AtOnce::Incomplete => Ok(None),
            AtOnce::Other => self.receive_step_by_step(inbox),
        }
    }

    #[inline(never)]
    fn receive_step_by_step<'e, D: Delivery>(
        &mut self,
        inbox: &'e mut Inbox<D>,
    ) -> Result<Option<Received<'e, D>>, Violation> {
        let ready = match inbox.kept() {
            Some(ready) => ready,
            None => match self.incoming.step_by_step(inbox)? {
                Some(Ready::Ping { from, to }) => {
                    let payload = &inbox.buffer.bytes()[from..to];
                    let owed = OwedPong::new(payload, self.incoming.max_pongs());
                    return Ok(Some(Received::Ping(owed)));
                }
                Some(ready) => ready,
                None => return Ok(None),
            },
        };
        self.received(ready, inbox).map(Some)
    }

    #[inline(always)]
    fn received<'e, D: Delivery>(
        &mut self,
        ready: Ready,
        inbox: &'e mut Inbox<D>,
    ) -> Result<Received<'e, D>, Violation> {
        Ok(match self.incoming.event(ready, inbox)? {
            Event::Text(text) => Received::Text(text),
            Event::Binary(data) => Received::Binary(data),
            // It was kept by `Open::has_event`, which answered it.
            Event::Ping(payload) => Received::Ping(OwedPong::paid(payload)),
            Event::Pong(payload) => Received::Pong(payload),
            Event::Close(close) => Received::Close(close),
        })
    }

    /// Whether [`receive`](Self::receive) has an event: as
    /// [`Open::has_event`](crate::Open::has_event).
    ///
    /// # Errors
    ///
    /// As [`receive`](Self::receive).
    ///
    /// # Panics
    ///
    /// As [`receive`](Self::receive).
    pub fn has_event<D: Delivery>(&mut self, inbox: &mut Inbox<D>) -> Result<bool, Violation> {
        if inbox.keeps() {
            return Ok(true);
        }
        match self.incoming.advance(inbox)? {
            None => return Ok(false),
            // Not kept, as what is kept was answered.
            Some(Ready::Ping { from, to }) => Incoming::<R, X>::put_back_ping(to - from, inbox),
            Some(ready) => {
                self.incoming.check(ready, inbox)?;
                inbox.keep(ready);
            }
        }
        Ok(true)
    }
}

impl<R: Role, X: Extension> fmt::Debug for Receiver<R, X> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Receiver").field(&self.incoming).finish()
    }
}

impl<D: Delivery> fmt::Debug for Received<'_, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Self::Binary(data) => write!(f, "Binary({} bytes)", data.len()),
            Self::Ping(owed) => write!(f, "Ping({} bytes)", owed.payload().len()),
            Self::Pong(payload) => write!(f, "Pong({} bytes)", payload.len()),
            Self::Close(close) => close.fmt(f),
        }
    }
}
