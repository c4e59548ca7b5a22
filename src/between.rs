//! What lies between two codecs of which one works on what the other gives.
//!
//! Knows neither. Its one idea: a codec is called when there is something for it, so that as little
//! as possible lies between, and a stack of any depth is made of twos.

use alloc::vec::Vec;

use crate::extension::{Coding, Decode, Encode, InvalidCoding, Progress, copy};
use crate::pool::Pool;
use crate::rsv::Rsv;

/// Bytes between two decoders.
const BETWEEN: usize = 4 << 10;

/// Between two encoders.
#[derive(Debug)]
pub(crate) struct EncodedBetween {
    /// What each has to do with the message that is being sent.
    codings: (Coding, Coding),
    /// What the first wrote. Empty between calls.
    bytes: Vec<u8>,
}

impl Default for EncodedBetween {
    fn default() -> Self {
        Self {
            codings: (Coding::Plain, Coding::Plain),
            bytes: Vec::new(),
        }
    }
}

impl EncodedBetween {
    /// A message begins, for two encoders with the bits that each owns.
    pub(crate) fn begin<A: Encode + ?Sized, B: Encode + ?Sized>(
        &mut self,
        (first, first_owns): (&mut A, Rsv),
        (second, second_owns): (&mut B, Rsv),
        len: Option<usize>,
    ) -> (Rsv, Coding) {
        let (first_rsv, first) = first.begin(len);
        let len = if first == Coding::Plain { len } else { None };
        let (second_rsv, second) = second.begin(len);
        self.codings = (first, second);
        let rsv = first_rsv
            .intersection(first_owns)
            .union(second_rsv.intersection(second_owns));
        (rsv, either(self.codings))
    }

    pub(crate) fn encode<A: Encode + ?Sized, B: Encode + ?Sized>(
        &mut self,
        (first, second): (&mut A, &mut B),
        payload: &[u8],
        last: bool,
        output: &mut Vec<u8>,
        pool: &mut Pool,
    ) {
        match self.codings {
            (Coding::Plain, Coding::Plain) => output.extend_from_slice(payload),
            (Coding::Coded, Coding::Plain) => first.encode(payload, last, output, pool),
            (Coding::Plain, Coding::Coded) => second.encode(payload, last, output, pool),
            (Coding::Coded, Coding::Coded) => {
                first.encode(payload, last, &mut self.bytes, pool);
                second.encode(&self.bytes, last, output, pool);
                self.bytes.clear();
                self.bytes.shrink_to(BETWEEN);
            }
        }
    }
}

/// Between two decoders, of which the second is called first.
#[derive(Debug)]
pub(crate) struct DecodedBetween {
    /// What each has to do with the message that is arriving.
    codings: (Coding, Coding),
    /// What the second wrote and the first has not all read.
    bytes: Vec<u8>,
    /// How much of it the first has read.
    read: usize,
    /// Whether the second has written all that its input so far allows.
    second_done: bool,
    /// Whether the second cannot decode what comes after `bytes`.
    second_failed: bool,
    /// Whether the first has to be called again with what it has not read, and nothing else.
    first_full: bool,
}

impl Default for DecodedBetween {
    fn default() -> Self {
        Self {
            codings: (Coding::Plain, Coding::Plain),
            bytes: Vec::new(),
            read: 0,
            second_done: false,
            second_failed: false,
            first_full: false,
        }
    }
}

impl DecodedBetween {
    /// A message begins, with which each has this to do.
    pub(crate) fn begin(&mut self, first: Coding, second: Coding) -> Coding {
        self.codings = (first, second);
        self.bytes.clear();
        self.read = 0;
        self.second_done = false;
        self.first_full = false;
        either(self.codings)
    }

    pub(crate) fn decode<A: Decode + ?Sized, B: Decode + ?Sized>(
        &mut self,
        (first, second): (&mut A, &mut B),
        input: &mut &[u8],
        output: &mut Vec<u8>,
        last: bool,
        pool: &mut Pool,
    ) -> Result<Progress, InvalidCoding> {
        match self.codings {
            (Coding::Plain, Coding::Plain) => return Ok(copy(input, output)),
            (Coding::Coded, Coding::Plain) => return first.decode(input, output, last, pool),
            (Coding::Plain, Coding::Coded) => return second.decode(input, output, last, pool),
            (Coding::Coded, Coding::Coded) => {}
        }
        if !input.is_empty() {
            self.second_done = false;
        }
        loop {
            let was_full = core::mem::replace(&mut self.first_full, false);
            if self.read == self.bytes.len() && !self.second_done && !was_full {
                self.bytes.clear();
                self.read = 0;
                self.bytes.reserve(BETWEEN);
                match second.decode(input, &mut self.bytes, last, pool) {
                    Ok(progress) => self.second_done = progress == Progress::Done,
                    Err(InvalidCoding) => self.second_failed = true,
                }
            }
            let mut rest = &self.bytes[self.read..];
            let unread = rest.len();
            let ends = last && self.second_done;
            let progress = first.decode(&mut rest, output, ends, pool)?;
            self.read += unread - rest.len();
            match progress {
                Progress::Full => {
                    self.first_full = true;
                    return Ok(Progress::Full);
                }
                // It says that it has taken all, and has not.
                Progress::Done if self.read < self.bytes.len() => return Err(InvalidCoding),
                // What stood before the part that cannot be decoded has been written.
                Progress::Done if self.second_failed => return Err(InvalidCoding),
                Progress::Done if self.second_done => {
                    // The next part of a message brings input, or says that it is the last.
                    self.second_done = false;
                    return Ok(Progress::Done);
                }
                // It has space, and neither reads nor writes.
                Progress::Done if unread == 0 && !was_full => return Err(InvalidCoding),
                // A decoder is not called without space.
                Progress::Done if output.len() == output.capacity() => return Ok(Progress::Full),
                Progress::Done => {}
            }
        }
    }
}

fn either(codings: (Coding, Coding)) -> Coding {
    match codings {
        (Coding::Plain, Coding::Plain) => Coding::Plain,
        _ => Coding::Coded,
    }
}
