//! A transport, and what is on its way to it.

use alloc::boxed::Box;
use std::io::{self, IoSlice, Read, Write};
use std::time::{Duration, Instant};

use bytes::Buf;

use crate::delivery::Delivery;
use crate::driven::Listening;
use crate::driver_error::Error;
use crate::error::Violation;
use crate::inbox::Inbox;
use crate::keepalive::{Keepalive, Pulse, Silence};
use crate::outbox::Outbox;

/// Bytes that are read at a time.
const READ: usize = 64 << 10;

/// Bytes that wait in the outbox before they are written unasked.
const MUCH: usize = 64 << 10;

/// Slices that are written at a time.
const SLICES: usize = 16;

pub(crate) struct Line<S> {
    pub(crate) stream: S,
    pub(crate) outbox: Outbox,
    /// What the peer did wrong, once it was told: nothing may follow that.
    pub(crate) told: Option<Violation>,
    /// Whether the transport may hold something back.
    is_dirty: bool,
    pub(crate) beat: Option<Box<Beat>>,
}

/// A pulse with a clock.
pub(crate) struct Beat {
    pulse: Pulse,
    start: Instant,
}

impl Beat {
    pub(crate) fn new(keepalive: Keepalive) -> Self {
        Self {
            pulse: keepalive.start(Duration::ZERO),
            start: Instant::now(),
        }
    }

    /// A message came or went.
    pub(crate) fn active(&mut self) {
        self.pulse.active(self.start.elapsed());
    }
}

impl<S> Line<S> {
    pub(crate) fn new(stream: S, outbox: Outbox) -> Self {
        Self {
            stream,
            outbox,
            told: None,
            is_dirty: false,
            beat: None,
        }
    }
}

impl<S: Write> Line<S> {
    /// Writes all that waits.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        while self.outbox.has_remaining() {
            let mut slices = [IoSlice::new(&[]); SLICES];
            let used = self.outbox.chunks_vectored(&mut slices);
            match self.stream.write_vectored(&slices[..used]) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => {
                    self.outbox.advance(written);
                    if let Some(beat) = &mut self.beat {
                        beat.pulse.wrote(self.outbox.len(), beat.start.elapsed());
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
            self.is_dirty = true;
        }
        if self.is_dirty {
            self.stream.flush()?;
            self.is_dirty = false;
        }
        Ok(())
    }

    /// Writes all that waits, where that is much.
    pub(crate) fn relieve(&mut self) -> io::Result<()> {
        if self.outbox.len() > MUCH {
            self.flush()?;
        }
        Ok(())
    }
}

impl<S: Read + Write> Line<S> {
    /// Writes all that waits, and reads some; false at the end of the transport.
    pub(crate) fn exchange<D: Delivery>(&mut self, inbox: &mut Inbox<D>) -> Result<bool, Error> {
        let flushed = self.flush();
        self.read_after(flushed, inbox)
    }

    /// Reads some after what waited was written, or was not; false at the end of the transport.
    ///
    /// A peer that is gone may have said why, and that has come before the reset: where writing fails
    /// because of that, the error waits until there is nothing more to be heard.
    fn read_after<D: Delivery>(
        &mut self,
        flushed: io::Result<()>,
        inbox: &mut Inbox<D>,
    ) -> Result<bool, Error> {
        match flushed {
            Ok(()) => Ok(self.read_some(inbox)?),
            Err(error) if is_gone(&error) && matches!(self.read_some(inbox), Ok(true)) => Ok(true),
            Err(error) => Err(error.into()),
        }
    }

    /// Reads some; false at the end of the transport.
    fn read_some<D: Delivery>(&mut self, inbox: &mut Inbox<D>) -> io::Result<bool> {
        let len = inbox.suggested_read(READ);
        let read = self.read(inbox.space(len))?;
        inbox.filled(read);
        if let Some(beat) = &mut self.beat {
            beat.pulse.heard(beat.start.elapsed());
        }
        Ok(read > 0)
    }

    /// As [`exchange`](Self::exchange), where a read that times out is silence, if there is a pulse
    /// to be asked.
    pub(crate) fn exchange_or_ping<P: Listening, D: Delivery>(
        &mut self,
        phase: &mut P,
        inbox: &mut Inbox<D>,
    ) -> Result<bool, Error> {
        let flushed = self.flush();
        // What came by now the read will find.
        let now = self.beat.as_ref().map(|beat| beat.start.elapsed());
        let (error, now) = match (self.read_after(flushed, inbox), now) {
            (Err(Error::Transport(error)), Some(now)) if is_timeout(&error) => (error, now),
            (result, _) => return result,
        };
        let Some(beat) = &mut self.beat else {
            return Err(error.into());
        };
        if !inbox.is_idle() {
            // A message that is arriving is no idleness.
            beat.pulse.active(now);
        }
        match beat.pulse.silent(now) {
            Silence::Wait(_) => Ok(true),
            Silence::Ping(payload) => {
                phase.ping(payload, &mut self.outbox);
                Ok(true)
            }
            Silence::Dead => Err(error.into()),
            Silence::Idle => Err(Error::Idle),
        }
    }

    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.stream.read(space) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => return result,
            }
        }
    }
}

/// Whether nobody is left to write to: a read does not wait then, unless it was we who ended writing.
fn is_gone(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::BrokenPipe
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
    )
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
    )
}
