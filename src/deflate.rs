//! permessage-deflate: the codec (RFC 7692 7.2).
//!
//! Knows what was agreed, and nothing of how. Its one idea: a codec is made for the first message
//! that needs one; where messages stand for themselves it is lent for the length of a message.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::{fmt, mem};

use bytes::Bytes;

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

use crate::broadcast::Broadcast;
use crate::extension::{Coding, Decode, Encode, Extension, InvalidCoding, Progress};
use crate::pool::Pool;
use crate::rsv::Rsv;

/// The size of a DEFLATE window: 2^8 to 2^15 bytes (RFC 7692 7.1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WindowBits(u8);

impl WindowBits {
    /// 2^8 = 256 bytes, the smallest.
    pub const MIN: Self = Self(8);
    /// 2^15 = 32 768 bytes, the largest, and what holds where nothing is said.
    pub const MAX: Self = Self(15);

    /// The window of 2^`bits` bytes, for 8 to 15.
    #[must_use]
    pub const fn new(bits: u8) -> Option<Self> {
        match bits {
            8..=15 => Some(Self(bits)),
            _ => None,
        }
    }

    /// The binary logarithm of the window's size.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }

    /// What a compressor calls it: zlib has no 8. At 9 it looks back at most 512 − 262 = 250 bytes,
    /// so it honours 8.
    fn zlib(self) -> u8 {
        self.0.max(9)
    }
}

/// What one direction was agreed to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Direction {
    pub(crate) window: WindowBits,
    /// Whether a message may refer to those before it.
    pub(crate) takeover: bool,
}

/// permessage-deflate as it was agreed ([RFC 7692]). Comes from a
/// [`DeflateOffer`](crate::DeflateOffer).
///
/// Messages of ours at least as long as the threshold go compressed. Codec state is allocated
/// for the first message that needs it, and lives on the heap.
///
/// A message that the peer ends with a final block (BFINAL) is accepted, as are blocks after it;
/// what came before it is forgotten: a later reference into it fails with 1007. A payload that
/// still has the `00 00 ff ff` at its end fails with 1007. A compressed message with no payload at
/// all is empty. A message that is cut short fails with 1007; but with context takeover one that is
/// cut inside the codes at the start of a dynamic block is not told from a whole one, and it is the
/// messages after it that fail. A distance above the agreed window, up to 32 KiB, is let pass.
///
/// [RFC 7692]: https://www.rfc-editor.org/rfc/rfc7692
#[derive(Clone, Debug)]
pub struct Deflate {
    pub(crate) ours: Direction,
    pub(crate) theirs: Direction,
    pub(crate) level: u8,
    pub(crate) threshold: u32,
}

impl Extension for Deflate {
    const RSV: Rsv = Rsv::RSV1;
    type Encoder = DeflateEncoder;
    type Decoder = DeflateDecoder;

    fn split(self) -> (DeflateEncoder, DeflateDecoder) {
        (
            DeflateEncoder {
                codec: None,
                direction: self.ours,
                level: self.level,
                threshold: self.threshold,
                has_gap: false,
            },
            DeflateDecoder {
                codec: None,
                direction: self.theirs,
                at_boundary: true,
            },
        )
    }
}

/// The end of a compressed message that is not sent: an empty stored block, less its header
/// (RFC 7692 7.2.1).
const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

/// A compressor, and what it was made for.
struct Compressor {
    compress: Compress,
    level: u8,
    window: WindowBits,
}

/// Compresses the messages that we send.
pub struct DeflateEncoder {
    /// Made for the first message. Without context takeover: only while a message is being sent.
    codec: Option<Box<Compressor>>,
    direction: Direction,
    level: u8,
    threshold: u32,
    /// Whether the peer's window has had something that our compressor has not seen, and this has
    /// something from before it.
    has_gap: bool,
}

impl DeflateEncoder {
    fn codec(&mut self, pool: &mut Pool) -> Box<Compressor> {
        let (level, window) = (self.level, self.direction.window);
        let suits = |codec: &Compressor| codec.level == level && codec.window == window;
        self.codec
            .take()
            .or_else(|| pool.take(suits))
            .unwrap_or_else(|| {
                let compress = Compress::new_with_window_bits(
                    Compression::new(level.into()),
                    false,
                    window.zlib(),
                );
                Box::new(Compressor {
                    compress,
                    level,
                    window,
                })
            })
    }
}

impl Encode for DeflateEncoder {
    #[inline]
    fn begin(&mut self, len: Option<usize>) -> (Rsv, Coding) {
        match len {
            Some(len) if len < self.threshold as usize => (Rsv::NONE, Coding::Plain),
            _ => (Rsv::RSV1, Coding::Coded),
        }
    }

    fn encode(&mut self, payload: &[u8], last: bool, output: &mut Vec<u8>, pool: &mut Pool) {
        let start = output.len();
        let mut codec = self.codec(pool);
        if mem::replace(&mut self.has_gap, false) {
            // What comes after the gap must not refer to what was before it.
            codec.compress.reset();
        }
        let forgets = last && !self.direction.takeover;
        // Full: what comes next refers to nothing before it. Cheaper than a reset, which also sets up
        // the trees that the flush has just set up.
        let flush = match forgets {
            true => FlushCompress::Full,
            false => FlushCompress::Sync,
        };
        compress(&mut codec.compress, payload, flush, output);
        if last {
            if output[start..].ends_with(&TAIL) {
                output.truncate(output.len() - TAIL.len());
            }
            if output.len() == start {
                // An empty message, or nothing since the last flush (RFC 7692 7.2.3.6).
                output.push(0);
            }
        }
        if forgets {
            pool.put(codec);
        } else {
            self.codec = Some(codec);
        }
    }

    /// The compressed form where its window is not too large, and the message as it is otherwise.
    #[inline]
    fn broadcast<'b>(&mut self, message: &'b Broadcast) -> Option<&'b Bytes> {
        match message.encoded_by::<Self>() {
            Some((window, frame)) if window <= self.direction.window.get() => {
                self.has_gap |= self.codec.is_some();
                Some(frame)
            }
            _ => Some(message.plain_frame()),
        }
    }
}

/// The most bytes that memory is reserved for at once.
const AT_ONCE: usize = 16 << 10;

/// Appends all of `payload`, compressed, up to a byte boundary.
fn compress(
    compress: &mut Compress,
    mut payload: &[u8],
    flush: FlushCompress,
    output: &mut Vec<u8>,
) {
    loop {
        // Most messages take less; what cannot be compressed takes a few bytes more.
        output.reserve(payload.len().min(AT_ONCE) + 64);
        let before = compress.total_in();
        // Neither a wrong state nor a wrong argument is possible here, so neither is an error.
        let status = compress.compress_vec(payload, output, flush);
        payload = &payload[(compress.total_in() - before) as usize..];
        let is_flushed = payload.is_empty() && output.len() < output.capacity();
        if is_flushed || status.is_err() {
            return;
        }
    }
}

/// A message compressed by itself, as it goes into a frame.
pub(crate) fn compress_alone(message: &[u8], level: u8, window: WindowBits) -> Vec<u8> {
    let direction = Direction {
        window,
        takeover: true,
    };
    let mut encoder = DeflateEncoder {
        codec: None,
        direction,
        level,
        threshold: 0,
        has_gap: false,
    };
    let mut output = Vec::new();
    encoder.encode(message, true, &mut output, &mut Pool::default());
    output
}

/// Decompresses the messages that we receive.
pub struct DeflateDecoder {
    /// Made for the first compressed message. Without context takeover: only while a message is
    /// arriving.
    codec: Option<Box<Decompress>>,
    direction: Direction,
    /// Whether the message has had nothing yet, or nothing since a final block: there is no block
    /// to end.
    at_boundary: bool,
}

impl DeflateDecoder {
    /// Its window is the largest, whatever was agreed: zlib-rs takes the memory for that anyway,
    /// can reset no other without allocating anew, and so a distance above what was agreed is the
    /// same at every cut.
    fn codec(&mut self, pool: &mut Pool) -> Box<Decompress> {
        let largest = WindowBits::MAX.get();
        self.codec
            .take()
            .or_else(|| pool.take(|_| true))
            .unwrap_or_else(|| Box::new(Decompress::new_with_window_bits(false, largest)))
    }
}

/// Inflates `input` until it is used up or `output` is full. Gives whether the end of a final block
/// was the last thing in it.
fn inflate(
    inflater: &mut Decompress,
    input: &mut &[u8],
    output: &mut Vec<u8>,
    at_boundary: &mut bool,
) -> Result<Progress, InvalidCoding> {
    while output.len() < output.capacity() {
        let (before_in, before_out) = (inflater.total_in(), output.len());
        let status = inflater.decompress_vec(input, output, FlushDecompress::None);
        let read = (inflater.total_in() - before_in) as usize;
        *input = &input[read..];
        match status {
            Ok(Status::StreamEnd) => {
                inflater.reset(false);
                *at_boundary = true;
            }
            Ok(Status::Ok | Status::BufError) => *at_boundary &= read == 0,
            Err(_) => return Err(InvalidCoding),
        }
        if input.is_empty() && output.len() < output.capacity() {
            return Ok(Progress::Done);
        }
        if read == 0 && output.len() == before_out {
            return Err(InvalidCoding);
        }
    }
    Ok(Progress::Full)
}

/// Shows the inflater the end of the message that is not sent, and some empty blocks: it has
/// nothing to say to them, unless the message's last block was cut short, and they are taken for
/// its rest.
fn finish(
    inflater: &mut Decompress,
    output: &mut Vec<u8>,
    takeover: bool,
) -> Result<(), InvalidCoding> {
    // Only a decoder that forgets its window anyway can be shown a final block, which leaves no
    // doubt.
    let mut end: &[u8] = match takeover {
        true => &[0x00, 0x00, 0xff, 0xff, 0x00, 0x00, 0x00, 0xff, 0xff],
        false => &[0x00, 0x00, 0xff, 0xff, 0x01, 0x00, 0x00, 0xff, 0xff],
    };
    let before = output.len();
    let mut ended = false;
    let progress = inflate(inflater, &mut end, output, &mut ended);
    let said = output.len() - before;
    output.truncate(before);
    match progress {
        Ok(Progress::Done) if said == 0 && ended != takeover => Ok(()),
        _ => Err(InvalidCoding),
    }
}

impl Decode for DeflateDecoder {
    #[inline]
    fn begin(&mut self, rsv: Rsv) -> Coding {
        self.at_boundary = true;
        if rsv.is_empty() {
            Coding::Plain
        } else {
            Coding::Coded
        }
    }

    fn decode(
        &mut self,
        input: &mut &[u8],
        output: &mut Vec<u8>,
        last: bool,
        pool: &mut Pool,
    ) -> Result<Progress, InvalidCoding> {
        let mut codec = self.codec(pool);
        let inflater = &mut *codec;
        let progress = inflate(inflater, input, output, &mut self.at_boundary)?;
        let ends = last && progress == Progress::Done;
        if ends && !self.at_boundary {
            finish(inflater, output, self.direction.takeover)?;
        }
        if ends && !self.direction.takeover {
            if self.at_boundary {
                inflater.reset(false);
            }
            pool.put(codec);
        } else {
            self.codec = Some(codec);
        }
        Ok(progress)
    }
}

impl fmt::Debug for DeflateEncoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DeflateEncoder")
            .field(&self.direction)
            .finish()
    }
}

impl fmt::Debug for DeflateDecoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DeflateDecoder")
            .field(&self.direction)
            .finish()
    }
}
