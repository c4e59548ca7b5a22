//! Work of a given size, done once: what it takes is to grow with the size, and no faster.

use std::hint::black_box;

use bytes::Buf;
use wsproto::{
    Acceptance, DeflateOffer, Handshaking, Inbox, Limits, Open, Outbox, Requested, Server,
    ServerProgress,
};

use crate::receiving::receive;
use crate::wire;

fn server_open() -> Open<Server> {
    let limits = Limits::default()
        .fragments(1 << 20)
        .message_payload(1 << 30);
    Open::<Server>::after_upgrade((), limits)
}

/// Messages in reads of 64 KiB.
pub fn messages(n: usize) {
    let frames = wire::frame(0x82, true, &wire::binary(16)).repeat(n);
    receive(server_open(), &frames, 64 << 10, 1);
}

/// 16 bytes of a message, each, in reads of an Ethernet frame.
pub fn bytes(n: usize) {
    let frame = wire::frame(0x81, true, &wire::ascii(16 * n));
    receive(server_open(), &frame, 1400, 1);
}

/// Bytes of a message that is read byte by byte.
pub fn reads(n: usize) {
    let frame = wire::frame(0x81, true, &wire::ascii(n));
    receive(server_open(), &frame, 1, 1);
}

/// Fragments of a byte.
pub fn fragments(n: usize) {
    let mut frames = wire::frame(1, true, b"a");
    frames.extend(wire::frame(0, true, b"b").repeat(n));
    frames.extend(wire::frame(0x80, true, b"c"));
    receive(server_open(), &frames, 64 << 10, 1);
}

/// Pings whose answers nobody takes.
pub fn pings(n: usize) {
    let (mut open, mut inbox, mut outbox) = (server_open(), Inbox::new(), Outbox::new());
    inbox.extend(&wire::frame(0x89, true, b"ping").repeat(n));
    while let Ok(Some(event)) = open.receive(&mut inbox, &mut outbox) {
        let _ = black_box(event);
    }
}

/// Messages that wait, and are written in small pieces.
pub fn sends(n: usize) {
    let (mut open, mut outbox) = (server_open(), Outbox::new());
    for _ in 0..n {
        open.send_binary(&[7; 200], &mut outbox);
    }
    while outbox.has_remaining() {
        let len = outbox.chunk().len().min(100);
        outbox.advance(len);
    }
}

fn request(lines: &str, read: usize) -> Requested {
    let head = format!(
        "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{lines}\r\n"
    );
    let limits = Limits::default().head_bytes(1 << 24).head_headers(1 << 20);
    let mut handshaking = Handshaking::<Server>::new(limits);
    let mut inbox = Inbox::new();
    for piece in head.as_bytes().chunks(read) {
        inbox.extend(piece);
        match handshaking.receive(&mut inbox) {
            Ok(ServerProgress::Handshaking(still)) => handshaking = still,
            Ok(ServerProgress::Requested(requested)) => return requested,
            Err(error) => panic!("{error}"),
        }
    }
    panic!("the request is a whole one");
}

/// Bytes of a head that is read byte by byte.
pub fn head_reads(n: usize) {
    let _ = black_box(request(&format!("A: {}\r\n", "a".repeat(n)), 1));
}

pub fn headers(n: usize) {
    let _ = black_box(request(&"A: a\r\n".repeat(n), usize::MAX));
}

/// Subprotocols that are offered, none of which is spoken.
pub fn subprotocols(n: usize) {
    let list: Vec<String> = (0..n).map(|index| format!("p{index}")).collect();
    let line = match &list[..] {
        [] => String::new(),
        list => format!("Sec-WebSocket-Protocol: {}\r\n", list.join(", ")),
    };
    let requested = request(&line, usize::MAX);
    assert!(requested.choose_subprotocol(&["chat"]).is_none());
}

/// Offers of an extension that cannot be agreed to.
pub fn extensions(n: usize) {
    let line = "Sec-WebSocket-Extensions: permessage-deflate; x=1\r\n".repeat(n);
    let requested = request(&line, usize::MAX);
    let mut outbox = Outbox::new();
    let _ = requested.accept_with(DeflateOffer::default(), Acceptance::default(), &mut outbox);
}

/// Empty blocks in a compressed message.
pub fn blocks(n: usize) {
    let (open, _) = crate::receiving::deflate_server();
    let mut payload = [0, 0, 0, 0xff, 0xff].repeat(n);
    payload.push(0);
    receive(open, &wire::frame(0xc1, true, &payload), 64 << 10, 1);
}
