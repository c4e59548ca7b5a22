//! nexus-web 0.8: its `FrameReader`, which lends messages from a buffer of 1 MiB, and its
//! `FrameWriter`. Pings are answered by the caller.

use std::io::{IoSlice, Write};

use bytes::Bytes;
use nexus_web::ws::{Client, FrameReader, FrameWriter, Message, Role, pair, pair_with};

use super::{Contestant, Run, audience};
use crate::tally::Tally;
use crate::wire::Wire;
use crate::workloads::{self, Row};

pub struct NexusWeb;

impl Contestant for NexusWeb {
    fn name(&self) -> &'static str {
        "nexus-web"
    }

    fn receive(&self, row: &Row, mut wire: Wire) -> Option<Run> {
        let (mut reader, writer) = halves(row)?;
        let mut output = Output::new(writer, row.buffer);
        Some(Box::new(move |messages, tally: &mut Tally| {
            let mut left = messages;
            while left > 0 {
                match reader.next().unwrap() {
                    Some(Message::Text(text)) => {
                        tally.add(text.as_bytes());
                        left -= 1;
                    }
                    Some(Message::Binary(data)) => {
                        tally.add(data);
                        left -= 1;
                    }
                    Some(Message::Ping(data)) => output.pong(data, &mut wire),
                    None => {
                        output.flush(&mut wire);
                        reader.read_from(&mut wire).unwrap();
                    }
                    other => panic!("{other:?}"),
                }
            }
            output.flush(&mut wire);
        }))
    }

    fn send(&self, row: &Row, messages: Vec<Bytes>, mut wire: Wire) -> Option<Run> {
        let (_, writer) = halves(row)?;
        let mut output = Output::new(writer, row.buffer);
        // A server's large message is written from where it is, behind its header.
        let in_place = row.role == workloads::Role::Server && row.size >= 4 << 10;
        Some(Box::new(move |count, _: &mut Tally| {
            for message in messages.iter().cycle().take(count) {
                if in_place {
                    let (header, _) = output.writer.build_header(0x82, message.len());
                    let slices = [IoSlice::new(header.as_bytes()), IoSlice::new(message)];
                    let written = wire.write_vectored(&slices).unwrap();
                    assert_eq!(written, header.len() + message.len());
                } else {
                    output.binary(message, &mut wire);
                }
            }
            output.flush(&mut wire);
        }))
    }

    fn echo(&self, row: &Row, mut wire: Wire) -> Option<Run> {
        let (mut reader, writer) = halves(row)?;
        let mut output = Output::new(writer, row.buffer);
        Some(Box::new(move |messages, tally: &mut Tally| {
            let mut left = messages;
            while left > 0 {
                match reader.next().unwrap() {
                    Some(message @ (Message::Binary(_) | Message::Text(_))) => {
                        // The kind of an answer does not matter to what it costs.
                        let data = message.into_bytes();
                        tally.add(data);
                        output.binary(data, &mut wire);
                        left -= 1;
                    }
                    None => {
                        output.flush(&mut wire);
                        reader.read_from(&mut wire).unwrap();
                    }
                    other => panic!("{other:?}"),
                }
            }
            output.flush(&mut wire);
        }))
    }

    fn accept(&self, connect: Box<dyn Fn() -> Wire>) -> Option<Run> {
        Some(Box::new(move |count, _: &mut Tally| {
            for _ in 0..count {
                std::hint::black_box(Client::accept(connect()).unwrap());
            }
        }))
    }

    fn broadcast(&self, messages: Vec<Bytes>, connect: Box<dyn Fn() -> Wire>) -> Option<Run> {
        let mut sockets = audience(connect, |wire| {
            // Or ten thousand buffers of 1 MiB.
            let builder = FrameReader::builder().buffer_capacity(4 << 10);
            let (reader, writer) = pair_with(Role::Server, builder);
            Client::from_parts(wire, reader, writer)
        });
        Some(Box::new(move |count, _: &mut Tally| {
            for message in messages.iter().cycle().take(count) {
                for socket in &mut sockets {
                    socket.send_binary(message).unwrap();
                }
            }
        }))
    }
}

/// It has no permessage-deflate.
fn halves(row: &Row) -> Option<(FrameReader, FrameWriter)> {
    if row.deflate.is_some() {
        return None;
    }
    Some(pair(match row.role {
        workloads::Role::Server => Role::Server,
        workloads::Role::Client => Role::Client,
    }))
}

/// Frames that lie one after the other until the buffer is full.
struct Output {
    writer: FrameWriter,
    memory: Vec<u8>,
    len: usize,
}

impl Output {
    fn new(writer: FrameWriter, buffer: usize) -> Self {
        Self {
            writer,
            memory: vec![0; buffer],
            len: 0,
        }
    }

    #[inline]
    fn space(&mut self, payload: usize, wire: &mut Wire) -> usize {
        let len = self.writer.max_encoded_len(payload);
        if self.memory.len() - self.len < len {
            self.flush(wire);
            if self.memory.len() < len {
                self.memory.resize(len, 0);
            }
        }
        self.len
    }

    #[inline]
    fn binary(&mut self, data: &[u8], wire: &mut Wire) {
        let at = self.space(data.len(), wire);
        self.len += self.writer.encode_binary(data, &mut self.memory[at..]);
    }

    fn pong(&mut self, data: &[u8], wire: &mut Wire) {
        let at = self.space(data.len(), wire);
        let len = self.writer.encode_pong(data, &mut self.memory[at..]);
        self.len += len.unwrap();
    }

    #[inline]
    fn flush(&mut self, wire: &mut Wire) {
        if self.len > 0 {
            wire.write_all(&self.memory[..self.len]).unwrap();
            self.len = 0;
        }
    }
}
