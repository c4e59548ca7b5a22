//! What it takes to receive, the copy into the inbox included.

use std::hint::black_box;

use wsproto::{
    Acceptance, Client, Deflate, DeflateOffer, Event, Extension, Handshaking, Inbox, Limits,
    Narrowed, Open, Outbox, Role, Server, ServerProgress,
};

use crate::wire;

/// Bytes that are read at a time.
const READ: usize = 64 << 10;

/// Receives `frames`, `times` times over, in reads of `read` bytes or all of them.
pub fn receive<R: Role, X: Extension>(
    mut open: Open<R, X>,
    frames: &[u8],
    read: usize,
    times: usize,
) {
    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    for _ in 0..times {
        for read in frames.chunks(read) {
            inbox.extend(read);
            while let Some(event) = open.receive(&mut inbox, &mut outbox).unwrap() {
                match event {
                    Event::Text(text) => _ = black_box(&*text),
                    Event::Binary(data) => _ = black_box(&*data),
                    _ => {}
                }
            }
            outbox.clear();
        }
    }
}

fn server_open() -> Open<Server> {
    Open::<Server>::after_upgrade((), Limits::default())
}

/// As many messages as a read holds, but for a last part, and at least one.
fn receive_reads<R: Role, X: Extension>(open: Open<R, X>, frame: &[u8], times: usize) {
    let frames = frame.repeat((READ / frame.len()).max(1));
    receive(open, &frames, frames.len(), times);
}

pub fn server(opcode: u8, payload: &[u8], times: usize) {
    let frame = wire::frame(0x80 | opcode, true, payload);
    receive_reads(server_open(), &frame, times);
}

pub fn client(times: usize) {
    let open = Open::<Client>::after_upgrade((), Limits::default(), [7; 32]);
    let frame = wire::frame(0x82, false, &wire::binary(1 << 10));
    receive_reads(open, &frame, times);
}

/// A text of 64 KiB in 64 fragments, with a Ping between each two.
pub fn fragments(times: usize) {
    let text = wire::mixed(64 << 10);
    let mut wire = Vec::new();
    let last = text.chunks(1 << 10).len() - 1;
    for (index, fragment) in text.chunks(1 << 10).enumerate() {
        let opcode = if index == 0 { 1 } else { 0 };
        let fin = if index == last { 0x80 } else { 0 };
        wire.extend(wire::frame(fin | opcode, true, fragment));
        if index < last {
            wire.extend(wire::frame(0x89, true, b"ping"));
        }
    }
    receive(server_open(), &wire, READ, times);
}

/// Messages in reads of 100 bytes.
pub fn small_reads(opcode: u8, payload: &[u8], times: usize) {
    let wire = wire::frame(0x80 | opcode, true, payload);
    receive(server_open(), &wire, 100, times);
}

/// Messages of 1 KiB, compressed each by itself.
pub fn deflated(times: usize) {
    let (open, offer) = deflate_server();
    let mut outbox = Outbox::new();
    let message = String::from_utf8(wire::json(1 << 10)).unwrap();
    // A server's frame, which is masked here.
    let broadcast = wsproto::Broadcast::text(&message).deflated(&offer);
    let (mut sender, _) = deflate_server();
    sender.send_broadcast(&broadcast, &mut outbox);
    let frame = outbox.bytes_to_send(None);
    let frame = wire::frame(0xc1, true, &frame[if frame[1] == 126 { 4 } else { 2 }..]);
    receive_reads(open, &frame, times);
}

/// A server that has agreed to permessage-deflate with context takeover.
pub fn deflate_server() -> (Open<Server, Deflate>, DeflateOffer) {
    let offer = DeflateOffer::default();
    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    inbox.extend(b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n");
    inbox.extend(b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
    inbox.extend(b"Sec-WebSocket-Extensions: permessage-deflate\r\n");
    inbox.extend(b"Sec-WebSocket-Version: 13\r\n\r\n");
    let handshaking = Handshaking::<Server>::new(Limits::default());
    let Ok(ServerProgress::Requested(requested)) = handshaking.receive(&mut inbox) else {
        panic!("the request is a whole one");
    };
    let open = requested.accept_with(offer.clone(), Acceptance::default(), &mut outbox);
    match open.narrow() {
        Narrowed::With(open) => (open, offer),
        Narrowed::Without(_) => panic!("the offer is one to agree to"),
    }
}
