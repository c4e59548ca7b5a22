//! Those who are compared, each in a file of its own.

use bytes::Bytes;

use crate::tally::Tally;
use crate::wire::Wire;
use crate::workloads::{AUDIENCE, Row};

mod fastwebsockets;
mod floors;
mod hyper;
mod nexus_web;
mod ours;
mod polled;
mod sockudo;
mod soketto;
mod tokio_websockets;
mod tungstenite;
mod web_socket;
mod wtx;
mod yawc;

/// Does a number of operations, on a connection that lives as long as it does, and counts what was
/// delivered. It returns when all that was to be written has been written.
pub type Run = Box<dyn FnMut(usize, &mut Tally)>;

/// Something that echoes, with a name of its own where a contestant has several.
pub type Holder<'a> = (&'static str, Box<dyn Fn(&Row, Wire) -> Option<Run> + 'a>);

/// A crate that is compared. What it cannot do is `None`: a dash in the table, whose reason is in
/// the README.
pub trait Contestant {
    fn name(&self) -> &'static str;

    /// What no WebSocket crate can be faster than, rather than one of them.
    fn is_floor(&self) -> bool {
        false
    }

    /// Whether what is delivered is the messages; a copy alone leaves them masked.
    fn unmasks(&self) -> bool {
        true
    }

    /// Receives messages, pings answered.
    fn receive(&self, _: &Row, _: Wire) -> Option<Run> {
        None
    }

    /// Sends `messages` in turn; each is still there afterwards.
    fn send(&self, _: &Row, _messages: Vec<Bytes>, _: Wire) -> Option<Run> {
        None
    }

    /// Receives messages and sends each back.
    fn echo(&self, _: &Row, _: Wire) -> Option<Run> {
        None
    }

    /// What echoes on a connection, to see what memory it holds.
    fn holders(&self) -> Vec<Holder<'_>> {
        vec![(self.name(), Box::new(|row, wire| self.echo(row, wire)))]
    }

    /// Receives the request on each of the transports, and answers it.
    fn accept(&self, _connect: Box<dyn Fn() -> Wire>) -> Option<Run> {
        None
    }

    /// Sends a request with `handshakes::HEADERS` to each of the transports, and receives the answer.
    fn connect(&self, _connect: Box<dyn Fn() -> Wire>) -> Option<Run> {
        None
    }

    /// Sends `messages` in turn, each to all of `AUDIENCE` clients.
    fn broadcast(&self, _messages: Vec<Bytes>, _connect: Box<dyn Fn() -> Wire>) -> Option<Run> {
        None
    }
}

/// Connections that all hear a broadcast.
fn audience<T>(connect: impl Fn() -> Wire, open: impl Fn(Wire) -> T) -> Vec<T> {
    (0..AUDIENCE).map(|_| open(connect())).collect()
}

/// Ours first.
pub const ALL: &[&dyn Contestant] = &[
    &ours::Ours,
    &tungstenite::Tungstenite,
    &fastwebsockets::FastWebSockets,
    &tokio_websockets::TokioWebSockets,
    &soketto::Soketto,
    &wtx::Wtx,
    &yawc::Yawc,
    &web_socket::WebSocketCrate,
    &nexus_web::NexusWeb,
    &sockudo::SockudoStream,
    &sockudo::SockudoProtocol,
    &floors::Memcpy,
    &floors::CopyXor,
    &floors::CopyXorUtf8,
];
