//! Frames as they stand on the wire: written for the contestants to read, and read back from what
//! they write. Written here anew, so that the judge is none of the contestants.

use crate::content::Dice;

pub const FIN: u8 = 0x80;
pub const RSV1: u8 = 0x40;
pub const CONTINUATION: u8 = 0;
pub const TEXT: u8 = 1;
pub const BINARY: u8 = 2;
pub const PING: u8 = 9;
pub const PONG: u8 = 10;

/// The bytes of a frame's header, its mask included.
pub fn header_len(payload: usize, masked: bool) -> usize {
    let len = match payload {
        0..=125 => 2,
        126..=0xffff => 4,
        _ => 10,
    };
    len + 4 * usize::from(masked)
}

/// Writes a frame's header to the start of `space`.
#[inline]
pub fn header(space: &mut [u8; 14], first: u8, payload: usize, key: Option<[u8; 4]>) -> &[u8] {
    let mask = if key.is_some() { 0x80 } else { 0 };
    space[0] = first;
    let len = match payload {
        0..=125 => {
            space[1] = mask | payload as u8;
            2
        }
        126..=0xffff => {
            space[1] = mask | 126;
            space[2..4].copy_from_slice(&(payload as u16).to_be_bytes());
            4
        }
        _ => {
            space[1] = mask | 127;
            space[2..10].copy_from_slice(&(payload as u64).to_be_bytes());
            10
        }
    };
    let Some(key) = key else {
        return &space[..len];
    };
    space[len..len + 4].copy_from_slice(&key);
    &space[..len + 4]
}

/// Appends a frame; masked with a new key where there are dice.
pub fn write(wire: &mut Vec<u8>, first: u8, payload: &[u8], dice: Option<&mut Dice>) {
    let key = dice.map(|dice| (dice.next() as u32).to_le_bytes());
    wire.extend(header(&mut [0; 14], first, payload.len(), key));
    let key = key.unwrap_or_default();
    wire.extend(
        payload
            .iter()
            .zip(key.iter().cycle())
            .map(|(byte, key)| byte ^ key),
    );
}

/// A frame that was read.
pub struct Frame {
    pub first: u8,
    pub masked: bool,
    /// Unmasked.
    pub payload: Vec<u8>,
}

/// Reads all frames of `wire`.
pub fn read(mut wire: &[u8]) -> Result<Vec<Frame>, String> {
    let mut frames = Vec::new();
    while !wire.is_empty() {
        let (frame, rest) = read_one(wire).ok_or("a frame is cut short")?;
        frames.push(frame);
        wire = rest;
    }
    Ok(frames)
}

fn read_one(wire: &[u8]) -> Option<(Frame, &[u8])> {
    let (&[first, second], rest) = wire.split_first_chunk()?;
    let (len, rest) = match second & 0x7f {
        126 => {
            let (len, rest) = rest.split_first_chunk()?;
            (usize::from(u16::from_be_bytes(*len)), rest)
        }
        127 => {
            let (len, rest) = rest.split_first_chunk()?;
            (u64::from_be_bytes(*len) as usize, rest)
        }
        len => (usize::from(len), rest),
    };
    let masked = second & 0x80 != 0;
    let (key, rest) = match masked {
        true => rest
            .split_first_chunk::<4>()
            .map(|(key, rest)| (*key, rest))?,
        false => ([0; 4], rest),
    };
    let (payload, rest) = rest.split_at_checked(len)?;
    let payload = payload
        .iter()
        .enumerate()
        .map(|(at, byte)| byte ^ key[at % 4])
        .collect();
    Some((
        Frame {
            first,
            masked,
            payload,
        },
        rest,
    ))
}
