//! The header of a frame (RFC 6455 5.2).
//!
//! Knows nothing of payloads or messages' contents. Its one idea: what a header forbids is found
//! in the first byte that shows it, so that nothing is waited for in vain.

use crate::error::Violation;
use crate::mask::Mask;
use crate::role::Role;
use crate::rsv::{self, Rsv};

/// The kind of a frame (RFC 6455 5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Opcode {
    /// What follows in a fragmented message.
    Continuation = 0,
    /// A text message, or its first fragment.
    Text = 1,
    /// A binary message, or its first fragment.
    Binary = 2,
    /// The end of what an endpoint sends.
    Close = 8,
    /// Asks for a Pong.
    Ping = 9,
    /// Answers a Ping, or comes unasked.
    Pong = 10,
}

impl Opcode {
    /// The opcode `bits`; nothing where it is reserved (3–7 and 11–15).
    #[must_use]
    pub const fn new(bits: u8) -> Option<Self> {
        Some(match bits {
            0 => Self::Continuation,
            1 => Self::Text,
            2 => Self::Binary,
            8 => Self::Close,
            9 => Self::Ping,
            10 => Self::Pong,
            _ => return None,
        })
    }

    /// Whether it is Close, Ping or Pong (RFC 6455 5.5).
    #[must_use]
    pub const fn is_control(self) -> bool {
        self as u8 >= 8
    }
}

pub(crate) const FIN: u8 = 0x80;
const MASKED: u8 = 0x80;

/// A header that breaks no rule of its own, and none of the order of frames.
pub(crate) struct Header<M> {
    pub(crate) fin: bool,
    pub(crate) rsv: Rsv,
    pub(crate) opcode: Opcode,
    pub(crate) mask: M,
    /// Bytes of the payload, as announced: to be compared, never to be added or allocated.
    pub(crate) payload: u64,
    /// Bytes of the header itself.
    pub(crate) size: usize,
}

/// The header of a frame that is a message, shorter than 64 KiB.
pub(crate) struct Ordinary<M> {
    pub(crate) is_text: bool,
    pub(crate) mask: M,
    pub(crate) payload: usize,
    /// Bytes of the header itself.
    pub(crate) size: usize,
}

/// Reads the header at the start of `bytes`; nothing where it has not arrived whole and what is
/// there is legal. `inside` says whether a fragmented message is unfinished.
#[inline(always)]
pub(crate) fn read<R: Role>(
    bytes: &[u8],
    owned: Rsv,
    inside: bool,
) -> Result<Option<Header<R::Received>>, Violation> {
    let Some(&first) = bytes.first() else {
        return Ok(None);
    };
    let Some(opcode) = Opcode::new(first & 0x0f) else {
        return Err(Violation::ReservedOpcode);
    };
    let fin = first & FIN != 0;
    let rsv = rsv::of(first);
    if opcode.is_control() {
        if !fin {
            return Err(Violation::FragmentedControl);
        }
        if !rsv.is_empty() {
            return Err(Violation::ReservedBit);
        }
    } else if opcode as u8 == Opcode::Continuation as u8 {
        if !inside {
            return Err(Violation::UnexpectedContinuation);
        }
        if !rsv.is_empty() {
            return Err(Violation::ReservedBit);
        }
    } else {
        if inside {
            return Err(Violation::UnfinishedMessage);
        }
        if !owned.contains(rsv) {
            return Err(Violation::ReservedBit);
        }
    }

    let Some(&second) = bytes.get(1) else {
        return Ok(None);
    };
    match (second & MASKED != 0, R::Received::SIZE != 0) {
        (false, true) => return Err(Violation::Unmasked),
        (true, false) => return Err(Violation::Masked),
        _ => {}
    }
    let short = second & !MASKED;
    if opcode.is_control() {
        if short > 125 {
            return Err(Violation::OversizedControl);
        }
        if opcode as u8 == Opcode::Close as u8 && short == 1 {
            return Err(Violation::TruncatedCloseCode);
        }
    }

    let (payload, key) = match short {
        126 => {
            let Some(length) = bytes.get(2..).and_then(<[u8]>::first_chunk) else {
                return Ok(None);
            };
            let payload = u16::from_be_bytes(*length);
            if payload < 126 {
                return Err(Violation::NonMinimalLength);
            }
            (u64::from(payload), 4)
        }
        127 => {
            // The top bit is in the first of the eight bytes.
            if bytes.get(2).is_some_and(|byte| byte & 0x80 != 0) {
                return Err(Violation::LengthTopBit);
            }
            let Some(length) = bytes.get(2..).and_then(<[u8]>::first_chunk) else {
                return Ok(None);
            };
            let payload = u64::from_be_bytes(*length);
            if payload <= 0xffff {
                return Err(Violation::NonMinimalLength);
            }
            (payload, 10)
        }
        _ => (u64::from(short), 2),
    };
    let size = key + R::Received::SIZE;
    let Some(key) = bytes.get(key..size) else {
        return Ok(None);
    };
    Ok(Some(Header {
        fin,
        rsv,
        opcode,
        mask: R::Received::read(key),
        payload,
        size,
    }))
}

/// The first byte of a message in one frame, without reserved bits.
const WHOLE_TEXT: u8 = FIN | Opcode::Text as u8;
const WHOLE_BINARY: u8 = FIN | Opcode::Binary as u8;

/// The header at the start of `bytes`, if it is an ordinary one: of a message in one frame, shorter
/// than 64 KiB and without reserved bits. [`read`] judges all others, and says the same of this one.
#[inline(always)]
pub(crate) fn read_ordinary<R: Role>(bytes: &[u8]) -> Option<Ordinary<R::Received>> {
    let &[first, second, high, low] = bytes.first_chunk()?;
    if !matches!(first, WHOLE_TEXT | WHOLE_BINARY) {
        return None;
    }
    let masked = if R::Received::SIZE != 0 { MASKED } else { 0 };
    let (payload, key) = match second ^ masked {
        short @ 0..=125 => (usize::from(short), 2),
        126 => (usize::from(u16::from_be_bytes([high, low])), 4),
        _ => return None,
    };
    if key == 4 && payload < 126 {
        return None;
    }
    let size = key + R::Received::SIZE;
    Some(Ordinary {
        is_text: first == WHOLE_TEXT,
        mask: R::Received::read(bytes.get(key..size)?),
        payload,
        size,
    })
}

/// The bytes of a header before its key, for a payload of `payload` bytes.
#[inline(always)]
pub(crate) const fn size(payload: usize) -> usize {
    match payload {
        0..=125 => 2,
        126..=0xffff => 4,
        _ => 10,
    }
}

/// Writes a header into `header`, which has exactly its size. `first` is the first byte: FIN,
/// reserved bits and opcode.
#[inline(always)]
pub(crate) fn write<M: Mask>(header: &mut [u8], first: u8, payload: usize, mask: M) {
    let masked = if M::SIZE != 0 { MASKED } else { 0 };
    header[0] = first;
    match payload {
        0..=125 => header[1] = masked | payload as u8,
        126..=0xffff => {
            header[1] = masked | 126;
            header[2..4].copy_from_slice(&(payload as u16).to_be_bytes());
        }
        _ => {
            header[1] = masked | 127;
            header[2..10].copy_from_slice(&(payload as u64).to_be_bytes());
        }
    }
    let key = header.len() - M::SIZE;
    mask.write(&mut header[key..]);
}
