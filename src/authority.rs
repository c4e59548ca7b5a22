//! A host and its port, as they stand in a URI and in `Host` (RFC 3986 3.2).
//!
//! Knows neither scheme nor header. Its one idea: what a program connects to and what it names in
//! `Host` come from one text that was checked once.

use core::net::Ipv6Addr;

/// A host, and a port where one is given.
pub(crate) struct Authority<'a> {
    /// The host as it is written: an IPv6 address has its brackets.
    pub(crate) host: &'a str,
    pub(crate) port: Option<u16>,
}

impl<'a> Authority<'a> {
    /// Nothing where `text` is not a host and an optional port; a user is not allowed.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let end = match text.strip_prefix('[') {
            Some(inner) => {
                let end = inner.find(']')?;
                inner[..end].parse::<Ipv6Addr>().ok()?;
                end + 2
            }
            None => {
                let end = text.find(':').unwrap_or(text.len());
                if !is_name(&text[..end]) {
                    return None;
                }
                end
            }
        };
        let (host, port) = text.split_at(end);
        let port = match port.strip_prefix(':') {
            None if port.is_empty() => None,
            None => return None,
            Some("") => None,
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                Some(digits.parse().ok()?)
            }
            Some(_) => return None,
        };
        Some(Self { host, port })
    }

    /// The host as a resolver takes it: an IPv6 address has no brackets.
    pub(crate) fn bare_host(&self) -> &'a str {
        self.host.trim_matches(['[', ']'])
    }
}

/// Whether `text` is a registered name or an IPv4 address (RFC 3986 3.2.2), and not empty.
fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let allowed = match byte {
            b'%' => {
                let mut is_hex = || bytes.next().is_some_and(|digit| digit.is_ascii_hexdigit());
                is_hex() && is_hex()
            }
            b'-' | b'.' | b'_' | b'~' => true,
            b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b';' | b'=' => true,
            _ => byte.is_ascii_alphanumeric(),
        };
        if !allowed {
            return false;
        }
    }
    !text.is_empty()
}
