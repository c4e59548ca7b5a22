//! The head of a request or response: found as it arrives, then parsed once (RFC 9112 2 to 5).
//!
//! Knows HTTP/1 and nothing of WebSocket. Its one idea: a byte is looked at when it arrives and
//! never while the rest is waited for, so that a head takes linear time however it is cut, and
//! what can never become a head is refused at its first wrong byte.

use memchr::{memchr, memchr2};
use smallvec::{SmallVec, smallvec};

use crate::handshake_error::HandshakeError;
use crate::headers::{Headers, is_value_byte};
use crate::limits::Limits;

/// How far a head has been looked at. Its bytes stay in the inbox until it is whole.
#[derive(Clone, Copy, Default)]
pub(crate) struct Scan {
    /// Bytes of the head that were looked at.
    scanned: usize,
    /// Lines that have ended, the first line included.
    lines: usize,
    at: At,
}

/// What the last byte that was looked at was.
#[derive(Clone, Copy, Default)]
enum At {
    #[default]
    LineStart,
    Line,
    /// The CR behind a line.
    LineEnd,
    /// The CR of the empty line.
    HeadEnd,
}

impl Scan {
    /// Looks at what has arrived since the last time. Gives the length of the head in bytes when
    /// all of it is there.
    ///
    /// # Panics
    ///
    /// If there is less than the last time: the inbox is another connection's.
    pub(crate) fn advance(
        &mut self,
        unread: &[u8],
        limits: &Limits,
    ) -> Result<Option<usize>, HandshakeError> {
        assert!(
            self.scanned <= unread.len(),
            "the inbox does not hold what this handshake left in it"
        );
        let within = unread.len().min(limits.head_bytes);
        while let Some((byte, rest)) = unread
            .get(self.scanned..within)
            .and_then(<[u8]>::split_first)
        {
            self.scanned += 1;
            if self.step(*byte, limits)? {
                return Ok(Some(self.scanned));
            }
            if let At::Line = self.at {
                self.scanned += value_len(rest);
            }
        }
        if self.scanned >= limits.head_bytes {
            return Err(HandshakeError::HeadTooLong);
        }
        Ok(None)
    }

    /// Headers of the head, once all of it was looked at.
    pub(crate) fn headers(&self) -> usize {
        self.lines.saturating_sub(1)
    }

    /// Looks at one byte. True at the end of the head. Within a line, bytes that may stand there
    /// change nothing.
    fn step(&mut self, byte: u8, limits: &Limits) -> Result<bool, HandshakeError> {
        self.at = match (self.at, byte) {
            (At::Line, b'\r') => At::LineEnd,
            (At::LineEnd, b'\n') => {
                self.lines += 1;
                At::LineStart
            }
            (At::HeadEnd, b'\n') => return Ok(true),
            (_, b'\n') => return Err(HandshakeError::BareLineFeed),
            (At::LineEnd | At::HeadEnd, _) => return Err(HandshakeError::ControlCharacter),
            (At::LineStart, b'\r' | b' ' | b'\t') if self.lines == 0 => {
                return Err(HandshakeError::MalformedStartLine);
            }
            (At::LineStart, b'\r') => At::HeadEnd,
            (At::LineStart, b' ' | b'\t') => return Err(HandshakeError::FoldedHeader),
            (_, byte) if !is_value_byte(byte) => return Err(HandshakeError::ControlCharacter),
            (At::LineStart, _) if self.lines > limits.head_headers => {
                return Err(HandshakeError::TooManyHeaders);
            }
            (At::LineStart | At::Line, _) => At::Line,
        };
        Ok(false)
    }
}

/// The length of the part of a line at the start of `bytes`.
fn value_len(bytes: &[u8]) -> usize {
    let end = memchr2(b'\r', b'\n', bytes).unwrap_or(bytes.len());
    let line = &bytes[..end];
    // No end before the end, so that many bytes are looked at together.
    if line.iter().fold(true, |ok, byte| ok & is_value_byte(*byte)) {
        return end;
    }
    let wrong = line.iter().position(|byte| !is_value_byte(*byte));
    wrong.unwrap_or(end)
}

/// A request's first line, and its headers.
pub(crate) struct RequestHead<'h> {
    pub(crate) method: &'h str,
    /// Of visible characters, which may be beyond ASCII.
    pub(crate) target: &'h str,
    /// Whether the version is HTTP/1.1, and not HTTP/1.0.
    pub(crate) is_http_1_1: bool,
    pub(crate) headers: Headers<'h>,
}

impl<'h> RequestHead<'h> {
    /// Parses a head that [`Scan`] found, with its number of headers.
    pub(crate) fn parse(head: &'h [u8], count: usize) -> Result<Self, HandshakeError> {
        let lines = lines(head);
        let spaces = head[..head.len() - lines.len() - 2].iter();
        if spaces.filter(|byte| **byte == b' ').count() != 2 {
            return Err(HandshakeError::MalformedStartLine);
        }
        let mut parsed: Parsed<'_> = smallvec![httparse::EMPTY_HEADER; count];
        let mut request = httparse::Request::new(&mut parsed);
        request.parse(head).map_err(parse_error)?;
        let (Some(method), Some(target), Some(version)) =
            (request.method, request.path, request.version)
        else {
            return Err(HandshakeError::MalformedStartLine);
        };
        Ok(Self {
            method,
            target,
            is_http_1_1: version == 1,
            headers: Headers::of(lines),
        })
    }
}

/// A response's first line, and its headers.
pub(crate) struct ResponseHead<'h> {
    pub(crate) is_http_1_1: bool,
    pub(crate) status: u16,
    /// Empty where there is none, or none in ASCII.
    pub(crate) reason: &'h str,
    pub(crate) headers: Headers<'h>,
}

impl<'h> ResponseHead<'h> {
    /// Parses a head that [`Scan`] found, with its number of headers.
    pub(crate) fn parse(head: &'h [u8], count: usize) -> Result<Self, HandshakeError> {
        let mut parsed: Parsed<'_> = smallvec![httparse::EMPTY_HEADER; count];
        let mut response = httparse::Response::new(&mut parsed);
        response.parse(head).map_err(parse_error)?;
        let (Some(version), Some(status @ 100..)) = (response.version, response.code) else {
            return Err(HandshakeError::MalformedStartLine);
        };
        Ok(Self {
            is_http_1_1: version == 1,
            status,
            reason: response.reason.unwrap_or_default(),
            headers: Headers::of(lines(head)),
        })
    }
}

/// As many as an ordinary head has, without a heap of their own.
type Parsed<'h> = SmallVec<[httparse::Header<'h>; 32]>;

/// The header lines of a whole head, which ends with an empty line.
fn lines(head: &[u8]) -> &[u8] {
    let first = memchr(b'\n', head);
    &head[first.map_or(0, |at| at + 1)..head.len() - 2]
}

fn parse_error(error: httparse::Error) -> HandshakeError {
    match error {
        // What is wrong with values, or with their number, the scan has refused.
        httparse::Error::HeaderName => HandshakeError::InvalidHeaderName,
        httparse::Error::Version => HandshakeError::HttpVersion,
        _ => HandshakeError::MalformedStartLine,
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::{HandshakeError, Scan};
    use crate::limits::Limits;

    #[test]
    fn no_byte_is_looked_at_twice() {
        let head = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        let mut scan = Scan::default();
        let mut arrived = vec![];
        for (index, byte) in head.iter().enumerate() {
            // A byte that was looked at before and is looked at again is an error now.
            arrived.fill(0);
            arrived.push(*byte);
            let found = scan.advance(&arrived, &Limits::default());
            let end = (index + 1 == head.len()).then_some(head.len());
            assert_eq!(found, Ok(end));
        }
    }

    #[test]
    fn the_limits_are_exact() {
        let head = b"GET / HTTP/1.1\r\nHost: a\r\nB: b\r\n\r\n";
        let scan = |limits: Limits| Scan::default().advance(head, &limits);
        let limits = Limits::default();
        assert_eq!(scan(limits.head_bytes(head.len())), Ok(Some(head.len())));
        assert_eq!(
            scan(limits.head_bytes(head.len() - 1)),
            Err(HandshakeError::HeadTooLong)
        );
        assert_eq!(scan(limits.head_headers(2)), Ok(Some(head.len())));
        assert_eq!(
            scan(limits.head_headers(1)),
            Err(HandshakeError::TooManyHeaders)
        );
    }
}
