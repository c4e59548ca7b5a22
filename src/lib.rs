//! A WebSocket connection as a value: bytes in, events out, no I/O.
#![forbid(unsafe_code)]
#![warn(missing_docs, missing_debug_implementations, unreachable_pub)]
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

// Bottom-up: a module knows those above it here, and none below. The phases, from `closed` to
// `streaming`, know each other.
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
mod payload;
mod delivery;
mod event;
mod pool;
mod broadcast;
mod inbox;
mod outbox;
mod extension;
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
mod outgoing;
mod closed;
mod closing;
mod open;
mod streaming;
mod narrow;
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
mod connection;
#[cfg(doctest)]
mod promises;

pub use broadcast::Broadcast;
pub use client_handshake::{Accepted, ClientProgress};
pub use close::{
    CloseCode, CloseReason, CloseStatus, ControlPayload, PeerClose, ReservedCode, TooLong,
};
pub use closed::{Closed, Shutdown, Side};
pub use closing::Closing;
pub use connection::Connection;
#[cfg(feature = "deflate")]
#[cfg_attr(docsrs, doc(cfg(feature = "deflate")))]
pub use deflate::{Deflate, DeflateDecoder, DeflateEncoder, WindowBits};
#[cfg(feature = "deflate")]
#[cfg_attr(docsrs, doc(cfg(feature = "deflate")))]
pub use deflate_offer::DeflateOffer;
pub use delivery::{Chunks, Delivery, Messages};
pub use entropy::Entropy;
pub use error::Violation;
pub use event::Event;
pub use extension::{Coding, Decode, Encode, Extension, InvalidCoding, Progress};
pub use extension_header::{EntryWriter, ExtensionHeader};
pub use extension_list::{ExtensionEntries, ExtensionEntry, ExtensionList, ExtensionParams};
pub use frame::Opcode;
pub use handshake_error::HandshakeError;
pub use handshaking::Handshaking;
pub use headers::{ExtraHeaders, HeaderIter, Headers, InvalidHeader};
pub use inbox::{Inbox, Remainder};
pub use limits::Limits;
pub use narrow::Narrowed;
pub use negotiate::{Answer, InvalidAnswer, Negotiate};
pub use open::Open;
pub use outbox::Outbox;
pub use payload::{BinaryChunk, BinaryMessage, TextChunk, TextMessage};
pub use pool::Pool;
pub use refusal::RejectStatus;
pub use rejected::Rejected;
pub use rejecting::Rejecting;
pub use request::{InvalidRequest, Request};
pub use requested::{Acceptance, Requested, SubprotocolChoice};
pub use response::Response;
pub use role::{Client, Role, Server};
pub use rsv::Rsv;
pub use server_handshake::ServerProgress;
pub use stack::{PairDecoder, PairEncoder};
pub use streaming::{Binary, Kind, Streaming, Text};
