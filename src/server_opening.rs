//! The phases of a server's opening handshake as one value, with owned events.
//!
//! Knows the typed phases, and nothing of what follows them. Its one idea: each step takes the phase
//! it is in and gives the next one, and a request that is none is answered on the spot.

use core::fmt;

use crate::closed::Shutdown;
use crate::delivery::Delivery;
use crate::events::{AcceptConnection, Event, Fail, RejectConnection};
use crate::handshake_error::HandshakeError;
use crate::handshaking::Handshaking;
use crate::inbox::Inbox;
use crate::local_error::LocalReason;
use crate::negotiate::Negotiate;
use crate::outbox::Outbox;
use crate::phase::Phase;
use crate::refusal::RejectStatus;
use crate::rejected::Rejected;
use crate::rejecting::Rejecting;
use crate::requested::{Acceptance, Requested};
use crate::role::Server;
use crate::server_handshake::ServerProgress;
use crate::step::{Step, Unsent};

/// A server before its connection is open.
pub(crate) enum ServerOpening<N> {
    Handshaking(Handshaking<Server>, N),
    Requested(Requested, N),
    Rejecting(Rejecting),
    Rejected(Rejected<Server>),
    Failed(HandshakeError),
}

type Stepped<N> = Step<ServerOpening<N>, Server, <N as Negotiate>::Agreed>;

impl<N: Negotiate> ServerOpening<N> {
    pub(crate) fn phase(&self) -> Phase {
        match self {
            Self::Handshaking(..) => Phase::Handshaking,
            Self::Requested(..) => Phase::Requested,
            Self::Rejecting(_) => Phase::Rejecting,
            Self::Rejected(_) => Phase::Rejected,
            Self::Failed(_) => Phase::Failed,
        }
    }

    /// What to do with the transport, where nothing more comes of it.
    pub(crate) fn shutdown(&self) -> Option<Shutdown> {
        match self {
            Self::Rejected(rejected) => Some(rejected.shutdown()),
            Self::Failed(_) => Some(Shutdown::CloseNow),
            Self::Handshaking(..) | Self::Requested(..) | Self::Rejecting(_) => None,
        }
    }

    /// The next event. With `ended`, nothing will come behind what is in the inbox.
    pub(crate) fn receive<D: Delivery>(
        self,
        inbox: &mut Inbox<D>,
        outbox: &mut Outbox,
        ended: bool,
    ) -> (Self, Option<Event>) {
        let Self::Handshaking(handshaking, proposal) = self else {
            return (self, None);
        };
        let error = match handshaking.receive(inbox) {
            Ok(ServerProgress::Handshaking(_)) if ended => HandshakeError::EarlyEof,
            Ok(ServerProgress::Handshaking(waiting)) => {
                return (Self::Handshaking(waiting, proposal), None);
            }
            Ok(ServerProgress::Requested(requested)) => {
                let event = requested.to_request().into();
                return (Self::Requested(requested, proposal), Some(event));
            }
            Err(error) => error,
        };
        let _: Shutdown = error.respond(outbox);
        (Self::Failed(error), Some(Fail { error }.into()))
    }

    pub(crate) fn send(self, event: Event, outbox: &mut Outbox) -> (Stepped<N>, Option<Unsent>) {
        match (self, event) {
            (Self::Requested(requested, proposal), Event::AcceptConnection(event)) => {
                accept(requested, proposal, event, outbox)
            }
            (Self::Requested(requested, proposal), Event::RejectConnection(event)) => {
                let (next, unsent) = reject(requested, proposal, event, outbox);
                (Step::Opening(next), unsent)
            }
            (Self::Rejecting(mut rejecting), Event::RejectData(event)) => {
                rejecting.write(&event.data, outbox);
                let next = match event.body_finished {
                    true => Self::Rejected(rejecting.finish(outbox)),
                    false => Self::Rejecting(rejecting),
                };
                (Step::Opening(next), None)
            }
            (other, event) => (Step::Opening(other), Unsent::phase(event)),
        }
    }
}

fn accept<N: Negotiate>(
    requested: Requested,
    proposal: N,
    event: AcceptConnection,
    outbox: &mut Outbox,
) -> (Stepped<N>, Option<Unsent>) {
    let choice = match event.subprotocol.as_deref() {
        None => None,
        Some(chosen) => match requested.choose_subprotocol(&[chosen]) {
            None => {
                let unsent = Unsent::for_reason(LocalReason::UnofferedSubprotocol, event);
                return (
                    Step::Opening(ServerOpening::Requested(requested, proposal)),
                    unsent,
                );
            }
            choice => choice,
        },
    };
    let acceptance = Acceptance::default()
        .subprotocol(choice)
        .headers(event.extra_headers);
    let open = requested.accept_with(proposal, acceptance, outbox);
    (Step::Open(open), None)
}

fn reject<N>(
    requested: Requested,
    proposal: N,
    event: RejectConnection,
    outbox: &mut Outbox,
) -> (ServerOpening<N>, Option<Unsent>) {
    let Some(status) = RejectStatus::new(event.status_code) else {
        let unsent = Unsent::for_reason(LocalReason::Status, event);
        return (ServerOpening::Requested(requested, proposal), unsent);
    };
    let next = match event.has_body {
        true => ServerOpening::Rejecting(requested.start_reject(status, &event.headers, outbox)),
        false => ServerOpening::Rejected(requested.reject(status, &event.headers, b"", outbox)),
    };
    (next, None)
}

impl<N> fmt::Debug for ServerOpening<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Handshaking(handshaking, _) => handshaking.fmt(f),
            Self::Requested(requested, _) => requested.fmt(f),
            Self::Rejecting(rejecting) => rejecting.fmt(f),
            Self::Rejected(rejected) => rejected.fmt(f),
            Self::Failed(error) => f.debug_tuple("Failed").field(error).finish(),
        }
    }
}
