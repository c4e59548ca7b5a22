//! The end of the transport (RFC 6455 7.1.1).
//!
//! Its one idea: a server that closes with input unread sends a reset, which can destroy what it
//! said last; so it ends its writing side first, and discards input for a while.

use core::future::poll_fn;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;

use ::tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::line::{Line, late};
use super::socket::Socket;
use crate::closed::Shutdown;
use crate::driven::Ended;
use crate::driver_error::Error;

/// How long the peer is waited for.
pub(super) const LINGER: Duration = Duration::from_secs(1);

/// Bytes that are discarded.
pub(super) const DISCARD: usize = 1 << 20;

/// How far the end of a transport has come.
pub(super) enum Stage {
    /// So many bytes more are discarded meanwhile: a peer may not read before it has written.
    Flush(usize),
    EndWriting,
    /// So many bytes more are discarded.
    Discard(usize),
    Done,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Line<S> {
    /// Writes what waits, and ends the transport. Once it has ended, it has.
    pub(super) fn poll_end(
        &mut self,
        how: Shutdown,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Error>> {
        loop {
            match self.extras().stage {
                Stage::Flush(left) => {
                    if let Poll::Ready(result) = self.poll_flush(cx) {
                        self.extras().restart_deadline();
                        self.extras().stage = match (&result, how) {
                            (Err(_), _) => Stage::Done,
                            (_, Shutdown::CloseNow) => Stage::EndWriting,
                            (_, Shutdown::AwaitEof) => Stage::Discard(DISCARD),
                        };
                        result?;
                        continue;
                    }
                    if left > 0 {
                        if let Poll::Ready(left) = self.poll_discard(left, cx) {
                            self.extras().stage = Stage::Flush(left);
                            continue;
                        }
                    }
                    let extras = self.extras();
                    ready!(extras.poll_late(extras.close_timeout, cx));
                    extras.stage = Stage::Done;
                    return Poll::Ready(Err(late()));
                }
                Stage::EndWriting => {
                    // Where that fails, or takes too long, nobody is left to wait for.
                    self.extras().stage = match Pin::new(&mut self.stream).poll_shutdown(cx) {
                        Poll::Ready(Ok(())) => Stage::Discard(DISCARD),
                        Poll::Ready(Err(_)) => Stage::Done,
                        Poll::Pending => {
                            ready!(self.extras().poll_late(LINGER, cx));
                            Stage::Done
                        }
                    };
                }
                Stage::Discard(left) => {
                    self.extras().stage = match self.poll_discard(left, cx) {
                        Poll::Ready(0) => Stage::Done,
                        Poll::Ready(left) => Stage::Discard(left),
                        Poll::Pending => {
                            ready!(self.extras().poll_late(LINGER, cx));
                            Stage::Done
                        }
                    };
                }
                Stage::Done => return Poll::Ready(Ok(())),
            }
        }
    }

    /// Discards some of what comes, and gives how much more may: nothing at the end of the transport.
    fn poll_discard(&mut self, left: usize, cx: &mut Context<'_>) -> Poll<usize> {
        let mut nobody_reads_this = [0; 4 << 10];
        let mut space = ReadBuf::new(&mut nobody_reads_this);
        let result = ready!(Pin::new(&mut self.stream).poll_read(cx, &mut space));
        Poll::Ready(match (result, space.filled().len()) {
            (Ok(()), read @ 1..) => left.saturating_sub(read),
            _ => 0,
        })
    }

    /// Tells the peer what it did wrong, and ends the transport.
    pub(super) fn poll_tell(&mut self, cx: &mut Context<'_>, how: Shutdown) -> Poll<Error> {
        // A transport that fails meanwhile is not what ended the connection.
        let _ = ready!(self.poll_end(how, cx));
        Poll::Ready(self.told.map_or(Error::Eof, Error::Violation))
    }
}

impl<P: Ended, S: AsyncRead + AsyncWrite + Unpin> Socket<P, S> {
    /// Writes what waits, and ends the transport as RFC 6455 7.1.1 wants it.
    ///
    /// A server ends its writing side; then both wait for the peer to end the transport, and discard
    /// what still comes: until a second has passed, or 1 MiB has come. The transport itself is
    /// closed when the socket is dropped.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: called again, it goes on where it was.
    ///
    /// # Errors
    ///
    /// If what waits cannot be written, or not within the [`close_timeout`](Self::close_timeout).
    /// How the peer behaves after that is no error.
    pub async fn end(&mut self) -> Result<&P, Error> {
        let how = self.phase.shutdown();
        poll_fn(|cx| self.line.poll_end(how, cx)).await?;
        Ok(&self.phase)
    }
}
