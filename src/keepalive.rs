//! Whether the peer is still there, found out with pings (RFC 6455 5.5.2).
//!
//! Knows nothing of connections or clocks: time is an argument, and the phases are not asked. Its
//! one idea: silence counts only from when a read found nothing, so that an application that was
//! busy is never taken for a peer that is dead.

use core::time::Duration;

use crate::close::ControlPayload;

/// When to send pings, and how long to wait for what: the settings of a [`Pulse`].
///
/// By default a Ping is sent after 20 seconds of silence, the peer is dead after 20 more, and a
/// connection may be idle for ever. `Duration::MAX` is never.
///
/// ```
/// use core::time::Duration;
/// use wsproto::Keepalive;
/// let keepalive = Keepalive::default().idle_deadline(Duration::from_secs(600));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keepalive {
    ping_interval: Duration,
    pong_timeout: Duration,
    idle_deadline: Duration,
}

impl Default for Keepalive {
    fn default() -> Self {
        Self {
            ping_interval: Duration::from_secs(20),
            pong_timeout: Duration::from_secs(20),
            idle_deadline: Duration::MAX,
        }
    }
}

impl Keepalive {
    /// The silence of the peer after which a Ping is sent. 20 seconds by default.
    #[must_use]
    pub const fn ping_interval(self, interval: Duration) -> Self {
        Self {
            ping_interval: interval,
            ..self
        }
    }

    /// The silence after a Ping after which the peer is dead. 20 seconds by default.
    #[must_use]
    pub const fn pong_timeout(self, timeout: Duration) -> Self {
        Self {
            pong_timeout: timeout,
            ..self
        }
    }

    /// The time without a message, in either direction, after which the connection is idle.
    /// Never by default. Pings and pongs are no messages.
    #[must_use]
    pub const fn idle_deadline(self, deadline: Duration) -> Self {
        Self {
            idle_deadline: deadline,
            ..self
        }
    }

    /// Starts for one connection.
    ///
    /// `now`, here and in all that follows, is the time since any fixed moment: that of
    /// `start.elapsed()` of an `Instant`, or of a counter of ticks.
    pub const fn start(self, now: Duration) -> Pulse {
        Pulse {
            settings: self,
            heard: now,
            active: now,
            ping: Ping::None,
            pings: 0,
        }
    }
}

/// Where a Ping is that was not answered yet.
#[derive(Clone, Copy, Debug)]
enum Ping {
    None,
    /// Handed out; whether it was sent is not known.
    Given,
    /// Behind other bytes in the outbox, of which some left at `since`.
    Unsent {
        since: Duration,
    },
    /// With the transport.
    Sent {
        since: Duration,
    },
}

/// What silence asks for: given by [`Pulse::silent`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "the silence goes on"]
pub enum Silence {
    /// Nothing, before so much time has passed or bytes have come. `Duration::MAX` where nothing
    /// will be due.
    Wait(Duration),
    /// A Ping: send it, and come back. The payload is its number, in 4 bytes.
    Ping(ControlPayload),
    /// An end: no byte has come for so long after a Ping was sent that the peer is dead. The
    /// transport is as good as ended: [`eof`](crate::Open::eof).
    Dead,
    /// A Close: the peer may be well, but no message has come or gone for too long.
    Idle,
}

/// The pulse of a peer: beside a connection, says when to send a Ping, and when the peer is dead.
///
/// It has no clock and no timer. Tell it what happens, and the time: [`heard`](Self::heard) when
/// bytes were read, [`wrote`](Self::wrote) when some were written, [`active`](Self::active) when
/// there was a message, and [`silent`](Self::silent) when a read *found nothing*, which says what
/// to do next. No timeout is over before that: bytes that came while the application was busy wait
/// in the kernel, and the read finds them. Any byte is a sign of life, so it does not matter which
/// Ping a Pong answers, and a peer that talks is sent none. It is 112 bytes, and a connection that
/// has none pays nothing.
///
/// The loop:
///
/// ```no_run
/// # use std::io::{ErrorKind, Read, Write};
/// # use bytes::Buf;
/// use std::time::{Duration, Instant};
/// use wsproto::{CloseCode, CloseReason, Event, Inbox, Keepalive, Open, Outbox, Server, Silence};
///
/// # fn serve(mut open: Open<Server>, transport: &mut std::net::TcpStream) -> std::io::Result<()> {
/// # let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
/// const AT_ONCE: Duration = Duration::from_millis(1);
/// let clock = Instant::now();
/// let mut pulse = Keepalive::default().start(clock.elapsed());
/// let mut wait = AT_ONCE;
/// loop {
///     // 1. Receive all there is. (On a Close or an error the loop ends: left out here.)
///     while let Ok(Some(event)) = open.receive(&mut inbox, &mut outbox) {
///         if let Event::Text(_) | Event::Binary(_) = event {
///             pulse.active(clock.elapsed());
///         }
///     }
///     // 2. Write: a Ping may be in there.
///     while outbox.has_remaining() {
///         let sent = transport.write(outbox.chunk())?;
///         outbox.advance(sent);
///         pulse.wrote(outbox.len(), clock.elapsed());
///     }
///     // 3. Read, and wait for bytes as long as nothing is due.
///     let until = clock.elapsed().saturating_add(wait);
///     transport.set_read_timeout(Some(wait))?;
///     match transport.read(inbox.space(4096)) {
///         Ok(0) => break, // `eof`
///         Ok(read) => {
///             inbox.filled(read);
///             pulse.heard(clock.elapsed());
///             continue;
///         }
///         Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
///         Err(error) => return Err(error),
///     }
///     // 4. Nothing had come by then.
///     match pulse.silent(until) {
///         Silence::Wait(time) => wait = time,
///         Silence::Ping(payload) => {
///             open.ping(payload, &mut outbox);
///             wait = AT_ONCE;
///         }
///         Silence::Dead => break, // `eof`
///         Silence::Idle => {
///             let reason = CloseReason::from_static("idle");
///             let _closing = open.close(CloseCode::NORMAL, reason, &mut outbox);
///             break; // to the loop of `Closing`
///         }
///     }
/// }
/// # Ok(())
/// # }
/// ```
///
/// With one timer, as in an asynchronous driver: wait for bytes or for the timer. When the timer
/// has fired take the time, look for bytes once more, and if there are none give that time to
/// `silent`; on `Wait` set the timer anew, on `Ping` write and ask again. What was heard in the
/// meantime needs no timer to be set: one that fires too early gets another `Wait`.
#[derive(Clone, Debug)]
pub struct Pulse {
    settings: Keepalive,
    /// When bytes came last.
    heard: Duration,
    /// When a message came or went last.
    active: Duration,
    ping: Ping,
    /// How many pings were handed out.
    pings: u32,
}

impl Pulse {
    /// Bytes were read: the peer is alive.
    #[inline]
    pub fn heard(&mut self, now: Duration) {
        self.heard = now;
        self.ping = Ping::None;
    }

    /// A message, or a part of one, was received or sent: the connection is not idle.
    ///
    /// What of a message arrives without an event is up to the caller: an inbox that holds a part
    /// of one is not [idle](crate::Inbox::is_idle) either.
    #[inline]
    pub fn active(&mut self, now: Duration) {
        self.active = now;
    }

    /// Bytes were written, and `left` more wait in the outbox: the peer has its time from when a
    /// Ping has left, or, where nothing leaves any more, from when something last did.
    ///
    /// Where this is never called, it is from when `silent` is asked again after it gave the Ping.
    #[inline]
    pub fn wrote(&mut self, left: usize, now: Duration) {
        if let Ping::Given | Ping::Unsent { .. } = self.ping {
            self.ping = match left {
                0 => Ping::Sent { since: now },
                _ => Ping::Unsent { since: now },
            };
        }
    }

    /// Nothing had come by `now`: a read that was tried then, or later, found nothing. Says what to
    /// do.
    ///
    /// While a Ping is unanswered there is no second one.
    pub fn silent(&mut self, now: Duration) -> Silence {
        let idle = self.active.saturating_add(self.settings.idle_deadline);
        let due = match self.ping {
            Ping::None => self.heard.saturating_add(self.settings.ping_interval),
            Ping::Given => {
                // Whoever asks has had the time to send it.
                self.ping = Ping::Unsent { since: now };
                now.saturating_add(self.settings.pong_timeout)
            }
            Ping::Unsent { since } | Ping::Sent { since } => {
                since.saturating_add(self.settings.pong_timeout)
            }
        };
        match self.ping {
            Ping::Unsent { .. } | Ping::Sent { .. } if now >= due => Silence::Dead,
            _ if now >= idle => Silence::Idle,
            _ if now >= due => {
                self.ping = Ping::Given;
                self.pings = self.pings.wrapping_add(1);
                Silence::Ping(ControlPayload::literal(&self.pings.to_be_bytes()))
            }
            _ => {
                let next = match self.ping {
                    Ping::None => due,
                    // Should it be answered at once, another one is due that much later.
                    _ => due.min(now.saturating_add(self.settings.ping_interval)),
                };
                match next.min(idle) {
                    Duration::MAX => Silence::Wait(Duration::MAX),
                    next => Silence::Wait(next.saturating_sub(now)),
                }
            }
        }
    }
}
