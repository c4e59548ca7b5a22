//! Laws of what is received: any bytes at all, from a peer of any kind.

use wsproto::{Chunks, Limits, Messages, Negotiate, Violation};

use super::legal;
use super::listener::{Listener, Side, shake};
use crate::common::{Heard, Mode, Step, Wire, drain};

/// What came of an input. Chunks count by the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub heard: Vec<Heard>,
    pub violation: Option<Violation>,
    /// What was delivered of a message that did not end.
    pub unfinished: Option<Heard>,
    /// All that was sent, the answer to the end included.
    pub sent: Wire,
}

/// Limits that a test knows the numbers of.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    pub message: usize,
    pub pongs: u16,
    pub limits: Limits,
}

impl Bounds {
    pub fn new(message: usize, frame: usize, wire: usize, fragments: u32, pongs: u16) -> Self {
        let limits = Limits::default().message_payload(message);
        let limits = limits.frame_payload(frame).message_wire(wire);
        Self {
            message,
            pongs,
            limits: limits.fragments(fragments).pending_pongs(pongs),
        }
    }

    /// Bytes of memory that an inbox may hold which reads `piece` bytes at a time.
    ///
    /// Memory doubles as it grows. A header and a control frame wait for their rest, and what a
    /// codec wrote passes through blocks of 16 KiB.
    fn inbox<D: Mode>(&self, piece: usize) -> usize {
        let read = 2 * (piece + 100 + 139) + 64;
        let blocks = 2 * (16 << 10) + 1024;
        match D::NAME {
            "chunks" => read + blocks,
            _ => read + blocks + 4 * self.message,
        }
    }

    /// Bytes that the peer alone can put into an outbox: pongs, and the one that waits.
    fn outbox(&self) -> usize {
        (usize::from(self.pongs.max(1)) + 1) * 131
    }

    /// Bytes of memory that an outbox may hold for them, and for the place of each.
    fn outbox_memory(&self) -> usize {
        3 * self.outbox() + 16 * usize::from(self.pongs) + 512
    }
}

/// What comes of `pieces`. On the way: the end is final, memory is bounded, output is legal.
pub fn outcome<R: Side, N: Negotiate + Clone, D: Mode>(
    proposal: &N,
    bounds: Bounds,
    step: Step,
    pieces: &[&[u8]],
) -> Outcome {
    let open = R::of(shake(proposal.clone(), proposal.clone(), bounds.limits));
    let mut listener = Listener::<R, N, D>::new(open, step);
    let largest = pieces.iter().map(|piece| piece.len()).max().unwrap_or(0);
    for piece in pieces {
        listener.take_in(piece);
        listener.listen();
        assert!(listener.outbox.len() <= bounds.outbox(), "unsent pongs");
        let memory = listener.outbox.capacity();
        assert!(
            memory <= bounds.outbox_memory(),
            "{memory} bytes of memory for pongs"
        );
        // What the caller reads after the end it keeps by itself.
        if !listener.ended {
            let (held, most) = (listener.inbox.capacity(), bounds.inbox::<D>(largest));
            assert!(held <= most, "{held} bytes of memory, and not {most}");
        }
    }
    listener.end();
    let closed = listener.connection.closed().expect("it has ended");
    let heard_close = matches!(listener.heard.last(), Some(Heard::Close(..)));
    assert_eq!(closed.is_clean(), heard_close, "clean");
    assert_eq!(closed.violation(), listener.violation);

    for heard in listener.heard.iter().chain(&listener.unfinished) {
        let len = match heard {
            Heard::Text(text) => text.len(),
            Heard::Binary(data) => data.len(),
            _ => 0,
        };
        assert!(len <= bounds.message, "a message above the limit");
    }
    let frames = legal::check::<R>(&drain(&mut listener.outbox), false);
    assert_eq!(frames, answers(&listener, bounds), "the answers");
    let mut sent = Vec::new();
    for (first, payload) in frames {
        sent.extend([first, payload.len() as u8]);
        sent.extend(payload);
    }
    Outcome {
        heard: listener.heard,
        violation: listener.violation,
        unfinished: listener.unfinished,
        sent: Wire(sent),
    }
}

/// What is sent to a peer who was heard, and was sent nothing meanwhile: pongs as far as there is
/// room, the newest of the others, and the answer to the end.
fn answers<R: Side, N: Negotiate, D: Mode>(
    listener: &Listener<R, N, D>,
    bounds: Bounds,
) -> Vec<(u8, Vec<u8>)> {
    let pings = listener.heard.iter().filter_map(|heard| match heard {
        Heard::Ping(payload) => Some((0x8a, payload.clone())),
        _ => None,
    });
    let mut answers: Vec<_> = pings.collect();
    let room = usize::from(bounds.pongs.max(1));
    if answers.len() > room {
        answers.drain(room..answers.len() - 1);
    }
    let code = match (listener.violation, listener.heard.last()) {
        (Some(violation), _) => Some(violation.close_code().get()),
        (None, Some(Heard::Close(code, _))) => Some(*code),
        (None, _) => None,
    };
    answers.extend(code.map(|code| match code {
        1005 => (0x88, Vec::new()),
        code => (0x88, code.to_be_bytes().to_vec()),
    }));
    answers
}

/// Cuts are invisible: however `bytes` arrive, in either mode of delivery and with either way of
/// stepping, the same events, the same answers and the same error come out.
pub fn cuts_are_invisible<R: Side, N: Negotiate + Clone>(
    proposal: &N,
    bounds: Bounds,
    bytes: &[u8],
    cuts: &[&[&[u8]]],
) -> Outcome {
    let whole = outcome::<R, N, Messages>(proposal, bounds, Step::Receive, &[bytes]);
    let chunks = outcome::<R, N, Chunks>(proposal, bounds, Step::Receive, &[bytes]);
    same(&chunks, &whole, "chunks");
    for pieces in cuts {
        let cut = outcome::<R, N, Messages>(proposal, bounds, Step::HasEvent, pieces);
        assert_eq!(cut, whole, "messages, cut, has_event");
        let cut = outcome::<R, N, Messages>(proposal, bounds, Step::Receive, pieces);
        assert_eq!(cut, whole, "messages, cut, receive");
        for step in [Step::Receive, Step::HasEvent] {
            let cut = outcome::<R, N, Chunks>(proposal, bounds, step, pieces);
            same(&cut, &whole, "chunks, cut");
            if whole.violation.is_none() {
                assert_eq!(cut.unfinished, chunks.unfinished, "all that has come");
            } else {
                // What lies in the same piece as the error may come out before it, or not.
                assert_prefix(&cut.unfinished, &chunks.unfinished);
            }
        }
    }
    whole
}

fn same(chunks: &Outcome, whole: &Outcome, way: &str) {
    let chunks = Outcome {
        unfinished: None,
        ..chunks.clone()
    };
    assert_eq!(chunks, *whole, "{way}");
}

/// Of one message, either was heard first.
fn assert_prefix(one: &Option<Heard>, other: &Option<Heard>) {
    let either = |one: &[u8], other: &[u8]| one.starts_with(other) || other.starts_with(one);
    match (one, other) {
        (Some(Heard::Text(one)), Some(Heard::Text(other))) => {
            assert!(either(one.as_bytes(), other.as_bytes()));
        }
        (Some(Heard::Binary(one)), Some(Heard::Binary(other))) => assert!(either(one, other)),
        (None, _) | (_, None) => {}
        other => panic!("{other:?}"),
    }
}
