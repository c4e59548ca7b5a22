//! The phases of a client's opening handshake as one value, with owned events.
//!
//! Knows the typed phases, and nothing of what follows them. Its one idea: each step takes the phase
//! it is in and gives the next one, and what it says on the way.

use core::fmt;

use bytes::Bytes;

use crate::client_handshake::{Accepted, ClientProgress};
use crate::closed::Shutdown;
use crate::delivery::Delivery;
use crate::entropy::Entropy;
use crate::events::{AcceptConnection, Event, Fail, RejectConnection, RejectData};
use crate::extension::Extension;
use crate::extension_header::ExtensionHeader;
use crate::extension_list::ExtensionList;
use crate::handshake_error::HandshakeError;
use crate::handshaking::Handshaking;
use crate::headers::ExtraHeaders;
use crate::inbox::Inbox;
use crate::limits::Limits;
use crate::local_error::LocalReason;
use crate::negotiate::Negotiate;
use crate::outbox::Outbox;
use crate::phase::Phase;
use crate::rejected::Rejected;
use crate::role::Client;
use crate::step::{Step, Unsent};

/// What a client needs to ask.
pub(crate) struct Unasked<N> {
    pub(crate) limits: Limits,
    pub(crate) proposal: N,
    /// Without, it is drawn when it is needed.
    pub(crate) entropy: Option<Entropy>,
}

/// A client before its connection is open.
pub(crate) enum ClientOpening<N> {
    Initial(Unasked<N>),
    Handshaking(Handshaking<Client, N>),
    /// It was refused, and the end of the body was not told yet.
    Refused(Rejected),
    Rejected(Rejected),
    Failed(HandshakeError),
}

type Stepped<N> = Step<ClientOpening<N>, Client, <N as Negotiate>::Agreed>;

impl<N: Negotiate> ClientOpening<N> {
    pub(crate) fn phase(&self) -> Phase {
        match self {
            Self::Initial(_) => Phase::Initial,
            Self::Handshaking(_) => Phase::Handshaking,
            Self::Refused(_) | Self::Rejected(_) => Phase::Rejected,
            Self::Failed(_) => Phase::Failed,
        }
    }

    /// What to do with the transport, where nothing more comes of it.
    pub(crate) fn shutdown(&self) -> Option<Shutdown> {
        match self {
            Self::Rejected(rejected) => Some(rejected.shutdown()),
            Self::Failed(_) => Some(Shutdown::AwaitEof),
            Self::Initial(_) | Self::Handshaking(_) | Self::Refused(_) => None,
        }
    }

    /// The next event. With `ended`, nothing will come behind what is in the inbox.
    pub(crate) fn receive<D: Delivery>(
        self,
        inbox: &mut Inbox<D>,
        ended: bool,
    ) -> (Stepped<N>, Option<Event>) {
        match self {
            Self::Handshaking(handshaking) => match handshaking.receive(inbox) {
                Ok(ClientProgress::Handshaking(_)) if ended => failed(HandshakeError::EarlyEof),
                Ok(ClientProgress::Handshaking(waiting)) => {
                    (Step::Opening(Self::Handshaking(waiting)), None)
                }
                Ok(ClientProgress::Open(accepted)) => {
                    let event = accepted_event(&accepted);
                    (Step::Open(accepted.open), Some(event.into()))
                }
                Ok(ClientProgress::Rejected(rejected)) => {
                    let event = rejected_event(&rejected);
                    let next = match event.has_body {
                        true => Self::Refused(rejected),
                        false => Self::Rejected(rejected),
                    };
                    (Step::Opening(next), Some(event.into()))
                }
                Err(error) => failed(error),
            },
            Self::Refused(mut rejected) => {
                let data = match rejected.receive_body(inbox) {
                    Ok(piece) => piece.map(Bytes::copy_from_slice),
                    Err(error) => return failed(error),
                };
                if data.is_none() && ended {
                    if let Err(error) = rejected.eof() {
                        return failed(error);
                    }
                }
                let body_finished = rejected.is_finished();
                let event = match data {
                    None if !body_finished => None,
                    data => Some(RejectData {
                        data: data.unwrap_or_default(),
                        body_finished,
                    }),
                };
                let next = match body_finished {
                    true => Self::Rejected(rejected),
                    false => Self::Refused(rejected),
                };
                (Step::Opening(next), event.map(Event::from))
            }
            Self::Initial(_) if ended => failed(HandshakeError::EarlyEof),
            other => (Step::Opening(other), None),
        }
    }

    pub(crate) fn send(self, event: Event, outbox: &mut Outbox) -> (Self, Option<Unsent>) {
        match (self, event) {
            (Self::Initial(unasked), Event::Request(request)) => {
                let Some(entropy) = unasked.entropy.or_else(entropy) else {
                    let unasked = Unasked {
                        entropy: None,
                        ..unasked
                    };
                    let unsent = Unsent::for_reason(LocalReason::NoEntropy, request);
                    return (Self::Initial(unasked), unsent);
                };
                let Unasked {
                    limits, proposal, ..
                } = unasked;
                let asked = Handshaking::propose(&request, proposal, limits, entropy, outbox);
                (Self::Handshaking(asked), None)
            }
            (other, event) => (other, Unsent::phase(event)),
        }
    }
}

/// From the operating system, where there is one that has some.
fn entropy() -> Option<Entropy> {
    #[cfg(feature = "getrandom")]
    return Entropy::from_os().ok();
    #[cfg(not(feature = "getrandom"))]
    return None;
}

fn failed<N: Negotiate>(error: HandshakeError) -> (Stepped<N>, Option<Event>) {
    let next = Step::Opening(ClientOpening::Failed(error));
    (next, Some(Fail { error }.into()))
}

fn accepted_event<X: Extension>(accepted: &Accepted<X>) -> AcceptConnection {
    let response = &accepted.response;
    AcceptConnection {
        subprotocol: response.subprotocol().map(Into::into),
        extensions: ExtensionHeader::from(ExtensionList::parsed(response.headers())),
        extra_headers: ExtraHeaders::beside_the_handshake(response.headers()),
    }
}

fn rejected_event(rejected: &Rejected) -> RejectConnection {
    RejectConnection {
        status_code: rejected.status(),
        headers: ExtraHeaders::beside_the_handshake(rejected.headers()),
        has_body: !rejected.is_finished(),
    }
}

impl<N> fmt::Debug for ClientOpening<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Initial(_) => f.write_str("Initial"),
            Self::Handshaking(handshaking) => handshaking.fmt(f),
            Self::Refused(rejected) | Self::Rejected(rejected) => rejected.fmt(f),
            Self::Failed(error) => f.debug_tuple("Failed").field(error).finish(),
        }
    }
}
