//! All that a peer says, right or wrong in the end, and what is heard of it.

use core::fmt;
use core::mem;
use std::borrow::ToOwned;
use std::string::String;
use std::vec::Vec;

use proptest::collection::vec;
use proptest::prelude::*;

use super::broken::{BrokenFrame, broken_frame};
use super::frames::{Frame, close_frame, fragments, ping_or_pong};
use super::values::{Message, Shown};
use crate::{CloseCode, CloseStatus, Delivery, Event, Opcode, Role, Violation};

/// What one end heard: an [`Event`], owned.
#[derive(Clone, PartialEq, Eq)]
pub enum Heard {
    /// A whole message.
    Message(Message),
    /// A Ping.
    Ping(Vec<u8>),
    /// A Pong.
    Pong(Vec<u8>),
    /// A Close, with its code and reason.
    Close(CloseStatus, String),
}

impl<D: Delivery> From<&Event<'_, D>> for Heard {
    fn from(event: &Event<'_, D>) -> Self {
        match event {
            Event::Text(text) => Self::Message(Message::Text((**text).to_owned())),
            Event::Binary(data) => Self::Message(Message::Binary(data.to_vec())),
            Event::Ping(payload) => Self::Ping(payload.to_vec()),
            Event::Pong(payload) => Self::Pong(payload.to_vec()),
            Event::Close(close) => Self::Close(close.code(), close.reason().to_owned()),
        }
    }
}

impl fmt::Debug for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(message) => message.fmt(f),
            Self::Ping(payload) => write!(f, "Ping({})", Shown(payload)),
            Self::Pong(payload) => write!(f, "Pong({})", Shown(payload)),
            Self::Close(code, reason) => write!(f, "Close({code}, {reason:?})"),
        }
    }
}

/// All that a peer says once the connection is open.
#[derive(Clone, PartialEq, Eq)]
pub struct Speech {
    frames: Vec<Frame>,
    broken: Option<BrokenFrame>,
    bytes: Vec<u8>,
}

impl Speech {
    fn new<R: Role>(frames: Vec<Frame>, broken: Option<BrokenFrame>) -> Self {
        let mut bytes: Vec<u8> = frames.iter().flat_map(Frame::to_bytes::<R>).collect();
        bytes.extend(broken.iter().flat_map(BrokenFrame::bytes));
        Self {
            frames,
            broken,
            bytes,
        }
    }

    /// What is on the wire.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Its frames, without the broken one.
    #[must_use]
    pub fn frames(&self) -> &[Frame] {
        &self.frames
    }

    /// What an end with an [`Inbox`](crate::Inbox) for whole messages hears, in order.
    #[must_use]
    pub fn heard(&self) -> Vec<Heard> {
        let (mut heard, mut kind, mut whole) = (Vec::new(), Opcode::Binary, Vec::new());
        for frame in &self.frames {
            let payload = frame.payload.clone();
            match frame.opcode {
                Opcode::Ping => heard.push(Heard::Ping(payload)),
                Opcode::Pong => heard.push(Heard::Pong(payload)),
                Opcode::Close => heard.push(close(&payload)),
                opcode => {
                    if opcode != Opcode::Continuation {
                        kind = opcode;
                    }
                    whole.extend(payload);
                    if frame.fin {
                        heard.push(Heard::Message(message(kind, mem::take(&mut whole))));
                    }
                }
            }
        }
        heard
    }

    /// The whole messages of [`heard`](Self::heard).
    #[must_use]
    pub fn messages(&self) -> Vec<Message> {
        let message = |heard| match heard {
            Heard::Message(message) => Some(message),
            _ => None,
        };
        self.heard().into_iter().filter_map(message).collect()
    }

    /// What is wrong after all that: nothing of a [`speech`], something of a [`broken_speech`].
    #[must_use]
    pub fn violation(&self) -> Option<Violation> {
        self.broken.as_ref().map(BrokenFrame::violation)
    }
}

fn message(kind: Opcode, payload: Vec<u8>) -> Message {
    match kind {
        Opcode::Text => Message::Text(String::from_utf8_lossy(&payload).into_owned()),
        _ => Message::Binary(payload),
    }
}

fn close(payload: &[u8]) -> Heard {
    let Some((code, reason)) = payload.split_first_chunk() else {
        return Heard::Close(CloseStatus::NONE, String::new());
    };
    let code = CloseCode::new(u16::from_be_bytes(*code));
    let status = code.map_or(CloseStatus::NONE, CloseStatus::from);
    Heard::Close(status, String::from_utf8_lossy(reason).into_owned())
}

impl fmt::Debug for Speech {
    /// Its frames.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut list = f.debug_list();
        list.entries(&self.frames).entries(&self.broken).finish()
    }
}

/// What an end of role `R` may say: messages whole and in [`fragments`], pings and pongs anywhere,
/// and in one of three a Close at the end, also inside a message that is never finished.
pub fn speech<R: Role>(
    message: impl Strategy<Value: Into<Message>> + 'static,
) -> impl Strategy<Value = Speech> {
    let message = message.prop_map(Into::into).boxed();
    let unfinished = fragments(message.clone()).prop_map(|mut frames| {
        frames.pop();
        frames
    });
    let close = |before| {
        (before, close_frame()).prop_map(|(frames, close)| [frames, [close].into()].concat())
    };
    let end = prop_oneof![
        4 => Just(Vec::new()),
        1 => close(Just(Vec::new()).boxed()),
        1 => close(unfinished.boxed()),
    ];
    (said(message), end).prop_map(|(said, end)| Speech::new::<R>([said, end].concat(), None))
}

/// What an end of role `R` may say, without a Close, and then what it may not: see
/// [`broken_frame`].
pub fn broken_speech<R: Role>(
    message: impl Strategy<Value: Into<Message>> + 'static,
) -> impl Strategy<Value = Speech> {
    let message = message.prop_map(Into::into).boxed();
    (said(message), broken_frame::<R>())
        .prop_map(|(frames, broken)| Speech::new::<R>(frames, Some(broken)))
}

/// Whole messages, and control frames.
fn said(message: BoxedStrategy<Message>) -> impl Strategy<Value = Vec<Frame>> {
    let control = ping_or_pong().prop_map(|frame| [frame].into());
    let part = prop_oneof![3 => fragments(message), 1 => control];
    vec(part, 0..6).prop_map(|parts| parts.concat())
}
