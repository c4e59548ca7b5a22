//! What it takes to send, up to the bytes that the transport takes.

use std::hint::black_box;

use bytes::{Buf, Bytes};
use wsproto::{Broadcast, Client, Event, Inbox, Limits, Open, Outbox, Server};

use crate::{receiving, wire};

fn server_open() -> Open<Server> {
    Open::<Server>::after_upgrade((), Limits::default())
}

/// The transport takes everything.
fn write(unsent: &mut impl Buf) {
    while unsent.has_remaining() {
        let len = black_box(unsent.chunk()).len();
        unsent.advance(len);
    }
}

pub fn server(len: usize, times: usize) {
    let (mut open, mut outbox) = (server_open(), Outbox::new());
    let payload = wire::binary(len);
    for _ in 0..times {
        open.send_binary(black_box(&payload), &mut outbox);
        write(&mut outbox);
    }
}

/// 64 KiB that are not copied.
pub fn shared(times: usize) {
    let (mut open, mut outbox) = (server_open(), Outbox::new());
    let payload = Bytes::from(wire::binary(64 << 10));
    for _ in 0..times {
        open.send_bytes(payload.clone(), &mut outbox);
        write(&mut outbox);
    }
}

/// 64 KiB from where they lie.
pub fn in_place(times: usize) {
    let (mut open, mut outbox) = (server_open(), Outbox::new());
    let payload = wire::binary(64 << 10);
    for _ in 0..times {
        write(&mut open.send_binary_in_place(black_box(&payload), &mut outbox));
    }
}

pub fn deflated(times: usize) {
    let (mut open, _) = receiving::deflate_server();
    let mut outbox = Outbox::new();
    let payload = String::from_utf8(wire::json(1 << 10)).unwrap();
    for _ in 0..times {
        open.send_text(black_box(&payload), &mut outbox);
        write(&mut outbox);
    }
}

/// A message of 1 KiB to 100 connections.
pub fn broadcast(times: usize) {
    let mut everyone: Vec<_> = (0..100).map(|_| (server_open(), Outbox::new())).collect();
    for _ in 0..times {
        let message = Broadcast::binary(&wire::binary(1 << 10));
        for (open, outbox) in &mut everyone {
            open.send_broadcast(&message, outbox);
            write(outbox);
        }
    }
}

/// The same from where it lies, through one outbox.
pub fn broadcast_in_place(times: usize) {
    let mut everyone: Vec<_> = (0..100).map(|_| server_open()).collect();
    let mut outbox = Outbox::new();
    for _ in 0..times {
        let message = Broadcast::binary(&wire::binary(1 << 10));
        for open in &mut everyone {
            write(&mut open.send_broadcast_in_place(&message, &mut outbox));
        }
    }
}

pub fn client(len: usize, times: usize) {
    let mut open = Open::<Client>::after_upgrade((), Limits::default(), [7; 32]);
    let mut outbox = Outbox::new();
    let payload = wire::binary(len);
    for _ in 0..times {
        open.send_binary(black_box(&payload), &mut outbox);
        write(&mut outbox);
    }
}

/// Receives a message of 1 KiB and sends it back.
pub fn echo(times: usize) {
    let (mut open, mut inbox, mut outbox) = (server_open(), Inbox::new(), Outbox::new());
    let frame = wire::frame(0x82, true, &wire::binary(1 << 10));
    for _ in 0..times {
        inbox.extend(&frame);
        while let Some(event) = open.receive(&mut inbox, &mut outbox).unwrap() {
            if let Event::Binary(data) = event {
                open.send_binary(&data, &mut outbox);
            }
        }
        write(&mut outbox);
    }
}
