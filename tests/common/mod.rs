//! Two ends and the wire between them, and what the peer of the end under test would send.
//!
//! Frames are written and read here independently of the crate: by RFC 6455 5.2 and 5.3 alone.
#![allow(dead_code, unused_macros, unused_imports)] // Each file of tests uses its part.

#[cfg(feature = "deflate")]
pub mod deflate;
pub mod handshake;

use std::fmt;

use wsproto::{
    Chunks, Client, Closed, Closing, Delivery, Event, Extension, Inbox, Kind, Limits, Messages,
    Open, Outbox, PeerClose, Role, Server, Streaming, Violation,
};

/// The masking key of the RFC's own example (5.7).
pub const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// Bytes as hexadecimal digits, in groups as one likes.
pub fn hex(digits: &str) -> Vec<u8> {
    let digits: Vec<u8> = digits
        .bytes()
        .filter(|it| !it.is_ascii_whitespace())
        .collect();
    assert!(digits.len() % 2 == 0, "half a byte");
    let value = |digit: u8| char::from(digit).to_digit(16).expect("a hexadecimal digit") as u8;
    digits
        .chunks(2)
        .map(|pair| value(pair[0]) << 4 | value(pair[1]))
        .collect()
}

/// Bytes that are shown as hexadecimal digits.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Wire(pub Vec<u8>);

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0.iter().take(200) {
            write!(f, "{byte:02x} ")?;
        }
        write!(f, "({} bytes)", self.0.len())
    }
}

/// A frame that the peer sends.
#[derive(Clone, Debug)]
pub struct Frame {
    pub first: u8,
    /// The second byte without its mask bit, and what it announces.
    pub length: Vec<u8>,
    pub payload: Vec<u8>,
}

/// A frame with its length in the shortest form.
pub fn frame(first: u8, payload: impl AsRef<[u8]>) -> Frame {
    let payload = payload.as_ref().to_vec();
    let length = match payload.len() {
        len @ 0..=125 => vec![len as u8],
        len @ 126..=65535 => vec![126, (len >> 8) as u8, len as u8],
        len => {
            let mut length = vec![127];
            length.extend((len as u64).to_be_bytes());
            length
        }
    };
    Frame {
        first,
        length,
        payload,
    }
}

impl Frame {
    /// With these bytes for its length.
    pub fn length(mut self, digits: &str) -> Self {
        self.length = hex(digits);
        self
    }

    pub fn bytes(&self, key: Option<[u8; 4]>) -> Vec<u8> {
        let mut bytes = vec![self.first];
        bytes.extend(&self.length);
        if let Some(key) = key {
            bytes[1] |= 0x80;
            bytes.extend(key);
            bytes.extend(mask(key, &self.payload));
        } else {
            bytes.extend(&self.payload);
        }
        bytes
    }
}

/// RFC 6455 5.3, to the letter.
pub fn mask(key: [u8; 4], payload: &[u8]) -> Vec<u8> {
    let masked = |(i, byte): (usize, &u8)| byte ^ key[i % 4];
    payload.iter().enumerate().map(masked).collect()
}

/// The role under test.
pub trait End: Role + Sized {
    type Peer: Role;
    /// With what its peer masks.
    const KEY: Option<[u8; 4]>;
    const NAME: &'static str;

    fn open(limits: Limits) -> Open<Self>;

    /// `frames` as its peer sends them.
    fn from_peer(frames: &[Frame]) -> Vec<u8> {
        frames
            .iter()
            .flat_map(|frame| frame.bytes(Self::KEY))
            .collect()
    }
}

impl End for Server {
    type Peer = Client;
    const KEY: Option<[u8; 4]> = Some(KEY);
    const NAME: &'static str = "server";

    fn open(limits: Limits) -> Open<Self> {
        Open::<Server>::after_upgrade((), limits)
    }
}

impl End for Client {
    type Peer = Server;
    const KEY: Option<[u8; 4]> = None;
    const NAME: &'static str = "client";

    fn open(limits: Limits) -> Open<Self> {
        Open::<Client>::after_upgrade((), limits, [7; 32])
    }
}

/// How data is delivered to the end under test.
pub trait Mode: Delivery + Sized {
    const NAME: &'static str;

    fn inbox() -> Inbox<Self>;
}

impl Mode for Messages {
    const NAME: &'static str = "messages";

    fn inbox() -> Inbox {
        Inbox::new()
    }
}

impl Mode for Chunks {
    const NAME: &'static str = "chunks";

    fn inbox() -> Inbox<Self> {
        Inbox::chunks()
    }
}

/// Runs `law::<Role, Mode>(..)` in both roles and both modes.
macro_rules! in_every_way {
    ($law:ident $(, $argument:expr)*) => {{
        $law::<wsproto::Server, wsproto::Messages>($($argument),*);
        $law::<wsproto::Server, wsproto::Chunks>($($argument),*);
        $law::<wsproto::Client, wsproto::Messages>($($argument),*);
        $law::<wsproto::Client, wsproto::Chunks>($($argument),*);
    }};
}
pub(crate) use in_every_way;

/// A phase that receives.
pub trait Phase {
    type Role: End;

    fn receive<'e, D: Delivery>(
        &mut self,
        inbox: &'e mut Inbox<D>,
        outbox: &mut Outbox,
    ) -> Result<Option<Event<'e, D>>, Violation>;

    fn has_event<D: Delivery>(
        &mut self,
        inbox: &mut Inbox<D>,
        outbox: &mut Outbox,
    ) -> Result<bool, Violation>;
}

macro_rules! phase {
    ($phase:ident $($kind:ident)?) => {
        impl<R: End, X: Extension $(, $kind: Kind)?> Phase for $phase<R, X $(, $kind)?> {
            type Role = R;

            fn receive<'e, D: Delivery>(
                &mut self,
                inbox: &'e mut Inbox<D>,
                outbox: &mut Outbox,
            ) -> Result<Option<Event<'e, D>>, Violation> {
                $phase::receive(self, inbox, outbox)
            }

            fn has_event<D: Delivery>(
                &mut self,
                inbox: &mut Inbox<D>,
                outbox: &mut Outbox,
            ) -> Result<bool, Violation> {
                $phase::has_event(self, inbox, outbox)
            }
        }
    };
}

phase!(Open);
phase!(Closing);
phase!(Streaming K);

/// An event, owned. Chunks are put together to their message.
#[derive(Clone, PartialEq, Eq)]
pub enum Heard {
    Text(String),
    Binary(Vec<u8>),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close(u16, String),
}

impl fmt::Debug for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) if text.len() > 200 => write!(f, "Text({} bytes)", text.len()),
            Self::Text(text) => write!(f, "Text({text:?})"),
            Self::Binary(data) => write!(f, "Binary({:?})", Wire(data.clone())),
            Self::Ping(payload) => write!(f, "Ping({:?})", Wire(payload.clone())),
            Self::Pong(payload) => write!(f, "Pong({:?})", Wire(payload.clone())),
            Self::Close(code, reason) => write!(f, "Close({code}, {reason:?})"),
        }
    }
}

pub fn text(text: impl Into<String>) -> Heard {
    Heard::Text(text.into())
}

pub fn binary(data: impl AsRef<[u8]>) -> Heard {
    Heard::Binary(data.as_ref().to_vec())
}

pub fn ping(payload: impl AsRef<[u8]>) -> Heard {
    Heard::Ping(payload.as_ref().to_vec())
}

pub fn pong(payload: impl AsRef<[u8]>) -> Heard {
    Heard::Pong(payload.as_ref().to_vec())
}

pub fn close(code: u16, reason: impl Into<String>) -> Heard {
    Heard::Close(code, reason.into())
}

/// How a program steps: there are two ways to read, and two to look for an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// `extend`, `receive`.
    Receive,
    /// `space` and `filled`, `has_event` and `receive`.
    HasEvent,
}

/// One end of a connection in phase `P`, with its memory and what it heard.
pub struct Peer<P, D: Delivery = Messages> {
    pub phase: P,
    pub inbox: Inbox<D>,
    pub outbox: Outbox,
    pub step: Step,
    pub heard: Vec<Heard>,
    /// The message that is arriving in chunks.
    pub unfinished: Option<Heard>,
    pub violation: Option<Violation>,
    pub close: Option<PeerClose>,
}

impl<R: End, D: Mode> Peer<Open<R>, D> {
    pub fn open(limits: Limits) -> Self {
        Self::new(R::open(limits))
    }
}

impl<R: End, X: Extension, D: Mode> Peer<Open<R, X>, D> {
    /// Ends in the way that was heard: fails, acknowledges, or sees the end of the transport.
    pub fn end(mut self) -> (Outcome, Closed<R>) {
        let closed = match (self.violation, self.close) {
            (Some(violation), _) => self.phase.fail(violation, &mut self.outbox),
            (None, Some(close)) => self.phase.acknowledge(close, &mut self.outbox),
            (None, None) => self.phase.eof(),
        };
        let outcome = Outcome {
            heard: self.heard,
            violation: self.violation,
            sent: sent::<R>(&mut self.outbox),
        };
        (outcome, closed)
    }
}

impl<P: Phase, D: Mode> Peer<P, D> {
    pub fn new(phase: P) -> Self {
        Self {
            phase,
            inbox: D::inbox(),
            outbox: Outbox::new(),
            step: Step::Receive,
            heard: Vec::new(),
            unfinished: None,
            violation: None,
            close: None,
        }
    }

    /// Makes a transition.
    pub fn then<Q>(mut self, transition: impl FnOnce(P, &mut Outbox) -> Q) -> Peer<Q, D> {
        Peer {
            phase: transition(self.phase, &mut self.outbox),
            inbox: self.inbox,
            outbox: self.outbox,
            step: self.step,
            heard: self.heard,
            unfinished: self.unfinished,
            violation: self.violation,
            close: self.close,
        }
    }

    /// What the peer of this end sends.
    pub fn hear(&mut self, frames: &[Frame]) {
        self.read(&P::Role::from_peer(frames));
    }

    /// Reads `bytes`, and all that can be heard then. After the end that is nothing.
    pub fn read(&mut self, bytes: &[u8]) {
        match self.step {
            Step::Receive => self.inbox.extend(bytes),
            Step::HasEvent => {
                self.inbox.space(bytes.len() + 100)[..bytes.len()].copy_from_slice(bytes);
                self.inbox.filled(bytes.len());
            }
        }
        let pending = self.outbox.len();
        let ended = self.violation.is_some() || self.close.is_some();
        while self.next_event() {
            assert!(!ended, "an event after the end: {:?}", self.heard.last());
        }
        assert!(
            !ended || self.outbox.len() == pending,
            "answered after the end"
        );
    }

    fn next_event(&mut self) -> bool {
        let found = (self.step == Step::HasEvent)
            .then(|| self.phase.has_event(&mut self.inbox, &mut self.outbox));
        let got = self.receive();
        if let Some(found) = found {
            assert_eq!(found, got, "has_event, and receive");
        }
        let Err(violation) = got else {
            return got == Ok(true);
        };
        let first = *self.violation.get_or_insert(violation);
        assert_eq!(violation, first, "an error is final");
        assert_eq!(self.receive(), Err(first), "an error is final");
        let found = self.phase.has_event(&mut self.inbox, &mut self.outbox);
        assert_eq!(found, Err(first), "an error is final");
        assert_eq!(self.receive(), Err(first), "an error is final");
        false
    }

    /// Notes the next event, if there is one.
    fn receive(&mut self) -> Result<bool, Violation> {
        let heard = match self.phase.receive(&mut self.inbox, &mut self.outbox)? {
            None => return Ok(false),
            Some(Event::Text(piece)) => {
                let finished = piece.message_finished();
                assert!(piece.frame_finished() || !finished);
                let mut whole = match self.unfinished.take() {
                    None => String::new(),
                    Some(Heard::Text(whole)) => whole,
                    Some(other) => panic!("text inside {other:?}"),
                };
                whole.push_str(&piece);
                if !finished {
                    self.unfinished = Some(Heard::Text(whole));
                    return Ok(true);
                }
                Heard::Text(whole)
            }
            Some(Event::Binary(piece)) => {
                let finished = piece.message_finished();
                assert!(piece.frame_finished() || !finished);
                let mut whole = match self.unfinished.take() {
                    None => Vec::new(),
                    Some(Heard::Binary(whole)) => whole,
                    Some(other) => panic!("bytes inside {other:?}"),
                };
                whole.extend_from_slice(&piece);
                if !finished {
                    self.unfinished = Some(Heard::Binary(whole));
                    return Ok(true);
                }
                Heard::Binary(whole)
            }
            Some(Event::Ping(payload)) => Heard::Ping(payload.to_vec()),
            Some(Event::Pong(payload)) => Heard::Pong(payload.to_vec()),
            Some(Event::Close(close)) => {
                let heard = Heard::Close(close.code().get(), close.reason().to_owned());
                self.close = Some(close);
                heard
            }
        };
        self.heard.push(heard);
        Ok(true)
    }

    /// What was heard since this was last asked.
    pub fn news(&mut self) -> Vec<Heard> {
        std::mem::take(&mut self.heard)
    }

    /// What is to be sent, with masks taken off.
    pub fn sent(&mut self) -> Wire {
        sent::<P::Role>(&mut self.outbox)
    }
}

/// A frame that the end under test sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    pub first: u8,
    pub key: Option<[u8; 4]>,
    pub payload: Vec<u8>,
}

/// Reads what an end of role `R` sent, and refuses what RFC 6455 forbids it to send. Frames are
/// whole; the first need not begin a message.
pub fn parse<R: End>(bytes: &[u8]) -> Vec<Sent> {
    parse_with::<R>(0, bytes)
}

/// As [`parse`], where the first frame of a message may have the reserved bits `owned`.
pub fn parse_with<R: End>(owned: u8, bytes: &[u8]) -> Vec<Sent> {
    let mut frames: Vec<Sent> = Vec::new();
    let mut closed = false;
    let mut bytes = bytes;
    while !bytes.is_empty() {
        let (first, second) = (bytes[0], bytes[1]);
        let may = if matches!(first & 0x0f, 1 | 2) {
            owned
        } else {
            0
        };
        assert!(first & 0x70 & !may == 0, "a reserved bit was sent");
        let masked = second & 0x80 != 0;
        assert_eq!(masked, R::KEY.is_none(), "5.1 clients mask, servers do not");
        let (len, rest) = match second & 0x7f {
            126 => {
                let len = u16::from_be_bytes([bytes[2], bytes[3]]);
                assert!(len > 125, "5.2 a length that is not minimal was sent");
                (len as usize, &bytes[4..])
            }
            127 => {
                let len = u64::from_be_bytes(bytes[2..10].try_into().unwrap());
                assert!(len > 65535, "5.2 a length that is not minimal was sent");
                (usize::try_from(len).unwrap(), &bytes[10..])
            }
            len => (len as usize, &bytes[2..]),
        };
        let (key, rest) = if masked {
            (Some([rest[0], rest[1], rest[2], rest[3]]), &rest[4..])
        } else {
            (None, rest)
        };
        assert!(rest.len() >= len, "half a frame");
        let (payload, rest) = rest.split_at(len);
        let payload = match key {
            Some(key) => mask(key, payload),
            None => payload.to_vec(),
        };
        match first & 0x0f {
            0..=2 => assert!(!closed, "5.5.1 data after Close was sent"),
            8 => {
                assert!(!closed, "a second Close was sent");
                closed = true;
            }
            9 => assert!(!closed, "a Ping after Close was sent"),
            10 => {}
            opcode => panic!("opcode {opcode} was sent"),
        }
        if first & 8 != 0 {
            assert!(first & 0x80 != 0 && len <= 125, "5.5 a control frame");
        }
        frames.push(Sent {
            first,
            key,
            payload,
        });
        bytes = rest;
    }
    frames
}

/// What an end of role `R` sent, with masks taken off.
pub fn unmasked<R: End>(bytes: &[u8]) -> Wire {
    let unmask = |sent: Sent| frame(sent.first, sent.payload).bytes(None);
    Wire(parse::<R>(bytes).into_iter().flat_map(unmask).collect())
}

/// Takes all out of `outbox`, and the masks off.
pub fn sent<R: End>(outbox: &mut Outbox) -> Wire {
    unmasked::<R>(&drain(outbox))
}

/// Takes all out of `outbox`, also what finds room only then.
pub fn drain(outbox: &mut Outbox) -> Vec<u8> {
    let mut bytes = Vec::new();
    while !outbox.is_empty() {
        bytes.extend_from_slice(&outbox.bytes_to_send(None));
    }
    bytes
}

/// What came of an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub heard: Vec<Heard>,
    pub violation: Option<Violation>,
    /// All that was sent, with masks taken off.
    pub sent: Wire,
}

/// What comes of `pieces`, for an end of role `R` that then ends as it was told to.
pub fn outcome<R: End, D: Mode>(
    limits: Limits,
    step: Step,
    pieces: &[&[u8]],
) -> (Outcome, Closed<R>) {
    let mut peer = Peer::<Open<R>, D>::open(limits);
    peer.step = step;
    for piece in pieces {
        peer.read(piece);
    }
    peer.end()
}

/// `bytes` whole, cut in two at every place, and byte by byte. A long input is cut in two near
/// its ends only, and into pieces of several sizes.
pub fn every_cut(bytes: &[u8], mut run: impl FnMut(&[&[u8]])) {
    run(&[bytes]);
    let near = if bytes.len() <= 600 { 600 } else { 30 };
    for at in 1..bytes.len() {
        if at <= near || bytes.len() - at <= near {
            run(&[&bytes[..at], &bytes[at..]]);
        }
    }
    for size in [1, 7, 64, 997, 4096] {
        if size < bytes.len() && bytes.len() / size < 3000 {
            run(&bytes.chunks(size).collect::<Vec<_>>());
        }
    }
}

/// What came of `bytes` at every cut, in both modes, with both ways of stepping.
fn every_way<R: End>(
    row: &str,
    limits: Limits,
    bytes: &[u8],
    expected: &Outcome,
    judge: &dyn Fn(&Closed<R>),
) {
    every_cut(bytes, |pieces| {
        for step in [Step::Receive, Step::HasEvent] {
            let (whole, closed) = outcome::<R, Messages>(limits, step, pieces);
            assert_eq!(whole, *expected, "{row}\n{}, {step:?}, messages", R::NAME);
            judge(&closed);
            let (chunks, closed) = outcome::<R, Chunks>(limits, step, pieces);
            assert_eq!(chunks, *expected, "{row}\n{}, {step:?}, chunks", R::NAME);
            judge(&closed);
        }
    });
}

fn heard_all<R: End>(row: &str, limits: Limits, bytes: &[u8], heard: &[Heard], sent: &str) {
    let mut heard = heard.to_vec();
    let closes = matches!(heard.last(), Some(Heard::Close(..)));
    let mut expected = Outcome {
        heard: heard.clone(),
        violation: None,
        sent: Wire(hex(sent)),
    };
    every_way::<R>(row, limits, bytes, &expected, &|closed| {
        assert_eq!(closed.is_clean(), closes, "{row}");
        assert_eq!(closed.violation(), None, "{row}");
    });

    // With a tail: it is heard as well, unless the peer has said Close.
    let mut bytes = bytes.to_vec();
    bytes.extend(R::from_peer(&[frame(0x8a, "tail"), frame(0x82, "tail")]));
    if !closes {
        heard.extend([pong("tail"), binary("tail")]);
        expected.heard = heard;
    }
    every_way::<R>(row, limits, &bytes, &expected, &|_| {});
}

/// The peer sends `frames`, whole messages or a Close: this is heard, and `sent` is all that is
/// sent, the answer to a Close included. In both roles, at every cut, in every way.
pub fn hears(row: &str, limits: Limits, frames: &[Frame], heard: &[Heard], sent: &str) {
    heard_all::<Server>(row, limits, &Server::from_peer(frames), heard, sent);
    heard_all::<Client>(row, limits, &Client::from_peer(frames), heard, sent);
}

/// As [`hears`], in one role, of bytes as they stand.
pub fn hears_bytes<R: End>(row: &str, bytes: &[u8], heard: &[Heard], sent: &str) {
    heard_all::<R>(row, Limits::default(), bytes, heard, sent);
}

/// Of bytes as they stand, in one role: after this was heard and `sent`, the connection fails,
/// with a Close frame of that violation's code and nothing after it.
#[track_caller]
pub fn fails_bytes<R: End>(
    row: &str,
    limits: Limits,
    bytes: &[u8],
    heard: &[Heard],
    sent: &str,
    violation: Violation,
    code: u16,
) {
    let mut wire = hex(sent);
    wire.extend([0x88, 0x02, (code >> 8) as u8, code as u8]);
    let expected = Outcome {
        heard: heard.to_vec(),
        violation: Some(violation),
        sent: Wire(wire),
    };
    let judge = |closed: &Closed<R>| {
        assert!(!closed.is_clean(), "{row}");
        assert_eq!(closed.violation(), Some(violation), "{row}");
        assert_eq!(closed.code().get(), 1006, "{row}");
        assert_eq!(closed.sent_code().get(), code, "{row}");
    };
    every_way::<R>(row, limits, bytes, &expected, &judge);

    // With a tail: it is neither heard nor answered.
    let mut bytes = bytes.to_vec();
    bytes.extend(R::from_peer(&[
        frame(0x89, "tail"),
        frame(0x81, "tail"),
        frame(0x88, ""),
    ]));
    every_way::<R>(row, limits, &bytes, &expected, &judge);
}

/// The peer sends `frames`: after this was heard and `sent`, the connection fails. In both roles,
/// at every cut, in every way.
#[track_caller]
pub fn fails(
    row: &str,
    limits: Limits,
    frames: &[Frame],
    heard: &[Heard],
    sent: &str,
    violation: Violation,
    code: u16,
) {
    let bytes = Server::from_peer(frames);
    fails_bytes::<Server>(row, limits, &bytes, heard, sent, violation, code);
    let bytes = Client::from_peer(frames);
    fails_bytes::<Client>(row, limits, &bytes, heard, sent, violation, code);
}

/// Of `bytes`, all but the last are still legal, and the last is where the connection fails.
pub fn fails_at_the_last_byte<R: End>(
    row: &str,
    limits: Limits,
    bytes: &[u8],
    violation: Violation,
) {
    fn law<R: End, D: Mode>(row: &str, limits: Limits, bytes: &[u8], violation: Violation) {
        for step in [Step::Receive, Step::HasEvent] {
            let (last, before) = bytes.split_last().unwrap();
            let mut peer = Peer::<Open<R>, D>::open(limits);
            peer.step = step;
            peer.read(before);
            assert_eq!(peer.violation, None, "{row}, too early, {}", D::NAME);
            peer.read(&[*last]);
            assert_eq!(peer.violation, Some(violation), "{row}, {}", D::NAME);
        }
    }
    law::<R, Messages>(row, limits, bytes, violation);
    law::<R, Chunks>(row, limits, bytes, violation);
}

/// A client and a server, and a wire that cuts what it carries into pieces of `cut` bytes.
pub struct Pair<C = Open<Client>, S = Open<Server>, D: Delivery = Messages> {
    pub client: Peer<C, D>,
    pub server: Peer<S, D>,
    pub cut: usize,
}

impl Pair {
    pub fn new(cut: usize) -> Self {
        Self {
            client: Peer::open(Limits::default()),
            server: Peer::open(Limits::default()),
            cut,
        }
    }
}

impl<C: Phase<Role = Client>, S: Phase<Role = Server>, D: Mode> Pair<C, S, D> {
    /// Carries what either has to send to the other, until neither has.
    pub fn carry(&mut self) {
        while !self.client.outbox.is_empty() || !self.server.outbox.is_empty() {
            self.carry_to_server();
            self.carry_to_client();
        }
    }

    pub fn carry_to_server(&mut self) {
        carry(&mut self.client.outbox, &mut self.server, self.cut);
    }

    pub fn carry_to_client(&mut self) {
        carry(&mut self.server.outbox, &mut self.client, self.cut);
    }

    /// A transition of the client.
    pub fn client<Q>(self, transition: impl FnOnce(C, &mut Outbox) -> Q) -> Pair<Q, S, D> {
        Pair {
            client: self.client.then(transition),
            server: self.server,
            cut: self.cut,
        }
    }

    /// A transition of the server.
    pub fn server<Q>(self, transition: impl FnOnce(S, &mut Outbox) -> Q) -> Pair<C, Q, D> {
        Pair {
            client: self.client,
            server: self.server.then(transition),
            cut: self.cut,
        }
    }
}

fn carry<P: Phase, D: Mode>(from: &mut Outbox, to: &mut Peer<P, D>, cut: usize) {
    for piece in drain(from).chunks(cut) {
        to.read(piece);
    }
}

/// Numbers that look random and are the same each time.
pub struct Numbers(pub u64);

impl Numbers {
    /// Below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1);
        (self.0 >> 33) as usize % bound
    }
}
