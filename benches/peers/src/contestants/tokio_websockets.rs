//! tokio-websockets 0.13, with `fastrand` and `ring`: its `Stream` and `Sink`, polled by hand.

use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use tokio_websockets::{ClientBuilder, Message, ServerBuilder, WebSocketStream};

use super::{Contestant, Run, audience, polled};
use crate::handshakes::{HEADERS, URL};
use crate::tally::Tally;
use crate::wire::{Wire, now};
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

    fn accept(&self, connect: Box<dyn Fn() -> Wire>) -> Option<Run> {
        let builder = ServerBuilder::new();
        Some(Box::new(move |count, _: &mut Tally| {
            for _ in 0..count {
                std::hint::black_box(now(builder.accept(connect())).unwrap());
            }
        }))
    }

    fn connect(&self, connect: Box<dyn Fn() -> Wire>) -> Option<Run> {
        // The request is made once: all clients send it.
        let mut builder = ClientBuilder::new().uri(URL).unwrap();
        for (name, value) in HEADERS {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            builder = builder
                .add_header(name, HeaderValue::from_static(value))
                .unwrap();
        }
        Some(Box::new(move |count, _: &mut Tally| {
            for _ in 0..count {
                std::hint::black_box(now(builder.connect_on(connect())).unwrap());
            }
        }))
    }

    fn broadcast(&self, messages: Vec<Bytes>, connect: Box<dyn Fn() -> Wire>) -> Option<Run> {
        let sockets = audience(connect, |wire| ServerBuilder::new().serve(wire));
        Some(polled::broadcast(sockets, messages, Message::binary))
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
