//! A transport in memory that is always ready: what is read from it repeats for ever, what is
//! written to it is counted, and recorded where the row is being checked.

use std::io::{self, IoSlice, Read, Write};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use tokio::io::ReadBuf;

/// One end of a connection.
pub struct Wire {
    bytes: Arc<Input>,
    /// How much was read since the input's start.
    at: usize,
    sink: Sink,
}

/// What can be read, again and again.
pub struct Input {
    memory: Vec<u8>,
    /// Where the bytes begin: not always at the same place of a page.
    start: usize,
    /// The largest read.
    piece: usize,
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
        })
    }

    pub fn bytes(&self) -> &[u8] {
        &self.memory[self.start..]
    }
}

/// Where what is written goes: nowhere. A clone is the same sink.
#[derive(Clone)]
pub struct Sink(Arc<SinkState>);

struct SinkState {
    written: AtomicU64,
    record: Option<Mutex<Vec<u8>>>,
}

impl Sink {
    /// A sink that counts.
    pub fn counting() -> Self {
        Self::new(None)
    }

    /// A sink that keeps what is written.
    pub fn recording() -> Self {
        Self::new(Some(Mutex::default()))
    }

    fn new(record: Option<Mutex<Vec<u8>>>) -> Self {
        Self(Arc::new(SinkState {
            written: AtomicU64::new(0),
            record,
        }))
    }

    /// Bytes that were written.
    pub fn written(&self) -> u64 {
        self.0.written.load(Ordering::Relaxed)
    }

    /// Takes out what was recorded.
    pub fn take_record(&self) -> Vec<u8> {
        let record = self.0.record.as_ref().expect("a recording sink");
        std::mem::take(&mut record.lock().unwrap())
    }

    #[inline]
    fn count(&self, len: usize) {
        // One thread writes: no need for an atomic addition.
        self.0
            .written
            .store(self.written() + len as u64, Ordering::Relaxed);
    }

    #[inline]
    pub fn write(&self, bytes: &[u8]) {
        self.count(std::hint::black_box(bytes).len());
        if let Some(record) = &self.0.record {
            record.lock().unwrap().extend_from_slice(bytes);
        }
    }

    #[inline]
    fn write_all_of(&self, slices: &[IoSlice<'_>]) -> usize {
        let mut len = 0;
        for slice in slices {
            self.write(slice);
            len += slice.len();
        }
        len
    }
}

impl Wire {
    pub fn new(bytes: Arc<Input>, sink: Sink) -> Self {
        Self { bytes, at: 0, sink }
    }

    /// What is read from it, for who knows where the payloads are.
    pub fn input(&self) -> Arc<Input> {
        self.bytes.clone()
    }

    /// What is written to.
    pub fn sink(&self) -> Sink {
        self.sink.clone()
    }

    /// What comes with the next read, for one who has `room` bytes of it.
    #[inline]
    fn next(&mut self, room: usize) -> &[u8] {
        let bytes = self.bytes.bytes();
        let len = room.min(self.bytes.piece).min(bytes.len() - self.at);
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
        let bytes = self.next(space.len());
        space[..bytes.len()].copy_from_slice(bytes);
        Ok(bytes.len())
    }
}

impl Write for Wire {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.sink.write(bytes);
        Ok(bytes.len())
    }

    #[inline]
    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        Ok(self.sink.write_all_of(slices))
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
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        buffer.put_slice(self.next(buffer.remaining()));
        Poll::Ready(Ok(()))
    }
}

impl tokio::io::AsyncWrite for Wire {
    #[inline]
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.sink.write(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    #[inline]
    fn poll_write_vectored(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(self.sink.write_all_of(slices)))
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
        self.sink.write(bytes);
        Ok(())
    }

    #[inline]
    async fn write_all_vectored(&mut self, slices: &[&[u8]]) -> wtx::Result<()> {
        slices.iter().for_each(|bytes| self.sink.write(bytes));
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
