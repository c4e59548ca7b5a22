//! What the peer did wrong, and what a caller cannot say.
//!
//! Each variant of [`Violation`] is one rule, and knows the close code that answers it.

use core::fmt;

use crate::close::CloseCode;

/// What the peer did wrong: one rule of RFC 6455 (or of an extension) each.
///
/// Final: once a connection has reported one, it reports the same one again and delivers nothing
/// more. Give it to [`Open::fail`], which tells the peer.
///
/// [`Open::fail`]: crate::Open::fail
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Violation {
    /// An opcode that is not defined (RFC 6455 5.2).
    ReservedOpcode,
    /// A reserved bit that no agreed extension owns, or on a frame that cannot bear one
    /// (RFC 6455 5.2).
    ReservedBit,
    /// A client's frame without a mask (RFC 6455 5.1).
    Unmasked,
    /// A server's frame with a mask (RFC 6455 5.1).
    Masked,
    /// A control frame in fragments (RFC 6455 5.5).
    FragmentedControl,
    /// A control frame of more than 125 bytes (RFC 6455 5.5).
    OversizedControl,
    /// A length in more bytes than it needs (RFC 6455 5.2).
    NonMinimalLength,
    /// A 64-bit length with its top bit set (RFC 6455 5.2).
    LengthTopBit,
    /// A continuation of nothing (RFC 6455 5.4).
    UnexpectedContinuation,
    /// A new message inside a fragmented one (RFC 6455 5.4).
    UnfinishedMessage,
    /// Text that is not UTF-8 (RFC 6455 8.1).
    InvalidUtf8,
    /// A Close frame with one byte, where a code has two (RFC 6455 5.5.1).
    TruncatedCloseCode,
    /// A code that may not stand in a Close frame (RFC 6455 7.4).
    ReservedCloseCode,
    /// A close reason that is not UTF-8 (RFC 6455 5.5.1).
    InvalidCloseReason,
    /// A message above [`Limits::message_payload`](crate::Limits::message_payload).
    MessageTooBig,
    /// A frame above [`Limits::frame_payload`](crate::Limits::frame_payload).
    FrameTooBig,
    /// A message whose frames are above [`Limits::message_wire`](crate::Limits::message_wire).
    TooManyWireBytes,
    /// A message in more frames than [`Limits::fragments`](crate::Limits::fragments).
    TooManyFragments,
    /// A payload that an extension cannot decode (for permessage-deflate: RFC 7692 7.2.2).
    InvalidCoding,
}

impl Violation {
    /// The close code that tells the peer: 1002, 1007 or 1009 (RFC 6455 7.4.1).
    #[must_use]
    pub const fn close_code(self) -> CloseCode {
        match self {
            Self::ReservedOpcode
            | Self::ReservedBit
            | Self::Unmasked
            | Self::Masked
            | Self::FragmentedControl
            | Self::OversizedControl
            | Self::NonMinimalLength
            | Self::LengthTopBit
            | Self::UnexpectedContinuation
            | Self::UnfinishedMessage
            | Self::TruncatedCloseCode
            | Self::ReservedCloseCode => CloseCode::PROTOCOL_ERROR,
            Self::InvalidUtf8 | Self::InvalidCloseReason | Self::InvalidCoding => {
                CloseCode::INVALID_PAYLOAD
            }
            Self::MessageTooBig
            | Self::FrameTooBig
            | Self::TooManyWireBytes
            | Self::TooManyFragments => CloseCode::MESSAGE_TOO_BIG,
        }
    }

    /// The rule in a few words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ReservedOpcode => "reserved opcode",
            Self::ReservedBit => "reserved bit",
            Self::Unmasked => "unmasked frame from a client",
            Self::Masked => "masked frame from a server",
            Self::FragmentedControl => "fragmented control frame",
            Self::OversizedControl => "control frame above 125 bytes",
            Self::NonMinimalLength => "length not minimal",
            Self::LengthTopBit => "length with its top bit set",
            Self::UnexpectedContinuation => "continuation of nothing",
            Self::UnfinishedMessage => "message inside a fragmented one",
            Self::InvalidUtf8 => "text is not UTF-8",
            Self::TruncatedCloseCode => "close code of one byte",
            Self::ReservedCloseCode => "reserved close code",
            Self::InvalidCloseReason => "close reason is not UTF-8",
            Self::MessageTooBig => "message too big",
            Self::FrameTooBig => "frame too big",
            Self::TooManyWireBytes => "too many bytes for one message",
            Self::TooManyFragments => "too many fragments",
            Self::InvalidCoding => "payload cannot be decoded",
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl core::error::Error for Violation {}
