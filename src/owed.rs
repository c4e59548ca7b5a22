//! What a receiving half owes to the peer and cannot send: a Pong (RFC 6455 5.5.2).
//!
//! Knows payloads, and nothing of where they go. Its one idea: a debt is a value, which is paid by
//! giving it away and cannot be paid twice.

use core::fmt;

use crate::close::ControlPayload;

/// The Pong that a Ping of the peer asks for: give it to the sending half, which answers with it.
///
/// It is 128 bytes and owns no heap, for a channel or a queue of yours. Let that be bounded: a peer
/// may send pings faster than it reads pongs. Where there is no room, either wait, so that the
/// receiver reads no more for as long; or keep one, and have each newer one
/// [`supersede`](Self::supersede) it, as only the newest need be answered (RFC 6455 5.5.3). In the
/// outbox, [`Limits::pending_pongs`](crate::Limits::pending_pongs) is the bound, as ever.
///
/// ```
/// # use wsproto::OwedPong;
/// use std::sync::mpsc::{SyncSender, TrySendError};
///
/// /// Passes on what is owed as far as there is room, and never waits.
/// fn pass_on(owed: &mut Option<OwedPong>, newer: OwedPong, to_sender: &SyncSender<OwedPong>) {
///     match owed {
///         Some(older) => older.supersede(newer),
///         None => *owed = Some(newer),
///     }
///     if let Some(pong) = owed.take() {
///         if let Err(TrySendError::Full(pong)) = to_sender.try_send(pong) {
///             *owed = Some(pong); // until the next Ping, or the next event
///         }
///     }
/// }
/// ```
#[must_use = "the peer waits for its Pong: `answer` it with the sending half"]
pub struct OwedPong {
    payload: ControlPayload,
    /// The connection's `Limits::pending_pongs`, which is at least 1; 0 where it was paid already.
    limit: u16,
}

impl OwedPong {
    /// The answer to a Ping with this payload, which is that of a frame.
    pub(crate) fn new(payload: &[u8], limit: u16) -> Self {
        Self {
            payload: ControlPayload::try_from(payload).unwrap_or_default(),
            limit,
        }
    }

    /// Of a Ping that was answered before its connection was split.
    pub(crate) fn paid(payload: &[u8]) -> Self {
        Self::new(payload, 0)
    }

    /// How many pongs may wait in the outbox; nothing where there is nothing to pay.
    pub(crate) fn limit(&self) -> Option<u16> {
        (self.limit > 0).then_some(self.limit)
    }

    /// The payload of the Ping.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// Answers a newer Ping in place of this one, which is never answered then: of two that wait
    /// only the newer need be (RFC 6455 5.5.3).
    pub fn supersede(&mut self, newer: Self) {
        // One that was paid owes nothing, and is no reason to forget this.
        if newer.limit > 0 {
            *self = newer;
        }
    }
}

impl fmt::Debug for OwedPong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OwedPong({} bytes)", self.payload.len())
    }
}
