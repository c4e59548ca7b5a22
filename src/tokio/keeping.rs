//! Keepalive: a [`Pulse`] with tokio's clock.

use alloc::boxed::Box;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;

use ::tokio::io::{AsyncRead, AsyncWrite};
use ::tokio::time::{Instant, Sleep};

use super::line::{Line, late, sleep};
use crate::delivery::Delivery;
use crate::driven::Listening;
use crate::driver_error::Error;
use crate::inbox::Inbox;
use crate::keepalive::{Keepalive, Pulse, Silence};

pub(super) struct Beat {
    pulse: Pulse,
    start: Instant,
    /// When something may be due; none where nothing will be, or before that was asked.
    timer: Timer,
}

enum Timer {
    /// Nobody has asked yet.
    Unset,
    Set(Pin<Box<Sleep>>),
    Never,
}

impl Beat {
    pub(super) fn new(keepalive: Keepalive) -> Self {
        Self {
            pulse: keepalive.start(Duration::ZERO),
            start: Instant::now(),
            timer: Timer::Unset,
        }
    }

    pub(super) fn heard(&mut self) {
        self.pulse.heard(self.start.elapsed());
    }

    pub(super) fn wrote(&mut self, left: usize) {
        self.pulse.wrote(left, self.start.elapsed());
    }

    /// A message came or went.
    pub(super) fn active(&mut self) {
        self.pulse.active(self.start.elapsed());
    }

    /// Waits until something may be due.
    fn poll_due(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match &mut self.timer {
            Timer::Unset => Poll::Ready(()),
            Timer::Set(timer) => Future::poll(timer.as_mut(), cx),
            Timer::Never => Poll::Pending,
        }
    }

    fn wait(&mut self, time: Duration) {
        match &mut self.timer {
            _ if time == Duration::MAX => self.timer = Timer::Never,
            Timer::Set(timer) => timer.as_mut().set(sleep(time)),
            Timer::Unset | Timer::Never => self.timer = Timer::Set(Box::pin(sleep(time))),
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Line<S> {
    /// A read found nothing. Waits until one finds something after all, or the peer has been silent
    /// for too long.
    pub(super) fn poll_silence<P: Listening, D: Delivery>(
        &mut self,
        phase: &mut P,
        inbox: &mut Inbox<D>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Error>> {
        loop {
            let Some(beat) = self.beat() else {
                return Poll::Pending;
            };
            ready!(beat.poll_due(cx));
            // What came while nobody looked is in the transport: the time is taken first.
            let now = beat.start.elapsed();
            if let Poll::Ready(result) = self.poll_read(inbox, cx) {
                return Poll::Ready(match result {
                    Ok(0) => Err(Error::Eof),
                    Ok(_) => Ok(()),
                    Err(error) => Err(error.into()),
                });
            }
            if !inbox.is_idle() {
                // A message that is arriving is no idleness.
                self.beat().into_iter().for_each(Beat::active);
            }
            let Some(beat) = self.beat() else {
                return Poll::Pending;
            };
            match beat.pulse.silent(now) {
                Silence::Wait(time) => beat.wait(time),
                Silence::Dead => return Poll::Ready(Err(late())),
                Silence::Idle => return Poll::Ready(Err(Error::Idle)),
                Silence::Ping(payload) => {
                    beat.timer = Timer::Unset;
                    phase.ping(payload, self.outbox());
                    if let Poll::Ready(result) = self.poll_flush(cx) {
                        result?;
                    }
                }
            }
        }
    }
}
