//! The body of a response that refuses a handshake (RFC 9112 6, 7), as it arrives.
//!
//! Knows HTTP/1 and nothing of WebSocket. Its one idea: data is lent where it lies in the inbox,
//! and only lines of a bounded length are waited for.

use crate::delivery::Delivery;
use crate::handshake_error::HandshakeError;
use crate::headers::is_value_byte;
use crate::inbox::Inbox;
use crate::response::Response;
use crate::token;

/// Bytes of a line that says how long a chunk is, or of one behind the last chunk.
const MAX_LINE: usize = 1024;

/// Lines behind the last chunk.
const MAX_TRAILERS: u8 = 64;

/// What comes next of a body.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Body {
    /// So many bytes, and then the end. Not 0.
    Length(u64),
    UntilEof,
    Chunked(Chunked),
    Finished,
    /// It was not by its framing, or ended early.
    Failed(HandshakeError),
}

/// What comes next of a body in chunks.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Chunked {
    /// The line that says how long the chunk is.
    Size,
    /// So many bytes of a chunk. Not 0.
    Data(u64),
    /// The end of the line behind a chunk.
    DataEnd,
    /// A line behind the last chunk; so many may come.
    Trailers(u8),
}

impl Body {
    /// The body that `response` announces (RFC 9112 6.3).
    pub(crate) fn of(response: &Response) -> Self {
        if matches!(response.status(), 204 | 304) {
            return Self::Finished;
        }
        let headers = response.headers();
        let mut encodings = headers.all("Transfer-Encoding").flat_map(token::list);
        if let Some(first) = encodings.next() {
            let last = encodings.last().unwrap_or(first);
            return if last.eq_ignore_ascii_case(b"chunked") {
                Self::Chunked(Chunked::Size)
            } else {
                Self::UntilEof
            };
        }
        let mut lengths = headers.all("Content-Length").flat_map(token::list);
        let Some(first) = lengths.next() else {
            return match headers.first("Content-Length") {
                Some(_) => Self::Failed(HandshakeError::InvalidBody),
                None => Self::UntilEof,
            };
        };
        match number(first, 10) {
            Some(length) if lengths.all(|other| other == first) => Self::of_length(length),
            _ => Self::Failed(HandshakeError::InvalidBody),
        }
    }

    fn of_length(length: u64) -> Self {
        match length {
            0 => Self::Finished,
            _ => Self::Length(length),
        }
    }

    pub(crate) fn is_finished(&self) -> bool {
        matches!(self, Self::Finished)
    }

    /// The next piece of the body, if there is one in the inbox.
    pub(crate) fn receive<'e, D: Delivery>(
        &mut self,
        inbox: &'e mut Inbox<D>,
    ) -> Result<Option<&'e [u8]>, HandshakeError> {
        if let Err(error) = self.skip_lines(inbox) {
            *self = Self::Failed(error);
        }
        let there = inbox.unread().len();
        let len = match self {
            Self::Length(left) | Self::Chunked(Chunked::Data(left)) => {
                usize::try_from(*left).map_or(there, |left| there.min(left))
            }
            Self::UntilEof => there,
            Self::Chunked(_) | Self::Finished => 0,
            Self::Failed(error) => return Err(*error),
        };
        if len == 0 {
            return Ok(None);
        }
        *self = match *self {
            Self::Length(left) => Self::of_length(left - len as u64),
            Self::Chunked(Chunked::Data(left)) => Self::Chunked(match left - len as u64 {
                0 => Chunked::DataEnd,
                left => Chunked::Data(left),
            }),
            other => other,
        };
        let start = inbox.buffer.start();
        inbox.buffer.take(len);
        Ok(Some(&inbox.buffer.bytes()[start..start + len]))
    }

    /// Takes the lines between chunks.
    fn skip_lines<D: Delivery>(&mut self, inbox: &mut Inbox<D>) -> Result<(), HandshakeError> {
        while let Self::Chunked(
            chunked @ (Chunked::Size | Chunked::DataEnd | Chunked::Trailers(_)),
        ) = self
        {
            let Some(line) = line(inbox.unread(), chunked.max_line())? else {
                break;
            };
            let (len, next) = (line.len(), chunked.after_line(line)?);
            inbox.buffer.take(len + 2);
            *self = next;
        }
        Ok(())
    }

    /// The transport has ended.
    pub(crate) fn eof(&mut self) -> Result<(), HandshakeError> {
        *self = match self {
            Self::UntilEof | Self::Finished => Self::Finished,
            Self::Length(_) | Self::Chunked(_) => Self::Failed(HandshakeError::EarlyEof),
            Self::Failed(error) => Self::Failed(*error),
        };
        match self {
            Self::Failed(error) => Err(*error),
            _ => Ok(()),
        }
    }
}

impl Chunked {
    /// Bytes in which a line that comes next must have shown its end.
    const fn max_line(self) -> usize {
        match self {
            Self::DataEnd => 1,
            _ => MAX_LINE,
        }
    }

    /// What comes after a line.
    fn after_line(self, line: &[u8]) -> Result<Body, HandshakeError> {
        let next = match self {
            Self::Size => match chunk_size(line).ok_or(HandshakeError::InvalidBody)? {
                0 => Self::Trailers(MAX_TRAILERS),
                size => Self::Data(size),
            },
            // The line is empty, by `max_line`.
            Self::DataEnd => Self::Size,
            Self::Trailers(_) if line.is_empty() => return Ok(Body::Finished),
            Self::Trailers(left @ 1..) => Self::Trailers(left - 1),
            Self::Data(_) | Self::Trailers(0) => return Err(HandshakeError::InvalidBody),
        };
        Ok(Body::Chunked(next))
    }
}

/// The line that `bytes` start with, without its end, if all of it is there. It is looked at again
/// each time, but only so much of it.
fn line(bytes: &[u8], max: usize) -> Result<Option<&[u8]>, HandshakeError> {
    let start = &bytes[..bytes.len().min(max)];
    let Some(end) = start.iter().position(|byte| !is_value_byte(*byte)) else {
        return if start.len() == max {
            Err(HandshakeError::InvalidBody)
        } else {
            Ok(None)
        };
    };
    match bytes[end..] {
        [b'\r', b'\n', ..] => Ok(Some(&bytes[..end])),
        [b'\r'] => Ok(None),
        _ => Err(HandshakeError::InvalidBody),
    }
}

/// The size in the line before a chunk: hexadecimal digits, and extensions that nobody knows
/// (RFC 9112 7.1).
fn chunk_size(line: &[u8]) -> Option<u64> {
    let size = match line.iter().position(|byte| *byte == b';') {
        Some(end) => line[..end].trim_ascii_end(),
        None => line,
    };
    number(size, 16)
}

/// A number of digits alone that fits.
fn number(digits: &[u8], radix: u32) -> Option<u64> {
    let first = digits.first()?;
    if *first == b'+' {
        return None;
    }
    u64::from_str_radix(core::str::from_utf8(digits).ok()?, radix).ok()
}
