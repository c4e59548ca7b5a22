//! The two roles, and what differs between them: who masks (RFC 6455 5.1).

use crate::entropy::Keys;
use crate::mask::{Key, Mask};

/// One of the two ends of a connection: [`Client`] or [`Server`].
///
/// Sealed. A role is a type and never a value, so nothing branches on it at run time.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a role of a connection",
    label = "neither `Client` nor `Server`",
    note = "a connection's role is `Client` or `Server`, and there is no other"
)]
pub trait Role: sealed::Role {}

/// The end that opened the connection. It masks what it sends.
#[derive(Debug)]
pub enum Client {}

/// The end that accepted the connection. It never masks.
#[derive(Debug)]
pub enum Server {}

impl Role for Client {}
impl Role for Server {}

pub(crate) mod sealed {
    use super::{Client, Key, Keys, Mask, Server};

    #[diagnostic::on_unimplemented(
        message = "`{Self}` is not a role of a connection",
        label = "neither `Client` nor `Server`",
        note = "a connection's role is `Client` or `Server`, and there is no other"
    )]
    pub trait Role: Send + Sync + 'static {
        /// The mask of the frames that this role receives.
        type Received: Mask;
        /// The mask of the frames that this role sends.
        type Sent: Mask;
        /// Where the masks of sent frames come from.
        type Keys: Send + Sync + core::fmt::Debug + 'static;

        const IS_CLIENT: bool;

        fn draw(keys: &mut Self::Keys) -> Self::Sent;
    }

    impl Role for Client {
        type Received = ();
        type Sent = Key;
        type Keys = Keys;

        const IS_CLIENT: bool = true;

        #[inline(always)]
        fn draw(keys: &mut Keys) -> Key {
            keys.draw()
        }
    }

    impl Role for Server {
        type Received = Key;
        type Sent = ();
        type Keys = ();

        const IS_CLIENT: bool = false;

        #[inline(always)]
        fn draw((): &mut ()) {}
    }
}
