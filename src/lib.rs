//! A WebSocket connection as a value: bytes in, events out, no I/O.
#![forbid(unsafe_code)]
#![warn(missing_docs, missing_debug_implementations, unreachable_pub)]
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

mod accept_key;
mod authority;
mod body;
mod broadcast;
mod buffer;
mod client_handshake;
mod close;
mod closed;
mod closing;
mod connection;
mod entropy;
mod error;
mod event;
mod extension;
mod extension_header;
mod extension_list;
mod frame;
mod handshake_error;
mod handshaking;
mod head;
mod headers;
mod inbox;
mod incoming;
mod limits;
mod mask;
mod negotiate;
mod open;
mod outbox;
mod outgoing;
mod refusal;
mod rejected;
mod rejecting;
mod request;
mod request_check;
mod requested;
mod response;
mod role;
mod server_handshake;
mod streaming;
mod text;
mod token;

pub use broadcast::Broadcast;
pub use client_handshake::{Accepted, ClientProgress};
pub use close::{CloseCode, CloseReason, CloseStatus, ControlPayload, PeerClose};
pub use closed::{Closed, Shutdown, Side};
pub use closing::Closing;
pub use connection::Connection;
pub use entropy::Entropy;
pub use error::{TooLong, Violation};
pub use event::{BinaryChunk, BinaryMessage, Event, TextChunk, TextMessage};
pub use extension::{Coding, Decode, Encode, Extension, InvalidCoding, Progress, Rsv};
pub use extension_header::{EntryWriter, ExtensionHeader};
pub use extension_list::{ExtensionEntries, ExtensionEntry, ExtensionList, ExtensionParams};
pub use frame::Opcode;
pub use handshake_error::HandshakeError;
pub use handshaking::Handshaking;
pub use headers::{ExtraHeaders, HeaderIter, Headers, InvalidHeader};
pub use inbox::{Chunks, Delivery, Inbox, Messages, Remainder};
pub use limits::Limits;
pub use negotiate::{Answer, InvalidAnswer, Negotiate};
pub use open::Open;
pub use outbox::Outbox;
pub use refusal::RejectStatus;
pub use rejected::Rejected;
pub use rejecting::Rejecting;
pub use request::{InvalidRequest, Request};
pub use requested::{Acceptance, Requested, SubprotocolChoice};
pub use response::Response;
pub use role::{Client, Role, Server};
pub use server_handshake::ServerProgress;
pub use streaming::{Binary, Kind, Streaming, Text};
