//! tokio-websockets 0.13, with `fastrand` and `ring`: its `Stream` and `Sink`, polled by hand.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use futures_core::Stream;
use futures_sink::Sink;
use tokio_websockets::{ClientBuilder, Message, ServerBuilder, WebSocketStream};

use super::{Contestant, Run};
use crate::tally::Tally;
use crate::wire::Wire;
use crate::workloads::{Role, Row};

pub struct TokioWebSockets;

impl Contestant for TokioWebSockets {
    fn name(&self) -> &'static str {
        "tokio-websockets"
    }

    fn receive(&self, row: &Row, wire: Wire) -> Option<Run> {
        if row.deflate.is_some() {
            return None;
        }
        let mut socket = socket(row, wire);
        Some(Box::new(move |messages, tally: &mut Tally| {
            let mut left = messages;
            while left > 0 {
                let message = next(&mut socket);
                if let Some(text) = message.as_text() {
                    tally.add(text.as_bytes());
                    left -= 1;
                } else if message.is_binary() {
                    tally.add(message.as_payload());
                    left -= 1;
                } else {
                    assert!(message.is_ping());
                }
            }
            flush(&mut socket);
        }))
    }

    fn send(&self, row: &Row, messages: Vec<Bytes>, wire: Wire) -> Option<Run> {
        if row.deflate.is_some() {
            return None;
        }
        let mut socket = socket(row, wire);
        Some(Box::new(move |count, _: &mut Tally| {
            for message in messages.iter().cycle().take(count) {
                feed(&mut socket, Message::binary(message.clone()));
            }
            flush(&mut socket);
        }))
    }

    fn echo(&self, row: &Row, wire: Wire) -> Option<Run> {
        let mut socket = socket(row, wire);
        Some(Box::new(move |messages, tally: &mut Tally| {
            for _ in 0..messages {
                let message = next(&mut socket);
                assert!(message.is_binary());
                tally.add(message.as_payload());
                feed(&mut socket, message);
            }
            flush(&mut socket);
        }))
    }
}

type Socket = WebSocketStream<Wire>;

fn socket(row: &Row, wire: Wire) -> Socket {
    match row.role {
        Role::Server => ServerBuilder::new().serve(wire),
        Role::Client => ClientBuilder::new().take_over(wire),
    }
}

fn next(socket: &mut Socket) -> Message {
    match Pin::new(socket).poll_next(&mut context()) {
        Poll::Ready(Some(message)) => message.unwrap(),
        _ => panic!("the transport has always something to read"),
    }
}

fn feed(socket: &mut Socket, message: Message) {
    ready(Pin::new(&mut *socket).poll_ready(&mut context()));
    Pin::new(socket).start_send(message).unwrap();
}

fn flush(socket: &mut Socket) {
    ready(Pin::new(socket).poll_flush(&mut context()));
}

fn ready(poll: Poll<Result<(), tokio_websockets::Error>>) {
    let Poll::Ready(result) = poll else {
        panic!("the transport is always ready");
    };
    result.unwrap();
}

fn context() -> Context<'static> {
    Context::from_waker(Waker::noop())
}
