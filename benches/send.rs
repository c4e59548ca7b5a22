//! How long a message takes to send, until its frame lies in the outbox.

use bytes::Buf;
use divan::{Bencher, black_box};
use wsproto::{Client, Limits, Open, Outbox, Role, Server};

fn main() {
    divan::main();
}

/// Messages between two looks at the outbox.
const MESSAGES: usize = 1000;

/// Sends 1 000 messages, and empties the outbox when 64 KiB are in it. Divide by 1 000.
fn send<R: Role>(bencher: Bencher, mut open: Open<R>, len: usize) {
    let mut outbox = Outbox::new();
    let message = vec![0xa5; len];
    bencher.bench_local(|| {
        for _ in 0..MESSAGES {
            open.send_binary(black_box(&message), &mut outbox);
            if outbox.len() >= 64 << 10 {
                black_box(outbox.chunk());
                outbox.advance(outbox.len());
            }
        }
    });
}

#[divan::bench(args = [16, 1024, 65536])]
fn thousand_server_messages(bencher: Bencher, len: usize) {
    send(
        bencher,
        Open::<Server>::after_upgrade((), Limits::default()),
        len,
    );
}

#[divan::bench(args = [16, 1024, 65536])]
fn thousand_client_messages(bencher: Bencher, len: usize) {
    send(
        bencher,
        Open::<Client>::after_upgrade((), Limits::default(), [7; 32]),
        len,
    );
}
