//! What a client's request must have (RFC 6455 4.2.1).
//!
//! Knows headers as a view, wherever they come from. Its one idea: each header is looked at once,
//! and each rule is one error.

use smallvec::SmallVec;

use crate::accept_key;
use crate::authority::Authority;
use crate::extension_list::ListCheck;
use crate::handshake_error::HandshakeError;
use crate::headers::{Headers, Single};
use crate::token;

/// What the headers of a request say that are of importance here.
#[derive(Default)]
pub(crate) struct Fields<'h> {
    host: Single<'h>,
    key: Single<'h>,
    version: Single<'h>,
    origin: Single<'h>,
    /// `Upgrade` has `websocket` in it.
    upgrade: bool,
    /// `Connection` has `upgrade` in it.
    connection: bool,
    body: bool,
    subprotocols: bool,
    extensions: ListCheck,
}

impl<'h> Fields<'h> {
    /// Of the headers' names and values.
    pub(crate) fn of(headers: impl Iterator<Item = (&'h [u8], &'h [u8])>) -> Self {
        let mut fields = Self::default();
        for (name, value) in headers {
            fields.add(name, value);
        }
        fields
    }

    #[inline(always)]
    fn add(&mut self, name: &[u8], value: &'h [u8]) {
        let is = |other: &str| token::is(name, other);
        // Most names are told apart by how long they are.
        match name.len() {
            4 if is("Host") => self.host.add(value),
            6 if is("Origin") => self.origin.add(value),
            7 if is("Upgrade") => self.upgrade |= token::has_token(value, "websocket"),
            10 if is("Connection") => self.connection |= token::has_token(value, "Upgrade"),
            14 if is("Content-Length") => {
                self.body |= value.is_empty() || value.iter().any(|digit| *digit != b'0');
            }
            17 if is("Sec-WebSocket-Key") => self.key.add(value),
            17 if is("Transfer-Encoding") => self.body = true,
            21 if is("Sec-WebSocket-Version") => self.version.add(value),
            22 if is("Sec-WebSocket-Protocol") => self.subprotocols = true,
            24 if is("Sec-WebSocket-Extensions") => self.extensions.add(value),
            _ => {}
        }
    }

    /// What stands in `Host`, which is there once.
    pub(crate) fn host(&self) -> Result<&'h str, HandshakeError> {
        let host = match self.host {
            Single::Missing => return Err(HandshakeError::MissingHost),
            Single::Many => return Err(HandshakeError::DuplicateHost),
            Single::One(host) => str(host).ok_or(HandshakeError::InvalidHost)?,
        };
        match Authority::parse(host) {
            Some(_) => Ok(host),
            None => Err(HandshakeError::InvalidHost),
        }
    }

    /// That no `Host` says something else than `authority`: the way of HTTP/2 and HTTP/3.
    #[cfg(feature = "http")]
    pub(crate) fn check_host_is(&self, authority: &str) -> Result<(), HandshakeError> {
        match self.host {
            Single::Missing => Ok(()),
            Single::One(host) if host.eq_ignore_ascii_case(authority.as_bytes()) => Ok(()),
            Single::One(_) | Single::Many => Err(HandshakeError::DuplicateHost),
        }
    }

    /// That the connection is to become a WebSocket: the way of HTTP/1.1.
    pub(crate) fn check_upgrade(&self) -> Result<(), HandshakeError> {
        if !self.upgrade {
            return Err(HandshakeError::MissingUpgrade);
        }
        if !self.connection {
            return Err(HandshakeError::MissingConnection);
        }
        Ok(())
    }

    /// That there is one version, which is 13.
    pub(crate) fn check_version(&self) -> Result<(), HandshakeError> {
        match self.version {
            Single::Missing => Err(HandshakeError::MissingVersion),
            Single::Many => Err(HandshakeError::DuplicateVersion),
            Single::One(b"13") => Ok(()),
            Single::One(value) if !value.is_empty() && value.iter().all(u8::is_ascii_digit) => {
                Err(HandshakeError::UnsupportedVersion)
            }
            Single::One(_) => Err(HandshakeError::InvalidVersion),
        }
    }

    /// The key, of which there is one: the way of HTTP/1.1.
    pub(crate) fn key(&self) -> Result<&'h [u8], HandshakeError> {
        match self.key {
            Single::Missing => Err(HandshakeError::MissingKey),
            Single::Many => Err(HandshakeError::DuplicateKey),
            Single::One(key) if accept_key::is_key(key) => Ok(key),
            Single::One(_) => Err(HandshakeError::InvalidKey),
        }
    }

    /// That there is no body in the way of the first frame.
    pub(crate) fn check_no_body(&self) -> Result<(), HandshakeError> {
        if self.body {
            return Err(HandshakeError::RequestBody);
        }
        Ok(())
    }

    /// That there is at most one origin, of visible characters.
    pub(crate) fn check_origin(&self) -> Result<(), HandshakeError> {
        match self.origin {
            Single::Missing => Ok(()),
            Single::One(origin)
                if !origin.is_empty() && token::all(origin, |byte| byte.is_ascii_graphic()) =>
            {
                Ok(())
            }
            Single::One(_) | Single::Many => Err(HandshakeError::InvalidOrigin),
        }
    }

    /// That what is offered in `headers` is by the grammar: subprotocols and extensions.
    pub(crate) fn check_offers(&self, headers: Headers<'_>) -> Result<(), HandshakeError> {
        if self.subprotocols {
            check_subprotocols(headers)?;
        }
        let extensions = self.extensions.finish();
        extensions.map_err(|_| HandshakeError::InvalidExtensions)
    }
}

/// That the subprotocols that are offered are tokens, at least one, and none of them twice.
fn check_subprotocols(headers: Headers<'_>) -> Result<(), HandshakeError> {
    let mut seen: SmallVec<[&[u8]; 8]> = subprotocols(headers).collect();
    seen.sort_unstable();
    let is_unique = seen.windows(2).all(|pair| pair[0] != pair[1]);
    if seen.is_empty() || !is_unique || !seen.iter().all(|element| token::is_token(element)) {
        return Err(HandshakeError::InvalidSubprotocols);
    }
    Ok(())
}

/// The subprotocols that are offered, the most preferred first.
pub(crate) fn subprotocols(headers: Headers<'_>) -> impl Iterator<Item = &[u8]> {
    headers.all("Sec-WebSocket-Protocol").flat_map(token::list)
}

/// The host and the origin form of a request's target (RFC 9112 3.2): a target in absolute form
/// names its own host.
pub(crate) fn target<'h>(
    target: &'h str,
    host: &'h str,
) -> Result<(&'h str, &'h str), HandshakeError> {
    check_target(target)?;
    if target.starts_with('/') {
        return Ok((host, target));
    }
    let (scheme, rest) = target
        .split_once("://")
        .ok_or(HandshakeError::InvalidTarget)?;
    let is_ours = |other: &&str| scheme.eq_ignore_ascii_case(other);
    let (host, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    if !["http", "https", "ws", "wss"].iter().any(is_ours) || Authority::parse(host).is_none() {
        return Err(HandshakeError::InvalidTarget);
    }
    Ok((host, path))
}

/// That a target is of visible characters, and has no fragment.
pub(crate) fn check_target(target: &str) -> Result<(), HandshakeError> {
    let is_allowed = |byte: u8| byte.is_ascii_graphic() && byte != b'#';
    if !token::all(target.as_bytes(), is_allowed) {
        return Err(HandshakeError::InvalidTarget);
    }
    Ok(())
}

fn str(value: &[u8]) -> Option<&str> {
    core::str::from_utf8(value).ok()
}
