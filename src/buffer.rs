//! Bytes that are written at one end and taken at the other.
//!
//! Knows nothing of frames. Its one idea: the memory behind the window is always initialised, so
//! that writing into it in place needs neither `unsafe` nor a pass that only fills it.

use alloc::vec;
use alloc::vec::Vec;

/// Memory above this size is given back when it is not used.
pub(crate) const KEEP: usize = 64 << 10;

#[derive(Default)]
pub(crate) struct Buffer {
    /// Memory that is initialised, with more behind it that may not be. The window is `start..end`.
    bytes: Vec<u8>,
    /// start <= end
    start: usize,
    /// end <= bytes.len()
    end: usize,
}

impl Buffer {
    pub(crate) const fn new() -> Self {
        Self {
            bytes: Vec::new(),
            start: 0,
            end: 0,
        }
    }

    #[inline(always)]
    pub(crate) fn len(&self) -> usize {
        self.end - self.start
    }

    #[inline(always)]
    pub(crate) fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// What was written and not yet taken.
    #[inline(always)]
    pub(crate) fn window(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    #[inline(always)]
    pub(crate) fn window_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[self.start..self.end]
    }

    /// Where the window starts in [`bytes`](Self::bytes).
    #[inline(always)]
    pub(crate) fn start(&self) -> usize {
        self.start
    }

    /// The memory: what was taken stays in its place until there is a write.
    #[inline(always)]
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// `len` bytes behind the window, to be written to and then announced with [`filled`].
    ///
    /// [`filled`]: Self::filled
    #[inline(always)]
    pub(crate) fn space(&mut self, len: usize) -> &mut [u8] {
        if self.is_short_of(len) {
            self.make_space(len);
        }
        &mut self.bytes[self.end..self.end + len]
    }

    /// The same, where no more than `expected` bytes are likely to come before the window is taken.
    #[inline(always)]
    pub(crate) fn space_of(&mut self, len: usize, expected: usize) -> &mut [u8] {
        if self.is_short_of(len) {
            self.make_space_of(len, expected);
        }
        &mut self.bytes[self.end..self.end + len]
    }

    /// Whether there is no space for `len` bytes, or much of what was taken lies before it.
    #[inline(always)]
    fn is_short_of(&mut self, len: usize) -> bool {
        if self.start == self.end {
            self.start = 0;
            self.end = 0;
        }
        let room = self.bytes.len() - self.end;
        room < len || (self.start > KEEP && 16 * self.len() <= self.start)
    }

    #[cold]
    fn make_space(&mut self, len: usize) {
        self.make_space_of(len, usize::MAX);
    }

    #[cold]
    fn make_space_of(&mut self, len: usize, expected: usize) {
        let window = self.len();
        let memory = self.bytes.capacity();
        let is_short = memory - self.end < len;
        // A move is free where there is next to nothing to be moved. Where it is necessary it costs
        // at most what was taken since the last one: linear in all.
        let may_move = self.start >= window * if is_short { 1 } else { 16 };
        if may_move && memory - window >= len {
            self.bytes.copy_within(self.start..self.end, 0);
            self.start = 0;
            self.end = window;
        } else if is_short && self.start < window / 2 {
            // Little would be won by a move.
            let more = if len <= expected {
                (2 * memory).min(self.end.saturating_add(expected))
            } else {
                // So much is asked for each time, it may be, and little comes.
                memory + memory / 8
            };
            let more = more.max(self.end + len);
            self.bytes
                .reserve_exact(more.next_multiple_of(64) - self.bytes.len());
        } else if is_short {
            let more = window.min(expected).saturating_add(window + len);
            let mut bytes = vec![0; more.next_multiple_of(64)];
            bytes[..window].copy_from_slice(self.window());
            self.bytes = bytes;
            self.start = 0;
            self.end = window;
        }
        // Memory is initialised when it is needed for the first time.
        let needed = self.end + len;
        if self.bytes.len() < needed {
            let known = needed.next_multiple_of(64).min(self.bytes.capacity());
            self.bytes.resize(known, 0);
        }
    }

    /// `len` bytes behind the window, which belong to it already: to be written by who asks, all of
    /// them. Nothing of the buffer has to be looked at again after that.
    #[inline(always)]
    pub(crate) fn put(&mut self, len: usize) -> &mut [u8] {
        self.space(len);
        let start = self.end;
        self.end += len;
        &mut self.bytes[start..self.end]
    }

    /// The first `len` bytes behind the window belong to it now.
    #[inline(always)]
    pub(crate) fn filled(&mut self, len: usize) {
        assert!(
            len <= self.bytes.len() - self.end,
            "more was filled than there was space"
        );
        self.end += len;
    }

    /// The memory up to the end of the window, for somebody to append to it who cannot write in
    /// place. What is appended is to be announced with [`appended`](Self::appended).
    pub(crate) fn append(&mut self) -> &mut Vec<u8> {
        self.space(0);
        self.bytes.truncate(self.end);
        &mut self.bytes
    }

    /// All that was appended belongs to the window now.
    pub(crate) fn appended(&mut self) {
        assert!(
            self.end <= self.bytes.len(),
            "what was there was taken away"
        );
        self.end = self.bytes.len();
    }

    pub(crate) fn extend(&mut self, bytes: &[u8]) {
        self.put(bytes.len()).copy_from_slice(bytes);
    }

    /// Takes the first `len` bytes of the window.
    #[inline(always)]
    pub(crate) fn take(&mut self, len: usize) {
        debug_assert!(len <= self.len());
        self.start += len;
    }

    /// Takes back that the last `len` bytes were taken: nothing was written since.
    pub(crate) fn put_back(&mut self, len: usize) {
        debug_assert!(len <= self.start);
        self.start -= len;
    }

    /// Puts the last `len` of `bytes` before the window: over what was taken, where there is that much.
    #[inline(always)]
    pub(crate) fn put_in_front(&mut self, bytes: &[u8; 3], len: usize) {
        if len == 0 {
            return;
        }
        if self.start < bytes.len() {
            self.make_room_in_front(bytes.len());
        }
        self.bytes[self.start - 3..self.start].copy_from_slice(bytes);
        self.start -= len;
    }

    #[cold]
    fn make_room_in_front(&mut self, len: usize) {
        self.space(len);
        self.bytes
            .copy_within(self.start..self.end, self.start + len);
        self.start += len;
        self.end += len;
    }

    /// Takes the window out, into memory of its own size.
    pub(crate) fn split_off(&mut self) -> Self {
        let bytes = self.window().to_vec();
        self.start = self.end;
        Self {
            start: 0,
            end: bytes.len(),
            bytes,
        }
    }

    /// Bytes of memory held.
    pub(crate) fn capacity(&self) -> usize {
        self.bytes.capacity()
    }

    /// Gives back all memory but what the window needs.
    pub(crate) fn shrink(&mut self) {
        self.bytes = self.window().to_vec();
        self.start = 0;
        self.end = self.bytes.len();
    }
}
