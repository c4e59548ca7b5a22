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

    /// What is of one type for a client and of another for a server, and what each does with it.
    ///
    /// With [`Role::each`] it is done for a role that is a type parameter.
    pub trait Each {
        /// What a client does it with.
        type Client;
        /// What a server does it with.
        type Server;
        /// What comes of it.
        type Out<R: super::Role>;

        fn client(self, it: Self::Client) -> Self::Out<Client>;
        fn server(self, it: Self::Server) -> Self::Out<Server>;
    }

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

        /// `C` for a client, `S` for a server.
        type Either<C, S>;

        const IS_CLIENT: bool;

        fn draw(keys: &mut Self::Keys) -> Self::Sent;

        fn as_ref<C, S>(it: &Self::Either<C, S>) -> Self::Either<&C, &S>;

        fn each<E: Each>(each: E, it: Self::Either<E::Client, E::Server>) -> E::Out<Self>
        where
            Self: super::Role + Sized;
    }

    impl Role for Client {
        type Received = ();
        type Sent = Key;
        type Keys = Keys;
        type Either<C, S> = C;

        const IS_CLIENT: bool = true;

        #[inline(always)]
        fn draw(keys: &mut Keys) -> Key {
            keys.draw()
        }

        fn as_ref<C, S>(it: &C) -> &C {
            it
        }

        fn each<E: Each>(each: E, it: E::Client) -> E::Out<Self> {
            each.client(it)
        }
    }

    impl Role for Server {
        type Received = Key;
        type Sent = ();
        type Keys = ();
        type Either<C, S> = S;

        const IS_CLIENT: bool = false;

        #[inline(always)]
        fn draw((): &mut ()) {}

        fn as_ref<C, S>(it: &S) -> &S {
            it
        }

        fn each<E: Each>(each: E, it: E::Server) -> E::Out<Self> {
            each.server(it)
        }
    }
}
