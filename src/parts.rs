//! From a connection to a typed phase and back, with the buffers.
//!
//! Knows every phase. Its one idea: a phase and what was read and is to be written go together, and
//! whoever asks for another phase than it is in gets the connection back.

use crate::client_opening::ClientOpening;
use crate::closed::Closed;
use crate::closing::Closing;
use crate::connection::{Connection, Stage};
use crate::delivery::Chunks;
use crate::established::Established;
use crate::handshaking::Handshaking;
use crate::inbox::Inbox;
use crate::negotiate::Negotiate;
use crate::open::Open;
use crate::outbox::Outbox;
use crate::rejected::Rejected;
use crate::rejecting::Rejecting;
use crate::requested::Requested;
use crate::role::{Client, Role, Server};
use crate::server_opening::ServerOpening;
use crate::settings::AnyInbox;
use crate::streaming::{Binary, Streaming, Text};

/// A typed phase, with the inbox and the outbox that go with it.
///
/// A [`Connection`] is made of the parts of any phase, and gives them back, or itself where it is in
/// another phase. A server that has not accepted goes with its proposal of extensions: `(Requested,
/// N)`. A phase alone makes a connection too, with new buffers, that delivers data as it arrives:
/// for a phase whose own inbox is idle and whose outbox is empty.
///
/// ```
/// use wsproto::{Closing, Connection, Limits, Open, Parts, Phase, Server};
///
/// let open = Open::<Server>::after_upgrade((), Limits::default());
/// let connection: Connection<Server> = open.into();
/// let connection = Parts::<Closing<Server>>::try_from(connection).unwrap_err();
/// let parts = Parts::<Open<Server>>::try_from(connection).unwrap();
/// let Parts { phase, inbox, outbox } = parts;
/// let phase = phase.start_text();
/// let connection = Connection::<Server>::from(Parts { phase, inbox, outbox });
/// assert_eq!(connection.phase(), Phase::StreamingText);
/// ```
#[derive(Debug)]
#[must_use = "it holds the connection"]
pub struct Parts<P> {
    /// The phase.
    pub phase: P,
    /// What was read.
    pub inbox: AnyInbox,
    /// What is to be written.
    pub outbox: Outbox,
}

impl<P> Parts<P> {
    /// With new buffers.
    fn of(phase: P) -> Self {
        Self {
            phase,
            inbox: Inbox::<Chunks>::chunks().into(),
            outbox: Outbox::new(),
        }
    }
}

/// `$of` makes a stage of a phase `it`, and `$is` finds the phase in a stage.
macro_rules! phase {
    ([$($role_of:tt)*] $role:ty, $phase:ty, $it:ident => $of:expr, $is:pat => $found:expr) => {
        impl<$($role_of)* N: Negotiate> From<Parts<$phase>> for Connection<$role, N> {
            fn from(parts: Parts<$phase>) -> Self {
                let $it = parts.phase;
                Self::new($of, parts.inbox, parts.outbox)
            }
        }

        /// With new buffers. What is in those that the phase had goes with it only as [`Parts`].
        impl<$($role_of)* N: Negotiate> From<$phase> for Connection<$role, N> {
            fn from(phase: $phase) -> Self {
                Parts::of(phase).into()
            }
        }

        /// That the transport has ended is not among the parts: tell the phase, with its `eof`.
        impl<$($role_of)* N: Negotiate> TryFrom<Connection<$role, N>> for Parts<$phase> {
            type Error = Connection<$role, N>;

            fn try_from(connection: Connection<$role, N>) -> Result<Self, Self::Error> {
                match connection {
                    Connection { stage: $is, inbox, outbox, .. } => Ok(Self {
                        phase: $found,
                        inbox,
                        outbox,
                    }),
                    other => Err(other),
                }
            }
        }
    };
}

/// A phase behind the handshake.
macro_rules! established {
    ($phase:ty, $variant:ident) => {
        phase!(
            [R: Role,] R, $phase,
            it => Stage::Established(Established::$variant(it)),
            Stage::Established(Established::$variant(it)) => it
        );
    };
}

established!(Open<R, N::Agreed>, Open);
established!(Streaming<R, N::Agreed, Text>, StreamingText);
established!(Streaming<R, N::Agreed, Binary>, StreamingBinary);
established!(Closing<R, N::Agreed>, Closing);
established!(Closed<R>, Closed);

phase!([R: Role,] R, Established<R, N>, it => Stage::Established(it), Stage::Established(it) => it);
phase!(
    [] Client, Handshaking<Client, N>,
    it => Stage::Opening(ClientOpening::Handshaking(it)),
    Stage::Opening(ClientOpening::Handshaking(it)) => it
);
phase!(
    [] Client, Rejected<Client>,
    it => Stage::Opening(ClientOpening::Refused(it)),
    Stage::Opening(ClientOpening::Refused(it) | ClientOpening::Rejected(it)) => it
);
phase!(
    [] Server, (Handshaking<Server>, N),
    it => Stage::Opening(ServerOpening::Handshaking(it.0, it.1)),
    Stage::Opening(ServerOpening::Handshaking(it, proposal)) => (it, proposal)
);
phase!(
    [] Server, (Requested, N),
    it => Stage::Opening(ServerOpening::Requested(it.0, it.1)),
    Stage::Opening(ServerOpening::Requested(it, proposal)) => (it, proposal)
);
phase!(
    [] Server, Rejecting,
    it => Stage::Opening(ServerOpening::Rejecting(it)),
    Stage::Opening(ServerOpening::Rejecting(it)) => it
);
phase!(
    [] Server, Rejected<Server>,
    it => Stage::Opening(ServerOpening::Rejected(it)),
    Stage::Opening(ServerOpening::Rejected(it)) => it
);
