//! What a stream says by RFC 6455 5 to 8, read in the plainest way: a judge for any input, where
//! no extension was agreed.

use super::receiving::{Bounds, Outcome};
use crate::common::{End, Heard, mask};

/// What is heard, and the close code of what is wrong is what the RFC says, as soon as it can be
/// told. Of the limits, that of a message's payload is known here.
pub fn is_read_by_the_rfc<R: End>(bytes: &[u8], bounds: Bounds, outcome: &Outcome) {
    let (heard, code) = read::<R>(bytes, bounds.message);
    assert_eq!(outcome.heard, heard, "what is heard by the RFC");
    let violation = outcome.violation;
    let found = violation.map(|violation| violation.close_code().get());
    assert_eq!(found, code, "what is wrong by the RFC: {violation:?}");
}

fn read<R: End>(mut bytes: &[u8], limit: usize) -> (Vec<Heard>, Option<u16>) {
    let mut heard = Vec::new();
    let mut message = None;
    let code = loop {
        match frame::<R>(&mut bytes, &mut message, limit) {
            Ok(None) => {}
            Ok(Some(event)) => {
                heard.push(event);
                if matches!(heard.last(), Some(Heard::Close(..))) {
                    break None;
                }
            }
            Err(Stop::Incomplete) => break None,
            Err(Stop::Wrong(code)) => break Some(code),
        }
    };
    (heard, code)
}

enum Stop {
    /// More bytes are needed.
    Incomplete,
    Wrong(u16),
}

/// An unfinished message: whether it is text, and its payload.
type Message = (bool, Vec<u8>);

/// Takes the next frame, which may end a message or be an event by itself.
fn frame<R: End>(
    bytes: &mut &[u8],
    message: &mut Option<Message>,
    limit: usize,
) -> Result<Option<Heard>, Stop> {
    let check = |is_right: bool| is_right.then_some(()).ok_or(Stop::Wrong(1002));
    let at = |index: usize| bytes.get(index).copied().ok_or(Stop::Incomplete);
    let first = at(0)?;
    let (fin, opcode) = (first & 0x80 != 0, first & 0x0f);
    check(first & 0x70 == 0)?;
    match opcode {
        0 => check(message.is_some())?,
        1 | 2 => check(message.is_none())?,
        8..=10 => check(fin)?,
        _ => check(false)?,
    }
    let second = at(1)?;
    check((second & 0x80 != 0) == R::KEY.is_some())?;
    let short = second & 0x7f;
    check(opcode < 8 || short < 126)?;
    check(opcode != 8 || short != 1)?;
    let (len, mut header) = match short {
        126 => (u64::from(at(2)?) << 8 | u64::from(at(3)?), 4),
        127 => {
            check(at(2)? < 0x80)?;
            let bytes = (2..10).map(at).collect::<Result<Vec<u8>, Stop>>()?;
            let len = bytes
                .iter()
                .fold(0, |len, byte| len << 8 | u64::from(*byte));
            (len, 10)
        }
        len => (u64::from(len), 2),
    };
    check(header != 4 || len > 125)?;
    check(header != 10 || len > 0xffff)?;
    let mut key = [0; 4];
    if R::KEY.is_some() {
        key = [
            at(header)?,
            at(header + 1)?,
            at(header + 2)?,
            at(header + 3)?,
        ];
        header += 4;
    }
    let before = message.as_ref().map_or(0, |(_, payload)| payload.len());
    if opcode < 8 && len > (limit - before) as u64 {
        return Err(Stop::Wrong(1009));
    }
    let rest = &bytes[header..];
    let is_whole = len <= rest.len() as u64;
    let here = if is_whole { len as usize } else { rest.len() };
    let payload = mask(key, &rest[..here]);
    *bytes = &rest[here..];
    if opcode < 8 {
        let (is_text, mut whole) = message.take().unwrap_or((opcode == 1, Vec::new()));
        whole.extend_from_slice(&payload);
        let ends = fin && is_whole;
        match std::str::from_utf8(&whole) {
            Err(error) if is_text && (ends || error.error_len().is_some()) => {
                return Err(Stop::Wrong(1007));
            }
            _ => {}
        }
        if ends && is_text {
            return Ok(Some(Heard::Text(String::from_utf8(whole).unwrap())));
        }
        if ends {
            return Ok(Some(Heard::Binary(whole)));
        }
        *message = Some((is_text, whole));
    }
    if !is_whole {
        return Err(Stop::Incomplete);
    }
    match opcode {
        8 => close(&payload).map(Some),
        9 => Ok(Some(Heard::Ping(payload))),
        10 => Ok(Some(Heard::Pong(payload))),
        _ => Ok(None),
    }
}

fn close(payload: &[u8]) -> Result<Heard, Stop> {
    let Some((code, reason)) = payload.split_first_chunk() else {
        return Ok(Heard::Close(1005, String::new()));
    };
    let code = u16::from_be_bytes(*code);
    if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
        return Err(Stop::Wrong(1002));
    }
    let reason = std::str::from_utf8(reason).map_err(|_| Stop::Wrong(1007))?;
    Ok(Heard::Close(code, reason.to_owned()))
}
