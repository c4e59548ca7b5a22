//! What is measured: the rows of the table, what is on the wire in each, and how fast ours is to
//! be.

use std::time::Duration;

use bytes::Bytes;

use crate::content::{Content, Dice};
use crate::deflated::Encoder;
use crate::frames::{self, CONTINUATION, FIN, PING};
use crate::handshakes;
use crate::tally::Tally;

/// Which end a contestant plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Server,
    Client,
}

/// permessage-deflate, in both directions alike: level 6, windows of 32 KiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deflate {
    Takeover,
    NoTakeover,
}

/// What a contestant does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    Receive,
    Send,
    Echo,
    Broadcast,
    Handshake,
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    pub name: &'static str,
    pub task: Task,
    pub role: Role,
    pub content: Content,
    /// Bytes of a message.
    pub size: usize,
    /// The largest read.
    pub piece: usize,
    /// Frames of a message. A ping stands between each two.
    pub fragments: usize,
    pub deflate: Option<Deflate>,
    /// Bytes of each buffer whose size is the caller's choice.
    pub buffer: usize,
    /// Ours is to take at most so many times what the best peer takes.
    pub target: Option<f64>,
    /// And as much of copying and unmasking alone.
    pub floor_target: Option<f64>,
}

const KI: usize = 1 << 10;
/// Where time is measured: what is read and written stays in the first-level cache.
pub const BUFFER: usize = 16 * KI;
/// Connections that a broadcast goes to.
pub const AUDIENCE: usize = 10_000;

const ROW: Row = Row {
    name: "",
    task: Task::Receive,
    role: Role::Server,
    content: Content::Binary,
    size: KI,
    piece: 64 * KI,
    fragments: 1,
    deflate: None,
    buffer: BUFFER,
    target: None,
    floor_target: None,
};

const fn receive(name: &'static str, content: Content, size: usize, target: f64) -> Row {
    Row {
        name,
        content,
        size,
        target: Some(target),
        ..ROW
    }
}

const fn send(name: &'static str, role: Role, size: usize, target: f64) -> Row {
    Row {
        name,
        task: Task::Send,
        role,
        size,
        target: Some(target),
        ..ROW
    }
}

const fn deflate(name: &'static str, task: Task, size: usize, deflate: Deflate) -> Row {
    Row {
        name,
        task,
        content: Content::Json,
        size,
        deflate: Some(deflate),
        target: Some(1.02),
        ..ROW
    }
}

impl Row {
    const fn client(self) -> Self {
        Self {
            role: Role::Client,
            ..self
        }
    }

    const fn pieces(self, name: &'static str, piece: usize, target: Option<f64>) -> Self {
        Self {
            name,
            piece,
            target,
            ..self
        }
    }

    const fn floor(self) -> Self {
        Self {
            floor_target: Some(1.0),
            ..self
        }
    }
}

const RECEIVE_1K: Row = receive("receive 1K", Content::Binary, KI, 0.9);
const ASCII_1K: Row = receive("receive text 1K ASCII", Content::Ascii, KI, 0.9);
const MIXED_1K: Row = receive("receive text 1K mixed", Content::Mixed, KI, 1.0);
const CLIENT_1K: Row = receive("client receive 1K", Content::Binary, KI, 0.75).client();
const ECHO_1K: Row = Row {
    name: "echo 1K",
    task: Task::Echo,
    target: Some(0.85),
    ..ROW
};
const SMALL: Option<f64> = Some(0.75);

/// All rows, in the order of the table.
pub const ROWS: &[Row] = &[
    receive("receive 16", Content::Binary, 16, 0.5),
    receive("receive 125", Content::Binary, 125, 0.6),
    RECEIVE_1K,
    receive("receive 64K", Content::Binary, 64 * KI, 1.0).floor(),
    receive("receive 1M", Content::Binary, KI * KI, 1.0).floor(),
    ASCII_1K,
    MIXED_1K,
    receive("receive text 64K mixed", Content::Mixed, 64 * KI, 0.95),
    CLIENT_1K,
    receive("client receive 64K", Content::Binary, 64 * KI, 1.0).client(),
    send("send 16", Role::Server, 16, 0.9),
    send("send 1K", Role::Server, KI, 0.9),
    send("send 64K", Role::Server, 64 * KI, 1.0),
    send("client send 16", Role::Client, 16, 0.9),
    send("client send 1K", Role::Client, KI, 0.9),
    send("client send 64K", Role::Client, 64 * KI, 1.0),
    Row {
        name: "fragments 64K, pings",
        content: Content::Mixed,
        size: 64 * KI,
        fragments: 64,
        target: Some(0.7),
        ..ROW
    },
    ECHO_1K,
    RECEIVE_1K.pieces("receive 1K by 1400", 1400, None),
    RECEIVE_1K.pieces("receive 1K by 100", 100, SMALL),
    ASCII_1K.pieces("text 1K ASCII by 1400", 1400, None),
    ASCII_1K.pieces("text 1K ASCII by 100", 100, SMALL),
    MIXED_1K.pieces("text 1K mixed by 1400", 1400, None),
    MIXED_1K.pieces("text 1K mixed by 100", 100, SMALL),
    CLIENT_1K.pieces("client receive 1K by 1400", 1400, None),
    CLIENT_1K.pieces("client receive 1K by 100", 100, SMALL),
    ECHO_1K.pieces("echo 1K by 1400", 1400, None),
    ECHO_1K.pieces("echo 1K by 100", 100, SMALL),
    deflate("inflate 1K", Task::Receive, KI, Deflate::NoTakeover),
    deflate("inflate 1K takeover", Task::Receive, KI, Deflate::Takeover),
    deflate("inflate 64K", Task::Receive, 64 * KI, Deflate::NoTakeover),
    deflate(
        "inflate 64K takeover",
        Task::Receive,
        64 * KI,
        Deflate::Takeover,
    ),
    deflate("deflate 1K", Task::Send, KI, Deflate::NoTakeover),
    deflate("deflate 1K takeover", Task::Send, KI, Deflate::Takeover),
    deflate("deflate 64K", Task::Send, 64 * KI, Deflate::NoTakeover),
    deflate(
        "deflate 64K takeover",
        Task::Send,
        64 * KI,
        Deflate::Takeover,
    ),
    Row {
        name: "handshake server",
        task: Task::Handshake,
        target: Some(0.8),
        ..ROW
    },
    Row {
        name: "handshake client",
        task: Task::Handshake,
        role: Role::Client,
        target: Some(0.8),
        ..ROW
    },
    Row {
        name: "broadcast 1K to 10000",
        task: Task::Broadcast,
        target: Some(0.2),
        ..ROW
    },
];

/// What memory is measured with: text, so that it can be compressed, and buffers of the size that
/// they have if nothing is said.
pub const MEMORY_ROW: Row = Row {
    name: "memory",
    buffer: 8 * KI,
    task: Task::Echo,
    content: Content::Json,
    ..ROW
};

/// Bytes of payload after which a stream repeats: more than the second-level cache has, and than a
/// branch predictor learns.
const STREAM: usize = 4 << 20;

/// What the rounds of a row are about.
pub struct Workload {
    pub row: Row,
    /// The messages, one after the other.
    pub messages: Vec<Bytes>,
    /// Frames with the messages, from the peer.
    pub wire: Vec<u8>,
    /// Where each message ends in it.
    pub ends: Vec<usize>,
    /// What there is to deliver in `wire`.
    pub expected: Tally,
    pub expected_whole: Tally,
}

impl Workload {
    pub fn new(row: Row) -> Self {
        let mut dice = Dice::new(0x5eed);
        let stream = match row.task {
            Task::Handshake => 0,
            Task::Broadcast => 4 * row.size,
            // Slow for everyone.
            _ if row.deflate.is_some() => STREAM / 8,
            // What is sent was made just now: with what holds it, it fits into the second-level cache.
            Task::Send => STREAM / 16 * row.size / (row.size + 64),
            _ => STREAM,
        };
        let messages: Vec<Bytes> = (0..(stream / row.size).max(1))
            .map(|_| row.content.make(row.size, &mut dice).into())
            .collect();
        let (mut wire, mut ends) = (Vec::new(), Vec::new());
        if matches!(row.task, Task::Receive | Task::Echo) {
            let mut encoder = row.deflate.map(Encoder::new);
            for message in &messages {
                match &mut encoder {
                    Some(encoder) => {
                        write_message(&mut wire, row, &encoder.encode(message), true, &mut dice);
                    }
                    None => write_message(&mut wire, row, message, false, &mut dice),
                }
                ends.push(wire.len());
            }
        }
        if row.task == Task::Handshake {
            wire = handshakes::request();
        }
        let count = |mut tally: Tally| {
            messages.iter().for_each(|message| tally.add(message));
            tally
        };
        Self {
            row,
            expected: count(Tally::default()),
            expected_whole: count(Tally::whole()),
            messages,
            wire,
            ends,
        }
    }

    /// A text message like those of `wire`, and then some with a byte in the middle that is not
    /// UTF-8: the second does not lie in one read where most do not.
    pub fn invalid_wire(&self) -> Vec<u8> {
        let mut dice = Dice::new(0xbad);
        let mut encoder = self.row.deflate.map(Encoder::new);
        let mut message = self.messages[0].to_vec();
        let mut wire = Vec::new();
        for _ in 0..4 {
            let encoded = encoder.as_mut().map(|encoder| encoder.encode(&message));
            let payload = encoded.as_deref().unwrap_or(&message);
            write_message(&mut wire, self.row, payload, encoded.is_some(), &mut dice);
            message[self.row.size / 2] = 0xff;
        }
        wire
    }

    /// Operations that a round is made of: enough to take some milliseconds.
    pub fn operations(&self) -> usize {
        let once = self.messages.len();
        match self.row.task {
            Task::Handshake => 2048,
            Task::Broadcast => once,
            _ if self.row.deflate.is_some() => once,
            // A small message takes as long as some hundreds of bytes of a large one.
            Task::Send => once * (32 * STREAM / (once * (self.row.size + KI))).max(1),
            _ => once * (12 * STREAM / (once * (self.row.size + 2 * KI))).max(1),
        }
    }

    /// Of how many things the time of an operation is.
    pub fn per(&self) -> usize {
        match self.row.task {
            Task::Broadcast => AUDIENCE,
            _ => 1,
        }
    }
}

/// One message, in as many frames as the row says, with a ping between each two.
fn write_message(wire: &mut Vec<u8>, row: Row, payload: &[u8], encoded: bool, dice: &mut Dice) {
    let opcode = match row.content.is_text() {
        true => frames::TEXT,
        false => frames::BINARY,
    };
    let mut dice = (row.role == Role::Server).then_some(dice);
    let len = payload.len().div_ceil(row.fragments);
    for (at, part) in payload.chunks(len).enumerate() {
        let mut first = if at == 0 { opcode } else { CONTINUATION };
        if at + 1 == row.fragments {
            first |= FIN;
        }
        if at == 0 && encoded {
            first |= frames::RSV1;
        }
        frames::write(wire, first, part, dice.as_deref_mut());
        if at + 1 < row.fragments {
            frames::write(wire, FIN | PING, PING_PAYLOAD, dice.as_deref_mut());
        }
    }
}

/// What each ping between two fragments says.
pub const PING_PAYLOAD: &[u8] = b"are you still there?";

/// The shortest round that is believed.
pub const SHORTEST: Duration = Duration::from_micros(20);
