//! Codecs that no connection owns, to be lent for a message.
//!
//! Knows nothing of what they are. Its one idea: where every message stands for itself, a codec is
//! needed for the length of a message only, and all connections of a thread can share one.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::any::Any;
use core::fmt;

/// Codecs that no connection owns, kept in an [`Inbox`](crate::Inbox) or an
/// [`Outbox`](crate::Outbox).
///
/// An extension takes one when a message begins, or makes one where there is none, and puts it back
/// when the message ends. In between it belongs to the connection, so that any number of
/// connections can be in the middle of a message.
#[derive(Default)]
pub struct Pool {
    /// At most [`Pool::CODECS`].
    codecs: Vec<Box<dyn Any + Send + Sync>>,
}

impl Pool {
    /// The most codecs that are kept.
    const CODECS: usize = 4;

    /// Takes a codec of type `C` that suits.
    #[must_use]
    pub fn take<C: Any + Send + Sync>(&mut self, suits: impl Fn(&C) -> bool) -> Option<Box<C>> {
        let suits = |codec: &Box<dyn Any + Send + Sync>| codec.downcast_ref().is_some_and(&suits);
        let index = self.codecs.iter().position(suits)?;
        self.codecs.swap_remove(index).downcast().ok()
    }

    /// Puts a codec in, for the next message of any connection. One too many is dropped.
    pub fn put<C: Any + Send + Sync>(&mut self, codec: Box<C>) {
        if self.codecs.len() < Self::CODECS {
            self.codecs.push(codec);
        }
    }

    pub(crate) fn clear(&mut self) {
        self.codecs = Vec::new();
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pool({} codecs)", self.codecs.len())
    }
}
