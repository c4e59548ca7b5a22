//! web-socket 0.7, over tokio's `BufReader`: it reads each part of a header by itself. It delivers
//! fragments, does not look at UTF-8 and does not answer pings: what is missing is added here, with
//! simdutf8.

use bytes::Bytes;
use tokio::io::BufReader;
use web_socket::{DataType, Event, MessageType, Stream, WebSocket};

use super::{Contestant, Run, audience};
use crate::tally::Tally;
use crate::wire::{Wire, now};
use crate::workloads::{Role, Row};

pub struct WebSocketCrate;

impl Contestant for WebSocketCrate {
    fn name(&self) -> &'static str {
        "web-socket"
    }

    fn receive(&self, row: &Row, wire: Wire) -> Option<Run> {
        let mut socket = socket(row, wire)?;
        let mut message = Vec::new();
        Some(Box::new(move |messages, tally: &mut Tally| {
            now(async {
                let mut left = messages;
                while left > 0 {
                    match socket.recv().await.unwrap() {
                        Event::Data {
                            ty: DataType::Complete(kind),
                            data,
                        } => {
                            check(kind, &data);
                            tally.add(&data);
                            left -= 1;
                        }
                        Event::Data {
                            ty: DataType::Stream(part),
                            data,
                        } => {
                            message.extend_from_slice(&data);
                            if let Stream::End(kind) = part {
                                check(kind, &message);
                                tally.add(&message);
                                message.clear();
                                left -= 1;
                            }
                        }
                        Event::Ping(data) => socket.send_pong(&data).await.unwrap(),
                        other => panic!("{other:?}"),
                    }
                }
            });
        }))
    }

    fn send(&self, row: &Row, messages: Vec<Bytes>, wire: Wire) -> Option<Run> {
        let mut socket = socket(row, wire)?;
        Some(Box::new(move |count, _: &mut Tally| {
            now(async {
                for message in messages.iter().cycle().take(count) {
                    socket.send(&message[..]).await.unwrap();
                }
            });
        }))
    }

    fn echo(&self, row: &Row, wire: Wire) -> Option<Run> {
        let mut socket = socket(row, wire)?;
        Some(Box::new(move |messages, tally: &mut Tally| {
            now(async {
                for _ in 0..messages {
                    let Event::Data { ty, data } = socket.recv().await.unwrap() else {
                        panic!("only data is sent");
                    };
                    tally.add(&data);
                    match ty {
                        DataType::Complete(MessageType::Text) => {
                            let text = simdutf8::basic::from_utf8(&data).unwrap();
                            socket.send(text).await.unwrap();
                        }
                        _ => socket.send(&data[..]).await.unwrap(),
                    }
                }
            });
        }))
    }

    fn broadcast(&self, messages: Vec<Bytes>, connect: Box<dyn Fn() -> Wire>) -> Option<Run> {
        let mut sockets = audience(connect, WebSocket::server);
        Some(Box::new(move |count, _: &mut Tally| {
            now(async {
                for message in messages.iter().cycle().take(count) {
                    for socket in &mut sockets {
                        socket.send(&message[..]).await.unwrap();
                    }
                }
            });
        }))
    }
}

/// It has no permessage-deflate.
fn socket(row: &Row, wire: Wire) -> Option<WebSocket<BufReader<Wire>>> {
    if row.deflate.is_some() {
        return None;
    }
    let stream = BufReader::with_capacity(row.buffer, wire);
    Some(match row.role {
        Role::Server => WebSocket::server(stream),
        Role::Client => WebSocket::client(stream),
    })
}

fn check(kind: MessageType, data: &[u8]) {
    if matches!(kind, MessageType::Text) {
        simdutf8::basic::from_utf8(data).unwrap();
    }
}
