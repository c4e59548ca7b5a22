//! The parts of the `http` crate, as what the handshake is made of, and back.
//!
//! Knows no rule of the handshake. Its one idea: headers that somebody else parsed become the
//! lines that they were or could have been, so that each rule is there once.

use alloc::vec::Vec;

use http::HeaderMap;
use http::header::{HeaderName, HeaderValue};

use crate::accept_key::AcceptValue;
use crate::handshake_error::HandshakeError;
use crate::headers::{Headers, InvalidHeader};
use crate::limits::Limits;

/// How a connection of HTTP, or a stream of it, becomes a WebSocket.
#[derive(Debug)]
pub(crate) enum Way {
    /// `Upgrade`, in HTTP/1.1: the server proves with this value that it has read the key.
    Upgrade(AcceptValue),
    /// Extended CONNECT, in HTTP/2 and HTTP/3.
    Connect,
}

/// Header lines, of a head whose first line has `start` bytes, within `limits`.
pub(crate) fn lines(
    start: usize,
    headers: &HeaderMap,
    limits: &Limits,
) -> Result<Vec<u8>, HandshakeError> {
    if headers.len() > limits.head_headers {
        return Err(HandshakeError::TooManyHeaders);
    }
    let line = |(name, value): (&HeaderName, &HeaderValue)| name.as_str().len() + value.len() + 4;
    let len = headers.iter().map(line).sum();
    // Behind them is an empty line.
    if start.saturating_add(len).saturating_add(2) > limits.head_bytes {
        return Err(HandshakeError::HeadTooLong);
    }
    let mut lines = Vec::with_capacity(len);
    for (name, value) in headers {
        for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            lines.extend_from_slice(part);
        }
    }
    Ok(lines)
}

/// Adds a header.
///
/// # Errors
///
/// If the map has no room for it, or the name is above 64 KiB.
pub(crate) fn add(map: &mut HeaderMap, name: &str, value: &[u8]) -> Result<(), InvalidHeader> {
    let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| InvalidHeader::Name)?;
    let value = HeaderValue::from_bytes(value).map_err(|_| InvalidHeader::Value)?;
    map.try_append(name, value)
        .map_err(|_| InvalidHeader::Name)?;
    Ok(())
}

/// Those of the headers that belong to the message and not to a connection of HTTP/1.
pub(crate) fn end_to_end<'h>(headers: Headers<'h>) -> impl Iterator<Item = (&'h str, &'h [u8])> {
    let is_ours = |(name, _): &(&str, &[u8])| {
        let is = |other: &&str| name.eq_ignore_ascii_case(other);
        !OF_CONNECTION.iter().any(is)
    };
    headers.into_iter().filter(is_ours)
}

/// That there is no header which HTTP/2 and HTTP/3 do not have (RFC 9113 8.2.2, RFC 9114 4.2).
pub(crate) fn check_end_to_end(headers: &HeaderMap) -> Result<(), HandshakeError> {
    let mut encodings = headers.get_all(http::header::TE).iter();
    if OF_CONNECTION.iter().any(|name| headers.contains_key(*name))
        || encodings.any(|encoding| encoding != "trailers")
    {
        return Err(HandshakeError::ConnectionHeader);
    }
    Ok(())
}

const OF_CONNECTION: [&str; 5] = [
    "connection",
    "keep-alive",
    "proxy-connection",
    "transfer-encoding",
    "upgrade",
];
