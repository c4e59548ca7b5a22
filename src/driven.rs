//! The phases as a driver sees them: those in which one listens, and those that have ended.
//!
//! Knows no transport. Its one idea: finding an event and lending it are two steps, so that a driver
//! can read from its transport between them.

use crate::close::ControlPayload;
use crate::closed::{Closed, Shutdown};
use crate::closing::Closing;
use crate::delivery::Delivery;
use crate::error::Violation;
use crate::event::Event;
use crate::extension::Extension;
use crate::handshake_error::HandshakeError;
use crate::inbox::Inbox;
use crate::open::Open;
use crate::outbox::Outbox;
use crate::rejected::Rejected;
use crate::role::{Client, Role, Server};
use crate::streaming::{Kind, Streaming};

use sealed::Found;

/// A phase in which the peer is listened to: [`Open`], [`Streaming`] or [`Closing`]. Sealed.
pub trait Listening: sealed::Listening {}

/// A phase that is left by ending the transport: [`Closed`], [`Rejected`], or the
/// [`HandshakeError`] for which a request was refused. Sealed.
pub trait Ended: sealed::Ended {}

pub(crate) mod sealed {
    use crate::close::ControlPayload;
    use crate::closed::Shutdown;
    use crate::delivery::Delivery;
    use crate::error::Violation;
    use crate::event::Event;
    use crate::inbox::{Inbox, Ready};
    use crate::outbox::Outbox;

    /// Where an event lies in the inbox.
    #[derive(Debug)]
    pub struct Found(pub(super) Ready);

    pub trait Listening {
        /// As `has_event`, but gives a place in the inbox, and validates no text that lies there.
        fn find<D: Delivery>(
            &mut self,
            inbox: &mut Inbox<D>,
            outbox: &mut Outbox,
        ) -> Result<Option<Found>, Violation>;

        /// What was found, as a loan of the inbox.
        fn event<'e, D: Delivery>(
            &mut self,
            found: Found,
            inbox: &'e mut Inbox<D>,
        ) -> Result<Event<'e, D>, Violation>;

        fn has_heard_close(&self) -> bool;

        /// Whether it only waits for the peer's Close.
        const IS_CLOSING: bool;

        /// What to do with the transport, should it end now.
        const SHUTDOWN: Shutdown;

        /// Sends a Ping, unless nothing may be sent any more.
        fn ping(&mut self, payload: ControlPayload, outbox: &mut Outbox);

        /// Says Close because of what the peer did wrong, unless it was said before.
        fn tell(&mut self, violation: Violation, outbox: &mut Outbox);
    }

    pub trait Ended {
        fn shutdown(&self) -> Shutdown;
    }
}

impl<R: Role, X: Extension> Listening for Open<R, X> {}
impl<R: Role, X: Extension, K: Kind> Listening for Streaming<R, X, K> {}
impl<R: Role, X: Extension> Listening for Closing<R, X> {}

impl<R: Role, X: Extension> sealed::Listening for Open<R, X> {
    const IS_CLOSING: bool = false;
    const SHUTDOWN: Shutdown = Shutdown::of::<R>();

    #[inline]
    fn find<D: Delivery>(
        &mut self,
        inbox: &mut Inbox<D>,
        outbox: &mut Outbox,
    ) -> Result<Option<Found>, Violation> {
        match inbox.kept() {
            Some(ready) => Ok(Some(Found(ready))),
            None => Ok(self.find(inbox, outbox)?.map(Found)),
        }
    }

    #[inline]
    fn event<'e, D: Delivery>(
        &mut self,
        found: Found,
        inbox: &'e mut Inbox<D>,
    ) -> Result<Event<'e, D>, Violation> {
        self.incoming.event(found.0, inbox)
    }

    fn ping(&mut self, payload: ControlPayload, outbox: &mut Outbox) {
        self.ping(payload, outbox);
    }

    fn has_heard_close(&self) -> bool {
        self.incoming.heard_close().is_some()
    }

    fn tell(&mut self, violation: Violation, outbox: &mut Outbox) {
        self.outgoing
            .close(violation.close_code().into(), "", outbox);
    }
}

impl<R: Role, X: Extension, K: Kind> sealed::Listening for Streaming<R, X, K> {
    const IS_CLOSING: bool = false;
    const SHUTDOWN: Shutdown = Shutdown::of::<R>();

    #[inline]
    fn find<D: Delivery>(
        &mut self,
        inbox: &mut Inbox<D>,
        outbox: &mut Outbox,
    ) -> Result<Option<Found>, Violation> {
        sealed::Listening::find(&mut self.open, inbox, outbox)
    }

    #[inline]
    fn event<'e, D: Delivery>(
        &mut self,
        found: Found,
        inbox: &'e mut Inbox<D>,
    ) -> Result<Event<'e, D>, Violation> {
        self.open.event(found, inbox)
    }

    fn ping(&mut self, payload: ControlPayload, outbox: &mut Outbox) {
        self.ping(payload, outbox);
    }

    fn has_heard_close(&self) -> bool {
        self.open.has_heard_close()
    }

    fn tell(&mut self, violation: Violation, outbox: &mut Outbox) {
        self.open.tell(violation, outbox);
    }
}

impl<R: Role, X: Extension> sealed::Listening for Closing<R, X> {
    const IS_CLOSING: bool = true;
    const SHUTDOWN: Shutdown = Shutdown::of::<R>();

    #[inline]
    fn find<D: Delivery>(
        &mut self,
        inbox: &mut Inbox<D>,
        outbox: &mut Outbox,
    ) -> Result<Option<Found>, Violation> {
        sealed::Listening::find(&mut self.open, inbox, outbox)
    }

    #[inline]
    fn event<'e, D: Delivery>(
        &mut self,
        found: Found,
        inbox: &'e mut Inbox<D>,
    ) -> Result<Event<'e, D>, Violation> {
        self.open.event(found, inbox)
    }

    fn ping(&mut self, _: ControlPayload, _: &mut Outbox) {}

    fn has_heard_close(&self) -> bool {
        self.open.has_heard_close()
    }

    /// One Close per connection: it has ours.
    fn tell(&mut self, _: Violation, _: &mut Outbox) {}
}

impl<R: Role> Ended for Closed<R> {}
impl Ended for Rejected<Client> {}
impl Ended for Rejected<Server> {}
impl Ended for HandshakeError {}

impl<R: Role> sealed::Ended for Closed<R> {
    fn shutdown(&self) -> Shutdown {
        self.shutdown()
    }
}

impl sealed::Ended for Rejected<Client> {
    fn shutdown(&self) -> Shutdown {
        self.shutdown()
    }
}

impl sealed::Ended for Rejected<Server> {
    fn shutdown(&self) -> Shutdown {
        self.shutdown()
    }
}

impl sealed::Ended for HandshakeError {
    fn shutdown(&self) -> Shutdown {
        Shutdown::CloseNow
    }
}
