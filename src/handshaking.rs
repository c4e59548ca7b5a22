//! The phase before a connection is open, in both roles (RFC 6455 4).
//!
//! Knows what the roles have in common: a head that is arriving. What each does with it is in
//! `client_handshake` and `server_handshake`. Its one idea: the data of the phase is the role's, so
//! that neither has a field that the other needs.

use core::fmt;

use crate::handshake_error::HandshakeError;
use crate::head::Scan;
use crate::limits::Limits;
use crate::role::Role;

/// A connection whose opening handshake is under way.
///
/// `Handshaking<Client, N>` has sent its request, with an offer of the extensions `N`;
/// `Handshaking<Server>` waits for one.
///
/// | exit | to |
/// |---|---|
/// | `receive` of a client | `Handshaking` still, [`Open`](crate::Open), [`Rejected`](crate::Rejected), or a [`HandshakeError`] |
/// | `receive` of a server | `Handshaking` still, [`Requested`](crate::Requested), or a [`HandshakeError`] |
/// | [`eof`](Self::eof) | a [`HandshakeError`] |
///
/// Whichever it is, bytes behind the head stay in the inbox: they are the first frames.
///
/// Nothing can be sent before the connection is open:
///
/// ```compile_fail,E0599
/// # use wsproto::{Handshaking, Limits, Outbox, Server};
/// # let mut outbox = Outbox::new();
/// let mut handshaking = Handshaking::<Server>::new(Limits::default());
/// handshaking.send_text("too early", &mut outbox);
/// ```
#[must_use = "the handshake is unfinished: `receive` what the peer says"]
pub struct Handshaking<R: sealed::Handshake, N = ()> {
    pub(crate) scan: Scan,
    pub(crate) limits: Limits,
    pub(crate) role: R::Data<N>,
}

impl<R: sealed::Handshake, N> Handshaking<R, N> {
    /// The transport has ended, before there was a request or an answer.
    pub fn eof(self) -> HandshakeError {
        HandshakeError::EarlyEof
    }
}

impl<R: sealed::Handshake, N> fmt::Debug for Handshaking<R, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handshaking").finish_non_exhaustive()
    }
}

pub(crate) mod sealed {
    use super::Role;

    /// What a role keeps in the phases of its handshake.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` is not a role of a connection",
        label = "neither `Client` nor `Server`",
        note = "a connection's role is `Client` or `Server`, and there is no other"
    )]
    pub trait Handshake: Role {
        /// While it waits for the peer's head.
        type Data<N>;
        /// Once the handshake was refused.
        type Rejected;
    }
}
