//! A message framed once, for any number of connections.

use bytes::Bytes;

use crate::frame::Opcode;
use crate::outgoing;

/// A server's message, framed once and sent to any number of clients with
/// [`Open::send_broadcast`](crate::Open::send_broadcast).
///
/// A clone is a reference. A client's frames each need a mask of their own (RFC 6455 5.3), so this
/// is for servers.
#[derive(Clone)]
pub struct Broadcast {
    /// A whole frame.
    pub(crate) frame: Bytes,
}

impl Broadcast {
    /// A text message.
    #[must_use]
    pub fn text(message: &str) -> Self {
        Self {
            frame: outgoing::framed(Opcode::Text, message.as_bytes()),
        }
    }

    /// A binary message.
    #[must_use]
    pub fn binary(message: &[u8]) -> Self {
        Self {
            frame: outgoing::framed(Opcode::Binary, message),
        }
    }
}

impl core::fmt::Debug for Broadcast {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Broadcast({} bytes)", self.frame.len())
    }
}
