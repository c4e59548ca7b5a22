//! A sensor on a microcontroller: it reports what it measures, and does what it is told.
//!
//! No operating system and no clock: a main loop calls [`Sensor::step`] when the network has something
//! or a measurement is due. Input and output go through two static buffers, where a DMA controller can
//! work. The heap is what the crate takes, under 1 KiB: all limits are small.
#![no_std]
#![forbid(unsafe_code)]

use bytes::Buf;
use wsproto::{
    Client, ClientProgress, CloseCode, CloseReason, Closing, Event, Handshaking, Inbox,
    InvalidRequest, Limits, Open, Outbox, Request,
};

/// The network, as a stack such as smoltcp gives it: nothing waits.
pub trait Port {
    /// Reads what has arrived, as far as there is room; 0 where nothing has. `None` at the end.
    fn read(&mut self, room: &mut [u8]) -> Option<usize>;
    /// Takes as much to send as there is room for, and says how much that was.
    fn write(&mut self, bytes: &[u8]) -> usize;
}

enum Phase {
    Handshaking(Handshaking<Client>),
    Open(Open<Client>),
    Closing(Closing<Client>),
    Ended,
}

/// What a sensor is doing. Once it has `Ended`, close the port, and make a new one to connect again.
#[derive(Debug, PartialEq, Eq)]
pub enum State {
    Connecting,
    Reporting,
    Leaving,
    Ended,
}

pub struct Sensor<'b> {
    phase: Phase,
    inbox: Inbox,
    outbox: Outbox,
    input: &'b mut [u8],
    output: &'b mut [u8],
    /// What the server told us to do.
    pub led: bool,
}

impl<'b> Sensor<'b> {
    /// Asks for a WebSocket, through buffers that are a `static` of the program's. `seed` is of the
    /// hardware's random numbers, fresh for each connection.
    pub fn new(seed: [u8; 32], [input, output]: [&'b mut [u8]; 2]) -> Result<Self, InvalidRequest> {
        let request = Request::new("collector.local", "/sensor/7")?;
        let limits = Limits::default().message_payload(32).pending_pongs(2);
        let limits = limits.head_bytes(512);
        let mut outbox = Outbox::new();
        let start = Handshaking::<Client>::start_with(&request, limits, seed, &mut outbox);
        Ok(Self {
            phase: Phase::Handshaking(start),
            inbox: Inbox::new(),
            outbox,
            input,
            output,
            led: false,
        })
    }

    /// Does all that can be done without waiting. What was `measured` is reported.
    pub fn step(&mut self, port: &mut impl Port, measured: Option<i16>) -> State {
        if let (Phase::Open(open), Some(value)) = (&mut self.phase, measured) {
            // Behind an output that is stuck nothing is queued: a newer value will come.
            if self.outbox.len() < 256 {
                open.send_binary(&value.to_be_bytes(), &mut self.outbox);
            }
        }
        let Some(read) = port.read(self.input) else {
            self.phase = Phase::Ended;
            return State::Ended;
        };
        self.inbox.extend(&self.input[..read]);
        self.phase = self.hear();
        self.flush(port);
        match self.phase {
            Phase::Handshaking(_) => State::Connecting,
            Phase::Open(_) => State::Reporting,
            Phase::Ended if self.outbox.is_empty() => State::Ended,
            Phase::Closing(_) | Phase::Ended => State::Leaving,
        }
    }

    /// Says goodbye. `step` on until all has ended.
    pub fn leave(&mut self) {
        self.phase = match core::mem::replace(&mut self.phase, Phase::Ended) {
            Phase::Open(open) => {
                let reason = CloseReason::from_static("going to sleep");
                Phase::Closing(open.close(CloseCode::GOING_AWAY, reason, &mut self.outbox))
            }
            Phase::Handshaking(_) => Phase::Ended,
            other => other,
        };
    }

    fn hear(&mut self) -> Phase {
        let (inbox, outbox) = (&mut self.inbox, &mut self.outbox);
        let mut open = match core::mem::replace(&mut self.phase, Phase::Ended) {
            Phase::Handshaking(handshaking) => match handshaking.receive(inbox) {
                Ok(ClientProgress::Open(accepted)) => accepted.open,
                Ok(ClientProgress::Handshaking(still)) => return Phase::Handshaking(still),
                Ok(ClientProgress::Rejected(_)) | Err(_) => return Phase::Ended,
            },
            Phase::Open(open) => open,
            Phase::Closing(mut closing) => loop {
                match closing.receive(inbox, outbox) {
                    Ok(None) => return Phase::Closing(closing),
                    Ok(Some(Event::Close(_))) | Err(_) => return Phase::Ended,
                    Ok(Some(_)) => {}
                }
            },
            Phase::Ended => return Phase::Ended,
        };
        let _closed = loop {
            match open.receive(inbox, outbox) {
                Ok(Some(Event::Text(command))) => match &*command {
                    "led on" => self.led = true,
                    "led off" => self.led = false,
                    _ => open.send_text("what?", outbox),
                },
                Ok(Some(Event::Close(close))) => break open.acknowledge(close, outbox),
                Ok(Some(_)) => {}
                Ok(None) => return Phase::Open(open),
                Err(violation) => break open.fail(violation, outbox),
            }
        };
        Phase::Ended
    }

    /// Sends what the port takes.
    fn flush(&mut self, port: &mut impl Port) {
        while self.outbox.has_remaining() {
            let next = self.outbox.chunk();
            let len = next.len().min(self.output.len());
            self.output[..len].copy_from_slice(&next[..len]);
            match port.write(&self.output[..len]) {
                0 => return,
                taken => self.outbox.advance(taken),
            }
        }
    }
}
