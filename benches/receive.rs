//! How long a server takes to receive a masked message, the copy into its inbox included.

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use wsproto::{Event, Inbox, Limits, Open, Outbox, Server};

fn main() {
    divan::main();
}

/// Messages in one read.
const MESSAGES: usize = 1000;

/// A client's frames with one message of `len` bytes each, as they stand on the wire.
fn frames(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x80 | opcode];
    match payload.len() {
        len @ 0..=125 => frame.push(0x80 | len as u8),
        len => {
            frame.push(0x80 | 126);
            frame.extend((len as u16).to_be_bytes());
        }
    }
    let key = [0x37, 0xfa, 0x21, 0x3d];
    frame.extend(key);
    frame.extend(
        payload
            .iter()
            .zip(key.iter().cycle())
            .map(|(byte, key)| byte ^ key),
    );
    frame.repeat(MESSAGES)
}

/// Reads `wire` in pieces of 64 KiB, and receives every message. Divide by 1 000.
fn receive(bencher: Bencher, wire: &[u8]) {
    let mut open = Open::<Server>::after_upgrade((), Limits::default());
    let mut inbox = Inbox::new();
    let mut outbox = Outbox::new();
    bencher
        .counter(BytesCount::new(wire.len()))
        .bench_local(|| {
            let mut messages = 0;
            for read in black_box(wire).chunks(64 << 10) {
                inbox.extend(read);
                while let Some(event) = open.receive(&mut inbox, &mut outbox).unwrap() {
                    match event {
                        Event::Text(text) => _ = black_box(&*text),
                        Event::Binary(data) => _ = black_box(&*data),
                        _ => unreachable!("only data is sent"),
                    }
                    messages += 1;
                }
            }
            assert_eq!(messages, MESSAGES);
        });
}

#[divan::bench(args = [16, 125, 1024, 16384])]
fn thousand_binary_messages(bencher: Bencher, len: usize) {
    receive(bencher, &frames(2, &vec![0xa5; len]));
}

#[divan::bench(args = [16, 1024])]
fn thousand_ascii_messages(bencher: Bencher, len: usize) {
    receive(bencher, &frames(1, &vec![b'a'; len]));
}

#[divan::bench(args = [1024])]
fn thousand_multibyte_messages(bencher: Bencher, len: usize) {
    receive(
        bencher,
        &frames(
            1,
            &"äöü€🦀 und so weiter ".as_bytes().repeat(len / 26 + 1)[..26 * (len / 26)],
        ),
    );
}
