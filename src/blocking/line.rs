//! A transport, and what is on its way to it.

use std::io::{self, IoSlice, Read, Write};

use bytes::Buf;

use crate::delivery::Delivery;
use crate::driver_error::Error;
use crate::error::Violation;
use crate::inbox::Inbox;
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
}

impl<S> Line<S> {
    pub(crate) fn new(stream: S, outbox: Outbox) -> Self {
        Self {
            stream,
            outbox,
            told: None,
            is_dirty: false,
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
                Ok(written) => self.outbox.advance(written),
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
        self.flush()?;
        let len = inbox.suggested_read(READ);
        let read = self.read(inbox.space(len))?;
        inbox.filled(read);
        Ok(read > 0)
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
