//! What leaves: frames and handshakes, on their way to the transport.
//!
//! Knows bytes, and which of them are pongs. Its one idea: small frames lie contiguously, large
//! payloads are shared, and [`Buf`] shows both to a transport in one vectored write.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::fmt;
#[cfg(feature = "std")]
use std::io::IoSlice;

use bytes::{Buf, Bytes};

use crate::buffer::{Buffer, KEEP};
use crate::pool::Pool;

/// A payload of at least this size is shared, not copied.
const SHARE: usize = 4 << 10;

/// Times in a row that little was sent until it was empty again, after which the memory of much is
/// given back.
const CALM_TIMES: u8 = 64;

/// What leaves: bytes on their way to one transport.
///
/// Give it to the transport as a [`Buf`] (`write_vectored` with
/// [`chunks_vectored`](Buf::chunks_vectored) and [`advance`](Buf::advance), or tokio's
/// `write_all_buf`), or take the bytes out with [`bytes_to_send`](Self::bytes_to_send). While it
/// is empty it may serve another connection; what is in it belongs to one transport.
///
/// What a transport can take at once need not be copied into it: see
/// [`Open::send_binary_in_place`](crate::Open::send_binary_in_place).
///
/// It never refuses anything: look at [`len`](Self::len) for back-pressure. What the peer can put
/// there by itself (pongs) is bounded by [`Limits::pending_pongs`](crate::Limits::pending_pongs).
#[derive(Default)]
pub struct Outbox {
    /// Frames that lie contiguously.
    inline: Buffer,
    /// Bytes of `inline` that were ever taken.
    taken: u64,
    /// Payloads that were not copied: each goes out once `taken` has reached its number.
    shared: VecDeque<(u64, Bytes)>,
    /// Bytes in `shared`: more than there are addresses, where the same memory is in it many times.
    shared_len: u64,
    /// Where each unsent pong ends, as `taken` counts.
    pongs: VecDeque<u64>,
    /// The newest pong that found no room, framed; empty if there is none.
    owed: Vec<u8>,
    /// How many pongs may wait, where one is owed.
    most_pongs: u16,
    pub(crate) pool: Pool,
    /// Times in a row that little was sent until it was empty again.
    calm: u8,
}

impl Outbox {
    /// An empty outbox. Holds no memory until something is sent.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Bytes that wait to be sent; `usize::MAX` where there are more, which takes a 32-bit machine
    /// and the same payload shared many times.
    #[must_use]
    #[inline]
    pub fn len(&self) -> usize {
        let len = self.inline.len() as u64 + self.shared_len;
        usize::try_from(len).unwrap_or(usize::MAX)
    }

    /// Whether nothing waits to be sent.
    #[must_use]
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.inline.is_empty() && self.shared_len == 0
    }

    /// Takes out up to `amount` bytes to send, or all there are; empty where there are none.
    pub fn bytes_to_send(&mut self, amount: Option<usize>) -> Bytes {
        let Some(amount) = amount else {
            // All pongs leave, so there is room for the one that waits for it.
            self.write_owed();
            return self.copy_to_bytes(self.len());
        };
        self.copy_to_bytes(amount.min(self.len()))
    }

    /// Forgets what waits: its transport is gone.
    pub fn clear(&mut self) {
        self.owed.clear();
        while !self.is_empty() {
            self.advance(self.len());
        }
    }

    /// Pongs that wait to be sent, as far as [`Limits::pending_pongs`] counts them.
    ///
    /// [`Limits::pending_pongs`]: crate::Limits::pending_pongs
    #[must_use]
    pub fn pending_pongs(&self) -> usize {
        self.pongs.len()
    }

    /// Gives back all memory that nothing lies in.
    ///
    /// Without being asked, memory above 64 KiB is given back after the outbox was emptied 64
    /// times in a row without having needed it.
    pub fn shrink(&mut self) {
        self.inline.shrink();
        self.shared.shrink_to_fit();
        self.pongs.shrink_to_fit();
        self.owed.shrink_to_fit();
        self.pool.clear();
    }

    /// Bytes of memory that it holds, shared payloads and codecs not counted.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.inline.capacity()
            + self.shared.capacity() * size_of::<(u64, Bytes)>()
            + self.pongs.capacity() * size_of::<u64>()
            + self.owed.capacity()
    }

    /// `len` more bytes, all of which the caller writes in place.
    #[inline(always)]
    pub(crate) fn put(&mut self, len: usize) -> &mut [u8] {
        self.begin();
        self.inline.put(len)
    }

    /// Something is going to be added.
    #[inline(always)]
    fn begin(&mut self) {
        if self.inline.is_empty() && self.inline.capacity() > KEEP {
            self.give_back();
        }
    }

    /// The memory is large, and empty: gives it back if it has not been needed for a while.
    #[cold]
    fn give_back(&mut self) {
        // Where the window is now is how much went through since it was empty before.
        if self.inline.start() > KEEP {
            self.calm = 0;
        } else if self.calm < CALM_TIMES {
            self.calm += 1;
        } else {
            self.calm = 0;
            self.inline.shrink();
        }
    }

    #[inline]
    pub(crate) fn write(&mut self, bytes: &[u8]) {
        self.put(bytes.len()).copy_from_slice(bytes);
    }

    /// Whether a payload of this size is better shared than copied.
    #[inline(always)]
    pub(crate) const fn shares(len: usize) -> bool {
        len >= SHARE
    }

    /// Adds `bytes` without a copy.
    pub(crate) fn share(&mut self, bytes: Bytes) {
        self.shared_len += bytes.len() as u64;
        self.shared
            .push_back((self.taken + self.inline.len() as u64, bytes));
    }

    /// Whether fewer than `limit` pongs wait.
    #[inline(always)]
    pub(crate) fn has_room_for_pong(&self, limit: u16) -> bool {
        self.pongs.len() < usize::from(limit)
    }

    /// What was written last was a pong.
    #[inline(always)]
    pub(crate) fn wrote_pong(&mut self) {
        self.pongs.push_back(self.taken + self.inline.len() as u64);
    }

    /// What waits, for an encoder to append to, and codecs for it. What it appends is to be
    /// announced with `appended`.
    pub(crate) fn append(&mut self) -> (&mut Vec<u8>, &mut Pool) {
        self.begin();
        (self.inline.append(), &mut self.pool)
    }

    pub(crate) fn appended(&mut self) {
        self.inline.appended();
    }

    /// Keeps a framed pong until fewer than `limit` wait, in place of an older one.
    pub(crate) fn owe(&mut self, len: usize, limit: u16) -> &mut [u8] {
        self.most_pongs = limit;
        self.owed.clear();
        self.owed.resize(len, 0);
        &mut self.owed
    }

    /// Writes the pong that waits for room, if there is one: nothing follows a Close.
    #[inline]
    pub(crate) fn write_owed(&mut self) {
        if !self.owed.is_empty() {
            self.write_what_is_owed();
        }
    }

    #[cold]
    fn write_what_is_owed(&mut self) {
        let owed = core::mem::take(&mut self.owed);
        self.write(&owed);
        self.wrote_pong();
    }

    /// Writes the pong that waits for room, if there is one and there is room.
    #[inline]
    pub(crate) fn settle(&mut self) {
        if !self.owed.is_empty() {
            self.settle_what_is_owed();
        }
    }

    #[cold]
    fn settle_what_is_owed(&mut self) {
        if self.has_room_for_pong(self.most_pongs) {
            self.write_what_is_owed();
        }
    }

    /// Takes out `len` bytes, of which there are as many. There may be room for a pong after that.
    #[inline]
    pub(crate) fn take(&mut self, len: usize) {
        if self.shared.is_empty() {
            self.take_inline(len);
        } else {
            self.take_pieces(len);
        }
        if !self.pongs.is_empty() {
            self.forget_sent_pongs();
        }
    }

    #[inline]
    fn take_inline(&mut self, len: usize) {
        self.inline.take(len);
        self.taken += len as u64;
    }

    fn take_pieces(&mut self, mut len: usize) {
        while len > 0 {
            let step = match self.shared.front_mut() {
                Some((at, bytes)) if *at == self.taken => {
                    let step = len.min(bytes.len());
                    self.shared_len -= step as u64;
                    if step < bytes.len() {
                        bytes.advance(step);
                    } else {
                        self.shared.pop_front();
                    }
                    step
                }
                Some((at, _)) => {
                    let step = len.min((*at - self.taken) as usize);
                    self.take_inline(step);
                    step
                }
                None => {
                    self.take_inline(len);
                    len
                }
            };
            len -= step;
        }
    }

    fn forget_sent_pongs(&mut self) {
        // Most often all has gone.
        if self.inline.is_empty() {
            return self.pongs.clear();
        }
        while self.pongs.front().is_some_and(|end| *end <= self.taken) {
            self.pongs.pop_front();
        }
    }

    /// The bytes that go out next and lie together.
    #[inline]
    fn front(&self) -> &[u8] {
        match self.shared.front() {
            None => self.inline.window(),
            Some((at, bytes)) if *at == self.taken => bytes,
            Some((at, _)) => &self.inline.window()[..(at - self.taken) as usize],
        }
    }

    /// What lies in several places, in their order.
    #[cfg(feature = "std")]
    fn pieces_vectored<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        let mut inline = self.inline.window();
        let mut position = self.taken;
        let mut used = 0;
        let mut push = |bytes: &'a [u8]| {
            if bytes.is_empty() {
                return true;
            }
            let Some(slice) = slices.get_mut(used) else {
                return false;
            };
            *slice = IoSlice::new(bytes);
            used += 1;
            true
        };
        for (at, bytes) in &self.shared {
            let (before, after) = inline.split_at((at - position) as usize);
            if !push(before) || !push(bytes) {
                return used;
            }
            inline = after;
            position = *at;
        }
        push(inline);
        used
    }
}

impl Buf for Outbox {
    #[inline]
    fn remaining(&self) -> usize {
        self.len()
    }

    #[inline]
    fn chunk(&self) -> &[u8] {
        self.front()
    }

    #[cfg(feature = "std")]
    #[inline]
    fn chunks_vectored<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        if !self.shared.is_empty() {
            return self.pieces_vectored(slices);
        }
        let inline = self.inline.window();
        match slices.first_mut() {
            Some(slice) if !inline.is_empty() => {
                *slice = IoSlice::new(inline);
                1
            }
            _ => 0,
        }
    }

    /// Takes out `len` bytes that were sent.
    ///
    /// # Panics
    ///
    /// If there were fewer.
    fn advance(&mut self, len: usize) {
        assert!(len <= self.len(), "more was sent than there was");
        self.take(len);
        self.settle();
    }

    fn copy_to_bytes(&mut self, len: usize) -> Bytes {
        assert!(len <= self.len(), "more was asked for than there is");
        match self.shared.front() {
            Some((at, bytes)) if *at == self.taken && len <= bytes.len() => {
                let part = bytes.slice(..len);
                self.advance(len);
                return part;
            }
            _ => {}
        }
        let mut bytes = Vec::with_capacity(len);
        while bytes.len() < len {
            let front = self.front();
            let step = (len - bytes.len()).min(front.len());
            bytes.extend_from_slice(&front[..step]);
            self.advance(step);
        }
        bytes.into()
    }
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbox")
            .field("len", &self.len())
            .field("pending_pongs", &self.pongs.len())
            .finish_non_exhaustive()
    }
}
