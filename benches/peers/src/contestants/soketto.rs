//! soketto 0.8, between futures' `BufReader` and `BufWriter`, as its documentation
//! does it. It does not look at UTF-8: that is added here, with simdutf8.

use bytes::Bytes;
use futures_util::io::{BufReader, BufWriter};
use soketto::connection::{Builder, Receiver, Sender};
use soketto::{Data, Mode};

use super::{Contestant, Run};
use crate::tally::Tally;
use crate::wire::{Wire, now};
use crate::workloads::{Role, Row};

pub struct Soketto;

impl Contestant for Soketto {
    fn name(&self) -> &'static str {
        "soketto"
    }

    fn receive(&self, row: &Row, wire: Wire) -> Option<Run> {
        let (mut sender, mut receiver) = halves(row, wire)?;
        let mut message = Vec::new();
        Some(Box::new(move |messages, tally: &mut Tally| {
            now(async {
                for _ in 0..messages {
                    message.clear();
                    if let Data::Text(_) = receiver.receive_data(&mut message).await.unwrap() {
                        simdutf8::basic::from_utf8(&message).unwrap();
                    }
                    tally.add(&message);
                }
                sender.flush().await.unwrap();
            });
        }))
    }

    fn send(&self, row: &Row, messages: Vec<Bytes>, wire: Wire) -> Option<Run> {
        let (mut sender, _receiver) = halves(row, wire)?;
        Some(Box::new(move |count, _: &mut Tally| {
            let _ = &_receiver;
            now(async {
                for message in messages.iter().cycle().take(count) {
                    sender.send_binary(message).await.unwrap();
                }
                sender.flush().await.unwrap();
            });
        }))
    }

    fn echo(&self, row: &Row, wire: Wire) -> Option<Run> {
        let (mut sender, mut receiver) = halves(row, wire)?;
        let mut message = Vec::new();
        Some(Box::new(move |messages, tally: &mut Tally| {
            now(async {
                for _ in 0..messages {
                    message.clear();
                    receiver.receive_data(&mut message).await.unwrap();
                    tally.add(&message);
                    sender.send_binary_mut(&mut message).await.unwrap();
                }
                sender.flush().await.unwrap();
            });
        }))
    }
}

type Io = BufReader<BufWriter<Wire>>;

/// Its permessage-deflate compresses with level 1 and no other, and with flate2 1.1.11 it refuses
/// each compressed message ("incomplete deflate stream").
fn halves(row: &Row, wire: Wire) -> Option<(Sender<Io>, Receiver<Io>)> {
    if row.deflate.is_some() {
        return None;
    }
    let mode = match row.role {
        Role::Server => Mode::Server,
        Role::Client => Mode::Client,
    };
    const BUFFER: usize = 64 << 10;
    let io = BufReader::with_capacity(BUFFER, BufWriter::with_capacity(BUFFER, wire));
    Some(Builder::new(io, mode).finish())
}
