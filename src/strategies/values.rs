//! What a frame can hold: messages, payloads, codes and reasons.

use core::fmt;
use std::string::String;
use std::vec::Vec;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::{CloseCode, CloseReason, ControlPayload};

/// A message, owned.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Message {
    /// Text.
    Text(String),
    /// Bytes.
    Binary(Vec<u8>),
}

impl Message {
    /// The payload.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Binary(data) => data,
        }
    }
}

impl From<String> for Message {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<Vec<u8>> for Message {
    fn from(data: Vec<u8>) -> Self {
        Self::Binary(data)
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text({})", Shown(text.as_bytes())),
            Self::Binary(data) => write!(f, "Binary({})", Shown(data)),
        }
    }
}

/// Bytes as a counterexample shows them: all of a few, the start and the number of many.
pub(super) struct Shown<'a>(pub(super) &'a [u8]);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MOST: usize = 200;
        match self.0 {
            few if few.len() <= MOST => match core::str::from_utf8(few) {
                Ok(text) => write!(f, "{text:?}"),
                Err(_) => write!(f, "b\"{}\"", few.escape_ascii()),
            },
            many => {
                let start = many[..MOST / 4].escape_ascii();
                write!(f, "b\"{start}..\", {} bytes", many.len())
            }
        }
    }
}

/// A character, as long in UTF-8 as any can be.
fn character() -> impl Strategy<Value = char> {
    let widths = select(&['a', '\u{e9}', '\u{20ac}', '\u{1f600}', '\0'][..]);
    prop_oneof![4 => widths, 1 => any::<char>()]
}

/// Lengths around those where the header of a frame grows (RFC 6455 5.2). They shrink to the least
/// that will do.
fn header_length() -> impl Strategy<Value = usize> {
    select(&[124, 125, 126, 127, 128, 65_534, 65_535, 65_536, 65_537][..])
}

/// Text: mostly a few characters of any width, now and then as much as makes the header of its
/// frame grow (125, 126, 65 535 and 65 536 bytes).
pub fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        5 => vec(character(), 0..12).prop_map(String::from_iter),
        1 => header_length().prop_map(|len| "x".repeat(len)),
    ]
}

/// Bytes: mostly a few, now and then as many as make the header of their frame grow.
pub fn binary() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        5 => vec(any::<u8>(), 0..40),
        1 => (any::<u8>(), header_length()).prop_map(|(byte, len)| std::vec![byte; len]),
    ]
}

/// A message of either kind.
pub fn message() -> impl Strategy<Value = Message> {
    prop_oneof![
        text().prop_map(Message::Text),
        binary().prop_map(Message::Binary)
    ]
}

/// The payload of a Ping or a Pong, up to the 125 bytes that it can have.
///
/// (A [`ControlPayload`] does not show its bytes; [`Act`](super::Act) and [`Frame`](super::Frame)
/// show theirs.)
pub fn control_payload() -> impl Strategy<Value = ControlPayload> {
    prop_oneof![4 => vec(any::<u8>(), 0..8), 1 => vec(any::<u8>(), 120..=ControlPayload::MAX)]
        .prop_filter_map("at most 125 bytes", |payload| {
            ControlPayload::try_from(&payload[..]).ok()
        })
}

/// A code that may stand in a Close frame: of the RFC, of the registry, or an application's own.
pub fn close_code() -> impl Strategy<Value = CloseCode> {
    let code = prop_oneof![4 => 1000..=1003u16, 4 => 1007..=1014u16, 1 => 3000..=4999u16];
    code.prop_filter_map("may be sent", CloseCode::new)
}

/// The reason of a Close, up to the 123 bytes that it can have.
pub fn close_reason() -> impl Strategy<Value = CloseReason> {
    prop_oneof![4 => vec(character(), 0..6), 1 => vec(character(), 60..130)]
        .prop_map(|reason| CloseReason::truncated(&String::from_iter(reason)))
}
