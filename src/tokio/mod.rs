//! A connection over any `AsyncRead + AsyncWrite` of [tokio](https://docs.rs/tokio): TCP, TLS, a pipe.
//!
//! A [`Socket`] is a phase with its transport: `Socket<Open<Server>, TcpStream>` can do what
//! [`Open`](crate::Open) can, without an outbox to pass around, and what does not compile there does
//! not compile here. The inbox stays with you: an event borrows it and not the socket, so that you
//! can answer while you hold one, and an echo takes no copy.
//!
//! A server that echoes, from the handshake to the end of the transport:
//!
//! ```no_run
//! use tokio::net::TcpStream;
//! use wsproto::{Error, Event, Inbox, tokio::accept};
//!
//! async fn echo(stream: TcpStream) -> Result<(), Error> {
//!     let mut inbox = Inbox::new();
//!     let mut socket = accept(stream, &mut inbox).await?;
//!     let mut closed = loop {
//!         match socket.receive(&mut inbox).await? {
//!             Event::Text(text) => socket.feed_text(&text).await?,
//!             Event::Binary(data) => socket.feed_binary(&data).await?,
//!             Event::Ping(_) | Event::Pong(_) => {} // a ping has been answered already
//!             Event::Close(close) => break socket.acknowledge(close),
//!         }
//!     };
//!     println!("closed with {}", closed.end().await?.code());
//!     Ok(())
//! }
//! ```
//!
//! The same with owned messages, as a `Stream` and a `Sink`:
//!
//! ```no_run
//! use futures_util::{SinkExt, StreamExt};
//! use tokio::net::TcpStream;
//! use wsproto::{Error, Inbox, tokio::accept};
//!
//! async fn echo(stream: TcpStream) -> Result<(), Error> {
//!     let mut inbox = Inbox::new();
//!     let mut messages = accept(stream, &mut inbox).await?.messages(inbox);
//!     while let Some(message) = messages.next().await {
//!         messages.send(message?).await?;
//!     }
//!     Ok(())
//! }
//! ```
//!
//! And a client, which says Close first:
//!
//! ```no_run
//! # #[cfg(feature = "getrandom")] mod example {
//! use tokio::net::TcpStream;
//! use wsproto::{CloseCode, CloseReason, Event, Inbox, Request, tokio::connect};
//!
//! async fn hello() -> Result<(), Box<dyn std::error::Error>> {
//!     let request = Request::from_uri("ws://127.0.0.1:9001/")?;
//!     let stream = TcpStream::connect((request.host(), request.port())).await?;
//!     let mut inbox = Inbox::new();
//!     let mut socket = connect(stream, &request, &mut inbox).await?.socket;
//!     socket.send_text("hello").await?;
//!     if let Event::Text(text) = socket.receive(&mut inbox).await? {
//!         println!("{}", &*text);
//!     }
//!     let mut closing = socket.close(CloseCode::NORMAL, CloseReason::default());
//!     let close = closing.receive_close(&mut inbox).await?;
//!     closing.finish(close).end().await?;
//!     Ok(())
//! }
//! # }
//! ```
//!
//! # When bytes are written
//!
//! All that waits in the outbox is written by [`flush`](Socket::flush), by every `send_*`, `ping`,
//! `pong` and `write` before it returns, by every `receive_*` before it waits for bytes and while it
//! does, and by [`end`](Socket::end); what a `feed_*` or a transition puts there waits for one of
//! those.
//!
//! # Back-pressure
//!
//! Whatever sends waits first until no more than the [high-water mark](Socket::high_water_mark) waits
//! in the outbox, 256 KiB by default: what a peer that does not read makes us hold is that much and
//! one message, and the pongs of [`Limits::pending_pongs`](crate::Limits::pending_pongs). Transitions
//! wait for nothing: the data of a `finish` is the last fragment of a message, and better small.
//!
//! # Cancel safety
//!
//! Each method says under this heading what becomes of it when its future is dropped, as
//! `select!` and timeouts do. In short: nothing is ever lost that was read, no frame is ever cut, and
//! a `feed_*` has taken its message when it returns, and not before. Transitions do no I/O, so there is
//! nothing to be dropped.
//!
//! # Two tasks
//!
//! [`split_with`](Socket::split_with) gives a half that sends and a half that receives, typed as those
//! of the core; a [`MessageStream`] can be split as any stream and sink can.
//!
//! # Timeouts
//!
//! The closing handshake has one ([`close_timeout`](Socket::close_timeout)), and so has the end of the
//! transport; with [`keepalive`](Socket::keepalive) so has silence. Put
//! [`timeout`](::tokio::time::timeout) around the opening handshake. The runtime has to have
//! [time](https://docs.rs/tokio/1/tokio/runtime/struct.Builder.html#method.enable_time), or these panic.
//!
//! # Idle connections
//!
//! An idle connection holds no buffer: the memory of its inbox and its outbox goes back to a pool of the
//! thread whenever nothing is in them. A `Socket<Open<Server>, TcpStream>` is 120 bytes, and owns no
//! heap.

mod ending;
mod halves;
mod handshake;
mod keeping;
mod line;
mod messages;
mod send_half;
mod socket;
mod spare;

pub use halves::{Heard, ReceiveHalf};
#[cfg(feature = "getrandom")]
pub use handshake::connect;
pub use handshake::{Accepted, Answer, accept, receive_request};
pub use messages::{Message, MessageStream};
pub use send_half::{SendHalf, Sending};
pub use socket::{Narrowed, Socket};
