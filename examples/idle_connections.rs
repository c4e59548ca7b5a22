//! A million open connections in one process, and what each costs.
//!
//! All share one inbox and one outbox. Each is opened by a handshake of its own; then a random
//! sample of them echoes a message. Prints bytes per connection, as the system counts them.

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use wsproto::{
    Acceptance, Event, Handshaking, Inbox, Limits, Open, Outbox, Server, ServerProgress,
};

/// Holds idle connections, and says what they cost
#[derive(Parser)]
struct Options {
    /// Open connections
    #[arg(long, default_value_t = 1_000_000)]
    connections: usize,
    /// Messages that connections, each picked at random, echo
    #[arg(long, default_value_t = 100_000)]
    messages: usize,
}

const REQUEST: &[u8] = b"GET /chat HTTP/1.1\r\nHost: server.example.com\r\n\
    Upgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

/// "Hello" from a client and to it (RFC 6455 5.7).
const HEARD: &[u8] = b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";
const SAID: &[u8] = b"\x81\x05Hello";

fn main() -> ExitCode {
    let options = Options::parse();
    if options.connections == 0 {
        eprintln!("idle_connections: there has to be a connection");
        return ExitCode::from(2);
    }
    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    // What is not the connections' own is there before the first of them.
    let first = connect(&mut inbox, &mut outbox);
    let before = resident();

    let started = Instant::now();
    let mut connections: Vec<Open<Server>> = Vec::with_capacity(options.connections);
    connections.push(first);
    connections.resize_with(options.connections, || connect(&mut inbox, &mut outbox));
    let opened = started.elapsed();
    println!("{} connections, opened in {opened:.1?}", connections.len());

    let started = Instant::now();
    let mut random = 1_u64;
    for _ in 0..options.messages {
        random = random.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
        let index = (random >> 33) as usize % connections.len();
        inbox.extend(HEARD);
        echo(&mut connections[index], &mut inbox, &mut outbox);
        assert_eq!(outbox.bytes_to_send(None), SAID);
        assert!(inbox.is_idle());
    }
    let echoed = started.elapsed();
    println!(
        "{} messages echoed by any of them, in {echoed:.1?}",
        options.messages
    );

    println!("struct: {} bytes each", size_of::<Open<Server>>());
    println!(
        "shared: {} bytes of buffers",
        inbox.capacity() + outbox.capacity()
    );
    match (before, resident()) {
        (Some(before), Some(now)) => {
            let each = now.saturating_sub(before) as f64 / connections.len() as f64;
            println!("resident: {each:.1} bytes each");
        }
        _ => println!("resident: not known on this system"),
    }
    black_box(connections);
    ExitCode::SUCCESS
}

fn connect(inbox: &mut Inbox, outbox: &mut Outbox) -> Open<Server> {
    inbox.extend(REQUEST);
    let handshaking = Handshaking::<Server>::new(Limits::default());
    let Ok(ServerProgress::Requested(requested)) = handshaking.receive(inbox) else {
        unreachable!("the request is a whole one");
    };
    let open = requested.accept(Acceptance::default(), outbox);
    outbox.clear();
    open
}

fn echo(open: &mut Open<Server>, inbox: &mut Inbox, outbox: &mut Outbox) {
    while let Ok(Some(event)) = open.receive(inbox, outbox) {
        if let Event::Text(text) = event {
            open.send_text(&text, outbox);
        }
    }
}

/// The memory that the process has in use, in bytes.
fn resident() -> Option<usize> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: usize = statm.split(' ').nth(1)?.parse().ok()?;
    Some(pages * 4096)
}
