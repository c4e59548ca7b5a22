//! fastwebsockets 0.10, with `simd` and `upgrade`: a `FragmentCollector`, whose futures are polled by hand.

use bytes::Bytes;
use fastwebsockets::handshake::{self, generate_key};
use fastwebsockets::{FragmentCollector, Frame, OpCode, Payload, WebSocket};
use http::Request;
use http_body_util::Empty;

use super::{Contestant, Run, audience, hyper};
use crate::handshakes::{HEADERS, HOST, TARGET};
use crate::tally::Tally;
use crate::wire::{Wire, now};
use crate::workloads::{Role, Row};

pub struct FastWebSockets;

impl Contestant for FastWebSockets {
    fn name(&self) -> &'static str {
        "fastwebsockets"
    }

    fn receive(&self, row: &Row, wire: Wire) -> Option<Run> {
        if row.deflate.is_some() {
            return None;
        }
        let mut socket = FragmentCollector::new(socket(row, wire));
        Some(Box::new(move |messages, tally: &mut Tally| {
            now(async {
                let mut left = messages;
                while left > 0 {
                    let frame = socket.read_frame().await.unwrap();
                    match frame.opcode {
                        OpCode::Text | OpCode::Binary => {
                            tally.add(&frame.payload);
                            left -= 1;
                        }
                        other => panic!("{other:?}"),
                    }
                }
            });
        }))
    }

    fn send(&self, row: &Row, messages: Vec<Bytes>, wire: Wire) -> Option<Run> {
        if row.deflate.is_some() {
            return None;
        }
        let mut socket = socket(row, wire);
        let client = row.role == Role::Client;
        // A client masks in place: what is to be kept is copied, to memory that is used again.
        let mut copy = vec![0; row.size];
        Some(Box::new(move |count, _: &mut Tally| {
            now(async {
                for message in messages.iter().cycle().take(count) {
                    let payload = if client {
                        copy.copy_from_slice(message);
                        Payload::BorrowedMut(&mut copy)
                    } else {
                        Payload::Borrowed(message)
                    };
                    socket.write_frame(Frame::binary(payload)).await.unwrap();
                }
            });
        }))
    }

    fn echo(&self, row: &Row, wire: Wire) -> Option<Run> {
        if row.deflate.is_some() {
            return None;
        }
        let mut socket = FragmentCollector::new(socket(row, wire));
        Some(Box::new(move |messages, tally: &mut Tally| {
            now(async {
                for _ in 0..messages {
                    let frame = socket.read_frame().await.unwrap();
                    tally.add(&frame.payload);
                    let answer = match frame.opcode {
                        OpCode::Text => Frame::text(frame.payload),
                        OpCode::Binary => Frame::binary(frame.payload),
                        other => panic!("{other:?}"),
                    };
                    socket.write_frame(answer).await.unwrap();
                }
            });
        }))
    }

    fn accept(&self, connect: Box<dyn Fn() -> Wire>) -> Option<Run> {
        Some(hyper::accept(connect, |request| {
            fastwebsockets::upgrade::upgrade(request).unwrap()
        }))
    }

    fn connect(&self, connect: Box<dyn Fn() -> Wire>) -> Option<Run> {
        Some(hyper::connect(connect, |wire| async move {
            let mut request = Request::get(TARGET)
                .header("Host", HOST)
                .header("Upgrade", "websocket")
                .header("Connection", "upgrade")
                .header("Sec-WebSocket-Key", generate_key())
                .header("Sec-WebSocket-Version", "13");
            for (name, value) in HEADERS {
                request = request.header(name, value);
            }
            let request = request.body(Empty::<Bytes>::new()).unwrap();
            handshake::client(&Spawn, request, wire).await.unwrap()
        }))
    }

    fn broadcast(&self, messages: Vec<Bytes>, connect: Box<dyn Fn() -> Wire>) -> Option<Run> {
        let mut sockets = audience(connect, |wire| {
            WebSocket::after_handshake(wire, fastwebsockets::Role::Server)
        });
        Some(Box::new(move |count, _: &mut Tally| {
            now(async {
                for message in messages.iter().cycle().take(count) {
                    for socket in &mut sockets {
                        let frame = Frame::binary(Payload::Borrowed(message));
                        socket.write_frame(frame).await.unwrap();
                    }
                }
            });
        }))
    }
}

/// Runs hyper's connection.
struct Spawn;

impl<F: Future<Output = ()> + Send + 'static> ::hyper::rt::Executor<F> for Spawn {
    fn execute(&self, future: F) {
        tokio::spawn(future);
    }
}

fn socket(row: &Row, wire: Wire) -> WebSocket<Wire> {
    let role = match row.role {
        Role::Server => fastwebsockets::Role::Server,
        Role::Client => fastwebsockets::Role::Client,
    };
    WebSocket::after_handshake(wire, role)
}
