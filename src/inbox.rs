//! What was read from the transport and not yet delivered, and the memory that events borrow.
//!
//! Knows the shape of what is delivered, and nothing of frames. Its one idea: the memory belongs to
//! the caller, who may serve any number of idle connections with one inbox.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;
use core::mem;

use crate::buffer::{Buffer, KEEP};
use crate::delivery::{Chunks, Delivery, End, Messages};
use crate::pool::Pool;

/// The kind of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DataKind {
    Text,
    Binary,
}

/// Where the payload of the next event lies, without borrowing it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ready {
    /// Unmasked data in the buffer, `from..to`; text is not validated yet.
    InPlace {
        kind: DataKind,
        end: End,
        from: usize,
        to: usize,
    },
    /// Data in `text` or `binary`; text is valid.
    Assembled {
        kind: DataKind,
        end: End,
    },
    /// A whole message in `binary`, text that is not validated yet.
    DecodedText,
    /// The unmasked payload of a control frame in the buffer, `from..to`.
    Ping {
        from: usize,
        to: usize,
    },
    Pong {
        from: usize,
        to: usize,
    },
    Close {
        from: usize,
        to: usize,
    },
}

impl Ready {
    fn place(&mut self) -> Option<(&mut usize, &mut usize)> {
        match self {
            Self::InPlace { from, to, .. }
            | Self::Ping { from, to }
            | Self::Pong { from, to }
            | Self::Close { from, to } => Some((from, to)),
            Self::Assembled { .. } | Self::DecodedText => None,
        }
    }

    /// The bytes of the buffer that are its payload.
    fn len(&self) -> usize {
        let mut ready = *self;
        ready.place().map_or(0, |(from, to)| *to - *from)
    }
}

/// What was read from the transport and not yet delivered, and the memory that events borrow.
///
/// Bytes go in through [`space`](Self::space) and [`filled`](Self::filled), or
/// [`extend`](Self::extend); events come out of a phase's `receive`. It grows with the bytes that
/// arrive, never with a length that a peer announces.
///
/// `Inbox` delivers whole messages; `Inbox<Chunks>` delivers data as it arrives.
///
/// While it [`is_idle`](Self::is_idle), an inbox may be used with another connection. Otherwise
/// [`detach`](Self::detach) what belongs to the one and attach it again later.
///
/// # Panics
///
/// An inbox that is used with another connection or another mode of delivery in the middle of a
/// message makes `receive` panic where it can tell. That is a caller's error, and
/// no peer can bring it about.
pub struct Inbox<D: Delivery = Messages> {
    pub(crate) buffer: Buffer,
    pub(crate) held: Held,
    pub(crate) pool: Pool,
    /// Reads since a large message was in it.
    calm: u8,
    delivery: PhantomData<fn() -> D>,
}

/// What an inbox holds of a message, beside unread bytes.
#[derive(Default)]
pub(crate) struct Held {
    /// Text that was assembled, of the message in progress or of the last event.
    pub(crate) text: String,
    /// Bytes likewise; also text that a decoder wrote.
    pub(crate) binary: Vec<u8>,
    /// Of a message in progress: the connection's count of its bytes on the wire.
    pub(crate) message: Option<usize>,
    /// Of a message in progress: its bytes after decoding.
    pub(crate) decoded: usize,
    /// Bytes at the start of the unread ones that are unmasked already.
    pub(crate) plain: usize,
    /// Of a large message that stays where it lies: bytes that have not arrived.
    pub(crate) missing: usize,
    /// Whether the decoder has more to write before it reads on.
    pub(crate) full: bool,
    /// An event that `has_event` found. Where its payload lies in the buffer, that is at the start
    /// of the unread bytes, so that nothing that is done to the buffer touches it.
    ready: Option<Ready>,
}

impl Held {
    /// Whether `text` and `binary` hold something that is still to be delivered, and are not only
    /// memory for what is to come.
    fn has_data(&self) -> bool {
        let is_kept = matches!(
            self.ready,
            Some(Ready::Assembled { .. } | Ready::DecodedText)
        );
        is_kept || self.message.is_some()
    }

    /// Takes out what belongs to a connection, with about as much memory as that needs.
    fn split_off(&mut self) -> Self {
        if !self.has_data() {
            return Self {
                ready: self.ready.take(),
                ..Self::default()
            };
        }
        let mut held = mem::take(self);
        held.text.shrink_to(2 * held.text.len());
        held.binary.shrink_to(2 * held.binary.len());
        held
    }
}

/// Bytes that are worth being read beyond the end of a large message, as they may be all that follows,
/// and are few to move otherwise.
const BEYOND: usize = 1 << 10;

/// Reads without a large message after which the memory of one is given back.
const CALM_READS: u8 = 64;

impl Inbox {
    /// An empty inbox for whole messages. Holds no memory until something is read.
    #[must_use]
    pub fn new() -> Self {
        Self::empty()
    }
}

impl Inbox<Chunks> {
    /// An empty inbox that delivers data as it arrives. Holds no memory until something is read.
    #[must_use]
    pub fn chunks() -> Self {
        Self::empty()
    }
}

impl Default for Inbox {
    fn default() -> Self {
        Self::new()
    }
}

impl<D: Delivery> Inbox<D> {
    fn empty() -> Self {
        Self {
            buffer: Buffer::new(),
            held: Held::default(),
            pool: Pool::default(),
            calm: 0,
            delivery: PhantomData,
        }
    }

    /// Space for `len` bytes, to read into. Say with [`filled`](Self::filled) how many came.
    ///
    /// ```no_run
    /// # use std::io::Read;
    /// # let mut transport = std::net::TcpStream::connect("127.0.0.1:9001")?;
    /// # let mut inbox = wsproto::Inbox::new();
    /// let read = transport.read(inbox.space(16 << 10))?;
    /// inbox.filled(read);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[inline]
    pub fn space(&mut self, len: usize) -> &mut [u8] {
        if self.held.text.capacity().max(self.held.binary.capacity()) > KEEP
            || self.buffer.capacity() > KEEP + len
        {
            self.give_back();
        }
        let expected = match self.held.missing {
            0 => usize::MAX,
            missing => missing.saturating_add(BEYOND),
        };
        self.buffer.space_of(len, expected)
    }

    /// How many bytes to read next, at most `most`: no more than what is missing of a large message
    /// and a little beyond, as what comes after that would have to be moved out of the way of the
    /// message that it belongs to.
    ///
    /// ```no_run
    /// # use std::io::Read;
    /// # let mut transport = std::net::TcpStream::connect("127.0.0.1:9001")?;
    /// # let mut inbox = wsproto::Inbox::new();
    /// let len = inbox.suggested_read(64 << 10);
    /// let read = transport.read(inbox.space(len))?;
    /// inbox.filled(read);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    #[inline]
    pub fn suggested_read(&self, most: usize) -> usize {
        match self.held.missing {
            0 => most,
            missing => most.min(missing.saturating_add(BEYOND)),
        }
    }

    /// The first `len` bytes of the [`space`](Self::space) were read.
    ///
    /// # Panics
    ///
    /// If there was less space.
    #[inline]
    pub fn filled(&mut self, len: usize) {
        self.buffer.filled(len);
    }

    /// Copies `bytes` in, for a transport that reads into memory of its own.
    #[inline]
    pub fn extend(&mut self, bytes: &[u8]) {
        self.space(bytes.len()).copy_from_slice(bytes);
        self.buffer.filled(bytes.len());
    }

    /// Whether nothing is in it that belongs to one connection: no unread byte and no part of a
    /// message.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.buffer.is_empty() && self.held.message.is_none() && self.held.ready.is_none()
    }

    /// Bytes that were read and not yet looked at, such as the rest of a frame's header, or what
    /// followed a handshake.
    #[must_use]
    pub fn unread(&self) -> &[u8] {
        let found = self.held.ready.as_ref().map_or(0, Ready::len);
        &self.buffer.window()[found..]
    }

    /// Forgets what is in it: its connection has ended, or its transport is gone. What follows a
    /// Close or a violation is nobody's.
    pub fn clear(&mut self) {
        drop(self.detach());
    }

    /// Takes out what belongs to the connection that was last received from, so that the inbox is
    /// idle and can serve another. Nothing where it [`is_idle`](Self::is_idle) already.
    #[must_use = "it is part of what the peer sent"]
    pub fn detach(&mut self) -> Option<Remainder<D>> {
        if self.is_idle() {
            return None;
        }
        Some(Remainder {
            buffer: self.buffer.split_off(),
            held: self.held.split_off(),
            delivery: PhantomData,
        })
    }

    /// Puts back what was taken out.
    ///
    /// # Panics
    ///
    /// If the inbox is not idle.
    pub fn attach(&mut self, remainder: Remainder<D>) {
        assert!(
            self.is_idle(),
            "an inbox that is not idle cannot take a remainder"
        );
        self.buffer.extend(remainder.buffer.window());
        if remainder.held.has_data() {
            self.held = remainder.held;
        } else {
            self.held.ready = remainder.held.ready;
        }
    }

    /// Gives back all memory that nothing lies in.
    ///
    /// Without being asked, memory above 64 KiB, and above what is asked for to read into, is given
    /// back after 64 reads in a row that did not need it.
    pub fn shrink(&mut self) {
        if self.held.message.is_none() && self.held.ready.is_none() {
            self.held.text = String::new();
            self.held.binary = Vec::new();
        }
        self.buffer.shrink();
        self.pool.clear();
    }

    /// Bytes of memory that it holds, codecs not counted.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.buffer.capacity() + self.held.text.capacity() + self.held.binary.capacity()
    }

    /// Takes the memory out of an inbox that is idle.
    #[cfg(feature = "tokio")]
    pub(crate) fn take_memory(&mut self) -> Memory {
        debug_assert!(self.is_idle());
        Memory {
            buffer: mem::take(&mut self.buffer),
            held: mem::take(&mut self.held),
            pool: mem::take(&mut self.pool),
            calm: self.calm,
        }
    }

    /// Gives memory to an inbox that is idle and has none.
    #[cfg(feature = "tokio")]
    pub(crate) fn give_memory(&mut self, memory: Memory) {
        debug_assert!(self.is_idle() && self.capacity() == 0);
        self.buffer = memory.buffer;
        self.held = memory.held;
        self.pool = memory.pool;
        self.calm = memory.calm;
    }

    /// Keeps an event that was found, the last bytes taken from the buffer being its payload.
    pub(crate) fn keep(&mut self, ready: Ready) {
        self.buffer.put_back(ready.len());
        self.held.ready = Some(ready);
    }

    /// Whether an event was kept.
    pub(crate) fn keeps(&self) -> bool {
        self.held.ready.is_some()
    }

    /// The event that was kept, and where its payload lies now.
    #[inline(always)]
    pub(crate) fn kept(&mut self) -> Option<Ready> {
        let mut ready = self.held.ready.take()?;
        let len = ready.len();
        if let Some((from, to)) = ready.place() {
            *from = self.buffer.start();
            *to = *from + len;
        }
        self.buffer.take(len);
        Some(ready)
    }

    /// The message that is assembled has ended.
    pub(crate) fn finish_message(&mut self) {
        self.held.message = None;
        if self.held.is_large() {
            self.calm = 0;
        }
    }

    #[cold]
    fn give_back(&mut self) {
        let is_inside = self.held.message.is_some();
        let holds_much = self.buffer.len() > self.buffer.capacity() / 16;
        if holds_much || is_inside && self.held.is_large() {
            self.calm = 0;
        } else if self.calm < CALM_READS {
            self.calm += 1;
        } else if !is_inside && self.held.ready.is_none() {
            self.calm = 0;
            self.held.text = String::new();
            self.held.binary = Vec::new();
            self.buffer.shrink();
        }
    }
}

impl Held {
    /// Whether as much as is not kept for long lies in it.
    fn is_large(&self) -> bool {
        self.text.len().max(self.binary.len()) > KEEP
    }
}

/// The memory of an inbox in which nothing is: any other may have it.
#[cfg(feature = "tokio")]
pub(crate) struct Memory {
    buffer: Buffer,
    held: Held,
    pool: Pool,
    calm: u8,
}

#[cfg(feature = "tokio")]
impl Memory {
    /// Bytes of it, codecs not counted.
    pub(crate) fn capacity(&self) -> usize {
        self.buffer.capacity() + self.held.text.capacity() + self.held.binary.capacity()
    }
}

impl<D: Delivery> fmt::Debug for Inbox<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbox")
            .field("unread", &self.buffer.len())
            .field("inside_message", &self.held.message.is_some())
            .finish_non_exhaustive()
    }
}

/// What an inbox held of one connection: unread bytes and an unfinished message. See
/// [`Inbox::detach`].
#[must_use = "it is part of what the peer sent: `attach` it before the connection receives again"]
pub struct Remainder<D: Delivery = Messages> {
    buffer: Buffer,
    held: Held,
    delivery: PhantomData<fn() -> D>,
}

impl<D: Delivery> fmt::Debug for Remainder<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remainder")
            .field("unread", &self.buffer.len())
            .finish_non_exhaustive()
    }
}
