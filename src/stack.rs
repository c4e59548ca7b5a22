//! Extensions made of extensions: one that may be declined, and two in a row.
//!
//! Knows nothing of what they do. Its one idea: what is composed has the same two codecs as its
//! parts, so that a stack of any depth is one more [`Extension`].

use alloc::vec::Vec;

use bytes::Bytes;

use crate::between::{DecodedBetween, EncodedBetween};
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
        let encoder = PairEncoder {
            first: first.0,
            second: second.0,
            between: EncodedBetween::default(),
        };
        let decoder = PairDecoder {
            first: first.1,
            second: second.1,
            between: DecodedBetween::default(),
        };
        (encoder, decoder)
    }
}

/// The encoder of `(A, B)`.
#[derive(Debug)]
pub struct PairEncoder<A: Extension, B: Extension> {
    first: A::Encoder,
    second: B::Encoder,
    between: EncodedBetween,
}

impl<A: Extension, B: Extension> Encode for PairEncoder<A, B> {
    fn begin(&mut self, len: Option<usize>) -> (Rsv, Coding) {
        let (first, second) = ((&mut self.first, A::RSV), (&mut self.second, B::RSV));
        self.between.begin(first, second, len)
    }

    fn encode(&mut self, payload: &[u8], last: bool, output: &mut Vec<u8>, pool: &mut Pool) {
        let (first, second) = (&mut self.first, &mut self.second);
        self.between
            .encode((first, second), payload, last, output, pool);
    }
}

/// The decoder of `(A, B)`.
#[derive(Debug)]
pub struct PairDecoder<A: Extension, B: Extension> {
    first: A::Decoder,
    second: B::Decoder,
    between: DecodedBetween,
}

impl<A: Extension, B: Extension> Decode for PairDecoder<A, B> {
    fn in_force(&self, owned: Rsv) -> Rsv {
        let first = self.first.in_force(owned.intersection(A::RSV));
        first.union(self.second.in_force(owned.intersection(B::RSV)))
    }

    fn begin(&mut self, rsv: Rsv) -> Coding {
        let first = self.first.begin(rsv.intersection(A::RSV));
        let second = self.second.begin(rsv.intersection(B::RSV));
        self.between.begin(first, second)
    }

    fn decode(
        &mut self,
        input: &mut &[u8],
        output: &mut Vec<u8>,
        last: bool,
        pool: &mut Pool,
    ) -> Result<Progress, InvalidCoding> {
        let (first, second) = (&mut self.first, &mut self.second);
        self.between
            .decode((first, second), input, output, last, pool)
    }
}
