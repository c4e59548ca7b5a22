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
                let end = name_len(text);
                if end == 0 {
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

/// The length of the registered name or IPv4 address (RFC 3986 3.2.2) at the start of `text`; 0
/// where there is none.
fn name_len(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut len = 0;
    while let Some(byte) = bytes.get(len) {
        len += match byte {
            b'%' if bytes.get(len + 1..len + 3).is_some_and(is_hex) => 3,
            byte if NAME[usize::from(*byte)] => 1,
            _ => break,
        };
    }
    len
}

fn is_hex(digits: &[u8]) -> bool {
    digits.iter().all(u8::is_ascii_hexdigit)
}

/// Of each byte: whether it stands for itself in a name.
const NAME: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'-' | b'.' | b'_' | b'~' => true,
            b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b';' | b'=' => true,
            byte => byte.is_ascii_alphanumeric(),
        };
        byte += 1;
    }
    table
};
