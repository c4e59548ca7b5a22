//! What is below any WebSocket crate: the payloads copied; copied and unmasked; and validated.
//!
//! They know where the payloads are, and read in steps that stay in the first-level cache.

use std::io::Write;

use bytes::Bytes;

use super::{Contestant, Run, audience};
use crate::frames;
use crate::tally::Tally;
use crate::wire::{Input, Wire};
use crate::workloads::{Role, Row};

/// The copy that a transport makes.
pub struct Memcpy;
/// And unmasking, or masking.
pub struct CopyXor;
/// And UTF-8.
pub struct CopyXorUtf8;

/// How much is copied before it is unmasked.
const STEP: usize = 16 << 10;

impl Contestant for Memcpy {
    fn name(&self) -> &'static str {
        "memcpy"
    }

    fn is_floor(&self) -> bool {
        true
    }

    fn unmasks(&self) -> bool {
        false
    }

    fn receive(&self, row: &Row, wire: Wire) -> Option<Run> {
        receive(row, wire, |_, _| {}, |_| {})
    }

    fn send(&self, row: &Row, messages: Vec<Bytes>, wire: Wire) -> Option<Run> {
        send(row, messages, wire, |to, from, _| to.copy_from_slice(from))
    }

    /// Nobody copies: what the transports themselves take.
    fn broadcast(&self, messages: Vec<Bytes>, connect: Box<dyn Fn() -> Wire>) -> Option<Run> {
        let mut everyone = audience(connect, |wire| wire);
        let framed = |message: &Bytes| {
            let mut frame = Vec::new();
            frames::write(&mut frame, frames::FIN | frames::BINARY, message, None);
            frame
        };
        let messages: Vec<Vec<u8>> = messages.iter().map(framed).collect();
        Some(Box::new(move |count, _: &mut Tally| {
            for frame in messages.iter().cycle().take(count) {
                for wire in &mut everyone {
                    assert_eq!(wire.write(frame).unwrap(), frame.len());
                }
            }
        }))
    }
}

impl Contestant for CopyXor {
    fn name(&self) -> &'static str {
        "copy XOR"
    }

    fn is_floor(&self) -> bool {
        true
    }

    fn receive(&self, row: &Row, wire: Wire) -> Option<Run> {
        if row.role == Role::Client {
            return None;
        }
        receive(row, wire, xor, |_| {})
    }

    fn send(&self, row: &Row, messages: Vec<Bytes>, wire: Wire) -> Option<Run> {
        if row.role == Role::Server {
            return None;
        }
        send(row, messages, wire, copy_xor)
    }
}

impl Contestant for CopyXorUtf8 {
    fn name(&self) -> &'static str {
        "copy XOR UTF-8"
    }

    fn is_floor(&self) -> bool {
        true
    }

    fn receive(&self, row: &Row, wire: Wire) -> Option<Run> {
        if !row.content.is_text() {
            return None;
        }
        receive(row, wire, xor, |text| {
            simdutf8::basic::from_utf8(text).unwrap();
        })
    }
}

fn receive(
    row: &Row,
    wire: Wire,
    unmask: impl Fn(&mut [u8], [u8; 4]) + 'static,
    check: impl Fn(&[u8]) + 'static,
) -> Option<Run> {
    if row.fragments > 1 || row.deflate.is_some() {
        return None;
    }
    let input: std::sync::Arc<Input> = wire.input();
    let (size, masked) = (row.size, row.role == Role::Server);
    let header = frames::header_len(size, masked);
    let mut memory = vec![0; size];
    let mut at = 0;
    Some(Box::new(move |messages, tally: &mut Tally| {
        let bytes = input.bytes();
        for _ in 0..messages {
            let (head, payload) = bytes[at..at + header + size].split_at(header);
            let key = *head.last_chunk().unwrap();
            for (to, from) in memory.chunks_mut(STEP).zip(payload.chunks(STEP)) {
                to.copy_from_slice(from);
                unmask(to, key);
            }
            check(&memory);
            tally.add(&memory);
            at += header + size;
            if at == bytes.len() {
                at = 0;
            }
        }
    }))
}

fn send(
    row: &Row,
    messages: Vec<Bytes>,
    wire: Wire,
    write: impl Fn(&mut [u8], &[u8], [u8; 4]) + 'static,
) -> Option<Run> {
    if row.deflate.is_some() {
        return None;
    }
    let (role, mut sink) = (row.role, wire.sink());
    let mut memory = vec![0; STEP.max(row.size) + 14];
    let mut key = 0x1234_5678_u32;
    Some(Box::new(move |count, _: &mut Tally| {
        let mut at = 0;
        for message in messages.iter().cycle().take(count) {
            key = key.wrapping_mul(0x9e37_79b1).wrapping_add(1);
            let key = key.to_le_bytes();
            let mut header = [0; 14];
            let header = frames::header(
                &mut header,
                frames::FIN | frames::BINARY,
                message.len(),
                (role == Role::Client).then_some(key),
            );
            let len = header.len() + message.len();
            if memory.len() - at < len {
                sink.write(&memory[..at]);
                at = 0;
            }
            let (head, payload) = memory[at..at + len].split_at_mut(header.len());
            head.copy_from_slice(header);
            write(payload, message, key);
            at += len;
        }
        sink.write(&memory[..at]);
    }))
}

#[inline]
fn xor(bytes: &mut [u8], key: [u8; 4]) {
    let wide = wide(key);
    let (words, rest) = bytes.as_chunks_mut::<8>();
    for word in words {
        *word = (u64::from_ne_bytes(*word) ^ wide).to_ne_bytes();
    }
    for (byte, key) in rest.iter_mut().zip(key.iter().cycle()) {
        *byte ^= key;
    }
}

#[inline]
fn copy_xor(to: &mut [u8], from: &[u8], key: [u8; 4]) {
    let wide = wide(key);
    let (to, to_rest) = to.as_chunks_mut::<8>();
    let (from, from_rest) = from.as_chunks::<8>();
    for (to, from) in to.iter_mut().zip(from) {
        *to = (u64::from_ne_bytes(*from) ^ wide).to_ne_bytes();
    }
    for ((to, from), key) in to_rest.iter_mut().zip(from_rest).zip(key.iter().cycle()) {
        *to = from ^ key;
    }
}

fn wide(key: [u8; 4]) -> u64 {
    let key = u64::from(u32::from_ne_bytes(key));
    key << 32 | key
}
