//! soketto 0.8, between futures' `BufReader` and `BufWriter`, as its documentation
//! does it. It does not look at UTF-8: that is added here, with simdutf8.

use bytes::Bytes;
use futures_util::io::{BufReader, BufWriter};
use soketto::connection::{Builder, Receiver, Sender};
use soketto::handshake::client::Header;
use soketto::handshake::server::Response;
use soketto::handshake::{Client, Server, ServerResponse};
use soketto::{Data, Mode};

use super::{Contestant, Run, audience};
use crate::handshakes::{HEADERS, HOST, TARGET};
use crate::tally::Tally;
use crate::wire::{Wire, now};
use crate::workloads::{Role, Row};

pub struct Soketto;

impl Contestant for Soketto {
    fn name(&self) -> &'static str {
        "soketto"
    }

    fn receive(&self, row: &Row, wire: Wire) -> Option<Run> {
        let (mut sender, mut receiver) = halves(row, wire)?;
        let mut message = Vec::new();
        Some(Box::new(move |messages, tally: &mut Tally| {
            now(async {
                for _ in 0..messages {
                    message.clear();
                    if let Data::Text(_) = receiver.receive_data(&mut message).await.unwrap() {
                        simdutf8::basic::from_utf8(&message).unwrap();
                    }
                    tally.add(&message);
                }
                sender.flush().await.unwrap();
            });
        }))
    }

    fn send(&self, row: &Row, messages: Vec<Bytes>, wire: Wire) -> Option<Run> {
        let (mut sender, _receiver) = halves(row, wire)?;
        Some(Box::new(move |count, _: &mut Tally| {
            let _ = &_receiver;
            now(async {
                for message in messages.iter().cycle().take(count) {
                    sender.send_binary(message).await.unwrap();
                }
                sender.flush().await.unwrap();
            });
        }))
    }

    fn echo(&self, row: &Row, wire: Wire) -> Option<Run> {
        let (mut sender, mut receiver) = halves(row, wire)?;
        let mut message = Vec::new();
        Some(Box::new(move |messages, tally: &mut Tally| {
            now(async {
                for _ in 0..messages {
                    message.clear();
                    receiver.receive_data(&mut message).await.unwrap();
                    tally.add(&message);
                    sender.send_binary_mut(&mut message).await.unwrap();
                }
                sender.flush().await.unwrap();
            });
        }))
    }

    fn accept(&self, connect: Box<dyn Fn() -> Wire>) -> Option<Run> {
        Some(Box::new(move |count, _: &mut Tally| {
            for _ in 0..count {
                now(async {
                    let mut server = Server::new(io(connect(), SMALL));
                    let key = server.receive_request().await.unwrap().key();
                    let protocol = None;
                    let response = Response::Accept { key, protocol };
                    server.send_response(&response).await.unwrap();
                    std::hint::black_box(server.into_builder().finish());
                });
            }
        }))
    }

    fn connect(&self, connect: Box<dyn Fn() -> Wire>) -> Option<Run> {
        let headers = HEADERS.map(|(name, value)| {
            let value = value.as_bytes();
            Header { name, value }
        });
        Some(Box::new(move |count, _: &mut Tally| {
            for _ in 0..count {
                now(async {
                    let mut client = Client::new(io(connect(), SMALL), HOST, TARGET);
                    client.set_headers(&headers);
                    let response = client.handshake().await.unwrap();
                    assert!(matches!(response, ServerResponse::Accepted { .. }));
                    std::hint::black_box(client.into_builder().finish());
                });
            }
        }))
    }

    fn broadcast(&self, messages: Vec<Bytes>, connect: Box<dyn Fn() -> Wire>) -> Option<Run> {
        let mut sockets = audience(connect, |wire| {
            Builder::new(io(wire, SMALL), Mode::Server).finish()
        });
        Some(Box::new(move |count, _: &mut Tally| {
            now(async {
                for message in messages.iter().cycle().take(count) {
                    for (sender, _) in &mut sockets {
                        sender.send_binary(message).await.unwrap();
                        sender.flush().await.unwrap();
                    }
                }
            });
        }))
    }
}

type Io = BufReader<BufWriter<Wire>>;

/// Its permessage-deflate compresses with level 1 and no other, and with flate2 1.1.11 it refuses
/// each compressed message ("incomplete deflate stream").
fn halves(row: &Row, wire: Wire) -> Option<(Sender<Io>, Receiver<Io>)> {
    if row.deflate.is_some() {
        return None;
    }
    let mode = match row.role {
        Role::Server => Mode::Server,
        Role::Client => Mode::Client,
    };
    Some(Builder::new(io(wire, row.buffer), mode).finish())
}

/// What they have if nothing is said.
const SMALL: usize = 8 << 10;

fn io(wire: Wire, buffer: usize) -> Io {
    BufReader::with_capacity(buffer, BufWriter::with_capacity(buffer, wire))
}
