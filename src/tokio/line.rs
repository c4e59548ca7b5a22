//! A transport, and what is on its way to it.
//!
//! Knows no phase but as something that finds events. Its one idea: whatever is to be sent is first
//! whole in the outbox, so that writing can be given up and taken up at any byte.

use alloc::boxed::Box;
use core::future::poll_fn;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;
use std::io::{self, IoSlice};

use ::tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use ::tokio::time::{Instant, Sleep, sleep_until};
use bytes::Buf;

use super::ending::{DISCARD, Stage};
use super::keeping::Beat;
use super::spare;
use crate::delivery::Delivery;
use crate::driven::Listening;
use crate::driven::sealed::Found;
use crate::driver_error::Error;
use crate::error::Violation;
use crate::inbox::Inbox;
use crate::outbox::Outbox;
use crate::unsent::Unsent;

/// Bytes that are read at a time.
const READ: usize = 64 << 10;

/// Bytes of a message for which it pays to write it from where it lies: to copy them takes longer than
/// a write by itself does.
pub(super) const LARGE: usize = 32 << 10;

/// Slices that are written at a time.
const SLICES: usize = 64;

pub(super) struct Line<S> {
    pub(super) stream: S,
    /// None where nothing waits.
    outbox: Option<Box<Outbox>>,
    /// What the peer did wrong, once it was told: nothing may follow that.
    pub(super) told: Option<Violation>,
    /// Whether the transport may hold something back.
    is_dirty: bool,
    /// What most connections do without for most of the time.
    extras: Option<Box<Extras>>,
}

/// Settings that are not the usual ones, and timers.
pub(super) struct Extras {
    pub(super) high_water_mark: usize,
    pub(super) close_timeout: Duration,
    /// When what is under way, a closing handshake or the end of the transport, has taken too long.
    deadline: Option<Pin<Box<Sleep>>>,
    /// How far the end of the transport has come.
    pub(super) stage: Stage,
    pub(super) beat: Option<Beat>,
}

impl Default for Extras {
    fn default() -> Self {
        Self {
            high_water_mark: 256 << 10,
            close_timeout: Duration::from_secs(10),
            deadline: None,
            stage: Stage::Flush(DISCARD),
            beat: None,
        }
    }
}

impl Extras {
    /// Whether what is under way has taken too long. It has `time` from when this is first asked.
    pub(super) fn poll_late(&mut self, time: Duration, cx: &mut Context<'_>) -> Poll<()> {
        let deadline = self
            .deadline
            .get_or_insert_with(|| Box::pin(sleep(time)))
            .as_mut();
        Future::poll(deadline, cx)
    }

    /// Something else is under way.
    pub(super) fn restart_deadline(&mut self) {
        self.deadline = None;
    }
}

/// A timer, which never fires where `time` is too long for a clock.
pub(super) fn sleep(time: Duration) -> Sleep {
    // What tokio takes for ever is about thirty years.
    let ever = Duration::from_secs(86_400 * 365 * 30);
    sleep_until(Instant::now() + time.min(ever))
}

impl<S> Line<S> {
    pub(super) fn new(stream: S, outbox: Outbox) -> Self {
        Self {
            stream,
            outbox: (!outbox.is_empty()).then(|| Box::new(outbox)),
            told: None,
            is_dirty: false,
            extras: None,
        }
    }

    /// What is to be sent.
    pub(super) fn outbox(&mut self) -> &mut Outbox {
        self.outbox.get_or_insert_with(spare::outbox)
    }

    pub(super) fn extras(&mut self) -> &mut Extras {
        self.extras.get_or_insert_default()
    }

    pub(super) fn beat(&mut self) -> Option<&mut Beat> {
        self.extras.as_mut()?.beat.as_mut()
    }

    /// Bytes that wait.
    pub(super) fn waiting(&self) -> usize {
        self.outbox.as_ref().map_or(0, |outbox| outbox.len())
    }

    fn high_water_mark(&self) -> usize {
        let extras = self.extras.as_ref();
        extras.map_or_else(
            || Extras::default().high_water_mark,
            |it| it.high_water_mark,
        )
    }

    /// Puts what tells the peer of its error into the outbox.
    pub(super) fn tell<P: Listening>(&mut self, phase: &mut P, violation: Violation) {
        phase.tell(violation, self.outbox());
        self.told = Some(violation);
    }

    /// The same with another stream, and what that leaves.
    pub(super) fn map_stream<T, U>(self, map: impl FnOnce(S) -> (T, U)) -> (T, Line<U>) {
        let (left, stream) = map(self.stream);
        let line = Line {
            stream,
            outbox: self.outbox,
            told: self.told,
            is_dirty: self.is_dirty,
            extras: self.extras,
        };
        (left, line)
    }

    pub(super) fn into_parts(self) -> (S, Outbox) {
        (self.stream, self.outbox.map(|it| *it).unwrap_or_default())
    }
}

impl<S: AsyncWrite + Unpin> Line<S> {
    /// Writes until no more than `left` bytes wait.
    fn poll_reduce(&mut self, left: usize, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Some(outbox) = &mut self.outbox else {
            return Poll::Ready(Ok(()));
        };
        while outbox.len() > left {
            let written = ready!(poll_write(&mut self.stream, &**outbox, cx))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            outbox.advance(written);
            self.is_dirty = true;
            if let Some(beat) = self.extras.as_mut().and_then(|it| it.beat.as_mut()) {
                beat.wrote(outbox.len());
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Writes all that waits, and has the transport hold nothing back.
    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_reduce(0, cx))?;
        if let Some(outbox) = self.outbox.take() {
            spare::take_back_outbox(outbox);
        }
        if self.is_dirty {
            ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
            self.is_dirty = false;
        }
        Poll::Ready(Ok(()))
    }

    /// Sends from where it lies what the transport takes at once; the rest waits, as does the error of
    /// a transport that takes nothing more.
    pub(super) async fn send_in_place<'l>(
        &'l mut self,
        send: impl FnOnce(&'l mut Outbox) -> Unsent<'l>,
    ) {
        let mut unsent = send(self.outbox.get_or_insert_with(spare::outbox));
        // Otherwise the header would go by itself.
        if !self.stream.is_write_vectored() {
            return;
        }
        poll_fn(|cx| {
            while unsent.has_remaining() {
                let Poll::Ready(Ok(written @ 1..)) = poll_write(&mut self.stream, &unsent, cx)
                else {
                    break;
                };
                unsent.advance(written);
                self.is_dirty = true;
                if let Some(beat) = self.extras.as_mut().and_then(|it| it.beat.as_mut()) {
                    beat.wrote(unsent.remaining());
                }
            }
            Poll::Ready(())
        })
        .await;
    }

    /// Waits until there is room for a message. There is none behind the Close that told the peer of
    /// its error.
    pub(super) fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        if let Some(violation) = self.told {
            return Poll::Ready(Err(Error::Violation(violation)));
        }
        let mark = self.high_water_mark();
        Poll::Ready(Ok(ready!(self.poll_reduce(mark, cx))?))
    }
}

/// Writes some of what there is.
fn poll_write<S: AsyncWrite + Unpin>(
    stream: &mut S,
    unsent: &impl Buf,
    cx: &mut Context<'_>,
) -> Poll<io::Result<usize>> {
    let stream = Pin::new(stream);
    // Most often there is one piece, and no need to look for more.
    let is_cut = unsent.chunk().len() < unsent.remaining();
    if !is_cut || !stream.is_write_vectored() {
        return stream.poll_write(cx, unsent.chunk());
    }
    let mut slices = [IoSlice::new(&[]); SLICES];
    let used = unsent.chunks_vectored(&mut slices);
    stream.poll_write_vectored(cx, &slices[..used])
}

impl<S: AsyncRead + Unpin> Line<S> {
    /// Reads some; nothing at the end of the transport.
    pub(super) fn poll_read<D: Delivery>(
        &mut self,
        inbox: &mut Inbox<D>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        spare::lend(inbox);
        let len = inbox.suggested_read(READ);
        let mut space = ReadBuf::new(inbox.space(len));
        let result = Pin::new(&mut self.stream).poll_read(cx, &mut space);
        let read = space.filled().len();
        match result {
            Poll::Ready(Ok(())) => {
                inbox.filled(read);
                if let Some(beat) = self.beat() {
                    beat.heard();
                }
                Poll::Ready(Ok(read))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => {
                spare::take_back(inbox);
                Poll::Pending
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Line<S> {
    /// Writes what waits, and reads some; false at the end of the transport.
    ///
    /// A peer that is gone may have said why, and that has come before the reset: where writing fails,
    /// the error waits until there is nothing more to be heard.
    pub(super) fn poll_exchange<D: Delivery>(
        &mut self,
        inbox: &mut Inbox<D>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<bool>> {
        // Not to be waited for: a peer that does not read now may have something to say first.
        let flushed = self.poll_flush(cx);
        let read = self.poll_read(inbox, cx);
        if let (Poll::Ready(Err(error)), false) = (flushed, matches!(read, Poll::Ready(Ok(1..)))) {
            return Poll::Ready(Err(error));
        }
        Poll::Ready(Ok(ready!(read)? > 0))
    }

    /// Waits for the next event.
    pub(super) fn poll_find<P: Listening, D: Delivery>(
        &mut self,
        phase: &mut P,
        inbox: &mut Inbox<D>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Found, Error>> {
        if self.told.is_some() {
            return self.poll_tell(cx, P::SHUTDOWN).map(Err);
        }
        loop {
            match phase.find(inbox, self.outbox()) {
                Ok(Some(found)) => return Poll::Ready(Ok(found)),
                Ok(None) if phase.has_heard_close() => return Poll::Ready(Err(Error::Eof)),
                Ok(None) => {}
                Err(violation) => {
                    self.tell(phase, violation);
                    return self.poll_tell(cx, P::SHUTDOWN).map(Err);
                }
            }
            if P::IS_CLOSING {
                // Asked before there is a read, as a peer that floods us would have us never wait.
                let extras = self.extras();
                if extras.poll_late(extras.close_timeout, cx).is_ready() {
                    return Poll::Ready(Err(late()));
                }
            }
            match self.poll_exchange(inbox, cx) {
                Poll::Ready(Ok(true)) => {}
                Poll::Ready(Ok(false)) => return Poll::Ready(Err(Error::Eof)),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error.into())),
                Poll::Pending if P::IS_CLOSING => return Poll::Pending,
                Poll::Pending => ready!(self.poll_silence(phase, inbox, cx))?,
            }
        }
    }
}

/// What took too long.
pub(super) fn late() -> Error {
    Error::Transport(io::ErrorKind::TimedOut.into())
}
