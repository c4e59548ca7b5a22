//! The wire between two ends: who moves when, and how many bytes go over.

use std::vec::Vec;

use proptest::collection::vec;
use proptest::prelude::*;

use crate::Outbox;

/// One end of what is under test, from the side of its transport.
pub trait Endpoint {
    /// Reads what has arrived, and does all that it asks for.
    fn read(&mut self, bytes: &[u8]);

    /// What is to be sent. What stays there is on its way, as far as the other end can tell.
    fn outbox(&mut self) -> &mut Outbox;
}

/// The wire carries up to so many bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// From the client to the server.
    ToServer(usize),
    /// From the server to the client.
    ToClient(usize),
}

impl Turn {
    /// Carries them, and has them read.
    pub fn carry(self, client: &mut impl Endpoint, server: &mut impl Endpoint) {
        match self {
            Self::ToServer(len) => carry(len, client, server),
            Self::ToClient(len) => carry(len, server, client),
        }
    }
}

fn carry(len: usize, from: &mut impl Endpoint, to: &mut impl Endpoint) {
    let bytes = from.outbox().bytes_to_send(Some(len));
    if !bytes.is_empty() {
        to.read(&bytes);
    }
}

/// How a wire delays and cuts what two ends say to each other.
///
/// The default is that all is carried at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    turns: Vec<Turn>,
}

impl Schedule {
    /// Rounds after which two ends that still answer each other do so forever.
    const ROUNDS: usize = 10_000;

    /// The turns, after which all is carried.
    #[must_use]
    pub fn turns(&self) -> &[Turn] {
        &self.turns
    }

    /// Carries by turns, and then all there is until neither end has anything to send.
    ///
    /// # Panics
    ///
    /// If the ends do not stop answering each other.
    pub fn run(&self, client: &mut impl Endpoint, server: &mut impl Endpoint) {
        for turn in &self.turns {
            turn.carry(client, server);
        }
        for _ in 0..Self::ROUNDS {
            if client.outbox().is_empty() && server.outbox().is_empty() {
                return;
            }
            Turn::ToServer(usize::MAX).carry(client, server);
            Turn::ToClient(usize::MAX).carry(client, server);
        }
        panic!(
            "after {} rounds the ends still answer each other",
            Self::ROUNDS
        );
    }
}

/// A turn of either end: mostly a few bytes, now and then all there is.
///
/// For acts of your own with the wire between them: `vec((act(), turn()), 0..20)`.
pub fn turn() -> impl Strategy<Value = Turn> {
    let len = prop_oneof![3 => 1..12usize, 2 => 1..300usize, 1 => 1..70_000usize];
    (len, any::<bool>()).prop_map(|(len, to_client)| match to_client {
        true => Turn::ToClient(len),
        false => Turn::ToServer(len),
    })
}

/// Any way in which a wire may delay and cut what two ends say to each other.
///
/// ```
/// use proptest::prelude::*;
/// use wsproto::strategies::{Act, Actor, End, schedule, text};
/// use wsproto::{Client, Server};
///
/// proptest!(|(text in text(), schedule in schedule())| {
///     let (mut client, mut server) = (End::<Client>::default(), End::<Server>::default());
///     client.act(&Act::Send(text.clone().into()));
///     schedule.run(&mut client, &mut server);
///     prop_assert_eq!(server.messages(), [text.into()]);
/// });
/// ```
pub fn schedule() -> impl Strategy<Value = Schedule> {
    vec(turn(), 0..20).prop_map(|turns| Schedule { turns })
}
