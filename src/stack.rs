//! Extensions made of extensions: one that may be declined, and two in a row.
//!
//! Knows nothing of what they do. Its one idea: what is composed has the same two codecs as its
//! parts, so that a stack of any depth is one more [`Extension`].

use alloc::vec::Vec;

use bytes::Bytes;

use crate::broadcast::Broadcast;
use crate::extension::{Coding, Decode, Encode, Extension, InvalidCoding, Progress, copy};
use crate::pool::Pool;
use crate::rsv::Rsv;

/// Declined is `None`. See [`Open::narrow`](crate::Open::narrow) for a connection whose type says
/// which.
impl<X: Extension> Extension for Option<X> {
    const RSV: Rsv = X::RSV;
    type Encoder = Option<X::Encoder>;
    type Decoder = Option<X::Decoder>;

    fn split(self) -> (Self::Encoder, Self::Decoder) {
        self.map(X::split).unzip()
    }
}

impl<D: Decode> Decode for Option<D> {
    fn in_force(&self, owned: Rsv) -> Rsv {
        self.as_ref()
            .map_or(Rsv::NONE, |decoder| decoder.in_force(owned))
    }

    #[inline]
    fn begin(&mut self, rsv: Rsv) -> Coding {
        self.as_mut()
            .map_or(Coding::Plain, |decoder| decoder.begin(rsv))
    }

    fn decode(
        &mut self,
        input: &mut &[u8],
        output: &mut Vec<u8>,
        last: bool,
        pool: &mut Pool,
    ) -> Result<Progress, InvalidCoding> {
        match self {
            Some(decoder) => decoder.decode(input, output, last, pool),
            None => Ok(copy(input, output)),
        }
    }
}

impl<E: Encode> Encode for Option<E> {
    #[inline]
    fn begin(&mut self, len: Option<usize>) -> (Rsv, Coding) {
        self.as_mut()
            .map_or((Rsv::NONE, Coding::Plain), |encoder| encoder.begin(len))
    }

    fn encode(&mut self, payload: &[u8], last: bool, output: &mut Vec<u8>, pool: &mut Pool) {
        match self {
            Some(encoder) => encoder.encode(payload, last, output, pool),
            None => output.extend_from_slice(payload),
        }
    }

    #[inline]
    fn broadcast<'b>(&mut self, message: &'b Broadcast) -> Option<&'b Bytes> {
        match self {
            Some(encoder) => encoder.broadcast(message),
            None => Some(message.plain_frame()),
        }
    }
}

/// `A` encodes first and decodes last, as in a server's answer `A, B` (RFC 6455 9.1).
///
/// Two that own the same reserved bit fail the build:
///
/// ```compile_fail,E0080
/// # use wsproto::{Coding, Decode, Encode, Extension, InvalidCoding, Pool, Progress, Rsv};
/// struct Mine;
/// impl Extension for Mine {
///     const RSV: Rsv = Rsv::RSV1;
///     type Encoder = ();
///     type Decoder = ();
///     fn split(self) -> ((), ()) {
///         ((), ())
///     }
/// }
/// const BOTH: Rsv = <(Mine, Mine) as Extension>::RSV;
/// ```
impl<A: Extension, B: Extension> Extension for (A, B) {
    const RSV: Rsv = A::RSV
        .disjoint_union(B::RSV)
        .expect("two extensions own the same reserved bit (RFC 6455 9)");
    type Encoder = PairEncoder<A, B>;
    type Decoder = PairDecoder<A, B>;

    fn split(self) -> (Self::Encoder, Self::Decoder) {
        let (first, second) = (self.0.split(), self.1.split());
        (
            PairEncoder {
                first: first.0,
                second: second.0,
                codings: (Coding::Plain, Coding::Plain),
                between: Vec::new(),
            },
            PairDecoder {
                first: first.1,
                second: second.1,
                codings: (Coding::Plain, Coding::Plain),
                between: Vec::new(),
                read: 0,
                second_done: false,
                second_failed: false,
                first_full: false,
            },
        )
    }
}

/// The encoder of `(A, B)`.
#[derive(Debug)]
pub struct PairEncoder<A: Extension, B: Extension> {
    first: A::Encoder,
    second: B::Encoder,
    /// What each has to do with the message that is being sent.
    codings: (Coding, Coding),
    /// What `first` wrote. Empty between calls.
    between: Vec<u8>,
}

impl<A: Extension, B: Extension> Encode for PairEncoder<A, B> {
    fn begin(&mut self, len: Option<usize>) -> (Rsv, Coding) {
        let (first_rsv, first) = self.first.begin(len);
        let len = if first == Coding::Plain { len } else { None };
        let (second_rsv, second) = self.second.begin(len);
        self.codings = (first, second);
        let rsv = first_rsv
            .intersection(A::RSV)
            .union(second_rsv.intersection(B::RSV));
        (rsv, either(self.codings))
    }

    fn encode(&mut self, payload: &[u8], last: bool, output: &mut Vec<u8>, pool: &mut Pool) {
        match self.codings {
            (Coding::Plain, Coding::Plain) => output.extend_from_slice(payload),
            (Coding::Coded, Coding::Plain) => self.first.encode(payload, last, output, pool),
            (Coding::Plain, Coding::Coded) => self.second.encode(payload, last, output, pool),
            (Coding::Coded, Coding::Coded) => {
                self.first.encode(payload, last, &mut self.between, pool);
                self.second.encode(&self.between, last, output, pool);
                self.between.clear();
                self.between.shrink_to(BETWEEN);
            }
        }
    }
}

/// The decoder of `(A, B)`.
#[derive(Debug)]
pub struct PairDecoder<A: Extension, B: Extension> {
    first: A::Decoder,
    second: B::Decoder,
    /// What each has to do with the message that is arriving.
    codings: (Coding, Coding),
    /// What `second` wrote and `first` has not all read.
    between: Vec<u8>,
    /// How much of it `first` has read.
    read: usize,
    /// Whether `second` has written all that its input so far allows.
    second_done: bool,
    /// Whether `second` cannot decode what comes after `between`.
    second_failed: bool,
    /// Whether `first` has to be called again with what it has not read, and nothing else.
    first_full: bool,
}

/// Bytes between two decoders.
const BETWEEN: usize = 4 << 10;

impl<A: Extension, B: Extension> Decode for PairDecoder<A, B> {
    fn in_force(&self, owned: Rsv) -> Rsv {
        let first = self.first.in_force(owned.intersection(A::RSV));
        first.union(self.second.in_force(owned.intersection(B::RSV)))
    }

    fn begin(&mut self, rsv: Rsv) -> Coding {
        let first = self.first.begin(rsv.intersection(A::RSV));
        let second = self.second.begin(rsv.intersection(B::RSV));
        self.codings = (first, second);
        self.between.clear();
        self.read = 0;
        self.second_done = false;
        self.first_full = false;
        either(self.codings)
    }

    fn decode(
        &mut self,
        input: &mut &[u8],
        output: &mut Vec<u8>,
        last: bool,
        pool: &mut Pool,
    ) -> Result<Progress, InvalidCoding> {
        match self.codings {
            (Coding::Plain, Coding::Plain) => return Ok(copy(input, output)),
            (Coding::Coded, Coding::Plain) => return self.first.decode(input, output, last, pool),
            (Coding::Plain, Coding::Coded) => return self.second.decode(input, output, last, pool),
            (Coding::Coded, Coding::Coded) => {}
        }
        if !input.is_empty() {
            self.second_done = false;
        }
        loop {
            let was_full = core::mem::replace(&mut self.first_full, false);
            if self.read == self.between.len() && !self.second_done && !was_full {
                self.between.clear();
                self.read = 0;
                self.between.reserve(BETWEEN);
                match self.second.decode(input, &mut self.between, last, pool) {
                    Ok(progress) => self.second_done = progress == Progress::Done,
                    Err(InvalidCoding) => self.second_failed = true,
                }
            }
            let mut rest = &self.between[self.read..];
            let unread = rest.len();
            let ends = last && self.second_done;
            let progress = self.first.decode(&mut rest, output, ends, pool)?;
            self.read += unread - rest.len();
            match progress {
                Progress::Full => {
                    self.first_full = true;
                    return Ok(Progress::Full);
                }
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
