//! Frames that a peer may send, and the fragments of a message.

use core::any::TypeId;
use core::fmt;
use core::ops::Range;
use std::vec::Vec;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::values::{Message, Shown, close_code, close_reason, control_payload, message};
use crate::{Client, Opcode, Role};

/// A frame without reserved bits, with its length in the shortest form ([RFC 6455 5.2]).
///
/// [RFC 6455 5.2]: https://www.rfc-editor.org/rfc/rfc6455#section-5.2
#[derive(Clone, PartialEq, Eq)]
pub struct Frame {
    /// Whether it ends its message.
    pub fin: bool,
    /// What it is.
    pub opcode: Opcode,
    /// The masking key, where a client sends it.
    pub key: [u8; 4],
    /// The payload, unmasked.
    pub payload: Vec<u8>,
}

impl Frame {
    /// A frame by itself, whose masking key is all zero.
    #[must_use]
    pub fn new(opcode: Opcode, payload: impl Into<Vec<u8>>) -> Self {
        Self {
            fin: true,
            opcode,
            key: [0; 4],
            payload: payload.into(),
        }
    }

    /// The frame as an end of role `R` sends it: masked by a client.
    #[must_use]
    pub fn to_bytes<R: Role>(&self) -> Vec<u8> {
        let fin = if self.fin { 0x80 } else { 0 };
        to_bytes(
            fin | self.opcode as u8,
            &length(self.payload.len()),
            is_client::<R>().then_some(self.key),
            &self.payload,
        )
    }
}

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = if self.fin { "" } else { ".." };
        write!(f, "{:?}({}{end})", self.opcode, Shown(&self.payload))
    }
}

pub(super) fn is_client<R: Role>() -> bool {
    TypeId::of::<R>() == TypeId::of::<Client>()
}

/// A length in its shortest form, without a mask bit.
pub(super) fn length(len: usize) -> Vec<u8> {
    match len {
        0..=125 => [len as u8].into(),
        126..=0xffff => [&[126][..], &(len as u16).to_be_bytes()].concat(),
        _ => [&[127][..], &(len as u64).to_be_bytes()].concat(),
    }
}

/// A frame of parts that need not fit.
pub(super) fn to_bytes(first: u8, length: &[u8], key: Option<[u8; 4]>, payload: &[u8]) -> Vec<u8> {
    let mut bytes = [&[first], length].concat();
    let Some(key) = key else {
        bytes.extend(payload);
        return bytes;
    };
    bytes[1] |= 0x80;
    bytes.extend(key);
    bytes.extend(payload.iter().zip(key.iter().cycle()).map(|(a, b)| a ^ b));
    bytes
}

fn with_key(frame: impl Strategy<Value = Frame>) -> impl Strategy<Value = Frame> {
    (frame, any::<[u8; 4]>()).prop_map(|(frame, key)| Frame { key, ..frame })
}

/// A Ping or a Pong.
pub(super) fn ping_or_pong() -> impl Strategy<Value = Frame> {
    let opcode = prop_oneof![2 => Just(Opcode::Ping), 1 => Just(Opcode::Pong)];
    with_key(
        (opcode, control_payload()).prop_map(|(opcode, payload)| Frame::new(opcode, &payload[..])),
    )
}

/// A Close frame, with a code and a reason or without either.
pub fn close_frame() -> impl Strategy<Value = Frame> {
    let payload = prop_oneof![
        1 => Just(Vec::new()),
        4 => (close_code(), close_reason())
            .prop_map(|(code, reason)| [&code.get().to_be_bytes(), reason.as_bytes()].concat()),
    ];
    with_key(payload.prop_map(|payload| Frame::new(Opcode::Close, payload)))
}

/// A frame that may stand by itself: a whole message, a Ping, a Pong or a Close.
pub fn frame() -> impl Strategy<Value = Frame> {
    let whole = with_key(message().prop_map(|message| first_frame(&message)));
    prop_oneof![5 => whole, 3 => ping_or_pong(), 1 => close_frame()]
}

fn first_frame(message: &Message) -> Frame {
    let opcode = match message {
        Message::Text(_) => Opcode::Text,
        Message::Binary(_) => Opcode::Binary,
    };
    Frame::new(opcode, message.as_bytes())
}

/// The frames of a message: one, or some fragments with control frames between them
/// ([RFC 6455 5.4]). A fragment may be empty, and text is cut anywhere.
///
/// ```
/// use proptest::prelude::*;
/// use wsproto::strategies::fragments;
///
/// // Messages of your own: whatever becomes a `Message`.
/// let request = "GET [a-z]{1,8}";
/// let frames = fragments(request);
/// # let _: BoxedStrategy<Vec<wsproto::strategies::Frame>> = frames.boxed();
/// ```
///
/// [RFC 6455 5.4]: https://www.rfc-editor.org/rfc/rfc6455#section-5.4
pub fn fragments<M>(message: M) -> impl Strategy<Value = Vec<Frame>>
where
    M: Strategy<Value: Into<Message>>,
{
    let between = prop_oneof![3 => Just(Vec::new()), 1 => vec(ping_or_pong(), 1..3)];
    let cut = (any::<Index>(), any::<[u8; 4]>(), between);
    let cuts = prop_oneof![1 => Just(Vec::new()), 1 => vec(cut, 0..4)];
    (message, any::<[u8; 4]>(), cuts).prop_map(|(message, mut key, mut cuts)| {
        let mut first = first_frame(&message.into());
        let payload = core::mem::take(&mut first.payload);
        let ranges = split(payload.len(), cuts.iter().map(|cut| cut.0));
        let mut frames = Vec::new();
        for range in ranges {
            let opcode = match frames.len() {
                0 => first.opcode,
                _ => Opcode::Continuation,
            };
            let fragment = Frame {
                fin: cuts.is_empty(),
                opcode,
                key,
                payload: payload[range].into(),
            };
            frames.push(fragment);
            if let Some((_, next, between)) = cuts.pop() {
                key = next;
                frames.extend(between);
            }
        }
        frames
    })
}

/// `0..len` in one part more than there are cuts.
pub(super) fn split(len: usize, cuts: impl Iterator<Item = Index>) -> Vec<Range<usize>> {
    let mut ends: Vec<usize> = cuts.map(|cut| cut.index(len + 1)).collect();
    ends.push(len);
    ends.sort_unstable();
    let mut start = 0;
    let part = |end| core::mem::replace(&mut start, end)..end;
    ends.into_iter().map(part).collect()
}
