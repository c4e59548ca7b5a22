//! wsproto, as it is in this repository: one inbox and one outbox, reads into the inbox's space,
//! vectored writes of the outbox.

use std::io::{IoSlice, Read, Write};

use bytes::{Buf, Bytes};
use wsproto::{Client, Event, Extension, Inbox, Limits, Open, Outbox, Role, Server};

use super::{Contestant, Run};
use crate::tally::Tally;
use crate::wire::Wire;
use crate::workloads::{self, Row};

pub struct Ours;

/// Space for each read, and how much waits to be written before it is.
const BUFFER: usize = 64 << 10;

impl Contestant for Ours {
    fn name(&self) -> &'static str {
        "wsproto"
    }

    fn receive(&self, row: &Row, wire: Wire) -> Option<Run> {
        if row.deflate.is_some() {
            return None;
        }
        Some(match row.role {
            workloads::Role::Server => receive(server(), wire),
            workloads::Role::Client => receive(client(), wire),
        })
    }

    fn send(&self, row: &Row, messages: Vec<Bytes>, wire: Wire) -> Option<Run> {
        if row.deflate.is_some() {
            return None;
        }
        Some(match row.role {
            // What is large is sent as a reference.
            workloads::Role::Server if row.size >= 4 << 10 => {
                send(server(), messages, wire, |open, message, outbox| {
                    open.send_bytes(message.clone(), outbox);
                })
            }
            workloads::Role::Server => send(server(), messages, wire, |open, message, outbox| {
                open.send_binary(message, outbox);
            }),
            workloads::Role::Client => send(client(), messages, wire, |open, message, outbox| {
                open.send_binary(message, outbox);
            }),
        })
    }

    fn echo(&self, _: &Row, wire: Wire) -> Option<Run> {
        Some(echo(server(), wire))
    }
}

fn server() -> Open<Server> {
    Open::<Server>::after_upgrade((), Limits::default())
}

fn client() -> Open<Client> {
    Open::<Client>::after_upgrade((), Limits::default(), [7; 32])
}

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
                    let read = wire.read(inbox.space(BUFFER)).unwrap();
                    inbox.filled(read);
                }
                other => panic!("{other:?}"),
            }
        }
        write(&mut outbox, &mut wire);
    })
}

fn send<R: Role, X: Extension>(
    mut open: Open<R, X>,
    messages: Vec<Bytes>,
    mut wire: Wire,
    send: impl Fn(&mut Open<R, X>, &Bytes, &mut Outbox) + 'static,
) -> Run
where
    Open<R, X>: 'static,
{
    let mut outbox = Outbox::new();
    Box::new(move |count, _: &mut Tally| {
        for message in messages.iter().cycle().take(count) {
            send(&mut open, message, &mut outbox);
            if outbox.len() >= BUFFER {
                write(&mut outbox, &mut wire);
            }
        }
        write(&mut outbox, &mut wire);
    })
}

fn echo<R: Role, X: Extension>(mut open: Open<R, X>, mut wire: Wire) -> Run
where
    Open<R, X>: 'static,
{
    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    Box::new(move |messages, tally: &mut Tally| {
        let mut left = messages;
        while left > 0 {
            match open.receive(&mut inbox, &mut outbox) {
                Ok(Some(Event::Binary(data))) => {
                    open.send_binary(&data, &mut outbox);
                    tally.add(&data);
                    left -= 1;
                }
                Ok(None) => {
                    write(&mut outbox, &mut wire);
                    let read = wire.read(inbox.space(BUFFER)).unwrap();
                    inbox.filled(read);
                }
                other => panic!("{other:?}"),
            }
        }
        write(&mut outbox, &mut wire);
    })
}

/// Writes all that waits.
#[inline]
fn write(outbox: &mut Outbox, wire: &mut Wire) {
    while outbox.has_remaining() {
        let mut slices = [IoSlice::new(&[]); 16];
        let used = outbox.chunks_vectored(&mut slices);
        let written = wire.write_vectored(&slices[..used]).unwrap();
        outbox.advance(written);
    }
}
