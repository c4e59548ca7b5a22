//! sockudo-ws 3, its two layers: the asynchronous stream, polled by hand and without timers, and
//! the protocol, which knows no transport.

use std::io::Write;

use bytes::{Bytes, BytesMut};
use sockudo_ws::deflate::DeflateConfig;
use sockudo_ws::handshake::{
    build_request_with_headers, build_response, client_handshake_with_headers, generate_accept_key,
    generate_key, parse_request, parse_response, server_handshake, validate_accept_key,
};
use sockudo_ws::protocol::{CompressedProtocol, Protocol};
use sockudo_ws::{CompressedWebSocketStream, Config, DeflateWindowBits, Message, WebSocketStream};

use super::{Contestant, Run, audience, polled};
use crate::handshakes::{HEADERS, HOST, TARGET};
use crate::tally::Tally;
use crate::wire::{Wire, now};
use crate::workloads::{Deflate, Role, Row};

/// `WebSocketStream`.
pub struct SockudoStream;
/// `Protocol`.
pub struct SockudoProtocol;

impl Contestant for SockudoStream {
    fn name(&self) -> &'static str {
        "sockudo-ws"
    }

    fn receive(&self, row: &Row, wire: Wire) -> Option<Run> {
        Some(match row.deflate {
            Some(deflate) => polled::receive(compressed(deflate, wire), next),
            None => polled::receive(stream(row, wire), next),
        })
    }

    fn send(&self, row: &Row, messages: Vec<Bytes>, wire: Wire) -> Option<Run> {
        Some(match row.deflate {
            Some(deflate) => polled::send(compressed(deflate, wire), messages, Message::Text),
            None => polled::send(stream(row, wire), messages, Message::Binary),
        })
    }

    fn echo(&self, row: &Row, wire: Wire) -> Option<Run> {
        Some(match row.deflate {
            Some(deflate) => polled::echo(compressed(deflate, wire), next),
            None => polled::echo(stream(row, wire), next),
        })
    }

    fn accept(&self, connect: Box<dyn Fn() -> Wire>) -> Option<Run> {
        Some(Box::new(move |count, _: &mut Tally| {
            for _ in 0..count {
                let mut wire = connect();
                let result = now(server_handshake(&mut wire)).unwrap();
                let leftover = result.leftover;
                let role = sockudo_ws::Role::Server;
                let config = config();
                let stream = WebSocketStream::from_raw_with_leftover(wire, role, config, leftover);
                std::hint::black_box(stream);
            }
        }))
    }

    fn connect(&self, connect: Box<dyn Fn() -> Wire>) -> Option<Run> {
        let headers = HEADERS.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Some(Box::new(move |count, _: &mut Tally| {
            for _ in 0..count {
                let mut wire = connect();
                let headers = Some(&headers[..]);
                let shake = client_handshake_with_headers(&mut wire, HOST, TARGET, None, headers);
                let leftover = now(shake).unwrap().leftover;
                let role = sockudo_ws::Role::Client;
                let config = config();
                let stream = WebSocketStream::from_raw_with_leftover(wire, role, config, leftover);
                std::hint::black_box(stream);
            }
        }))
    }

    fn broadcast(&self, messages: Vec<Bytes>, connect: Box<dyn Fn() -> Wire>) -> Option<Run> {
        let sockets = audience(connect, |wire| WebSocketStream::server(wire, config()));
        Some(polled::broadcast(sockets, messages, Message::Binary))
    }
}

fn stream(row: &Row, wire: Wire) -> WebSocketStream<Wire> {
    match row.role {
        Role::Server => WebSocketStream::server(wire, config()),
        Role::Client => WebSocketStream::client(wire, config()),
    }
}

fn compressed(deflate: Deflate, wire: Wire) -> CompressedWebSocketStream<Wire> {
    CompressedWebSocketStream::server(wire, config(), deflate_config(deflate))
}

/// Without its timers.
fn config() -> Config {
    Config::builder().auto_ping(false).idle_timeout(0).build()
}

fn deflate_config(deflate: Deflate) -> DeflateConfig {
    let alone = deflate == Deflate::NoTakeover;
    DeflateConfig {
        server_max_window_bits: DeflateWindowBits::Bits15,
        client_max_window_bits: DeflateWindowBits::Bits15,
        server_no_context_takeover: alone,
        client_no_context_takeover: alone,
        compression_level: 6,
        compression_threshold: 32,
    }
}

#[inline]
fn next<S: futures_core::Stream<Item = sockudo_ws::Result<Message>> + Unpin>(
    socket: &mut S,
) -> Message {
    polled::next(socket).unwrap()
}

impl polled::Message for Message {
    #[inline]
    fn data(&self) -> Option<&[u8]> {
        match self {
            Self::Text(bytes) | Self::Binary(bytes) => Some(bytes),
            _ => None,
        }
    }
}

impl Contestant for SockudoProtocol {
    fn name(&self) -> &'static str {
        "sockudo-ws Protocol"
    }

    fn receive(&self, row: &Row, wire: Wire) -> Option<Run> {
        Some(match row.deflate {
            Some(deflate) => receive(compressed_protocol(deflate), wire),
            None => receive(protocol(row), wire),
        })
    }

    fn send(&self, row: &Row, messages: Vec<Bytes>, wire: Wire) -> Option<Run> {
        Some(match row.deflate {
            Some(deflate) => {
                let codec = compressed_protocol(deflate);
                send(codec, messages, wire, Message::Text)
            }
            None => send(protocol(row), messages, wire, Message::Binary),
        })
    }

    fn echo(&self, row: &Row, wire: Wire) -> Option<Run> {
        Some(match row.deflate {
            Some(deflate) => echo(compressed_protocol(deflate), wire),
            None => echo(protocol(row), wire),
        })
    }

    fn accept(&self, connect: Box<dyn Fn() -> Wire>) -> Option<Run> {
        let mut input = BytesMut::new();
        Some(Box::new(move |count, _: &mut Tally| {
            for _ in 0..count {
                let mut wire = connect();
                let accept = loop {
                    read(&mut wire, &mut input);
                    if let Some((request, _)) = parse_request(&input).unwrap() {
                        break generate_accept_key(request.key);
                    }
                };
                input.clear();
                wire.write_all(&build_response(&accept, None, None))
                    .unwrap();
                let protocol = Protocol::new(sockudo_ws::Role::Server, FRAME, MESSAGE);
                std::hint::black_box((protocol, wire));
            }
        }))
    }

    fn connect(&self, connect: Box<dyn Fn() -> Wire>) -> Option<Run> {
        let headers = HEADERS.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let mut input = BytesMut::new();
        Some(Box::new(move |count, _: &mut Tally| {
            for _ in 0..count {
                let mut wire = connect();
                let (key, headers) = (generate_key(), Some(&headers[..]));
                let request = build_request_with_headers(HOST, TARGET, &key, None, None, headers);
                wire.write_all(&request.unwrap()).unwrap();
                loop {
                    read(&mut wire, &mut input);
                    if let Some((response, _)) = parse_response(&input).unwrap() {
                        assert!(validate_accept_key(&key, response.accept.unwrap()));
                        break;
                    }
                }
                input.clear();
                let protocol = Protocol::new(sockudo_ws::Role::Client, FRAME, MESSAGE);
                std::hint::black_box((protocol, wire));
            }
        }))
    }

    fn broadcast(&self, messages: Vec<Bytes>, connect: Box<dyn Fn() -> Wire>) -> Option<Run> {
        let mut everyone = audience(connect, |wire| {
            (
                Protocol::new(sockudo_ws::Role::Server, FRAME, MESSAGE),
                wire,
            )
        });
        let mut output = BytesMut::new();
        Some(Box::new(move |count, _: &mut Tally| {
            for message in messages.iter().cycle().take(count) {
                let message = Message::Binary(message.clone());
                for (protocol, wire) in &mut everyone {
                    protocol.encode_message(&message, &mut output).unwrap();
                    write(wire, &mut output);
                }
            }
        }))
    }
}

/// What both kinds of protocol do.
trait Codec: 'static {
    fn process(&mut self, input: &mut BytesMut, messages: &mut Vec<Message>);
    fn encode(&mut self, message: &Message, output: &mut BytesMut);
    fn pong(&mut self, ping: &[u8], output: &mut BytesMut);
}

impl Codec for Protocol {
    fn process(&mut self, input: &mut BytesMut, messages: &mut Vec<Message>) {
        self.process_into(input, messages).unwrap();
    }

    fn encode(&mut self, message: &Message, output: &mut BytesMut) {
        self.encode_message(message, output).unwrap();
    }

    fn pong(&mut self, ping: &[u8], output: &mut BytesMut) {
        self.encode_pong(ping, output);
    }
}

impl Codec for CompressedProtocol {
    fn process(&mut self, input: &mut BytesMut, messages: &mut Vec<Message>) {
        self.process_into(input, messages).unwrap();
    }

    fn encode(&mut self, message: &Message, output: &mut BytesMut) {
        self.encode_message(message, output).unwrap();
    }

    fn pong(&mut self, ping: &[u8], output: &mut BytesMut) {
        self.encode_pong(ping, output);
    }
}

const FRAME: usize = 16 << 20;
const MESSAGE: usize = 64 << 20;

fn protocol(row: &Row) -> Protocol {
    let role = match row.role {
        Role::Server => sockudo_ws::Role::Server,
        Role::Client => sockudo_ws::Role::Client,
    };
    Protocol::new(role, FRAME, MESSAGE)
}

fn compressed_protocol(deflate: Deflate) -> CompressedProtocol {
    CompressedProtocol::server(FRAME, MESSAGE, deflate_config(deflate))
}

/// Reads what there is, up to a buffer's size.
fn read(wire: &mut Wire, input: &mut BytesMut) {
    use tokio::io::AsyncReadExt;
    input.reserve(wire.buffer());
    now(wire.read_buf(input)).unwrap();
}

fn write(wire: &mut Wire, output: &mut BytesMut) {
    if !output.is_empty() {
        wire.write_all(output).unwrap();
        output.clear();
    }
}

fn receive(mut codec: impl Codec, mut wire: Wire) -> Run {
    let (mut input, mut output) = (BytesMut::new(), BytesMut::new());
    // All messages of a read are parsed at once: those after the last are for the next run.
    let mut waiting = Vec::new();
    let mut next = 0;
    Box::new(move |messages, tally: &mut Tally| {
        let mut left = messages;
        while left > 0 {
            match waiting.get(next) {
                Some(Message::Text(bytes) | Message::Binary(bytes)) => {
                    tally.add(bytes);
                    left -= 1;
                    next += 1;
                }
                Some(Message::Ping(bytes)) => {
                    codec.pong(bytes, &mut output);
                    next += 1;
                }
                None => {
                    write(&mut wire, &mut output);
                    waiting.clear();
                    next = 0;
                    read(&mut wire, &mut input);
                    codec.process(&mut input, &mut waiting);
                }
                other => panic!("{other:?}"),
            }
        }
        write(&mut wire, &mut output);
    })
}

fn send(
    mut codec: impl Codec,
    messages: Vec<Bytes>,
    mut wire: Wire,
    message: fn(Bytes) -> Message,
) -> Run {
    let mut output = BytesMut::new();
    Box::new(move |count, _: &mut Tally| {
        for bytes in messages.iter().cycle().take(count) {
            codec.encode(&message(bytes.clone()), &mut output);
            if output.len() >= wire.buffer() {
                write(&mut wire, &mut output);
            }
        }
        write(&mut wire, &mut output);
    })
}

fn echo(mut codec: impl Codec, mut wire: Wire) -> Run {
    let (mut input, mut output) = (BytesMut::new(), BytesMut::new());
    let mut waiting = Vec::new();
    let mut next = 0;
    Box::new(move |messages, tally: &mut Tally| {
        let mut left = messages;
        while left > 0 {
            if let Some(message) = waiting.get(next) {
                tally.add(polled::Message::data(message).expect("only data is sent"));
                codec.encode(message, &mut output);
                left -= 1;
                next += 1;
            } else {
                write(&mut wire, &mut output);
                waiting.clear();
                next = 0;
                read(&mut wire, &mut input);
                codec.process(&mut input, &mut waiting);
            }
        }
        write(&mut wire, &mut output);
    })
}
