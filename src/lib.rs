//! A WebSocket connection as a value: bytes in, events out, no I/O.
#![forbid(unsafe_code)]
#![warn(missing_docs, missing_debug_implementations, unreachable_pub)]
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

mod broadcast;
mod buffer;
mod close;
mod closed;
mod closing;
mod connection;
#[cfg(feature = "deflate")]
mod deflate;
mod entropy;
mod error;
mod event;
mod extension;
mod frame;
mod inbox;
mod incoming;
mod limits;
mod mask;
mod open;
mod outbox;
mod outgoing;
mod pool;
mod role;
mod stack;
mod streaming;
mod text;

pub use broadcast::Broadcast;
pub use close::{CloseCode, CloseReason, CloseStatus, ControlPayload, PeerClose};
pub use closed::{Closed, Shutdown, Side};
pub use closing::Closing;
pub use connection::Connection;
#[cfg(feature = "deflate")]
#[cfg_attr(docsrs, doc(cfg(feature = "deflate")))]
pub use deflate::{Deflate, DeflateDecoder, DeflateEncoder, WindowBits};
pub use entropy::Entropy;
pub use error::{TooLong, Violation};
pub use event::{BinaryChunk, BinaryMessage, Event, TextChunk, TextMessage};
pub use extension::{Coding, Decode, Encode, Extension, InvalidCoding, Progress, Rsv};
pub use frame::Opcode;
pub use inbox::{Chunks, Delivery, Inbox, Messages, Remainder};
pub use limits::Limits;
pub use open::Open;
pub use outbox::Outbox;
pub use pool::Pool;
pub use role::{Client, Role, Server};
pub use stack::{Narrowed, PairDecoder, PairEncoder};
pub use streaming::{Binary, Kind, Streaming, Text};
