//! The head of a request or response: found as it arrives, then parsed once (RFC 9112 2 to 5).
//!
//! Knows HTTP/1 and nothing of WebSocket. Its one idea: what is there whole is parsed at once, and
//! otherwise a byte is looked at when it arrives and never while the rest is waited for, so that a
//! head takes linear time however it is cut, and what can never become a head is refused at its
//! first wrong byte.

use core::mem::MaybeUninit;

use httparse::{Request, Response, Status};
use memchr::{memchr, memchr2};
use smallvec::{SmallVec, smallvec};

use crate::handshake_error::HandshakeError;
use crate::headers::{Headers, is_value_byte};
use crate::limits::Limits;
use crate::token;

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
    if token::all(line, is_value_byte) {
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

/// A response's first line, and its headers.
pub(crate) struct ResponseHead<'h> {
    pub(crate) is_http_1_1: bool,
    pub(crate) status: u16,
    /// Empty where there is none, or none in ASCII.
    pub(crate) reason: &'h str,
    pub(crate) headers: Headers<'h>,
}

/// A head that has arrived.
pub(crate) struct Arrived<'p, 'h, H> {
    pub(crate) head: H,
    /// Its bytes.
    pub(crate) len: usize,
    parsed: &'p [httparse::Header<'h>],
}

impl<'h, H> Arrived<'_, 'h, H> {
    /// What [`Headers::fields`] gives, without another look for where they are.
    #[inline]
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&'h [u8], &'h [u8])> {
        let fields = self.parsed.iter();
        fields.map(|header| (header.name.as_bytes(), header.value))
    }
}

/// A request or a response.
pub(crate) trait Head<'h>: Sized {
    /// Parses the head at the start of `bytes`.
    fn parse<'p>(
        bytes: &'h [u8],
        slots: &'p mut [Slot<'h>],
    ) -> Result<Arrived<'p, 'h, Self>, HandshakeError>;

    /// The head at the start of `unread`, once all of it is there. Where it is not there at once,
    /// or something seems to be wrong with it, [`Scan`] has found it, and says what is wrong.
    #[inline]
    fn receive<'p>(
        scan: &mut Scan,
        unread: &'h [u8],
        limits: &Limits,
        room: &'p mut Room<'h>,
    ) -> Result<Option<Arrived<'p, 'h, Self>>, HandshakeError> {
        if scan.scanned == 0 {
            let within = &unread[..unread.len().min(limits.head_bytes)];
            if let Ok(arrived) = Self::parse(within, &mut room.at_once) {
                let has_few = arrived.parsed.len() <= limits.head_headers;
                if has_few && has_whole_line_ends(&unread[..arrived.len], arrived.parsed) {
                    return Ok(Some(arrived));
                }
            }
        }
        let Some(len) = scan.advance(unread, limits)? else {
            return Ok(None);
        };
        room.found = smallvec![MaybeUninit::uninit(); scan.headers()];
        Self::parse(&unread[..len], &mut room.found).map(Some)
    }
}

impl<'h> Head<'h> for RequestHead<'h> {
    fn parse<'p>(
        bytes: &'h [u8],
        slots: &'p mut [Slot<'h>],
    ) -> Result<Arrived<'p, 'h, Self>, HandshakeError> {
        let mut request = Request::new(&mut []);
        let status = request.parse_with_uninit_headers(bytes, slots);
        let (Status::Complete(len), Some(method), Some(target), Some(version)) = (
            status.map_err(|error| request_error(error, bytes))?,
            request.method,
            request.path,
            request.version,
        ) else {
            return Err(HandshakeError::MalformedStartLine);
        };
        let head = Self {
            method,
            target,
            is_http_1_1: version == 1,
            headers: headers(&bytes[..len]),
        };
        Ok(Arrived {
            head,
            len,
            parsed: request.headers,
        })
    }
}

impl<'h> Head<'h> for ResponseHead<'h> {
    fn parse<'p>(
        bytes: &'h [u8],
        slots: &'p mut [Slot<'h>],
    ) -> Result<Arrived<'p, 'h, Self>, HandshakeError> {
        let mut response = Response::new(&mut []);
        let config = httparse::ParserConfig::default();
        let status = config.parse_response_with_uninit_headers(&mut response, bytes, slots);
        let (Status::Complete(len), Some(version), Some(status @ 100..)) = (
            status.map_err(parse_error)?,
            response.version,
            response.code,
        ) else {
            return Err(HandshakeError::MalformedStartLine);
        };
        let head = Self {
            is_http_1_1: version == 1,
            status,
            reason: response.reason.unwrap_or_default(),
            headers: headers(&bytes[..len]),
        };
        Ok(Arrived {
            head,
            len,
            parsed: response.headers,
        })
    }
}

/// The headers of a whole head, which ends with an empty line.
fn headers(head: &[u8]) -> Headers<'_> {
    let first = memchr(b'\n', head).map_or(0, |at| at + 1);
    Headers::of(head.get(first..head.len() - 2).unwrap_or_default())
}

/// Memory for what a head is parsed into: none of the heap for an ordinary one.
pub(crate) struct Room<'h> {
    at_once: [Slot<'h>; ORDINARY],
    found: SmallVec<[Slot<'h>; ORDINARY]>,
}

type Slot<'h> = MaybeUninit<httparse::Header<'h>>;

/// The most headers of an ordinary head.
const ORDINARY: usize = 32;

impl Room<'_> {
    pub(crate) fn new() -> Self {
        Self {
            at_once: [const { MaybeUninit::uninit() }; ORDINARY],
            found: SmallVec::new(),
        }
    }
}

/// Whether each line of a `head` that httparse has parsed ends with CR LF, and the first is none that is
/// empty: what httparse lets pass, and [`Scan`] does not. No value has a line's end in it, so that a line
/// ends where the next one's name starts, or the head.
fn has_whole_line_ends(head: &[u8], parsed: &[httparse::Header<'_>]) -> bool {
    let is_behind_end = |name: &str| {
        let start = name.as_ptr().addr().wrapping_sub(head.as_ptr().addr());
        head.get(..start)
            .is_some_and(|before| before.ends_with(b"\r\n"))
    };
    parsed.iter().all(|header| is_behind_end(header.name))
        && head.ends_with(b"\r\n\r\n")
        && !matches!(head[0], b'\r' | b'\n')
}

fn request_error(error: httparse::Error, head: &[u8]) -> HandshakeError {
    let line = head.iter().take_while(|byte| **byte != b'\n');
    // What follows a second space is a version to httparse, and a wrong one.
    match line.filter(|byte| **byte == b' ').count() {
        2 => parse_error(error),
        _ => HandshakeError::MalformedStartLine,
    }
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
