//! tungstenite 0.30: `read` and `write` on a blocking stream, with its own buffers of 128 KiB.

use bytes::Bytes;
use tungstenite::protocol::{Role, WebSocket};
use tungstenite::{Message, Utf8Bytes};

use super::{Contestant, Run};
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
                        tally.add(Utf8Bytes::as_str(&text).as_bytes());
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
        let mut socket = WebSocket::from_raw_socket(wire, role(row), None);
        Some(Box::new(move |messages, tally: &mut Tally| {
            for _ in 0..messages {
                let Ok(Message::Binary(data)) = socket.read() else {
                    panic!("only binary messages are sent");
                };
                tally.add(&data);
                socket.write(Message::Binary(data)).unwrap();
            }
            socket.flush().unwrap();
        }))
    }
}

fn role(row: &Row) -> Role {
    match row.role {
        workloads::Role::Server => Role::Server,
        workloads::Role::Client => Role::Client,
    }
}
