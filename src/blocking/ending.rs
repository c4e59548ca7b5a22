//! The end of the transport (RFC 6455 7.1.1).
//!
//! Its one idea: a server that closes with input unread sends a reset, which can destroy what it
//! said last; so it ends its writing side first, and discards input for a while.

use std::io::{self, Read, Write};
use std::net::{self, TcpStream};
use std::time::{Duration, Instant};

use super::socket::Socket;
use crate::closed::Shutdown;
use crate::driven::Ended;
use crate::driver_error::Error;

/// How long the peer is waited for.
const LINGER: Duration = Duration::from_secs(1);

/// Bytes that are discarded.
const DISCARD: usize = 1 << 20;

impl<P: Ended, S: Read + Write> Socket<P, S> {
    /// Writes what waits, and ends the transport as RFC 6455 7.1.1 wants it.
    ///
    /// A server ends its writing side, which is what `shutdown_write` is to do
    /// (`TcpStream::shutdown`, or the `close_notify` of TLS); then both wait for the peer to end the
    /// transport, and discard what still comes: until a second has passed, or 1 MiB has come. The
    /// transport itself is closed when the socket is dropped.
    ///
    /// A read takes as long as the transport lets it: give it a timeout of about a second. (For a
    /// [`TcpStream`] there is [`end`](Self::end), which does.)
    ///
    /// # Errors
    ///
    /// If what waits cannot be written. How the peer behaves after that is no error.
    pub fn end_with(
        &mut self,
        shutdown_write: impl FnOnce(&mut S) -> io::Result<()>,
    ) -> Result<&P, Error> {
        self.end_by(shutdown_write, |_, _| Ok(()))
    }

    fn end_by(
        &mut self,
        shutdown_write: impl FnOnce(&mut S) -> io::Result<()>,
        limit_read: impl Fn(&mut S, Duration) -> io::Result<()>,
    ) -> Result<&P, Error> {
        self.line.flush()?;
        let stream = &mut self.line.stream;
        let may_read = match self.phase.shutdown() {
            Shutdown::CloseNow => shutdown_write(stream).is_ok(),
            Shutdown::AwaitEof => true,
        };
        let mut nobody_reads_this = [0; 4 << 10];
        let mut discarded = 0;
        let until = Instant::now() + LINGER;
        while may_read && discarded < DISCARD {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || limit_read(stream, left).is_err() {
                break;
            }
            match stream.read(&mut nobody_reads_this) {
                Ok(0) => break,
                Ok(read) => discarded += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // The peer has reset the connection, or has sent nothing for long enough.
                Err(_) => break,
            }
        }
        Ok(&self.phase)
    }
}

impl<P: Ended> Socket<P, TcpStream> {
    /// Writes what waits, and ends the transport as RFC 6455 7.1.1 wants it.
    ///
    /// A server ends its writing side; then both wait for the peer to end the transport, and discard
    /// what still comes: until a second has passed, or 1 MiB has come. The transport itself is
    /// closed when the socket is dropped.
    ///
    /// # Errors
    ///
    /// If what waits cannot be written. How the peer behaves after that is no error.
    pub fn end(&mut self) -> Result<&P, Error> {
        self.end_by(
            |stream| stream.shutdown(net::Shutdown::Write),
            |stream, left| stream.set_read_timeout(Some(left)),
        )
    }
}
