//! A transport in memory that is always ready. What is read from it repeats for ever, or is the
//! answer to a handshake; what is written to it is copied, as a kernel would, and counted.

use std::cell::RefCell;
use std::io::{self, IoSlice, Read, Write};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use tokio::io::ReadBuf;

use crate::handshakes::Answering;
use crate::workloads::BUFFER;

/// One end of a connection.
pub struct Wire {
    bytes: Arc<Input>,
    /// How much was read since the input's start.
    at: usize,
    sink: Sink,
    /// The server that answers what is written, in place of the input.
    server: Option<Arc<Mutex<Answering>>>,
}

/// What can be read, again and again.
pub struct Input {
    memory: Vec<u8>,
    /// Where the bytes begin: not always at the same place of a page.
    start: usize,
    /// The largest read.
    piece: usize,
    /// Bytes of each buffer whose size is the caller's choice.
    buffer: usize,
    /// Where a read stops short; nowhere in what is measured.
    ends: Vec<usize>,
}

impl Input {
    pub fn new(bytes: &[u8], start: usize, piece: usize) -> Arc<Self> {
        let mut memory = Vec::with_capacity(start + bytes.len());
        memory.resize(start, 0);
        memory.extend_from_slice(bytes);
        Arc::new(Self {
            memory,
            start,
            piece,
            buffer: BUFFER,
            ends: Vec::new(),
        })
    }

    /// The same for callers with buffers of so many bytes.
    pub fn buffered(self: Arc<Self>, buffer: usize) -> Arc<Self> {
        let input = Arc::into_inner(self).expect("nobody reads it yet");
        Arc::new(Self { buffer, ..input })
    }

    /// No read goes beyond one of `ends`.
    pub fn in_messages(bytes: &[u8], ends: Vec<usize>, piece: usize) -> Arc<Self> {
        Arc::new(Self {
            memory: bytes.to_vec(),
            start: 0,
            piece,
            buffer: BUFFER,
            ends,
        })
    }

    /// Up to where a read at this place can go.
    #[inline]
    fn end(&self, at: usize) -> usize {
        if self.ends.is_empty() {
            return self.bytes().len();
        }
        self.ends[self.ends.partition_point(|end| *end <= at)]
    }

    pub fn bytes(&self) -> &[u8] {
        &self.memory[self.start..]
    }
}

/// Where what is written goes. A clone is the same sink, with a count of its own, as each socket has
/// its own state: one count for ten thousand would have each write wait for the one before.
pub struct Sink {
    shared: Arc<Shared>,
    written: u64,
}

struct Shared {
    /// By those who are gone.
    written: AtomicU64,
    fate: Fate,
}

/// What becomes of the bytes that are written.
enum Fate {
    Copied,
    Forgotten,
    Recorded(Mutex<Vec<u8>>),
}

thread_local! {
    /// A socket's buffer: where it is full it starts again.
    static SOCKET: RefCell<(Vec<u8>, usize)> = RefCell::new((vec![0; 64 << 10], 0));
}

impl Sink {
    /// A sink that copies what is written.
    pub fn copying() -> Self {
        Self::new(Fate::Copied)
    }

    /// A sink that only counts.
    pub fn forgetting() -> Self {
        Self::new(Fate::Forgotten)
    }

    /// A sink that keeps what is written.
    pub fn recording() -> Self {
        Self::new(Fate::Recorded(Mutex::default()))
    }

    fn new(fate: Fate) -> Self {
        Self {
            shared: Arc::new(Shared {
                written: AtomicU64::new(0),
                fate,
            }),
            written: 0,
        }
    }

    /// Bytes that were written by it, and by clones that are gone.
    pub fn written(&self) -> u64 {
        self.written + self.shared.written.load(Ordering::Relaxed)
    }

    /// Takes out what was recorded.
    pub fn take_record(&self) -> Vec<u8> {
        let Fate::Recorded(record) = &self.shared.fate else {
            panic!("not a recording sink");
        };
        std::mem::take(&mut record.lock().unwrap())
    }

    #[inline(always)]
    pub fn write(&mut self, bytes: &[u8]) {
        let bytes = std::hint::black_box(bytes);
        self.written += bytes.len() as u64;
        if !matches!(self.shared.fate, Fate::Forgotten) {
            self.keep(bytes);
        }
    }

    fn keep(&self, bytes: &[u8]) {
        match &self.shared.fate {
            Fate::Copied => SOCKET.with_borrow_mut(|(memory, at)| {
                for part in bytes.chunks(memory.len()) {
                    if memory.len() - *at < part.len() {
                        *at = 0;
                    }
                    memory[*at..*at + part.len()].copy_from_slice(part);
                    *at += part.len();
                }
            }),
            Fate::Forgotten => {}
            Fate::Recorded(record) => record.lock().unwrap().extend_from_slice(bytes),
        }
    }
}

impl Clone for Sink {
    fn clone(&self) -> Self {
        Self {
            shared: self.shared.clone(),
            written: 0,
        }
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.shared
            .written
            .fetch_add(self.written, Ordering::Relaxed);
    }
}

impl Wire {
    pub fn new(bytes: Arc<Input>, sink: Sink) -> Self {
        Self {
            bytes,
            at: 0,
            sink,
            server: None,
        }
    }

    /// A transport whose other end answers a client's handshake.
    pub fn answered(server: &Arc<Mutex<Answering>>, sink: Sink) -> Self {
        server.lock().unwrap().clear();
        Self {
            server: Some(server.clone()),
            ..Self::new(Input::new(&[], 0, 0), sink)
        }
    }

    #[inline(always)]
    fn put(&mut self, bytes: &[u8]) {
        self.sink.write(bytes);
        if self.server.is_some() {
            self.hear(bytes);
        }
    }

    #[cold]
    fn hear(&self, bytes: &[u8]) {
        if let Some(server) = &self.server {
            server.lock().unwrap().hear(bytes);
        }
    }

    /// What is read from it, for who knows where the payloads are.
    pub fn input(&self) -> Arc<Input> {
        self.bytes.clone()
    }

    /// Bytes of each buffer whose size is the caller's choice.
    #[inline]
    pub fn buffer(&self) -> usize {
        self.bytes.buffer
    }

    /// What is written to.
    pub fn sink(&self) -> Sink {
        self.sink.clone()
    }

    /// What comes with the next read, for one who has `room` bytes of it.
    #[inline]
    fn next(&mut self, room: usize) -> &[u8] {
        let bytes = self.bytes.bytes();
        let end = self.bytes.end(self.at);
        let len = room.min(self.bytes.piece).min(end - self.at);
        let from = self.at;
        self.at += len;
        if self.at == bytes.len() {
            self.at = 0;
        }
        &bytes[from..from + len]
    }
}

impl Read for Wire {
    #[inline]
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        if let Some(server) = &self.server {
            return Ok(server.lock().unwrap().answer(space));
        }
        let bytes = self.next(space.len());
        space[..bytes.len()].copy_from_slice(bytes);
        Ok(bytes.len())
    }
}

impl Write for Wire {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.put(bytes);
        Ok(bytes.len())
    }

    #[inline]
    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        slices.iter().for_each(|slice| self.put(slice));
        Ok(slices.iter().map(|slice| slice.len()).sum())
    }

    #[inline]
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl tokio::io::AsyncRead for Wire {
    #[inline]
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if let Some(server) = &self.server {
            let len = server.lock().unwrap().answer(buffer.initialize_unfilled());
            buffer.advance(len);
            // A client may look for an answer before it has asked: it is to look again.
            return if len == 0 {
                context.waker().wake_by_ref();
                Poll::Pending
            } else {
                Poll::Ready(Ok(()))
            };
        }
        buffer.put_slice(self.next(buffer.remaining()));
        Poll::Ready(Ok(()))
    }
}

impl tokio::io::AsyncWrite for Wire {
    #[inline]
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(self.write(bytes))
    }

    #[inline]
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(self.write_vectored(slices))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    #[inline]
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl futures_util::io::AsyncRead for Wire {
    #[inline]
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        space: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(self.read(space))
    }
}

impl futures_util::io::AsyncWrite for Wire {
    #[inline]
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(self.write(bytes))
    }

    #[inline]
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(self.write_vectored(slices))
    }

    #[inline]
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl wtx::stream::StreamReader for Wire {
    #[inline]
    async fn read(&mut self, space: &mut [u8]) -> wtx::Result<usize> {
        Ok(Read::read(self, space)?)
    }
}

impl wtx::stream::StreamWriter for Wire {
    #[inline]
    async fn write_all(&mut self, bytes: &[u8]) -> wtx::Result<()> {
        self.put(bytes);
        Ok(())
    }

    #[inline]
    async fn write_all_vectored(&mut self, slices: &[&[u8]]) -> wtx::Result<()> {
        slices.iter().for_each(|bytes| self.put(bytes));
        Ok(())
    }
}

/// Runs a future on a transport that is always ready: it is polled once, by hand.
pub fn now<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    match future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
    {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("pending on a transport that is always ready"),
    }
}
