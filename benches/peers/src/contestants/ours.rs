//! wsproto, as it is in this repository: one inbox and one outbox, reads into the inbox's space,
//! vectored writes of the outbox.

use std::io::{IoSlice, Read, Write};

use bytes::{Buf, Bytes};
use wsproto::{
    Acceptance, Broadcast, Client, ClientProgress, Deflate, DeflateOffer, Event, Extension,
    Handshaking, Inbox, Limits, Narrowed, Open, Outbox, Request, Role, Server, ServerProgress,
};

use super::{Contestant, Holder, Run, audience};
use crate::content::Dice;
use crate::handshakes::{HEADERS, HOST, TARGET};
use crate::tally::Tally;
use crate::wire::Wire;
use crate::workloads::{self, Row};

pub struct Ours;

impl Contestant for Ours {
    fn name(&self) -> &'static str {
        "wsproto"
    }

    fn receive(&self, row: &Row, wire: Wire) -> Option<Run> {
        Some(match (row.role, row.deflate) {
            (_, Some(deflate)) => receive(deflating(deflate), wire),
            (workloads::Role::Server, None) => receive(server(), wire),
            (workloads::Role::Client, None) => receive(client(), wire),
        })
    }

    fn send(&self, row: &Row, messages: Vec<Bytes>, wire: Wire) -> Option<Run> {
        Some(match (row.role, row.deflate) {
            (_, Some(deflate)) => {
                let text = |bytes: &Bytes| String::from_utf8(bytes.to_vec()).unwrap();
                let messages = messages.iter().map(text).collect();
                send(
                    deflating(deflate),
                    messages,
                    wire,
                    |open, message, outbox| {
                        open.send_text(message, outbox);
                    },
                )
            }
            // From where it lies.
            (workloads::Role::Server, None) if row.size >= 4 << 10 => send_in_place(messages, wire),
            (workloads::Role::Server, None) => {
                send(server(), messages, wire, |open, message, outbox| {
                    open.send_binary(message, outbox);
                })
            }
            (workloads::Role::Client, None) => {
                send(client(), messages, wire, |open, message, outbox| {
                    open.send_binary(message, outbox);
                })
            }
        })
    }

    /// The inbox and the outbox share the first-level cache: each gets half of what one may have.
    fn echo(&self, row: &Row, wire: Wire) -> Option<Run> {
        let buffer = wire.buffer() / 2;
        Some(echo_of(row, wire, buffer))
    }

    fn holders(&self) -> Vec<Holder<'_>> {
        let own: Holder = (
            "wsproto, own in- and outbox",
            Box::new(|row, wire| {
                let buffer = wire.buffer();
                Some(echo_of(row, wire, buffer))
            }),
        );
        let shared: Holder = (
            "wsproto",
            Box::new(|row, wire| {
                Some(match row.deflate {
                    Some(deflate) => echo_and_forget(deflating(deflate), wire),
                    None => echo_and_forget(server(), wire),
                })
            }),
        );
        vec![shared, own]
    }

    fn accept(&self, connect: Box<dyn Fn() -> Wire>) -> Option<Run> {
        Some(accept(connect))
    }

    fn connect(&self, connect: Box<dyn Fn() -> Wire>) -> Option<Run> {
        Some(self::connect(connect))
    }

    fn broadcast(&self, messages: Vec<Bytes>, connect: Box<dyn Fn() -> Wire>) -> Option<Run> {
        let mut everyone = audience(connect, |wire| (server(), wire));
        // One outbox serves them all.
        let mut outbox = Outbox::new();
        Some(Box::new(move |count, _: &mut Tally| {
            for message in messages.iter().cycle().take(count) {
                let message = Broadcast::binary(message);
                for (open, wire) in &mut everyone {
                    let mut unsent = open.send_broadcast_in_place(&message, &mut outbox);
                    while unsent.has_remaining() {
                        let written = wire.write(unsent.chunk()).unwrap();
                        unsent.advance(written);
                    }
                }
            }
        }))
    }
}

fn server() -> Open<Server> {
    Open::<Server>::after_upgrade((), Limits::default())
}

fn client() -> Open<Client> {
    Open::<Client>::after_upgrade((), Limits::default(), [7; 32])
}

/// A connection that agreed to permessage-deflate: that takes a handshake.
fn deflating(deflate: workloads::Deflate) -> Open<Server, Deflate> {
    let (mut offer, mut params) = (DeflateOffer::default(), "");
    if deflate == workloads::Deflate::NoTakeover {
        offer = offer
            .client_no_context_takeover()
            .server_no_context_takeover();
        params = "; client_no_context_takeover; server_no_context_takeover";
    }
    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    inbox.extend(format!("{REQUEST}{params}\r\n\r\n").as_bytes());
    let handshaking = Handshaking::<Server>::new(Limits::default());
    let Ok(ServerProgress::Requested(requested)) = handshaking.receive(&mut inbox) else {
        panic!("the request is refused");
    };
    let open = requested.accept_with(offer, Acceptance::default(), &mut outbox);
    match open.narrow() {
        Narrowed::With(open) => open,
        Narrowed::Without(_) => panic!("the offer is declined"),
    }
}

const REQUEST: &str = "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Extensions: permessage-deflate";

fn receive<R: Role, X: Extension>(mut open: Open<R, X>, mut wire: Wire) -> Run
where
    Open<R, X>: 'static,
{
    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    Box::new(move |messages, tally: &mut Tally| {
        let mut left = messages;
        while left > 0 {
            match open.receive(&mut inbox, &mut outbox) {
                Ok(Some(Event::Text(text))) => {
                    tally.add(text.as_bytes());
                    left -= 1;
                }
                Ok(Some(Event::Binary(data))) => {
                    tally.add(&data);
                    left -= 1;
                }
                Ok(Some(Event::Ping(_))) => {}
                Ok(None) => {
                    write(&mut outbox, &mut wire);
                    let len = inbox.suggested_read(wire.buffer());
                    let read = wire.read(inbox.space(len)).unwrap();
                    inbox.filled(read);
                }
                other => panic!("{other:?}"),
            }
        }
        write(&mut outbox, &mut wire);
    })
}

fn send<R: Role, X: Extension, M: 'static>(
    mut open: Open<R, X>,
    messages: Vec<M>,
    mut wire: Wire,
    send: impl Fn(&mut Open<R, X>, &M, &mut Outbox) + 'static,
) -> Run
where
    Open<R, X>: 'static,
{
    let mut outbox = Outbox::new();
    Box::new(move |count, _: &mut Tally| {
        for message in messages.iter().cycle().take(count) {
            send(&mut open, message, &mut outbox);
            if outbox.len() >= wire.buffer() {
                write(&mut outbox, &mut wire);
            }
        }
        write(&mut outbox, &mut wire);
    })
}

fn send_in_place(messages: Vec<Bytes>, mut wire: Wire) -> Run {
    let (mut open, mut outbox) = (server(), Outbox::new());
    Box::new(move |count, _: &mut Tally| {
        for message in messages.iter().cycle().take(count) {
            write(
                &mut open.send_binary_in_place(message, &mut outbox),
                &mut wire,
            );
        }
    })
}

fn echo_of(row: &Row, wire: Wire, buffer: usize) -> Run {
    match row.deflate {
        Some(deflate) => echo(deflating(deflate), wire, buffer),
        None => echo(server(), wire, buffer),
    }
}

fn echo<R: Role, X: Extension>(mut open: Open<R, X>, mut wire: Wire, buffer: usize) -> Run
where
    Open<R, X>: 'static,
{
    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    Box::new(move |messages, tally: &mut Tally| {
        let boxes = (&mut inbox, &mut outbox);
        echo_with(&mut open, &mut wire, boxes, buffer, messages, tally);
    })
}

/// With an inbox and an outbox that are not the connection's, but the thread's: here, gone between
/// two runs.
fn echo_and_forget<R: Role, X: Extension>(mut open: Open<R, X>, mut wire: Wire) -> Run
where
    Open<R, X>: 'static,
{
    Box::new(move |messages, tally: &mut Tally| {
        let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
        let (boxes, buffer) = ((&mut inbox, &mut outbox), wire.buffer());
        echo_with(&mut open, &mut wire, boxes, buffer, messages, tally);
        assert!(inbox.is_idle() && outbox.is_empty());
    })
}

#[inline(always)]
fn echo_with<R: Role, X: Extension>(
    open: &mut Open<R, X>,
    wire: &mut Wire,
    (inbox, outbox): (&mut Inbox, &mut Outbox),
    buffer: usize,
    messages: usize,
    tally: &mut Tally,
) {
    let mut left = messages;
    while left > 0 {
        match open.receive(inbox, outbox) {
            Ok(Some(Event::Text(text))) => {
                open.send_text(&text, outbox);
                tally.add(text.as_bytes());
                left -= 1;
            }
            Ok(Some(Event::Binary(data))) => {
                open.send_binary(&data, outbox);
                tally.add(&data);
                left -= 1;
            }
            Ok(None) => {
                write(outbox, wire);
                let len = inbox.suggested_read(buffer);
                let read = wire.read(inbox.space(len)).unwrap();
                inbox.filled(read);
            }
            other => panic!("{other:?}"),
        }
    }
    write(outbox, wire);
}

/// One inbox and one outbox serve all connections.
fn accept(connect: Box<dyn Fn() -> Wire>) -> Run {
    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    Box::new(move |count, _: &mut Tally| {
        for _ in 0..count {
            let mut wire = connect();
            let mut handshaking = Handshaking::<Server>::new(Limits::default());
            let requested = loop {
                let len = inbox.suggested_read(wire.buffer());
                let read = wire.read(inbox.space(len)).unwrap();
                inbox.filled(read);
                match handshaking.receive(&mut inbox).unwrap() {
                    ServerProgress::Requested(requested) => break requested,
                    ServerProgress::Handshaking(still) => handshaking = still,
                }
            };
            let open = requested.accept(Acceptance::default(), &mut outbox);
            write(&mut outbox, &mut wire);
            drop(std::hint::black_box((open, wire)));
        }
    })
}

/// The request is made once: all clients send it.
fn connect(connect: Box<dyn Fn() -> Wire>) -> Run {
    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    let mut request = Request::new(HOST, TARGET).unwrap();
    for (name, value) in HEADERS {
        request = request.header(name, value).unwrap();
    }
    // Entropy is an argument. This is as much worth as the random numbers that some peers draw.
    let mut dice = Dice::new(7);
    Box::new(move |count, _: &mut Tally| {
        for _ in 0..count {
            let mut wire = connect();
            let mut seed = [0; 32];
            for bytes in seed.as_chunks_mut::<8>().0 {
                *bytes = dice.next().to_le_bytes();
            }
            let limits = Limits::default();
            let mut handshaking =
                Handshaking::<Client>::start_with(&request, limits, seed, &mut outbox);
            write(&mut outbox, &mut wire);
            let accepted = loop {
                let len = inbox.suggested_read(wire.buffer());
                let read = wire.read(inbox.space(len)).unwrap();
                inbox.filled(read);
                match handshaking.receive(&mut inbox).unwrap() {
                    ClientProgress::Open(accepted) => break accepted,
                    ClientProgress::Handshaking(still) => handshaking = still,
                    ClientProgress::Rejected(_) => panic!("the server accepts"),
                }
            };
            drop(std::hint::black_box((accepted, wire)));
        }
    })
}

/// Writes all that waits.
#[inline]
fn write(unsent: &mut impl Buf, wire: &mut Wire) {
    while unsent.has_remaining() {
        let mut slices = [IoSlice::new(&[]); 4];
        let used = unsent.chunks_vectored(&mut slices);
        let written = wire.write_vectored(&slices[..used]).unwrap();
        unsent.advance(written);
    }
}
