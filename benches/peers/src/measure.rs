//! The rounds: in each, every contestant starts anew, does the work once to warm up and once for
//! the clock, and the rounds of all are interleaved.

use std::sync::Arc;
use std::time::Duration;

use crate::check;
use crate::content::Dice;
use crate::contestants::{Contestant, Run};
use crate::handshakes::{self, Answering};
use crate::tally::Tally;
use crate::wire::{Input, Sink, Wire};
use crate::workloads::{Role, SHORTEST, Task, Workload};

/// How long one contestant took for a row, in nanoseconds per operation.
#[derive(Clone, Debug)]
pub struct Time {
    /// In each round, in their order.
    rounds: Vec<f64>,
    pub median: f64,
    pub least: f64,
    /// Whether it does all of the row's work: text that is not UTF-8 is refused.
    pub validates: bool,
}

impl Time {
    fn new(rounds: Vec<f64>, validates: bool) -> Option<Self> {
        Some(Self {
            median: median(rounds.iter().copied())?,
            least: rounds.iter().copied().min_by(f64::total_cmp)?,
            rounds,
            validates,
        })
    }

    /// As a multiple of what another took: the median of the rounds, in each of which both had the same
    /// machine, fast or slow.
    pub fn ratio(&self, other: &Self) -> f64 {
        let rounds = self.rounds.iter().zip(&other.rounds);
        median(rounds.map(|(ours, others)| ours / others)).expect("there is a round")
    }
}

fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

/// How long each contestant took, in their order; nothing where it does not do that.
pub fn measure(
    work: &Workload,
    contestants: &[&dyn Contestant],
    rounds: usize,
) -> Result<Vec<Option<Time>>, String> {
    let mut validates = Vec::new();
    for contestant in contestants {
        validates.push(contestant.is_floor() || check::validates(work, *contestant));
        check::check(work, *contestant)
            .map_err(|error| format!("{}: {}: {error}", work.row.name, contestant.name()))?;
    }
    let mut dice = Dice::new(1);
    let mut times: Vec<Vec<Duration>> = vec![Vec::new(); contestants.len()];
    for round in 0..rounds {
        for turn in 0..contestants.len() {
            // Nobody always comes first, or after the same one.
            let turn = (turn * (1 + 2 * (round % 2)) + round) % contestants.len();
            if let Some(time) = launch(work, contestants[turn], &mut dice).map_err(|error| {
                format!("{}: {}: {error}", work.row.name, contestants[turn].name())
            })? {
                times[turn].push(time);
            }
        }
    }
    let operations = (work.operations() * work.per()) as f64;
    let nanoseconds = |time: Duration| time.as_secs_f64() * 1e9 / operations;
    Ok(times
        .into_iter()
        .zip(validates)
        .map(|(rounds, validates)| {
            Time::new(rounds.into_iter().map(nanoseconds).collect(), validates)
        })
        .collect())
}

/// Starts a contestant with new buffers on a new connection.
pub fn start(
    work: &Workload,
    contestant: &dyn Contestant,
    input: Arc<Input>,
    sink: Sink,
) -> Option<Run> {
    let wire = Wire::new(input.clone(), sink.clone());
    let row = &work.row;
    match (row.task, row.role) {
        (Task::Receive, _) => contestant.receive(row, wire),
        (Task::Send, _) => contestant.send(row, work.messages.clone(), wire),
        (Task::Echo, _) => contestant.echo(row, wire),
        (Task::Broadcast, _) => contestant.broadcast(
            work.messages.clone(),
            Box::new(move || Wire::new(input.clone(), sink.clone())),
        ),
        (Task::Handshake, Role::Server) => {
            contestant.accept(Box::new(move || Wire::new(input.clone(), sink.clone())))
        }
        (Task::Handshake, Role::Client) => {
            let server = Answering::new();
            let run = contestant.connect({
                let server = server.clone();
                Box::new(move || Wire::answered(&server, sink.clone()))
            });
            run.map(|run| handshakes::less_answers(run, server))
        }
    }
}

/// One round of one contestant.
fn launch(
    work: &Workload,
    contestant: &dyn Contestant,
    dice: &mut Dice,
) -> Result<Option<Duration>, String> {
    // Buffers lie elsewhere each time, and so does what is read.
    let _padding = vec![1_u8; dice.below(64 << 10)];
    let input = Input::new(&work.wire, dice.below(4096), work.row.piece).buffered(work.row.buffer);
    let sink = match work.row.task {
        // Whether a payload is copied or shared is what this is about.
        Task::Broadcast => Sink::forgetting(),
        _ => Sink::copying(),
    };
    let Some(mut run) = start(work, contestant, input, sink.clone()) else {
        return Ok(None);
    };
    let (operations, once) = (work.operations(), work.messages.len());
    // All messages once: the stream is at its start again.
    run(once, &mut Tally::default());
    let mut tally = Tally::default();
    let start = clock();
    run(operations, &mut tally);
    let time = clock() - start - tally.paused;
    // What it has written is known when its transports are gone.
    drop(run);
    check::counted(work, contestant, &tally, once + operations, sink.written())?;
    if time < SHORTEST {
        return Err(format!("a round took {time:?}: too short to measure"));
    }
    Ok(Some(time))
}

/// The time that this thread has had: what others take of the machine meanwhile is not in it.
pub fn clock() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}
