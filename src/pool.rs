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
    /// At most [`Pool::CODECS`], the one that was put in last at the end.
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
        self.codecs.remove(index).downcast().ok()
    }

    /// Puts a codec in, for the next message of any connection. One too many, and the one that
    /// nobody has taken for longest is dropped: what a few peers agreed to does not keep out what
    /// the others use.
    pub fn put<C: Any + Send + Sync>(&mut self, codec: Box<C>) {
        if self.codecs.len() == Self::CODECS {
            self.codecs.remove(0);
        }
        self.codecs.push(codec);
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

#[cfg(test)]
mod tests {
    use alloc::boxed::Box;

    use super::Pool;

    #[test]
    fn a_codec_that_nobody_takes_makes_room() {
        let mut pool = Pool::default();
        let takes = |pool: &mut Pool, codec: u8| pool.take(move |it: &u8| *it == codec).is_some();
        for codec in 0..4 {
            pool.put(Box::new(codec as u8));
        }
        // Taken and put back, so that the next one is the oldest.
        assert!(takes(&mut pool, 0));
        pool.put(Box::new(0_u8));
        for codec in 4..6 {
            pool.put(Box::new(codec as u8));
        }
        let left = [0, 1, 2, 3, 4, 5].map(|codec| takes(&mut pool, codec));
        assert_eq!(left, [true, false, false, true, true, true]);
    }
}
