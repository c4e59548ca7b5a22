//! A small protocol with a planted bug, and the property that finds it with the strategies of
//! `wsproto::strategies`. The guide's page *Testing your protocol* says more.
//!
//! Succeeds if the bug is found in the protocol that has it, and none in the mended one.

use std::error::Error;

use proptest::prelude::*;
use proptest::test_runner::{TestCaseResult, TestError, TestRng, TestRunner};
use wsproto::strategies::{Cuts, Speech, cuts, hostile_bytes, speech};
use wsproto::{Chunks, Client, Established, Event, Inbox, Limits, Open, Outbox, Server};

/// A server that keeps a sum. A client says `add 12` or `reset`, and is told the new sum.
struct Tally<G> {
    connection: Established<Server>,
    inbox: Inbox<Chunks>,
    outbox: Outbox,
    gather: G,
    sum: u64,
}

/// Puts a message together that arrives in pieces.
trait Gather: Default {
    fn gather(&mut self, piece: &str, is_last: bool) -> Option<String>;
}

/// The planted bug: takes each piece for a message. On the developer's machine it is.
#[derive(Default)]
struct Hasty;

impl Gather for Hasty {
    fn gather(&mut self, piece: &str, _is_last: bool) -> Option<String> {
        Some(piece.to_owned())
    }
}

/// The same, mended.
#[derive(Default)]
struct Patient(String);

impl Gather for Patient {
    fn gather(&mut self, piece: &str, is_last: bool) -> Option<String> {
        self.0.push_str(piece);
        is_last.then(|| std::mem::take(&mut self.0))
    }
}

impl<G: Gather> Tally<G> {
    fn new() -> Self {
        Self {
            connection: Open::<Server>::after_upgrade((), Limits::default()).into(),
            inbox: Inbox::chunks(),
            outbox: Outbox::new(),
            gather: G::default(),
            sum: 0,
        }
    }

    fn read(&mut self, bytes: &[u8]) {
        self.inbox.extend(bytes);
        loop {
            match self.connection.receive(&mut self.inbox, &mut self.outbox) {
                Ok(Some(Event::Text(piece))) => {
                    let message = self.gather.gather(&piece, piece.message_finished());
                    message
                        .into_iter()
                        .for_each(|message| self.command(&message));
                }
                Ok(Some(Event::Close(close))) => {
                    self.connection.acknowledge(close, &mut self.outbox);
                }
                Ok(Some(_)) => {}
                Ok(None) => return,
                Err(violation) => self.connection.fail(violation, &mut self.outbox),
            }
        }
    }

    fn command(&mut self, command: &str) {
        self.sum = next_sum(self.sum, command);
        if let Established::Open(open) = &mut self.connection {
            open.send_text(&self.sum.to_string(), &mut self.outbox);
        }
    }
}

/// What a command does. One that is not known does nothing.
fn next_sum(sum: u64, command: &str) -> u64 {
    match command.strip_prefix("add ").map(str::parse::<u32>) {
        Some(Ok(number)) => sum.saturating_add(number.into()),
        None if command == "reset" => 0,
        _ => sum,
    }
}

/// The sum after `bytes` have arrived in these pieces.
fn sum_of<G: Gather>(cuts: &Cuts, bytes: &[u8]) -> u64 {
    let mut tally = Tally::<G>::new();
    cuts.pieces(bytes).for_each(|piece| tally.read(piece));
    tally.sum
}

/// Whatever a client says, cut and fragmented anyhow, the sum is that of its messages.
fn the_sum_is_right<G: Gather>((cuts, speech): (Cuts, Speech)) -> TestCaseResult {
    let messages = speech.messages();
    let commands = messages
        .iter()
        .map(|message| String::from_utf8_lossy(message.as_bytes()));
    let expected = commands.fold(0, |sum, command| next_sum(sum, &command));
    prop_assert_eq!(sum_of::<G>(&cuts, speech.bytes()), expected);
    Ok(())
}

/// Whatever arrives, nothing panics, and cuts are invisible.
fn cuts_are_invisible<G: Gather>((cuts, bytes): (Cuts, Vec<u8>)) -> TestCaseResult {
    let whole = sum_of::<G>(&Cuts::default(), &bytes);
    prop_assert_eq!(sum_of::<G>(&cuts, &bytes), whole);
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let config = ProptestConfig {
        cases: 1000,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    // The same each time. In your tests the `proptest!` macro does all of this.
    let rng = TestRng::deterministic_rng(config.rng_algorithm);
    let mut runner = TestRunner::new_with_rng(config, rng);

    let command = prop_oneof!["add [1-9][0-9]{0,3}", "reset"];
    let said = (cuts(), speech::<Client>(command));
    let hostile = (cuts(), hostile_bytes::<Client>());

    match runner.run(&said, the_sum_is_right::<Hasty>) {
        Err(TestError::Fail(why, (cuts, speech))) => {
            println!("The hasty server is wrong: {why}");
            println!("The smallest input that shows it: {speech:?}, {cuts:?}");
        }
        other => return Err(format!("the planted bug was not found: {other:?}").into()),
    }
    runner.run(&said, the_sum_is_right::<Patient>)?;
    runner.run(&hostile, cuts_are_invisible::<Patient>)?;
    println!("The patient server was right in 1000 cases of each law.");
    Ok(())
}
