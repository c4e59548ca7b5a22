//! A WebSocket connection as a value: bytes in, events out, no I/O.
//!
//! The connection's phase, its role and its extensions are types: what [RFC 6455] forbids an
//! endpoint to send does not compile, and what a connection does not use is not in the binary.
//!
//! ```text
//!   Handshaking<Client, N> ─────────────receive────────────┐
//!             │ refused                                    ▼
//!             ▼                                          Open ◀──finish── Streaming<Text | Binary>
//!         Rejected                                       │  │ ▲                ▲
//!             ▲                                          │  │ └── receive ──   │
//!             │ reject                                   │  └───start_text─────┘
//!   Handshaking<Server> ──receive──▶ Requested ──accept──┘  │
//!                                                     close │ acknowledge(peer's Close) / fail(violation) / eof
//!                                                  ┌────────┴────────┐
//!                                                  ▼                 ▼
//!                                               Closing ──finish──▶ Closed
//! ```
//!
//! A phase is what *we* may send, and each of our acts that ends one consumes it. What the peer
//! sends arrives as [`Event`]s, in every phase. Every arrow:
//!
//! ```
//! use wsproto::*;
//!
//! let limits = Limits::default();
//! let (mut client_in, mut client_out) = (Inbox::new(), Outbox::new());
//! let (mut server_in, mut server_out) = (Inbox::new(), Outbox::new());
//! # let seed = [7; 32]; // `Handshaking::start` takes it from the operating system
//!
//! // Handshaking<Client> and Handshaking<Server>: a request goes out and is heard.
//! let request = Request::new("example.com", "/chat")?;
//! let client = Handshaking::<Client>::start_with(&request, limits, seed, &mut client_out);
//! let server = Handshaking::<Server>::new(limits);
//! server_in.extend(&client_out.bytes_to_send(None));
//!
//! // Requested: accepted. (Or `reject`, to `Rejected` at both ends.)
//! let ServerProgress::Requested(requested) = server.receive(&mut server_in)? else { panic!() };
//! let mut server = requested.accept(Acceptance::default(), &mut server_out);
//! client_in.extend(&server_out.bytes_to_send(None));
//! let ClientProgress::Open(accepted) = client.receive(&mut client_in)? else { panic!() };
//! let mut client = accepted.open;
//!
//! // Open: messages in one piece.
//! client.send_text("hello", &mut client_out);
//! server_in.extend(&client_out.bytes_to_send(None));
//! match server.receive(&mut server_in, &mut server_out)? {
//!     Some(Event::Text(text)) => server.send_text(&text, &mut server_out),
//!     other => panic!("{other:?}"),
//! }
//! assert_eq!(server_out.bytes_to_send(None), b"\x81\x05hello"[..]);
//!
//! // Streaming: a message in fragments, and back to Open.
//! let mut streaming = client.start_text();
//! streaming.write("to be ", &mut client_out);
//! let client = streaming.finish("continued", &mut client_out);
//!
//! // Closing: we have said Close. The peer acknowledges it, and is Closed.
//! let reason = CloseReason::from_static("enough");
//! let mut client = client.close(CloseCode::NORMAL, reason, &mut client_out);
//! server_in.extend(&client_out.bytes_to_send(None));
//! let server = loop {
//!     match server.receive(&mut server_in, &mut server_out)? {
//!         Some(Event::Close(close)) => break server.acknowledge(close, &mut server_out),
//!         Some(Event::Text(text)) => assert_eq!(&*text, "to be continued"),
//!         other => panic!("{other:?}"),
//!     }
//! };
//! assert_eq!((server.code().get(), server.reason()), (1000, "enough"));
//!
//! // Closed, at the other end too. (Or `fail`, or `eof`.)
//! client_in.extend(&server_out.bytes_to_send(None));
//! match client.receive(&mut client_in, &mut client_out)? {
//!     Some(Event::Close(close)) => assert!(client.finish(close).is_clean()),
//!     other => panic!("{other:?}"),
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The run loop
//!
//! Two buffers are the caller's: an [`Inbox`] to read into and an [`Outbox`] to write from. Events
//! borrow the inbox and never the connection.
//!
//! 1. [`receive`](Open::receive) until it gives nothing; act on each event.
//! 2. Write the outbox to the transport: it is a [`bytes::Buf`].
//! 3. Read from the transport into the inbox; at its end, [`eof`](Open::eof).
//! 4. On [`Event::Close`]: [`acknowledge`](Open::acknowledge).
//! 5. On a [`Violation`]: [`fail`](Open::fail), which tells the peer. (Not `?`, which would not.)
//! 6. Once [`Closed`]: write the outbox, do what [`Closed::shutdown`] says, and
//!    [`clear`](Inbox::clear) an inbox that is to serve another connection.
//!
//! # Drivers
//!
//! Where nothing about the transport is special, the loop is written already, and typed like the
//! phases: [`blocking`](blocking/index.html) over any `Read + Write` (feature `std`), and
//! [`tokio`](tokio/index.html) over any `AsyncRead + AsyncWrite` (feature `tokio`). Servers that have
//! parsed HTTP already enter by `Requested::from_parts` (feature `http`). A [`Connection`] has all
//! phases in one type, and its own buffers.
//!
//! # What can be done where
//!
//! | | `Open` | `Streaming` | `Closing` | `Closed` |
//! |---|---|---|---|---|
//! | `receive`, `has_event` | yes | yes | yes | |
//! | `send_text`, `send_binary`, `send_bytes`, `send_broadcast`, and `_in_place` | yes | | | |
//! | `start_text`, `start_binary` | to `Streaming` | | | |
//! | `write` | | yes | | |
//! | `finish` | | to `Open` | to `Closed` | |
//! | `ping`, `pong` | yes | yes | | |
//! | `close`, `close_without_code` | to `Closing` | to `Closing` | | |
//! | `acknowledge` | to `Closed` | to `Closed` | | |
//! | `fail`, `eof` | to `Closed` | to `Closed` | to `Closed` | |
//!
//! Pings are answered by `receive`, in all three (RFC 6455 5.5.2).
//!
//! [`Open::split`] makes two halves of a connection, for two threads or tasks: a [`Sender`], with
//! these phases, and a [`Receiver`].
//!
//! [`Connection`] is all phases as one value, with its buffers, for code that knows its phase only at
//! run time: the interface of Python's wsproto. [`Established`] is those behind the handshake, with
//! the caller's buffers.
//!
//! # The guide
//!
//! - [Driving a connection](guide::driving): the run loop over any transport
//! - [Closing](guide::closing): who says Close when, and what to do with the transport
//! - [Limits and hostile peers](guide::limits)
#![cfg_attr(
    feature = "deflate",
    doc = "- [Extensions](guide::extensions): permessage-deflate, and what is agreed"
)]
//! - [Writing an extension](guide::writing_an_extension)
#![cfg_attr(
    feature = "http",
    doc = "- [Where HTTP is parsed already](guide::http): inside hyper and axum, over HTTP/2 and HTTP/3"
)]
//! - [`Pulse`]: whether the peer is still there
#![cfg_attr(
    feature = "proptest",
    doc = "- [Testing your protocol](guide::testing_your_protocol), with [`strategies`]"
)]
//! - [Coming from tungstenite](guide::coming_from_tungstenite)
//! - [Coming from wsproto](guide::coming_from_wsproto)
//! - [What is left to you](guide::left_to_you), requirement by requirement
//! - [What a version promises](guide::versioning)
//!
//! # Promises
//!
//! - However the transport cuts the bytes, the same messages, the same control frames and the same
//!   error come out.
//! - No panic can be reached from the network, nothing is allocated because a peer announced it,
//!   and nothing is delivered or answered after an error.
//! - No send can fail: arguments are parsed into types first ([`ControlPayload`], [`CloseCode`],
//!   [`CloseReason`], [`ExtraHeaders`]).
//! - A connection is a function of its inputs. Entropy is an argument ([`Entropy`]).
//! - An idle connection owns no heap.
//!
//! [RFC 6455]: https://www.rfc-editor.org/rfc/rfc6455
#![forbid(unsafe_code)]
#![warn(missing_docs, missing_debug_implementations, unreachable_pub)]
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

// Bottom-up: a module knows those above it here, and none below. The phases, from `closed` to
// `streaming`, know each other, and so do `sender` and `streaming_sender`.
mod close;
mod error;
mod limits;
mod mask;
mod entropy;
mod role;
mod rsv;
mod frame;
mod text;
mod buffer;
mod delivery;
mod payload;
mod event;
mod pool;
mod broadcast;
mod inbox;
mod outbox;
mod owed;
mod unsent;
mod extension;
mod between;
mod stack;
#[cfg(feature = "deflate")]
mod deflate;
mod token;
mod headers;
mod extension_list;
mod extension_header;
mod negotiate;
#[cfg(feature = "deflate")]
mod deflate_offer;
mod incoming;
mod arriving;
mod ordinary;
mod outgoing;
mod closed;
mod closing;
mod open;
mod streaming;
mod narrow;
mod receiver;
mod closing_sender;
mod sender;
mod streaming_sender;
mod split;
mod accept_key;
mod authority;
mod refusal;
mod handshake_error;
mod head;
mod response;
mod request;
mod request_check;
mod body;
mod handshaking;
mod rejected;
mod rejecting;
mod requested;
mod client_handshake;
mod server_handshake;
#[cfg(feature = "http")]
mod http_parts;
#[cfg(feature = "http")]
mod http_requested;
#[cfg(feature = "http")]
mod http_requesting;
mod keepalive;
mod established;
pub mod events;
mod phase;
mod local_error;
mod step;
mod client_opening;
mod server_opening;
mod established_events;
mod settings;
mod connection;
mod parts;
mod registry;
#[cfg(feature = "std")]
mod driver_error;
#[cfg(feature = "std")]
mod driven;
#[cfg(feature = "std")]
mod transitions;
#[cfg(feature = "std")]
#[cfg_attr(docsrs, doc(cfg(feature = "std")))]
pub mod blocking;
#[cfg(feature = "tokio")]
#[cfg_attr(docsrs, doc(cfg(feature = "tokio")))]
pub mod tokio;
#[cfg(feature = "proptest")]
#[cfg_attr(docsrs, doc(cfg(feature = "proptest")))]
pub mod strategies;
pub mod guide;

/// What the README shows.
#[cfg(all(doctest, feature = "deflate", feature = "tokio"))]
#[doc = include_str!("../README.md")]
mod readme {}

pub use broadcast::Broadcast;
pub use client_handshake::{Accepted, ClientProgress};
pub use close::{
    CloseCode, CloseReason, CloseStatus, ControlPayload, PeerClose, ReservedCode, TooLong,
};
pub use closed::{Closed, Shutdown, Side};
pub use closing::Closing;
pub use closing_sender::ClosingSender;
pub use connection::Connection;
#[cfg(feature = "deflate")]
#[cfg_attr(docsrs, doc(cfg(feature = "deflate")))]
pub use deflate::{Deflate, DeflateDecoder, DeflateEncoder, WindowBits};
#[cfg(feature = "deflate")]
#[cfg_attr(docsrs, doc(cfg(feature = "deflate")))]
pub use deflate_offer::DeflateOffer;
pub use delivery::{Chunks, Delivery, Messages};
#[cfg(feature = "std")]
#[cfg_attr(docsrs, doc(cfg(feature = "std")))]
pub use driven::{Ended, Listening};
#[cfg(feature = "std")]
#[cfg_attr(docsrs, doc(cfg(feature = "std")))]
pub use driver_error::Error;
pub use entropy::Entropy;
pub use error::Violation;
pub use established::Established;
pub use event::Event;
pub use extension::{Coding, Decode, Encode, Extension, InvalidCoding, Progress};
pub use extension_header::{EntryWriter, ExtensionHeader};
pub use extension_list::{ExtensionEntries, ExtensionEntry, ExtensionList, ExtensionParams};
pub use frame::Opcode;
pub use handshake_error::HandshakeError;
pub use handshaking::Handshaking;
pub use headers::{ExtraHeaders, HeaderIter, Headers, InvalidHeader};
#[cfg(feature = "http")]
#[cfg_attr(docsrs, doc(cfg(feature = "http")))]
pub use http_requested::Http;
#[cfg(feature = "http")]
#[cfg_attr(docsrs, doc(cfg(feature = "http")))]
pub use http_requesting::Requesting;
pub use inbox::{Inbox, Remainder};
pub use keepalive::{Keepalive, Pulse, Silence};
pub use limits::Limits;
pub use local_error::{LocalError, LocalReason};
pub use narrow::Narrowed;
pub use negotiate::{Answer, InvalidAnswer, Negotiate};
pub use open::Open;
pub use outbox::Outbox;
pub use owed::OwedPong;
pub use parts::Parts;
pub use payload::Data;
pub use phase::Phase;
pub use pool::Pool;
pub use receiver::{Received, Receiver};
pub use refusal::RejectStatus;
pub use registry::{AnyDecoder, AnyEncoder, AnyExtension, Registry};
pub use rejected::Rejected;
pub use rejecting::Rejecting;
pub use request::{InvalidRequest, Request};
pub use requested::{Acceptance, Requested, SubprotocolChoice, Wire};
pub use response::Response;
pub use role::{Client, Role, Server};
pub use rsv::Rsv;
pub use sender::Sender;
pub use server_handshake::ServerProgress;
pub use settings::{AnyInbox, Settings};
pub use stack::{PairDecoder, PairEncoder};
pub use streaming::{Binary, Kind, Streaming, Text};
pub use streaming_sender::StreamingSender;
pub use unsent::Unsent;
