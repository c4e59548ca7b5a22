//! The transitions of a connection with its transport, which are the same in all drivers.
//!
//! Knows that a driver's `Socket<P, S>` has a phase and an outbox. Its one idea: a transition does no
//! I/O, so that it can neither wait nor fail, nor lose the connection where it is given up halfway.

/// The transitions of a `Socket<P, S>` that has a method `then`.
macro_rules! transitions {
    () => {
        use crate::close::{CloseCode, CloseReason, PeerClose};
        use crate::closed::Closed;
        use crate::closing::Closing;
        use crate::error::Violation;
        use crate::extension::Extension;
        use crate::headers::ExtraHeaders;
        use crate::narrow;
        use crate::negotiate::Negotiate;
        use crate::open::Open;
        use crate::refusal::RejectStatus;
        use crate::rejected::Rejected;
        use crate::rejecting::Rejecting;
        use crate::requested::{Acceptance, Requested};
        use crate::role::{Role, Server};
        use crate::streaming::{Binary, Kind, Streaming, Text};

        /// # Leaving the phase
        ///
        /// What these say waits in the outbox until it is flushed.
        impl<R: Role, X: Extension, S> Socket<Open<R, X>, S> {
            /// As [`Open::start_text`].
            pub fn start_text(self) -> Socket<Streaming<R, X, Text>, S> {
                self.then(|open, _| open.start_text())
            }

            /// As [`Open::start_binary`].
            pub fn start_binary(self) -> Socket<Streaming<R, X, Binary>, S> {
                self.then(|open, _| open.start_binary())
            }

            /// Says Close, with a code and a reason (RFC 6455 7.1.2).
            pub fn close(self, code: CloseCode, reason: CloseReason) -> Socket<Closing<R, X>, S> {
                self.then(|open, outbox| open.close(code, reason, outbox))
            }

            /// Says Close, without a code (RFC 6455 7.1.5).
            pub fn close_without_code(self) -> Socket<Closing<R, X>, S> {
                self.then(|open, outbox| open.close_without_code(outbox))
            }

            /// Answers the peer's Close with its own code (RFC 6455 5.5.1).
            pub fn acknowledge(self, close: PeerClose) -> Socket<Closed<R>, S> {
                self.then(|open, outbox| open.acknowledge(close, outbox))
            }

            /// Ends because of what the peer did wrong. `receive` has told it already.
            pub fn fail(self, violation: Violation) -> Socket<Closed<R>, S> {
                self.then(|open, outbox| open.fail(violation, outbox))
            }

            /// The transport has ended. Clean if the peer's Close was heard before.
            pub fn eof(self) -> Socket<Closed<R>, S> {
                self.then(|open, _| open.eof())
            }
        }

        /// # Leaving the phase
        ///
        /// What these say waits in the outbox until it is flushed.
        impl<R: Role, X: Extension, K: Kind, S> Socket<Streaming<R, X, K>, S> {
            /// The last fragment, which may be empty.
            pub fn finish(self, data: &K::Data) -> Socket<Open<R, X>, S> {
                self.then(|streaming, outbox| streaming.finish(data, outbox))
            }

            /// As [`Streaming::close`]. The peer drops the unfinished message.
            pub fn close(self, code: CloseCode, reason: CloseReason) -> Socket<Closing<R, X>, S> {
                self.then(|streaming, outbox| streaming.close(code, reason, outbox))
            }

            /// As [`Streaming::close_without_code`]. The peer drops the unfinished message.
            pub fn close_without_code(self) -> Socket<Closing<R, X>, S> {
                self.then(|streaming, outbox| streaming.close_without_code(outbox))
            }

            /// As [`Streaming::acknowledge`]. The peer drops the unfinished message.
            pub fn acknowledge(self, close: PeerClose) -> Socket<Closed<R>, S> {
                self.then(|streaming, outbox| streaming.acknowledge(close, outbox))
            }

            /// Ends because of what the peer did wrong. `receive` has told it already.
            pub fn fail(self, violation: Violation) -> Socket<Closed<R>, S> {
                self.then(|streaming, outbox| streaming.fail(violation, outbox))
            }

            /// The transport has ended. Clean if the peer's Close was heard before.
            pub fn eof(self) -> Socket<Closed<R>, S> {
                self.then(|streaming, _| streaming.eof())
            }
        }

        /// # Leaving the phase
        impl<R: Role, X: Extension, S> Socket<Closing<R, X>, S> {
            /// The peer has said Close too: the closing handshake is complete (RFC 6455 7.1.4).
            pub fn finish(self, close: PeerClose) -> Socket<Closed<R>, S> {
                self.then(|closing, _| closing.finish(close))
            }

            /// Ends because of what the peer did wrong. It has our Close already.
            pub fn fail(self, violation: Violation) -> Socket<Closed<R>, S> {
                self.then(|closing, _| closing.fail(violation))
            }

            /// The transport has ended. Clean if the peer's Close was heard before.
            pub fn eof(self) -> Socket<Closed<R>, S> {
                self.then(|closing, _| closing.eof())
            }
        }

        impl<R: Role, X: Extension, S> Socket<Open<R, Option<X>>, S> {
            /// Asks once whether the extension was agreed, so that nothing asks for each message.
            pub fn narrow(self) -> Narrowed<R, X, S> {
                let Self { phase, line } = self;
                match phase.narrow() {
                    narrow::Narrowed::With(phase) => Narrowed::With(Socket { phase, line }),
                    narrow::Narrowed::Without(phase) => Narrowed::Without(Socket { phase, line }),
                }
            }
        }

        /// A connection whose type says whether the extension was agreed. See [`Socket::narrow`].
        #[derive(Debug)]
        #[must_use = "it is the connection"]
        pub enum Narrowed<R: Role, X: Extension, S> {
            /// It was.
            With(Socket<Open<R, X>, S>),
            /// It was declined.
            Without(Socket<Open<R>, S>),
        }

        /// # Leaving the phase
        ///
        /// What these say waits in the outbox until it is flushed.
        impl<S> Socket<Requested, S> {
            /// Opens the connection, without an extension.
            pub fn accept(self, acceptance: Acceptance) -> Socket<Open<Server>, S> {
                self.then(|requested, outbox| requested.accept(acceptance, outbox))
            }

            /// Opens the connection, with what `proposal` agrees to of the extensions that are
            /// offered.
            pub fn accept_with<N: Negotiate>(
                self,
                proposal: N,
                acceptance: Acceptance,
            ) -> Socket<Open<Server, N::Agreed>, S> {
                self.then(|requested, outbox| requested.accept_with(proposal, acceptance, outbox))
            }

            /// Refuses, with a status, headers and a body.
            pub fn reject(
                self,
                status: RejectStatus,
                headers: &ExtraHeaders,
                body: &[u8],
            ) -> Socket<Rejected<Server>, S> {
                self.then(|requested, outbox| requested.reject(status, headers, body, outbox))
            }

            /// Starts to refuse, with a status and headers; the body follows piece by piece.
            pub fn start_reject(
                self,
                status: RejectStatus,
                headers: &ExtraHeaders,
            ) -> Socket<Rejecting, S> {
                self.then(|requested, outbox| requested.start_reject(status, headers, outbox))
            }
        }

        /// # Leaving the phase
        impl<S> Socket<Rejecting, S> {
            /// Ends the body.
            pub fn finish(self) -> Socket<Rejected<Server>, S> {
                self.then(|rejecting, outbox| rejecting.finish(outbox))
            }
        }
    };
}

/// What a client's handshake comes to, for a module that has a `Socket<P, S>`.
macro_rules! answers {
    () => {
        use core::fmt;

        use crate::extension::Extension;
        use crate::open::Open;
        use crate::response::Response;
        use crate::role::Client;

        /// What a server answered.
        #[must_use = "it holds the connection"]
        pub enum Answer<X: Extension, S> {
            /// The connection is open.
            Accepted(Accepted<S, X>),
            /// The server refused.
            Rejected(Socket<Rejected<Client>, S>),
        }

        impl<X: Extension, S> fmt::Debug for Answer<X, S> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    Self::Accepted(accepted) => accepted.fmt(f),
                    Self::Rejected(rejected) => rejected.fmt(f),
                }
            }
        }

        /// A handshake that the server accepted: the connection, and what the server said.
        #[must_use = "it holds the connection"]
        pub struct Accepted<S, X: Extension = ()> {
            /// The connection.
            pub socket: Socket<Open<Client, X>, S>,
            /// The server's answer: the subprotocol that it chose, its headers.
            pub response: Response,
        }

        impl<X: Extension, S> fmt::Debug for Accepted<S, X> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct("Accepted")
                    .field("socket", &self.socket)
                    .field("response", &self.response)
                    .finish()
            }
        }
    };
}

pub(crate) use {answers, transitions};
