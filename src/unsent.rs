//! A message on its way from where it lies to the transport.
//!
//! Knows bytes, and no frame. Its one idea: only what the transport does not take at once is copied
//! to the outbox.

use core::fmt;
#[cfg(feature = "std")]
use std::io::IoSlice;

use bytes::{Buf, Bytes};

use crate::outbox::Outbox;

/// What is to be sent: all that waits in an outbox and, behind it, a message that lies where its
/// sender has it.
///
/// Give it to the transport as a [`Buf`], as often as that takes some of it. When it is dropped, what is
/// left waits in the outbox, so that nothing is lost where a write fails, would block, or is given
/// up.
///
/// A frame that is masked or encoded is not what its sender has: a client's message, and one that an
/// extension encodes, are written into the outbox whole, as by `send_text` or `send_binary`.
///
/// ```
/// # use std::io::{self, Write};
/// use bytes::Buf;
/// use wsproto::{Open, Outbox, Server};
///
/// fn send(
///     open: &mut Open<Server>,
///     message: &[u8],
///     outbox: &mut Outbox,
///     transport: &mut impl Write,
/// ) -> io::Result<()> {
///     let mut unsent = open.send_binary_in_place(message, outbox);
///     while unsent.has_remaining() {
///         let mut slices = [io::IoSlice::new(&[]); 8];
///         let used = unsent.chunks_vectored(&mut slices);
///         let written = transport.write_vectored(&slices[..used])?;
///         unsent.advance(written);
///     }
///     Ok(())
/// }
/// # let mut open = Open::<Server>::after_upgrade((), wsproto::Limits::default());
/// # let mut wire = Vec::new();
/// # send(&mut open, b"Hello", &mut Outbox::new(), &mut wire).unwrap();
/// # assert_eq!(wire, b"\x82\x05Hello");
/// ```
///
/// `core::mem::forget` loses what is left, and with it the transport, if some of the frame was taken.
#[must_use = "write it to the transport; dropped, it waits in the outbox"]
pub struct Unsent<'m> {
    /// Ends with the header of the frame whose payload is `payload`, if there is one.
    outbox: &'m mut Outbox,
    /// Bytes in it.
    waiting: usize,
    /// What is left of what follows the outbox.
    payload: &'m [u8],
    /// The memory in which `payload` lies, where that can be shared.
    shared: Option<&'m Bytes>,
}

impl<'m> Unsent<'m> {
    /// What waits in the outbox, and behind it `payload`.
    #[inline]
    pub(crate) fn new(outbox: &'m mut Outbox, payload: &'m [u8]) -> Self {
        Self {
            waiting: outbox.len(),
            outbox,
            payload,
            shared: None,
        }
    }

    /// The same, of which what is large can be shared.
    #[inline]
    pub(crate) fn shared(outbox: &'m mut Outbox, payload: &'m Bytes) -> Self {
        let mut unsent = Self::new(outbox, payload);
        unsent.shared = Some(payload);
        unsent
    }
}

/// Takes up to `len` bytes out of the outbox. Says how many.
fn take(len: usize, outbox: &mut Outbox) -> usize {
    let len = len.min(outbox.len());
    outbox.take(len);
    len
}

/// Not compiled into the loop of who has nothing in the outbox.
#[inline(never)]
fn chunk(outbox: &Outbox) -> &[u8] {
    outbox.chunk()
}

/// Has the outbox keep what is left.
#[cold]
fn keep(payload: &[u8], shared: Option<&Bytes>, outbox: &mut Outbox) {
    match shared {
        Some(bytes) if Outbox::shares(payload.len()) => outbox.share(bytes.slice_ref(payload)),
        _ => outbox.write(payload),
    }
}

impl Buf for Unsent<'_> {
    #[inline]
    fn remaining(&self) -> usize {
        self.waiting.saturating_add(self.payload.len())
    }

    #[inline]
    fn chunk(&self) -> &[u8] {
        if self.waiting > 0 {
            chunk(self.outbox)
        } else {
            self.payload
        }
    }

    #[cfg(feature = "std")]
    #[inline]
    fn chunks_vectored<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        let mut used = match self.waiting {
            0 => 0,
            _ => self.outbox.chunks_vectored(slices),
        };
        if let (false, Some(slice)) = (self.payload.is_empty(), slices.get_mut(used)) {
            *slice = IoSlice::new(self.payload);
            used += 1;
        }
        used
    }

    /// Takes out `len` bytes that were sent.
    ///
    /// # Panics
    ///
    /// If there were fewer.
    #[inline]
    fn advance(&mut self, mut len: usize) {
        if self.waiting > 0 {
            // A pong that waits for room stays where it is until the payload is out.
            len -= take(len, self.outbox);
            self.waiting = self.outbox.len();
        }
        assert!(len <= self.payload.len(), "more was sent than there was");
        self.payload = &self.payload[len..];
    }
}

impl Drop for Unsent<'_> {
    #[inline]
    fn drop(&mut self) {
        if !self.payload.is_empty() {
            keep(self.payload, self.shared, self.outbox);
        }
        self.outbox.settle();
    }
}

impl fmt::Debug for Unsent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unsent({} bytes)", self.remaining())
    }
}
