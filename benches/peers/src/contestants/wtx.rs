//! wtx, with `optimization` and `crypto-ring`: `read_frame` without a copy (`Adaptive`) and
//! `write_frame`, polled by hand.

use bytes::Bytes;
use wtx::collection::Vector;
use wtx::http::GenericHeader;
use wtx::misc::UriRef;
use wtx::rng::Xorshift64;
use wtx::web_socket::compression::{Flate2, NegotiatedCompression, WindowBits};
use wtx::web_socket::{
    Compression, CompressionLevel, DeflateConfig, Frame, OpCode, WebSocket, WebSocketAcceptor,
    WebSocketBuffer, WebSocketConnector, WebSocketPayloadOrigin,
};

use super::{Contestant, Run, audience};
use crate::handshakes::{HEADERS, URL};
use crate::tally::Tally;
use crate::wire::{Wire, now};
use crate::workloads::{Deflate, Role, Row};

pub struct Wtx;

impl Contestant for Wtx {
    fn name(&self) -> &'static str {
        "wtx"
    }

    fn receive(&self, row: &Row, wire: Wire) -> Option<Run> {
        Some(match (row.role, row.deflate) {
            (_, Some(deflate)) => receive::<_, false>(flate2(deflate)?, wire),
            (Role::Server, None) => receive::<_, false>((), wire),
            (Role::Client, None) => receive::<_, true>((), wire),
        })
    }

    fn send(&self, row: &Row, messages: Vec<Bytes>, wire: Wire) -> Option<Run> {
        let opcode = if row.content.is_text() {
            OpCode::Text
        } else {
            OpCode::Binary
        };
        Some(match (row.role, row.deflate) {
            (_, Some(deflate)) => send::<_, false>(flate2(deflate)?, opcode, messages, wire),
            (Role::Server, None) => send::<_, false>((), opcode, messages, wire),
            (Role::Client, None) => send::<_, true>((), opcode, messages, wire),
        })
    }

    fn echo(&self, row: &Row, wire: Wire) -> Option<Run> {
        Some(match row.deflate {
            Some(deflate) => echo(flate2(deflate)?, wire),
            None => echo((), wire),
        })
    }

    fn accept(&self, connect: Box<dyn Fn() -> Wire>) -> Option<Run> {
        let mut buffer = WebSocketBuffer::new();
        Some(Box::new(move |count, _: &mut Tally| {
            for _ in 0..count {
                let acceptor = WebSocketAcceptor::default().no_masking(false);
                let accept = acceptor.wsb(&mut buffer).accept(connect());
                std::hint::black_box(now(accept).unwrap());
            }
        }))
    }

    fn connect(&self, connect: Box<dyn Fn() -> Wire>) -> Option<Run> {
        let mut buffer = WebSocketBuffer::new();
        let uri = UriRef::new(URL);
        Some(Box::new(move |count, _: &mut Tally| {
            for _ in 0..count {
                let connector = WebSocketConnector::default().no_masking(false);
                let connector = connector.headers(HEADERS).wsb(&mut buffer);
                std::hint::black_box(now(connector.connect(connect(), &uri)).unwrap());
            }
        }))
    }

    fn broadcast(&self, messages: Vec<Bytes>, connect: Box<dyn Fn() -> Wire>) -> Option<Run> {
        let mut sockets = audience(connect, |wire| socket::<_, false>((), wire));
        let mut messages: Vec<Vec<u8>> = messages.iter().map(|bytes| bytes.to_vec()).collect();
        Some(Box::new(move |count, _: &mut Tally| {
            now(async {
                for at in 0..count {
                    let at = at % messages.len();
                    let mut frame = Frame::new_fin(OpCode::Binary, &mut messages[at][..]);
                    for socket in &mut sockets {
                        socket.write_frame(&mut frame).await.unwrap();
                    }
                }
            });
        }))
    }
}

fn socket<NC: NegotiatedCompression, const IS_CLIENT: bool>(
    compression: NC,
    wire: Wire,
) -> WebSocket<NC, Xorshift64, Wire, WebSocketBuffer, IS_CLIENT> {
    let random = Xorshift64::new(0x1234_5678_9abc_def0);
    WebSocket::new(compression, false, random, wire, WebSocketBuffer::new())
}

fn receive<NC: NegotiatedCompression + 'static, const IS_CLIENT: bool>(
    compression: NC,
    wire: Wire,
) -> Run {
    let mut socket = socket::<NC, IS_CLIENT>(compression, wire);
    let mut buffer = Vector::new();
    Box::new(move |messages, tally: &mut Tally| {
        now(async {
            let mut left = messages;
            while left > 0 {
                let frame = socket
                    .read_frame(&mut buffer, WebSocketPayloadOrigin::Adaptive)
                    .await
                    .unwrap();
                match frame.op_code() {
                    OpCode::Text | OpCode::Binary => {
                        tally.add(frame.payload());
                        left -= 1;
                    }
                    OpCode::Ping => {}
                    other => panic!("{other:?}"),
                }
            }
        });
    })
}

fn echo<NC: NegotiatedCompression + 'static>(compression: NC, wire: Wire) -> Run {
    let mut socket = socket::<_, false>(compression, wire);
    let mut buffer = Vector::new();
    Box::new(move |messages, tally: &mut Tally| {
        now(async {
            for _ in 0..messages {
                let (mut common, mut reader, mut writer) = socket.split_mut();
                let mut frame = reader
                    .read_frame(&mut buffer, &mut common, WebSocketPayloadOrigin::Adaptive)
                    .await
                    .unwrap();
                tally.add(frame.payload());
                writer.write_frame(&mut common, &mut frame).await.unwrap();
            }
        });
    })
}

/// What is sent lies in memory that can be written to. A client masks it in place: what is to be
/// kept is copied before, to memory that is used again.
fn send<NC: NegotiatedCompression + 'static, const IS_CLIENT: bool>(
    compression: NC,
    opcode: OpCode,
    messages: Vec<Bytes>,
    wire: Wire,
) -> Run {
    let mut socket = socket::<NC, IS_CLIENT>(compression, wire);
    let mut messages: Vec<Vec<u8>> = messages.iter().map(|bytes| bytes.to_vec()).collect();
    let mut copy = messages[0].clone();
    let mut at = 0;
    Box::new(move |count, _: &mut Tally| {
        now(async {
            for _ in 0..count {
                let message = &mut messages[at];
                let payload = if IS_CLIENT {
                    copy.copy_from_slice(message);
                    &mut copy[..]
                } else {
                    &mut message[..]
                };
                let mut frame = Frame::<_, IS_CLIENT>::new_fin(opcode, payload);
                socket.write_frame(&mut frame).await.unwrap();
                at += 1;
                if at == messages.len() {
                    at = 0;
                }
            }
        });
    })
}

/// Always without context takeover.
fn flate2(deflate: Deflate) -> Option<impl NegotiatedCompression + 'static> {
    if deflate == Deflate::Takeover {
        return None;
    }
    let config = DeflateConfig {
        client_max_window_bits: WindowBits::Fifteen,
        compression_level: CompressionLevel::Six,
        server_max_window_bits: WindowBits::Fifteen,
    };
    let agreed =
        <Flate2 as Compression<false>>::negotiate(Flate2::from(config), [Offer].into_iter());
    Some(agreed.unwrap())
}

/// The header that a client sends.
struct Offer;

impl GenericHeader for Offer {
    fn name(&self) -> &[u8] {
        b"sec-websocket-extensions"
    }

    fn value(&self) -> &[u8] {
        b"permessage-deflate; client_max_window_bits=15; server_max_window_bits=15; \
          client_no_context_takeover; server_no_context_takeover"
    }
}
