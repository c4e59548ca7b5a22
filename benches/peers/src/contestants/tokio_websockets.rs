//! tokio-websockets 0.13, with `fastrand` and `ring`: its `Stream` and `Sink`, polled by hand.

use bytes::Bytes;
use tokio_websockets::{ClientBuilder, Message, ServerBuilder, WebSocketStream};

use super::{Contestant, Run, polled};
use crate::wire::Wire;
use crate::workloads::{Role, Row};

pub struct TokioWebSockets;

impl Contestant for TokioWebSockets {
    fn name(&self) -> &'static str {
        "tokio-websockets"
    }

    fn receive(&self, row: &Row, wire: Wire) -> Option<Run> {
        Some(polled::receive(socket(row, wire)?, next))
    }

    fn send(&self, row: &Row, messages: Vec<Bytes>, wire: Wire) -> Option<Run> {
        Some(polled::send(socket(row, wire)?, messages, Message::binary))
    }

    fn echo(&self, row: &Row, wire: Wire) -> Option<Run> {
        Some(polled::echo(socket(row, wire)?, next))
    }
}

type Socket = WebSocketStream<Wire>;

/// It has no permessage-deflate.
fn socket(row: &Row, wire: Wire) -> Option<Socket> {
    if row.deflate.is_some() {
        return None;
    }
    Some(match row.role {
        Role::Server => ServerBuilder::new().serve(wire),
        Role::Client => ClientBuilder::new().take_over(wire),
    })
}

#[inline]
fn next(socket: &mut Socket) -> Message {
    polled::next(socket).unwrap()
}

impl polled::Message for Message {
    #[inline]
    fn data(&self) -> Option<&[u8]> {
        if let Some(text) = self.as_text() {
            Some(text.as_bytes())
        } else if self.is_binary() {
            Some(self.as_payload())
        } else {
            None
        }
    }
}
