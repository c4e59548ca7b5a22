//! The opening handshake of a server (RFC 6455 4.2).

use crate::delivery::Delivery;
use crate::handshake_error::HandshakeError;
use crate::handshaking::{Handshaking, sealed};
use crate::head::{Head, RequestHead, Room, Scan};
use crate::inbox::Inbox;
use crate::limits::Limits;
use crate::refusal::RejectStatus;
use crate::request_check::Fields;
use crate::requested::Requested;
use crate::role::Server;

impl sealed::Handshake for Server {
    type Data<N> = ();
    type Rejected = RejectStatus;
}

impl Handshaking<Server> {
    /// Waits for a request.
    pub fn new(limits: Limits) -> Self {
        Self {
            scan: Scan::default(),
            limits,
            role: (),
        }
    }

    /// Looks at what has arrived of the client's request.
    ///
    /// # Errors
    ///
    /// What is wrong with the request. [`HandshakeError::respond`] tells the client; nothing that
    /// follows may be read.
    ///
    /// # Panics
    ///
    /// If the inbox holds less than it did: it is another connection's.
    pub fn receive<D: Delivery>(
        mut self,
        inbox: &mut Inbox<D>,
    ) -> Result<ServerProgress, HandshakeError> {
        let (unread, mut room) = (inbox.unread(), Room::new());
        let Some(arrived) = RequestHead::receive(&mut self.scan, unread, &self.limits, &mut room)?
        else {
            return Ok(ServerProgress::Handshaking(self));
        };
        let fields = Fields::of(arrived.fields());
        let requested = Requested::parse(&arrived.head, &fields, self.limits)?;
        let len = arrived.len;
        drop(room);
        inbox.buffer.take(len);
        Ok(ServerProgress::Requested(requested))
    }
}

/// How far a server's handshake came. See [`Handshaking::receive`].
#[derive(Debug)]
#[must_use = "it holds the connection"]
pub enum ServerProgress {
    /// More of the request is needed.
    Handshaking(Handshaking<Server>),
    /// The client waits for an answer.
    Requested(Requested),
}
