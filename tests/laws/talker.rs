//! An end that acts, and a model of what is expected of it.

use std::mem;

use bytes::Bytes;
use wsproto::{
    CloseCode, CloseReason, Closed, ControlPayload, Established, Negotiate, Open, Outbox, Role,
};

use super::input::Input;
use super::legal;
use super::listener::{Listener, Side};
use crate::common::{Heard, Mode, Step, drain};

/// Something that one end does. What its phase does not allow is not done: it would not compile.
#[derive(Clone, Debug)]
pub enum Act {
    SendText(String),
    SendBinary(Vec<u8>),
    /// As bytes that need not be copied.
    SendBytes(Vec<u8>),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    StartText,
    StartBinary,
    Write(String),
    Finish(String),
    Close(u16, String),
    CloseWithoutCode,
    /// Answers the peer's Close, if it was heard, and fails the connection after an error.
    Answer,
    /// The wire carries up to so many bytes to the other end.
    Carry(usize),
    /// Listens to up to so many events.
    Listen(usize),
}

impl Act {
    /// As few bytes as possible say an act, for a fuzzer.
    pub fn read(input: &mut Input<'_>) -> Self {
        let byte = input.byte();
        let (act, small) = (byte & 0x0f, usize::from(byte >> 4));
        match act {
            0 => Self::SendText(input.text(small)),
            1 => Self::SendText("ab\u{e9}\u{1f600} ".repeat(input.byte().into())),
            2 => Self::SendBinary(input.bytes(small).to_vec()),
            3 => Self::SendBinary(vec![input.byte(); usize::from(input.number()) >> 1]),
            4 => Self::SendBytes(vec![input.byte(); usize::from(input.number()) >> 1]),
            5 => Self::Ping(input.bytes(small * 9).to_vec()),
            6 => Self::Pong(input.bytes(small * 9).to_vec()),
            7 if small & 1 == 0 => Self::StartText,
            7 => Self::StartBinary,
            8 => Self::Write(input.text(small)),
            9 => Self::Write("ab\u{e9}\u{1f600} ".repeat(input.byte().into())),
            10 => Self::Finish(input.text(small)),
            11 if small == 0 => Self::CloseWithoutCode,
            11 => Self::Close(input.number(), input.text(small * 8)),
            12 => Self::Answer,
            13 => Self::Carry(small),
            14 => Self::Carry(input.number().into()),
            _ => Self::Listen(small),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Open,
    Streaming,
    Closing,
    Closed,
}

/// What one end is expected to be, by the RFC and not by the library.
pub struct Model {
    pub phase: Phase,
    /// What it said, in order, messages where they ended.
    pub said: Vec<Heard>,
    unfinished: Option<Heard>,
    /// Its Close: code and reason.
    pub close: Option<(u16, String)>,
    /// Whether it said Close before it heard one.
    first: bool,
    /// The peer's Close, if it was heard.
    heard_close: Option<(u16, String)>,
}

impl Model {
    fn new() -> Self {
        Self {
            phase: Phase::Open,
            said: Vec::new(),
            unfinished: None,
            close: None,
            first: false,
            heard_close: None,
        }
    }

    fn says_close(&mut self, code: u16, reason: &str, next: Phase) {
        if self.close.is_none() {
            self.said.push(Heard::Close(code, reason.to_owned()));
            self.close = Some((code, reason.to_owned()));
            self.first = self.heard_close.is_none();
        }
        self.phase = next;
    }
}

/// An end, what is expected of it, and all that it put on the wire.
pub struct Talker<R: Role, N: Negotiate, D: Mode> {
    pub end: Listener<R, N, D>,
    pub model: Model,
    pub wire: Vec<u8>,
    /// Whether its limits are so small that the peer may be above them.
    may_fail: bool,
}

fn control(payload: &[u8]) -> ControlPayload {
    ControlPayload::try_from(&payload[..payload.len().min(ControlPayload::MAX)]).unwrap()
}

impl<R: Side, N: Negotiate, D: Mode> Talker<R, N, D> {
    pub fn new(open: Open<R, N::Agreed>, step: Step, may_fail: bool) -> Self {
        Self {
            end: Listener::new(open, step),
            model: Model::new(),
            wire: Vec::new(),
            may_fail,
        }
    }

    /// Does what is no matter of the wire.
    pub fn act(&mut self, act: &Act) {
        let (connection, outbox) = (&mut self.end.connection, &mut self.end.outbox);
        let model = &mut self.model;
        match (model.phase, act) {
            (Phase::Open, Act::SendText(text)) => {
                open(connection).send_text(text, outbox);
                model.said.push(Heard::Text(text.clone()));
            }
            (Phase::Open, Act::SendBinary(data)) => {
                open(connection).send_binary(data, outbox);
                model.said.push(Heard::Binary(data.clone()));
            }
            (Phase::Open, Act::SendBytes(data)) => {
                open(connection).send_bytes(Bytes::copy_from_slice(data), outbox);
                model.said.push(Heard::Binary(data.clone()));
            }
            (Phase::Open | Phase::Streaming, Act::Ping(payload)) => {
                let payload = control(payload);
                ping(connection, payload, outbox);
                model.said.push(Heard::Ping(payload.as_bytes().to_vec()));
            }
            (Phase::Open | Phase::Streaming, Act::Pong(payload)) => {
                let payload = control(payload);
                pong(connection, payload, outbox);
                model.said.push(Heard::Pong(payload.as_bytes().to_vec()));
            }
            (Phase::Open, Act::StartText) => {
                let Established::Open(open) = connection.take() else {
                    panic!("not open")
                };
                *connection = open.start_text().into();
                model.unfinished = Some(Heard::Text(String::new()));
                model.phase = Phase::Streaming;
            }
            (Phase::Open, Act::StartBinary) => {
                let Established::Open(open) = connection.take() else {
                    panic!("not open")
                };
                *connection = open.start_binary().into();
                model.unfinished = Some(Heard::Binary(Vec::new()));
                model.phase = Phase::Streaming;
            }
            (Phase::Streaming, Act::Write(piece)) => {
                match connection {
                    Established::StreamingText(streaming) => streaming.write(piece, outbox),
                    Established::StreamingBinary(streaming) => {
                        streaming.write(piece.as_bytes(), outbox);
                    }
                    other => panic!("{other:?}"),
                }
                add(&mut model.unfinished, piece);
            }
            (Phase::Streaming, Act::Finish(piece)) => {
                *connection = match connection.take() {
                    Established::StreamingText(streaming) => streaming.finish(piece, outbox).into(),
                    Established::StreamingBinary(streaming) => {
                        streaming.finish(piece.as_bytes(), outbox).into()
                    }
                    other => panic!("{other:?}"),
                };
                add(&mut model.unfinished, piece);
                model.said.extend(model.unfinished.take());
                model.phase = Phase::Open;
            }
            (Phase::Open | Phase::Streaming, Act::Close(code, reason)) => {
                let Some(code) = CloseCode::new(*code) else {
                    return;
                };
                let reason = CloseReason::truncated(reason);
                model.says_close(code.get(), &reason, Phase::Closing);
                *connection = match connection.take() {
                    Established::Open(open) => open.close(code, reason, outbox).into(),
                    Established::StreamingText(streaming) => {
                        streaming.close(code, reason, outbox).into()
                    }
                    Established::StreamingBinary(streaming) => {
                        streaming.close(code, reason, outbox).into()
                    }
                    other => panic!("{other:?}"),
                };
            }
            (Phase::Open | Phase::Streaming, Act::CloseWithoutCode) => {
                model.says_close(1005, "", Phase::Closing);
                *connection = match connection.take() {
                    Established::Open(open) => open.close_without_code(outbox).into(),
                    Established::StreamingText(streaming) => {
                        streaming.close_without_code(outbox).into()
                    }
                    Established::StreamingBinary(streaming) => {
                        streaming.close_without_code(outbox).into()
                    }
                    other => panic!("{other:?}"),
                };
            }
            (Phase::Open | Phase::Streaming | Phase::Closing, Act::Answer) => {
                if let Some(violation) = self.end.violation {
                    model.says_close(violation.close_code().get(), "", Phase::Closed);
                    connection.fail(violation, outbox);
                } else if let Some(close) = self.end.close.take() {
                    model.says_close(close.code().get(), "", Phase::Closed);
                    connection.acknowledge(close, outbox);
                }
            }
            (_, Act::Listen(events)) => {
                for _ in 0..*events {
                    if !self.listen_once() {
                        break;
                    }
                }
            }
            _ => {}
        }
    }

    /// Gives whether there was an event. A Ping is answered with it, in our turn.
    pub fn listen_once(&mut self) -> bool {
        let known = self.end.heard.len();
        let found = self.end.listen_once();
        if let Some(violation) = self.end.violation {
            let is_limit = violation.close_code() == CloseCode::MESSAGE_TOO_BIG;
            assert!(self.may_fail && is_limit, "{violation} of a legal peer");
        }
        for heard in &self.end.heard[known..] {
            match heard {
                Heard::Ping(payload) => self.model.said.push(Heard::Pong(payload.clone())),
                Heard::Close(code, reason) => {
                    self.model.heard_close = Some((*code, reason.clone()));
                }
                _ => {}
            }
        }
        found
    }

    /// Gives up to `len` bytes to the other end.
    pub fn carry<O: Role>(&mut self, len: usize, other: &mut Listener<O, N, impl Mode>) {
        let bytes = self.end.outbox.bytes_to_send(Some(len));
        self.wire.extend_from_slice(&bytes);
        other.take_in(&bytes);
    }

    /// Checks what was heard so far against what the other end said.
    pub fn check_heard(&self, other: &Model) {
        let expected = until_close(&other.said);
        let heard = &self.end.heard;
        assert!(
            expected.starts_with(heard),
            "{} heard {heard:?}, and was told {expected:?}",
            R::NAME
        );
    }

    /// Checks how it ended, all acts done.
    pub fn check_closed(&self) {
        let model = &self.model;
        let closed: &Closed<R> = self.end.connection.closed().expect("it has ended");
        let violation = match self.model.phase {
            Phase::Closed => self.end.violation,
            // The transport ended before it failed the connection.
            _ => None,
        };
        assert_eq!(closed.violation(), violation, "why it failed");
        assert_eq!(closed.is_clean(), model.heard_close.is_some(), "clean");
        let (code, reason) = model.heard_close.clone().unwrap_or((1006, String::new()));
        assert_eq!(closed.code().get(), code, "the peer's code");
        // A reason that went to the caller, who let it go, is not known any more.
        if !closed.reason().is_empty() || self.end.close.is_none() {
            assert_eq!(closed.reason(), reason, "the peer's reason");
        }
        let (code, reason) = model.close.clone().unwrap_or((1006, String::new()));
        assert_eq!(closed.sent_code().get(), code, "our code");
        assert_eq!(closed.sent_reason(), reason, "our reason");
        let initiator = match (&model.close, &model.heard_close) {
            (Some(_), _) if model.first => Some(wsproto::Side::Us),
            (_, Some(_)) => Some(wsproto::Side::Peer),
            _ => None,
        };
        assert_eq!(closed.initiator(), initiator, "who was first");
    }

    /// What it has put on the wire, and what it would.
    pub fn sent(&mut self) -> Vec<u8> {
        self.wire.extend(drain(&mut self.end.outbox));
        mem::take(&mut self.wire)
    }

    /// Checks that each byte it sent is legal, and says what it said.
    pub fn check_output(&mut self, deflate: bool) {
        let frames = legal::check::<R>(&self.sent(), deflate);
        let (controls, data): (Vec<_>, Vec<_>) =
            frames.into_iter().partition(|(first, _)| first & 0x08 != 0);
        let said = self.model.said.iter().filter_map(|said| match said {
            Heard::Ping(payload) => Some((0x89, payload.clone())),
            Heard::Pong(payload) => Some((0x8a, payload.clone())),
            Heard::Close(1005, _) => Some((0x88, Vec::new())),
            Heard::Close(code, reason) => {
                let payload = [&code.to_be_bytes()[..], reason.as_bytes()].concat();
                Some((0x88, payload))
            }
            Heard::Text(_) | Heard::Binary(_) => None,
        });
        assert!(
            said.eq(controls),
            "each control frame is on the wire, and no other"
        );
        let is_data = |said: &&Heard| matches!(said, Heard::Text(_) | Heard::Binary(_));
        let said = self.model.said.iter().filter(is_data).cloned();
        assert!(
            said.eq(messages(data)),
            "each message is on the wire as it was sent"
        );
    }
}

/// The whole messages that the data frames of one end are.
pub fn messages(frames: Vec<(u8, Vec<u8>)>) -> Vec<Heard> {
    #[cfg(feature = "deflate")]
    let mut inflate = crate::common::deflate::Inflate::new();
    let (mut messages, mut begun, mut whole) = (Vec::new(), 0, Vec::new());
    for (first, payload) in frames {
        if first & 0x0f != 0 {
            begun = first;
        }
        whole.extend(payload);
        if first & 0x80 == 0 {
            continue;
        }
        let mut data = mem::take(&mut whole);
        if begun & 0x40 != 0 {
            #[cfg(feature = "deflate")]
            {
                data = inflate.message(&data).expect("by RFC 7692 7.2");
            }
            #[cfg(not(feature = "deflate"))]
            data.clear();
        }
        messages.push(match begun & 0x0f {
            1 => Heard::Text(String::from_utf8(data).expect("5.6 text")),
            _ => Heard::Binary(data),
        });
    }
    messages
}

fn open<R: Role, N: Negotiate>(
    connection: &mut Established<R, N>,
) -> &mut wsproto::Open<R, N::Agreed> {
    match connection {
        Established::Open(open) => open,
        other => panic!("{other:?}"),
    }
}

fn ping<R: Role, N: Negotiate>(
    connection: &mut Established<R, N>,
    payload: ControlPayload,
    outbox: &mut Outbox,
) {
    match connection {
        Established::Open(open) => open.ping(payload, outbox),
        Established::StreamingText(streaming) => streaming.ping(payload, outbox),
        Established::StreamingBinary(streaming) => streaming.ping(payload, outbox),
        other => panic!("{other:?}"),
    }
}

fn pong<R: Role, N: Negotiate>(
    connection: &mut Established<R, N>,
    payload: ControlPayload,
    outbox: &mut Outbox,
) {
    match connection {
        Established::Open(open) => open.pong(payload, outbox),
        Established::StreamingText(streaming) => streaming.pong(payload, outbox),
        Established::StreamingBinary(streaming) => streaming.pong(payload, outbox),
        other => panic!("{other:?}"),
    }
}

fn add(unfinished: &mut Option<Heard>, piece: &str) {
    match unfinished {
        Some(Heard::Text(whole)) => whole.push_str(piece),
        Some(Heard::Binary(whole)) => whole.extend_from_slice(piece.as_bytes()),
        other => panic!("{other:?}"),
    }
}

/// What can be heard of it: nothing after a Close.
pub fn until_close(said: &[Heard]) -> &[Heard] {
    let close = said
        .iter()
        .position(|said| matches!(said, Heard::Close(..)));
    &said[..close.map_or(said.len(), |at| at + 1)]
}
