//! How much a peer may ask of us.

/// How much a peer may ask of us, with defaults that are safe on the open internet.
///
/// A peer that goes above one of the limits of the messages is failed with close code 1009
/// ([RFC 6455 7.4.1]), on the header that announces too much and before anything is allocated; or,
/// where a payload only turns out to be too much while an extension decodes it, at that byte. A
/// head that is too long fails the handshake, with HTTP status 431 where we are the server.
///
/// ```
/// use wsproto::Limits;
/// let limits = Limits::default().message_payload(16 << 20).frame_payload(1 << 20);
/// ```
///
/// [RFC 6455 7.4.1]: https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub(crate) message_payload: usize,
    pub(crate) frame_payload: Option<usize>,
    pub(crate) message_wire: Option<usize>,
    pub(crate) fragments: u32,
    pub(crate) pending_pongs: u16,
    pub(crate) head_bytes: usize,
    pub(crate) head_headers: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            message_payload: 1 << 20,
            frame_payload: None,
            message_wire: None,
            // Autobahn 9.3.1 sends 65 537.
            fragments: 1 << 17,
            pending_pongs: 1024,
            head_bytes: 16 << 10,
            head_headers: 100,
        }
    }
}

impl Limits {
    /// The payload of a message, in bytes, after decoding. 1 MiB by default.
    #[must_use]
    pub const fn message_payload(self, bytes: usize) -> Self {
        Self {
            message_payload: bytes,
            ..self
        }
    }

    /// The payload of a frame, in bytes, as it stands on the wire. By default what a message may
    /// have: give more where a message of that size may be compressed and grow by it.
    #[must_use]
    pub const fn frame_payload(self, bytes: usize) -> Self {
        Self {
            frame_payload: Some(bytes),
            ..self
        }
    }

    /// The payloads of all frames of a message together, in bytes, before decoding: a bound for
    /// input that decodes to nothing. By default what a message may have, and 64 KiB.
    #[must_use]
    pub const fn message_wire(self, bytes: usize) -> Self {
        Self {
            message_wire: Some(bytes),
            ..self
        }
    }

    /// The frames of a message. 131 072 by default; 0 counts as 1.
    #[must_use]
    pub const fn fragments(self, frames: u32) -> Self {
        Self {
            fragments: frames,
            ..self
        }
    }

    /// The pongs that wait unsent in an outbox: beyond that only the answer to the newest ping
    /// is kept ([RFC 6455 5.5.3]). 1 024 by default; 0 counts as 1.
    ///
    /// [RFC 6455 5.5.3]: https://www.rfc-editor.org/rfc/rfc6455#section-5.5.3
    #[must_use]
    pub const fn pending_pongs(self, pongs: u16) -> Self {
        Self {
            pending_pongs: pongs,
            ..self
        }
    }

    /// The head of a request or response, in bytes. 16 KiB by default.
    #[must_use]
    pub const fn head_bytes(self, bytes: usize) -> Self {
        Self {
            head_bytes: bytes,
            ..self
        }
    }

    /// The headers of a request or response. 100 by default.
    #[must_use]
    pub const fn head_headers(self, headers: usize) -> Self {
        Self {
            head_headers: headers,
            ..self
        }
    }

    pub(crate) const fn frame_bytes(&self) -> usize {
        match self.frame_payload {
            Some(bytes) => bytes,
            None => self.message_payload,
        }
    }

    pub(crate) const fn wire_bytes(&self) -> usize {
        match self.message_wire {
            Some(bytes) => bytes,
            None => self.message_payload.saturating_add(64 << 10),
        }
    }
}
