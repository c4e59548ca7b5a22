//! The headers of a request or response: as a view of what was received, and as what is to be
//! sent.
//!
//! Knows the syntax of a field line and nothing of what a header means. Its one idea: headers are
//! kept as the lines that they are on the wire, checked once, so that looking at them allocates
//! nothing and sending them is a copy.

use alloc::vec::Vec;
use core::{fmt, str};

use memchr::memchr;

use crate::token;

/// The headers of a request or response, in their order.
///
/// Names are found in any case. A value is bytes (RFC 9110 5.5), without the white space around
/// it.
///
/// ```
/// # use wsproto::ExtraHeaders;
/// let sent = ExtraHeaders::new().with("Via", "1.1 a")?.with("via", "1.1 b")?;
/// let headers = sent.headers();
/// assert_eq!(headers.first("VIA"), Some(&b"1.1 a"[..]));
/// assert_eq!(headers.all("via").count(), 2);
/// for (name, value) in headers {
///     println!("{name}: {}", value.escape_ascii());
/// }
/// # Ok::<(), wsproto::InvalidHeader>(())
/// ```
#[derive(Clone, Copy)]
pub struct Headers<'h> {
    /// Lines of a name that is a token, a colon, a value without control characters, CR LF.
    lines: &'h [u8],
}

impl<'h> Headers<'h> {
    /// `lines` were checked: each is a token, a colon, a value without control characters, CR LF.
    pub(crate) fn of(lines: &'h [u8]) -> Self {
        Self { lines }
    }

    pub(crate) fn lines(self) -> &'h [u8] {
        self.lines
    }

    /// The value of the first header of this name.
    #[must_use]
    pub fn first(self, name: &str) -> Option<&'h [u8]> {
        self.all(name).next()
    }

    /// The value of each header of this name, in their order.
    pub fn all<'n>(self, name: &'n str) -> impl Iterator<Item = &'h [u8]> + use<'h, 'n> {
        self.fields()
            .filter(|(other, _)| other.eq_ignore_ascii_case(name.as_bytes()))
            .map(|(_, value)| value)
    }

    /// Name and value of each header, the name as bytes.
    pub(crate) fn fields(self) -> impl Iterator<Item = (&'h [u8], &'h [u8])> {
        let mut iter = self.iter();
        core::iter::from_fn(move || iter.next_line())
    }

    /// Name and value of each header.
    #[must_use]
    pub fn iter(self) -> HeaderIter<'h> {
        HeaderIter { lines: self.lines }
    }
}

impl<'h> IntoIterator for Headers<'h> {
    type Item = (&'h str, &'h [u8]);
    type IntoIter = HeaderIter<'h>;

    fn into_iter(self) -> HeaderIter<'h> {
        self.iter()
    }
}

/// The names alone: a value may be a secret.
impl fmt::Debug for Headers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.iter().map(|(name, _)| name))
            .finish()
    }
}

/// Name and value of each header. See [`Headers::iter`].
#[derive(Clone)]
pub struct HeaderIter<'h> {
    lines: &'h [u8],
}

impl<'h> HeaderIter<'h> {
    /// Name and value of the next header, the name as bytes.
    #[inline]
    pub(crate) fn next_line(&mut self) -> Option<(&'h [u8], &'h [u8])> {
        let (name, rest) = split_at_byte(self.lines, b':')?;
        let (value, rest) = split_at_byte(rest, b'\n')?;
        self.lines = rest;
        Some((name, value.trim_ascii()))
    }
}

/// What is before and behind the first `byte`.
fn split_at_byte(bytes: &[u8], byte: u8) -> Option<(&[u8], &[u8])> {
    let at = memchr(byte, bytes)?;
    Some((&bytes[..at], &bytes[at + 1..]))
}

impl<'h> Iterator for HeaderIter<'h> {
    type Item = (&'h str, &'h [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (name, value) = self.next_line()?;
        Some((str::from_utf8(name).ok()?, value))
    }
}

impl fmt::Debug for HeaderIter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Headers { lines: self.lines }.fmt(f)
    }
}

/// A header that is to be there once.
#[derive(Clone, Copy, Default)]
pub(crate) enum Single<'h> {
    #[default]
    Missing,
    One(&'h [u8]),
    Many,
}

impl<'h> Single<'h> {
    pub(crate) fn add(&mut self, value: &'h [u8]) {
        *self = match self {
            Self::Missing => Self::One(value),
            Self::One(_) | Self::Many => Self::Many,
        };
    }
}

/// Headers to send beside those that the handshake needs, checked: whatever takes them cannot
/// fail.
///
/// ```
/// use wsproto::{ExtraHeaders, InvalidHeader};
/// let headers = ExtraHeaders::new().with("Server", "example")?.with("Set-Cookie", "a=b")?;
///
/// let injected = ExtraHeaders::new().with("Server", "example\r\nSet-Cookie: a=c");
/// assert_eq!(injected.unwrap_err(), InvalidHeader::Value);
/// let overridden = ExtraHeaders::new().with("Sec-WebSocket-Accept", "x");
/// assert_eq!(overridden.unwrap_err(), InvalidHeader::Reserved);
/// # Ok::<(), InvalidHeader>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ExtraHeaders {
    /// As in [`Headers`].
    lines: Vec<u8>,
}

impl ExtraHeaders {
    /// No header.
    #[must_use]
    pub const fn new() -> Self {
        Self { lines: Vec::new() }
    }

    /// These headers and one more. One of the same name stays: some may come more than once.
    ///
    /// # Errors
    ///
    /// If the name or the value cannot be sent, or the name is one that the handshake itself
    /// sends.
    pub fn with(mut self, name: &str, value: impl AsRef<[u8]>) -> Result<Self, InvalidHeader> {
        if is_reserved(name) {
            return Err(InvalidHeader::Reserved);
        }
        self.add(name, value.as_ref())?;
        Ok(self)
    }

    pub(crate) fn add(&mut self, name: &str, value: &[u8]) -> Result<(), InvalidHeader> {
        if !token::is_token(name.as_bytes()) {
            return Err(InvalidHeader::Name);
        }
        if !value.iter().copied().all(is_value_byte) {
            return Err(InvalidHeader::Value);
        }
        self.push(name, value);
        Ok(())
    }

    fn push(&mut self, name: &str, value: &[u8]) {
        for part in [name.as_bytes(), b": ", value, b"\r\n"] {
            self.lines.extend_from_slice(part);
        }
    }

    /// Those of `headers` that are not the handshake's own.
    pub(crate) fn beside_the_handshake(headers: Headers<'_>) -> Self {
        Self::those(headers, |name| !is_reserved(name))
    }

    /// Those of `headers` that are of the name `wanted`.
    pub(crate) fn named(wanted: &str, headers: Headers<'_>) -> Self {
        Self::those(headers, |name| name.eq_ignore_ascii_case(wanted))
    }

    fn those(headers: Headers<'_>, wanted: impl Fn(&str) -> bool) -> Self {
        let mut those = Self::new();
        for (name, value) in headers {
            if wanted(name) {
                those.push(name, value);
            }
        }
        those
    }

    /// The headers, to look at.
    #[must_use]
    pub fn headers(&self) -> Headers<'_> {
        Headers::of(&self.lines)
    }
}

impl fmt::Debug for ExtraHeaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.headers().fmt(f)
    }
}

/// Whether a header of this name is the handshake's own.
fn is_reserved(name: &str) -> bool {
    const NAMES: [&str; 6] = [
        "Host",
        "Upgrade",
        "Connection",
        "Content-Length",
        "Transfer-Encoding",
        "Trailer",
    ];
    const PREFIX: &[u8] = b"Sec-WebSocket-";
    NAMES
        .iter()
        .any(|reserved| name.eq_ignore_ascii_case(reserved))
        || name
            .as_bytes()
            .get(..PREFIX.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(PREFIX))
}

/// Whether `byte` may stand in a value: no control character but the tab (RFC 9110 5.5).
pub(crate) const fn is_value_byte(byte: u8) -> bool {
    byte == b'\t' || (byte >= b' ' && byte != 0x7f)
}

/// A header that cannot be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InvalidHeader {
    /// The name is not a token (RFC 9110 5.1).
    Name,
    /// The value has a CR, LF, NUL or another control character (RFC 9110 5.5).
    Value,
    /// The handshake sends this header itself: `Host`, `Upgrade`, `Connection`, `Sec-WebSocket-*`
    /// and those that say how long a body is.
    Reserved,
}

impl fmt::Display for InvalidHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "header name is not a token",
            Self::Value => "control character in a header value",
            Self::Reserved => "header belongs to the handshake",
        })
    }
}

impl core::error::Error for InvalidHeader {}
