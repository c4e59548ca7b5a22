//! A plain end of a connection, for the other side of what is under test.

use core::fmt;
use std::vec::Vec;

use super::conversation::{Act, Actor};
use super::speech::Heard;
use super::values::Message;
use super::wire::Endpoint;
use crate::{
    Client, Closed, Established, Event, Inbox, Limits, Negotiate, Open, Outbox, Role, Server,
    Violation,
};

/// A plain end of a connection, which hears all, answers a Close, and does what it is told.
///
/// For the other side of what is under test. Without extensions and with the usual limits it is
/// `End::<Client>::default()`; any other connection becomes one by `End::from`.
pub struct End<R: Role, N: Negotiate = ()> {
    connection: Established<R, N>,
    inbox: Inbox,
    outbox: Outbox,
    heard: Vec<Heard>,
    pongs: Vec<Vec<u8>>,
}

impl Default for End<Client> {
    /// Its masking keys are the same each time.
    fn default() -> Self {
        let open = Open::<Client>::after_upgrade((), Limits::default(), [7; 32]);
        Self::from(open)
    }
}

impl Default for End<Server> {
    fn default() -> Self {
        let open = Open::<Server>::after_upgrade((), Limits::default());
        Self::from(open)
    }
}

impl<R: Role, N: Negotiate> From<Open<R, N::Agreed>> for End<R, N> {
    fn from(open: Open<R, N::Agreed>) -> Self {
        Self {
            connection: open.into(),
            inbox: Inbox::new(),
            outbox: Outbox::new(),
            heard: Vec::new(),
            pongs: Vec::new(),
        }
    }
}

impl<R: Role, N: Negotiate> End<R, N> {
    /// What it heard, in order, without Pongs.
    #[must_use]
    pub fn heard(&self) -> &[Heard] {
        &self.heard
    }

    /// The messages that it heard.
    #[must_use]
    pub fn messages(&self) -> Vec<Message> {
        let message = |heard: &Heard| match heard {
            Heard::Message(message) => Some(message.clone()),
            _ => None,
        };
        self.heard.iter().filter_map(message).collect()
    }

    /// The payloads of the Pongs that it heard: answers to its Pings, and others.
    #[must_use]
    pub fn pongs(&self) -> &[Vec<u8>] {
        &self.pongs
    }

    /// How it ended, once it has: with a Close of the peer's, a violation, or [`eof`](Self::eof).
    #[must_use]
    pub fn closed(&self) -> Option<&Closed<R>> {
        self.connection.closed()
    }

    /// The transport has ended.
    pub fn eof(&mut self) {
        self.connection.eof();
    }

    fn next(&mut self) -> Result<bool, Violation> {
        match self.connection.receive(&mut self.inbox, &mut self.outbox)? {
            None => return Ok(false),
            Some(Event::Pong(payload)) => self.pongs.push(payload.to_vec()),
            Some(event) => {
                self.heard.push((&event).into());
                if let Event::Close(close) = event {
                    self.connection.acknowledge(close, &mut self.outbox);
                }
            }
        }
        Ok(true)
    }
}

impl<R: Role, N: Negotiate> Endpoint for End<R, N> {
    /// Hears all there is. A Close is acknowledged, and what is wrong fails the connection.
    fn read(&mut self, bytes: &[u8]) {
        self.inbox.extend(bytes);
        loop {
            match self.next() {
                Ok(true) => {}
                Ok(false) => return,
                Err(violation) => self.connection.fail(violation, &mut self.outbox),
            }
        }
    }

    fn outbox(&mut self) -> &mut Outbox {
        &mut self.outbox
    }
}

impl<R: Role, N: Negotiate> Actor for End<R, N> {
    /// Does `act`, unless this end has said Close or has ended.
    ///
    /// # Panics
    ///
    /// If a message is unfinished and `act` begins another, or the reverse.
    fn act(&mut self, act: &Act) {
        let outbox = &mut self.outbox;
        self.connection = match (self.connection.take(), act) {
            (Established::Open(mut open), Act::Send(message)) => {
                match message {
                    Message::Text(text) => open.send_text(text, outbox),
                    Message::Binary(data) => open.send_binary(data, outbox),
                }
                open.into()
            }
            (Established::Open(open), Act::Write(Message::Text(piece))) => {
                let mut streaming = open.start_text();
                streaming.write(piece, outbox);
                streaming.into()
            }
            (Established::Open(open), Act::Write(Message::Binary(piece))) => {
                let mut streaming = open.start_binary();
                streaming.write(piece, outbox);
                streaming.into()
            }
            (Established::StreamingText(mut streaming), Act::Write(Message::Text(piece))) => {
                streaming.write(piece, outbox);
                streaming.into()
            }
            (Established::StreamingBinary(mut streaming), Act::Write(Message::Binary(piece))) => {
                streaming.write(piece, outbox);
                streaming.into()
            }
            (Established::StreamingText(streaming), Act::Finish(Message::Text(piece))) => {
                streaming.finish(piece, outbox).into()
            }
            (Established::StreamingBinary(streaming), Act::Finish(Message::Binary(piece))) => {
                streaming.finish(piece, outbox).into()
            }
            (Established::Open(mut open), Act::Ping(payload)) => {
                open.ping(*payload, outbox);
                open.into()
            }
            (Established::StreamingText(mut streaming), Act::Ping(payload)) => {
                streaming.ping(*payload, outbox);
                streaming.into()
            }
            (Established::StreamingBinary(mut streaming), Act::Ping(payload)) => {
                streaming.ping(*payload, outbox);
                streaming.into()
            }
            (Established::Open(open), Act::Close(code, reason)) => {
                open.close(*code, reason.clone(), outbox).into()
            }
            (Established::StreamingText(streaming), Act::Close(code, reason)) => {
                streaming.close(*code, reason.clone(), outbox).into()
            }
            (Established::StreamingBinary(streaming), Act::Close(code, reason)) => {
                streaming.close(*code, reason.clone(), outbox).into()
            }
            (connection @ (Established::Closing(_) | Established::Closed(_)), _) => connection,
            (connection, act) => panic!("{act:?} cannot be done while {connection:?}"),
        };
    }
}

impl<R: Role, N: Negotiate> fmt::Debug for End<R, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("End")
            .field("connection", &self.connection)
            .field("heard", &self.heard)
            .finish_non_exhaustive()
    }
}
