//! A server without extensions, which receives and echoes as many messages as it is told.

use std::hint::black_box;
use std::process::exit;

use bytes_of_a_client::message;
use wsproto::{Event, Inbox, Limits, Open, Outbox, Server};

fn main() {
    let Some(count) = std::env::args().nth(1).and_then(|count| count.parse().ok()) else {
        eprintln!("usage: plain COUNT");
        exit(2);
    };
    let mut open = Open::<Server>::after_upgrade((), Limits::default());
    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    let message = message();
    for _ in 0..count {
        inbox.extend(black_box(&message));
        match open.receive(&mut inbox, &mut outbox) {
            Ok(Some(Event::Binary(data))) => open.send_binary(black_box(&data), &mut outbox),
            _ => exit(1),
        }
        black_box(outbox.bytes_to_send(None));
    }
}

mod bytes_of_a_client {
    /// A masked binary message of 100 bytes.
    pub fn message() -> Vec<u8> {
        let key = [0x37, 0xfa, 0x21, 0x3d];
        let mut frame = vec![0x82, 0x80 | 100];
        frame.extend(key);
        frame.extend((0..100).map(|index| index as u8 ^ key[index % 4]));
        frame
    }
}
