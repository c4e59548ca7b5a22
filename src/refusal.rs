//! A server's refusal as bytes (RFC 6455 4.2.2): a response of HTTP/1.1 that ends the connection.
//!
//! Knows nothing of the request that it answers. Its one idea: every refusal says
//! `Connection: close`, so that nothing after the request is taken for another one.

use alloc::format;
use core::fmt;

use crate::outbox::Outbox;

/// An HTTP status that refuses a handshake: 200–599, but for 204, 205 and 304, which allow no
/// body.
///
/// A status known at compile time fails the build when it is none of these:
///
/// ```
/// use wsproto::RejectStatus;
/// let status = RejectStatus::literal::<429>();
/// ```
/// ```compile_fail,E0080
/// use wsproto::RejectStatus;
/// let status = RejectStatus::literal::<101>();
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RejectStatus(u16);

impl RejectStatus {
    /// 400 Bad Request.
    pub const BAD_REQUEST: Self = Self(400);
    /// 401 Unauthorized.
    pub const UNAUTHORIZED: Self = Self(401);
    /// 403 Forbidden.
    pub const FORBIDDEN: Self = Self(403);
    /// 404 Not Found.
    pub const NOT_FOUND: Self = Self(404);
    /// 500 Internal Server Error.
    pub const INTERNAL_SERVER_ERROR: Self = Self(500);
    /// 503 Service Unavailable.
    pub const SERVICE_UNAVAILABLE: Self = Self(503);

    /// The status `status`, if it can refuse a handshake.
    #[must_use]
    pub const fn new(status: u16) -> Option<Self> {
        match status {
            204 | 205 | 304 => None,
            200..=599 => Some(Self(status)),
            _ => None,
        }
    }

    /// The status `STATUS`; one that cannot refuse a handshake fails the build.
    #[must_use]
    pub const fn literal<const STATUS: u16>() -> Self {
        const { Self::new(STATUS).expect("this status cannot refuse a handshake") }
    }

    /// The status as a number.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }
}

impl fmt::Debug for RejectStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RejectStatus({})", self.0)
    }
}

impl fmt::Display for RejectStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The usual reason phrase of a status; empty where there is none (RFC 9112 4 allows that).
const fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        410 => "Gone",
        421 => "Misdirected Request",
        426 => "Upgrade Required",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        505 => "HTTP Version Not Supported",
        _ => "",
    }
}

/// Writes the head of a refusal up to and with `lines`, header lines that were checked.
fn start(status: u16, lines: &[u8], outbox: &mut Outbox) {
    let reason = reason(status);
    outbox.write(format!("HTTP/1.1 {status} {reason}\r\nConnection: close\r\n").as_bytes());
    outbox.write(lines);
}

/// Writes a refusal with all of its body.
pub(crate) fn whole(status: u16, lines: &[u8], body: &[u8], outbox: &mut Outbox) {
    start(status, lines, outbox);
    outbox.write(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes());
    outbox.write(body);
}

/// Writes the head of a refusal whose body follows in chunks (RFC 9112 7.1).
pub(crate) fn chunked(status: u16, lines: &[u8], outbox: &mut Outbox) {
    start(status, lines, outbox);
    outbox.write(b"Transfer-Encoding: chunked\r\n\r\n");
}

/// Writes a chunk of a body; nothing for an empty one, which would end the body.
pub(crate) fn chunk(data: &[u8], outbox: &mut Outbox) {
    if !data.is_empty() {
        outbox.write(format!("{:x}\r\n", data.len()).as_bytes());
        outbox.write(data);
        outbox.write(b"\r\n");
    }
}

/// Writes the end of a body in chunks.
pub(crate) fn last_chunk(outbox: &mut Outbox) {
    outbox.write(b"0\r\n\r\n");
}
