//! A message framed once, for any number of connections.
//!
//! Knows frames, and no connection. Its one idea: what a server sends does not depend on whom it
//! sends it to, so the same bytes can go to all.

#[cfg(feature = "deflate")]
use core::any::TypeId;
use core::fmt;

use bytes::Bytes;

use crate::frame::{self, FIN, Opcode};
use crate::rsv::Rsv;

/// A server's message, framed once and sent to any number of clients with
/// [`Open::send_broadcast`](crate::Open::send_broadcast).
///
/// A clone is a reference. A client's frames each need a mask of their own (RFC 6455 5.3), so this
/// is for servers.
///
/// ```
/// # use wsproto::{Broadcast, Limits, Open, Outbox, Server};
/// # let mut everyone: Vec<(Open<Server>, Outbox)> = Vec::new();
/// # everyone.push((Open::<Server>::after_upgrade((), Limits::default()), Outbox::new()));
/// let news = Broadcast::text("it is raining");
/// for (open, outbox) in &mut everyone {
///     open.send_broadcast(&news, outbox);
/// }
/// ```
///
/// With permessage-deflate, `deflated` adds the message compressed, once for all connections
/// that can take it; the others get it as it is.
#[derive(Clone)]
pub struct Broadcast {
    opcode: Opcode,
    /// A whole frame, whose payload is the message as it is.
    plain: Bytes,
    /// A whole frame whose payload an encoder made: of what type, and what it wants to remember.
    #[cfg(feature = "deflate")]
    encoded: Option<(TypeId, u8, Bytes)>,
}

impl Broadcast {
    /// A text message.
    #[must_use]
    pub fn text(message: &str) -> Self {
        Self::new(Opcode::Text, message.as_bytes())
    }

    /// A binary message.
    #[must_use]
    pub fn binary(message: &[u8]) -> Self {
        Self::new(Opcode::Binary, message)
    }

    fn new(opcode: Opcode, message: &[u8]) -> Self {
        Self {
            opcode,
            plain: framed(Rsv::NONE, opcode, message),
            #[cfg(feature = "deflate")]
            encoded: None,
        }
    }

    /// The frame with the message as it is: for an [`Encode::broadcast`] to which that is legal.
    ///
    /// [`Encode::broadcast`]: crate::Encode::broadcast
    #[must_use]
    pub fn plain_frame(&self) -> &Bytes {
        &self.plain
    }

    pub(crate) fn opcode(&self) -> Opcode {
        self.opcode
    }

    /// The message.
    pub(crate) fn payload(&self) -> &[u8] {
        // The header is the one that `framed` wrote: the only one for a frame of this size.
        let header = match self.plain.len() {
            0..=127 => 2,
            128..=0x1_0003 => 4,
            _ => 10,
        };
        &self.plain[header..]
    }

    /// Adds what the encoder `E` makes of the message, and `note` for it to remember.
    #[cfg(feature = "deflate")]
    pub(crate) fn with_encoded<E: 'static>(self, rsv: Rsv, payload: &[u8], note: u8) -> Self {
        let frame = framed(rsv, self.opcode, payload);
        Self {
            encoded: Some((TypeId::of::<E>(), note, frame)),
            ..self
        }
    }

    /// What [`with_encoded`](Self::with_encoded) added for the encoder `E`.
    #[cfg(feature = "deflate")]
    pub(crate) fn encoded_by<E: 'static>(&self) -> Option<(u8, &Bytes)> {
        match &self.encoded {
            Some((encoder, note, frame)) if *encoder == TypeId::of::<E>() => Some((*note, frame)),
            _ => None,
        }
    }
}

/// The bytes of an unmasked frame that is a whole message.
fn framed(rsv: Rsv, opcode: Opcode, payload: &[u8]) -> Bytes {
    let size = frame::size(payload.len());
    let mut bytes = alloc::vec![0; size + payload.len()];
    let (header, body) = bytes.split_at_mut(size);
    frame::write(header, FIN | rsv.bits() | opcode as u8, payload.len(), ());
    body.copy_from_slice(payload);
    bytes.into()
}

impl fmt::Debug for Broadcast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Broadcast({} bytes)", self.payload().len())
    }
}
