//! A connection over any blocking transport: `Read + Write`, TLS by whatever stream you bring.
//!
//! A [`Socket`] is a phase with its transport: `Socket<Open<Server>, TcpStream>` can do what
//! [`Open`](crate::Open) can, without an outbox to pass around, and what does not compile there does
//! not compile here. The inbox stays with you: an event borrows it and not the socket, so that you
//! can answer while you hold one.
//!
//! A server that echoes, from the handshake to the end of the transport:
//!
//! ```no_run
//! use std::net::TcpStream;
//! use wsproto::{Error, Event, Inbox, blocking};
//!
//! fn echo(stream: TcpStream) -> Result<(), Error> {
//!     let mut inbox = Inbox::new();
//!     let mut socket = blocking::accept(stream, &mut inbox)?;
//!     let mut closed = loop {
//!         match socket.receive(&mut inbox)? {
//!             Event::Text(text) => socket.feed_text(&text)?,
//!             Event::Binary(data) => socket.feed_binary(&data)?,
//!             Event::Ping(_) | Event::Pong(_) => {} // a ping has been answered already
//!             Event::Close(close) => break socket.acknowledge(close),
//!         }
//!     };
//!     println!("closed with {}", closed.end()?.code());
//!     Ok(())
//! }
//! ```
//!
//! And a client, which says Close first:
//!
//! ```no_run
//! # #[cfg(feature = "getrandom")]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use std::net::TcpStream;
//! use wsproto::{CloseCode, CloseReason, Event, Inbox, Request, blocking};
//!
//! let request = Request::from_uri("ws://127.0.0.1:9001/")?;
//! let stream = TcpStream::connect((request.host(), request.port()))?;
//! let mut inbox = Inbox::new();
//! let mut socket = blocking::connect(stream, &request, &mut inbox)?.socket;
//! socket.send_text("hello")?;
//! if let Event::Text(text) = socket.receive(&mut inbox)? {
//!     println!("{}", &*text);
//! }
//! let mut closing = socket.close(CloseCode::NORMAL, CloseReason::default());
//! let close = closing.receive_close(&mut inbox)?;
//! closing.finish(close).end()?;
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "getrandom"))]
//! # fn main() {}
//! ```
//!
//! # When bytes are written
//!
//! All that waits in the outbox is written by [`flush`](Socket::flush), by every `send_*`, `ping`,
//! `pong` and `write` before it returns, by every `receive_*` before it waits for bytes, and by
//! [`end`](Socket::end); what a `feed_*` or a transition puts there waits for one of those, or until
//! it is more than 64 KiB.
//!
//! # Timeouts
//!
//! There is no clock here: an operation takes as long as the transport lets it, so give that
//! timeouts. Where a read or a write has timed out, which is an [`Error::Transport`], nothing is lost:
//! the same method can be called again. (A `send_*` has put its message in the outbox, and only
//! [`flush`](Socket::flush) is to be repeated.) Only [`end`](Socket::end), of a
//! [`TcpStream`](std::net::TcpStream), sets a timeout of its own.
//!
//! [`Error::Transport`]: crate::Error::Transport

mod ending;
mod handshake;
mod line;
mod socket;

#[cfg(feature = "getrandom")]
pub use handshake::connect;
pub use handshake::{Accepted, Answer, Asked, accept, receive_request};
pub use socket::{Narrowed, Socket};
