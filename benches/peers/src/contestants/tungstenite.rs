//! tungstenite 0.30: `read` and `write` on a blocking stream, with its own buffers of 128 KiB.

use bytes::Bytes;
use tungstenite::Message;
use tungstenite::client::IntoClientRequest;
use tungstenite::http::HeaderValue;
use tungstenite::protocol::{Role, WebSocket, WebSocketConfig};

use super::{Contestant, Run, audience};
use crate::handshakes::{HEADERS, URL};
use crate::tally::Tally;
use crate::wire::Wire;
use crate::workloads::{self, Row};

pub struct Tungstenite;

impl Contestant for Tungstenite {
    fn name(&self) -> &'static str {
        "tungstenite"
    }

    fn receive(&self, row: &Row, wire: Wire) -> Option<Run> {
        if row.deflate.is_some() {
            return None;
        }
        let mut socket = WebSocket::from_raw_socket(wire, role(row), None);
        Some(Box::new(move |messages, tally: &mut Tally| {
            let mut left = messages;
            while left > 0 {
                match socket.read() {
                    Ok(Message::Binary(data)) => {
                        tally.add(&data);
                        left -= 1;
                    }
                    Ok(Message::Text(text)) => {
                        tally.add(text.as_str().as_bytes());
                        left -= 1;
                    }
                    Ok(Message::Ping(_)) => {}
                    other => panic!("{other:?}"),
                }
            }
            socket.flush().unwrap();
        }))
    }

    fn send(&self, row: &Row, messages: Vec<Bytes>, wire: Wire) -> Option<Run> {
        if row.deflate.is_some() {
            return None;
        }
        let mut socket = WebSocket::from_raw_socket(wire, role(row), None);
        Some(Box::new(move |count, _: &mut Tally| {
            for message in messages.iter().cycle().take(count) {
                socket.write(Message::Binary(message.clone())).unwrap();
            }
            socket.flush().unwrap();
        }))
    }

    fn echo(&self, row: &Row, wire: Wire) -> Option<Run> {
        if row.deflate.is_some() {
            return None;
        }
        let mut socket = WebSocket::from_raw_socket(wire, role(row), None);
        Some(Box::new(move |messages, tally: &mut Tally| {
            for _ in 0..messages {
                let message = socket.read().unwrap();
                match &message {
                    Message::Binary(data) => tally.add(data),
                    Message::Text(text) => tally.add(text.as_str().as_bytes()),
                    other => panic!("{other:?}"),
                }
                socket.write(message).unwrap();
            }
            socket.flush().unwrap();
        }))
    }

    fn accept(&self, connect: Box<dyn Fn() -> Wire>) -> Option<Run> {
        Some(Box::new(move |count, _: &mut Tally| {
            for _ in 0..count {
                std::hint::black_box(tungstenite::accept(connect()).unwrap());
            }
        }))
    }

    fn connect(&self, connect: Box<dyn Fn() -> Wire>) -> Option<Run> {
        Some(Box::new(move |count, _: &mut Tally| {
            for _ in 0..count {
                let mut request = URL.into_client_request().unwrap();
                for (name, value) in HEADERS {
                    let value = HeaderValue::from_static(value);
                    request.headers_mut().insert(name, value);
                }
                std::hint::black_box(tungstenite::client(request, connect()).unwrap());
            }
        }))
    }

    fn broadcast(&self, messages: Vec<Bytes>, connect: Box<dyn Fn() -> Wire>) -> Option<Run> {
        // Or ten thousand buffers of 128 KiB.
        let config = WebSocketConfig::default().read_buffer_size(4 << 10);
        let mut sockets = audience(connect, |wire| {
            WebSocket::from_raw_socket(wire, Role::Server, Some(config))
        });
        Some(Box::new(move |count, _: &mut Tally| {
            for message in messages.iter().cycle().take(count) {
                for socket in &mut sockets {
                    socket.send(Message::Binary(message.clone())).unwrap();
                }
            }
        }))
    }
}

fn role(row: &Row) -> Role {
    match row.role {
        workloads::Role::Server => Role::Server,
        workloads::Role::Client => Role::Client,
    }
}
