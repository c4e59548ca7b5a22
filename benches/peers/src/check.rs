//! Whether a contestant has done what it was timed for.

use std::panic::{self, AssertUnwindSafe};

use crate::contestants::Contestant;
use crate::deflated::Decoder;
use crate::frames::{self, BINARY, FIN, Frame, PONG, TEXT};
use crate::handshakes;
use crate::measure::start;
use crate::tally::Tally;
use crate::wire::{Input, Sink};
use crate::workloads::{AUDIENCE, PING_PAYLOAD, Role, Row, Task, Workload};

/// Runs a contestant over all messages once, and looks at every byte that it delivers and writes.
pub fn check(work: &Workload, contestant: &dyn Contestant) -> Result<(), String> {
    let input = Input::new(&work.wire, 0, work.row.piece).buffered(work.row.buffer);
    let sink = Sink::recording();
    let Some(mut run) = start(work, contestant, input, sink.clone()) else {
        return Ok(());
    };
    let mut tally = Tally::whole();
    if work.row.task == Task::Handshake {
        run(HANDSHAKES, &mut tally);
        return shaken(work, &sink.take_record());
    }
    run(work.messages.len(), &mut tally);
    delivered(work, contestant, &tally, &work.expected_whole)?;
    if contestant.is_floor() {
        return Ok(());
    }
    let frames = frames::read(&sink.take_record())?;
    written(work, &frames)
}

/// Whether a contestant refuses text that is not UTF-8, in the way the row brings it: with an error,
/// on which its run panics.
pub fn validates(work: &Workload, contestant: &dyn Contestant) -> bool {
    if !matches!(work.row.task, Task::Receive) || !work.row.content.is_text() {
        return true;
    }
    let input = Input::new(&work.invalid_wire(), 0, work.row.piece).buffered(work.row.buffer);
    let Some(mut run) = start(work, contestant, input, Sink::copying()) else {
        return true;
    };
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let refused = panic::catch_unwind(AssertUnwindSafe(|| run(2, &mut Tally::default()))).is_err();
    panic::set_hook(hook);
    refused
}

const HANDSHAKES: usize = 16;

/// Whether as many requests or answers were written, all with what they must have.
fn shaken(work: &Workload, written: &[u8]) -> Result<(), String> {
    let written = String::from_utf8_lossy(written);
    let count = |what: &str| written.matches(what).count();
    let counts = match work.row.role {
        Role::Server => [count("HTTP/1.1 101 "), count(handshakes::ACCEPT)],
        Role::Client => [count("GET /"), count(handshakes::HEADERS[6].1)],
    };
    if counts != [HANDSHAKES; 2] {
        return Err(format!("wrote {counts:?} of {HANDSHAKES} handshakes"));
    }
    Ok(())
}

/// Whether the messages were these.
fn delivered(
    work: &Workload,
    contestant: &dyn Contestant,
    tally: &Tally,
    expected: &Tally,
) -> Result<(), String> {
    if !matches!(work.row.task, Task::Receive | Task::Echo) {
        return Ok(());
    }
    let mut expected = *expected;
    if !contestant.unmasks() {
        expected.sum = tally.sum;
    }
    if !tally.agrees(&expected) {
        return Err(format!("delivered {tally:?}, not {expected:?}"));
    }
    Ok(())
}

/// Whether these frames are what was to be written.
fn written(work: &Workload, frames: &[Frame]) -> Result<(), String> {
    let row = &work.row;
    if let Some(frame) = frames
        .iter()
        .find(|frame| frame.masked != (row.role == Role::Client))
    {
        return Err(format!("wrote a frame with masked = {}", frame.masked));
    }
    let (mut data, mut pongs) = (frames.iter(), 0);
    if row.task == Task::Receive {
        pongs = frames.len();
        if !frames
            .iter()
            .all(|frame| frame.first == FIN | PONG && frame.payload == PING_PAYLOAD)
        {
            return Err("wrote something that is not the right pong".into());
        }
        data = [].iter();
    }
    if pongs != pings(row) * work.messages.len() {
        return Err(format!("wrote {pongs} pongs"));
    }
    let opcode = if row.content.is_text() { TEXT } else { BINARY };
    match row.task {
        Task::Broadcast => {
            let sent = work.messages.iter();
            let each = sent.flat_map(|message| std::iter::repeat_n(message, AUDIENCE));
            if !data
                .map(|frame| &frame.payload[..])
                .eq(each.map(|message| &message[..]))
            {
                return Err("wrote something else than each message to all".into());
            }
        }
        Task::Send | Task::Echo => {
            if data.len() != work.messages.len() {
                return Err(format!("wrote {} messages", data.len()));
            }
            let mut decoder = row.deflate.map(Decoder::new);
            let rsv = if decoder.is_some() { frames::RSV1 } else { 0 };
            for (message, frame) in work.messages.iter().zip(&mut data) {
                let decoded = match &mut decoder {
                    Some(decoder) => decoder.decode(&frame.payload, message.len()),
                    None => frame.payload.clone(),
                };
                if frame.first != FIN | rsv | opcode || decoded != *message {
                    return Err("wrote a message that is not the right one".into());
                }
            }
        }
        _ => {}
    }
    Ok(())
}

/// Pings in each message.
fn pings(row: &Row) -> usize {
    row.fragments - 1
}

/// Whether a round that was measured counted as many messages as there were, and wrote as many bytes
/// as belong to all operations, those before the clock included.
pub fn counted(
    work: &Workload,
    contestant: &dyn Contestant,
    tally: &Tally,
    all: usize,
    written: u64,
) -> Result<(), String> {
    let row = &work.row;
    let operations = work.operations() as u64;
    let expected = work.expected.times(operations / work.messages.len() as u64);
    delivered(work, contestant, tally, &expected)?;
    let frame = |len| (frames::header_len(len, row.role == Role::Client) + len) as u64;
    let to_write = all as u64
        * match row.task {
            Task::Receive => pings(row) as u64 * frame(PING_PAYLOAD.len()),
            Task::Send | Task::Echo => frame(row.size),
            Task::Broadcast => frame(row.size) * AUDIENCE as u64,
            Task::Handshake => return Ok(()),
        };
    if row.deflate.is_none() && written != to_write {
        return Err(format!("wrote {written} bytes, not {to_write}"));
    }
    Ok(())
}
