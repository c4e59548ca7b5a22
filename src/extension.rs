//! What the two ends agreed to beyond RFC 6455, as types (RFC 6455 9).
//!
//! Knows nothing of any extension. Its one idea: an agreed extension is a type parameter with one
//! codec per direction; the codec of `()` says at compile time that it does nothing, and the code
//! for it is gone.

use alloc::vec::Vec;

use bytes::Bytes;

use crate::broadcast::Broadcast;
use crate::error::Violation;
use crate::pool::Pool;
use crate::rsv::Rsv;

/// An extension as it was agreed: what the third parameter of [`Open`](crate::Open) stands for.
///
/// There is a codec per direction, so that a connection can be split. `()` is no extension;
/// `Option<X>` one that may have been declined; `(A, B)` a stack, in the order of the server's
/// answer: `A` encodes first and decodes last (RFC 6455 9.1).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an agreed extension",
    label = "not an extension",
    note = "`()` is none, `Option<X>` one that may be declined, `(A, B)` two of them; an offer (such as `DeflateOffer`) is not yet agreed"
)]
pub trait Extension: Sized {
    /// The reserved bits that it owns. Two in a stack that own the same one fail the build.
    const RSV: Rsv;

    /// What it does to messages that we send.
    type Encoder: Encode;

    /// What it does to messages that we receive.
    type Decoder: Decode;

    /// Its two directions.
    fn split(self) -> (Self::Encoder, Self::Decoder);
}

/// Whether an extension has something to do with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// The payload stays as it is; the codec is not called for this message again.
    Plain,
    /// The payload goes through the codec.
    Coded,
}

/// How far a decoder came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// All input was taken, and all output that it allows was written.
    Done,
    /// The output is full, and there may be more.
    Full,
}

/// A payload that cannot be decoded: the connection fails with [`Violation::InvalidCoding`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidCoding;

impl From<InvalidCoding> for Violation {
    fn from(InvalidCoding: InvalidCoding) -> Self {
        Self::InvalidCoding
    }
}

/// One direction of an extension: how payloads of messages that arrive are decoded.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a decoder of messages",
    label = "not a decoder",
    note = "an extension has a decoder for what arrives; `()` leaves it as it is"
)]
pub trait Decode {
    /// Which of the extension's reserved bits are in force: all of them, unless it was declined.
    #[inline(always)]
    fn in_force(&self, owned: Rsv) -> Rsv {
        owned
    }

    /// A message begins, with those of the extension's own reserved bits that its first frame
    /// has.
    fn begin(&mut self, rsv: Rsv) -> Coding;

    /// Decodes more of the message: takes bytes from the front of `input` and appends to
    /// `output`, at most as much as fits into its spare capacity (there is some).
    ///
    /// `last` says that the message ends with `input`. [`Progress::Full`] asks to be called again
    /// with the rest of the input, and space; `last` stays as it was.
    ///
    /// `pool` lends codecs that no connection owns.
    ///
    /// # Errors
    ///
    /// If the payload cannot be decoded. What was appended before stays, and is looked at first.
    fn decode(
        &mut self,
        input: &mut &[u8],
        output: &mut Vec<u8>,
        last: bool,
        pool: &mut Pool,
    ) -> Result<Progress, InvalidCoding>;
}

/// One direction of an extension: how payloads of messages that we send are encoded.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an encoder of messages",
    label = "not an encoder",
    note = "an extension has an encoder for what is sent; `()` leaves it as it is"
)]
pub trait Encode {
    /// A message begins. `len` is its length in bytes where it is known, which it is unless the
    /// message goes in fragments.
    ///
    /// Gives the reserved bits for its first frame, and whether the payload is to be encoded.
    fn begin(&mut self, len: Option<usize>) -> (Rsv, Coding);

    /// Appends to `output` what `payload` becomes. `last` says that the message ends with it. What is
    /// in `output` before is none of its business, and stays.
    ///
    /// `pool` lends codecs that no connection owns.
    fn encode(&mut self, payload: &[u8], last: bool, output: &mut Vec<u8>, pool: &mut Pool);

    /// The frame of a message for many connections that can go out here as it is, if there is one:
    /// [`Broadcast::plain_frame`] where a message may go without the extension.
    ///
    /// By default there is none, and the message is encoded for this connection.
    fn broadcast<'b>(&mut self, message: &'b Broadcast) -> Option<&'b Bytes> {
        let _ = message;
        None
    }
}

impl Extension for () {
    const RSV: Rsv = Rsv::NONE;
    type Encoder = ();
    type Decoder = ();

    fn split(self) -> ((), ()) {
        ((), ())
    }
}

impl Decode for () {
    #[inline(always)]
    fn begin(&mut self, _: Rsv) -> Coding {
        Coding::Plain
    }

    fn decode(
        &mut self,
        input: &mut &[u8],
        output: &mut Vec<u8>,
        _: bool,
        _: &mut Pool,
    ) -> Result<Progress, InvalidCoding> {
        Ok(copy(input, output))
    }
}

impl Encode for () {
    #[inline(always)]
    fn begin(&mut self, _: Option<usize>) -> (Rsv, Coding) {
        (Rsv::NONE, Coding::Plain)
    }

    fn encode(&mut self, payload: &[u8], _: bool, output: &mut Vec<u8>, _: &mut Pool) {
        output.extend_from_slice(payload);
    }

    #[inline(always)]
    fn broadcast<'b>(&mut self, message: &'b Broadcast) -> Option<&'b Bytes> {
        Some(message.plain_frame())
    }
}

/// Moves what fits from `input` to the spare capacity of `output`.
pub(crate) fn copy(input: &mut &[u8], output: &mut Vec<u8>) -> Progress {
    let len = input.len().min(output.capacity() - output.len());
    let (now, later) = input.split_at(len);
    output.extend_from_slice(now);
    *input = later;
    if later.is_empty() {
        Progress::Done
    } else {
        Progress::Full
    }
}
