//! Bytes per connection: its struct and its heap, the transport not counted.

use std::fmt;
use std::sync::Arc;

use crate::alloc;
use crate::contestants::{Contestant, Run};
use crate::tally::Tally;
use crate::wire::{Input, Sink, Wire};
use crate::workloads::{Deflate, MEMORY_ROW, Row, Workload};

/// What has happened to the connection.
const STAGES: [(&str, usize, usize); 4] = [
    ("open, idle", 0, 0),
    ("after 1 KiB and its echo", 1, 1 << 10),
    ("after 1 MiB and its echo", 1, (1 << 20) - 1),
    ("200 small ones later", 200, 1 << 10),
];

const MODES: [(&str, Option<Deflate>); 3] = [
    ("", None),
    ("deflate, no takeover", Some(Deflate::NoTakeover)),
    ("deflate, takeover", Some(Deflate::Takeover)),
];

/// What each contestant holds in each stage of each mode.
pub struct Memory {
    rows: Vec<(&'static str, &'static str, [usize; STAGES.len()])>,
}

impl Memory {
    pub fn measure(contestants: &[&dyn Contestant]) -> Self {
        let mut rows = Vec::new();
        for (mode, deflate) in MODES {
            let row = Row {
                deflate,
                ..MEMORY_ROW
            };
            let input = input(&row);
            for contestant in contestants.iter().filter(|one| !one.is_floor()) {
                for (name, start) in contestant.holders() {
                    if let Some(bytes) = held(&input, |wire| start(&row, wire)) {
                        rows.push((mode, name, bytes));
                    }
                }
            }
        }
        Self { rows }
    }

    pub fn rows(&self) -> impl Iterator<Item = (&'static str, &'static str, &[usize])> {
        self.rows
            .iter()
            .map(|(mode, name, bytes)| (*mode, *name, &bytes[..]))
    }
}

/// The messages of all stages. No read goes beyond one: nothing is left over in a buffer.
fn input(row: &Row) -> Arc<Input> {
    let mut wire = Vec::new();
    let mut ends = Vec::new();
    for (_, count, size) in STAGES.into_iter().filter(|(_, count, _)| *count > 0) {
        let work = Workload::new(Row { size, ..*row });
        ends.extend(work.ends[..count].iter().map(|end| wire.len() + end));
        wire.extend_from_slice(&work.wire[..work.ends[count - 1]]);
    }
    Input::in_messages(&wire, ends, row.piece).buffered(row.buffer)
}

/// What a connection holds after each stage.
fn held(input: &Arc<Input>, start: impl Fn(Wire) -> Option<Run>) -> Option<[usize; STAGES.len()]> {
    let mut sink = Sink::copying();
    // What is allocated once for all is not counted.
    sink.write(&[0]);
    let mut held = [0; STAGES.len()];
    for round in 0..2 {
        let wire = Wire::new(input.clone(), sink.clone());
        let before = alloc::live();
        let mut run = start(wire)?;
        for (held, (_, count, _)) in held.iter_mut().zip(STAGES) {
            run(count, &mut Tally::default());
            let bytes = alloc::live() - before - size_of::<Wire>();
            // The first round is to warm up.
            if round == 1 {
                *held = bytes;
            }
        }
    }
    Some(held)
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "bytes per connection of a server: struct and heap\n")?;
        write!(f, "{:22} {:28}", "", "")?;
        for (stage, ..) in STAGES {
            write!(f, " {stage:>25}")?;
        }
        writeln!(f)?;
        for (mode, name, bytes) in self.rows() {
            write!(f, "{mode:22} {name:28}")?;
            for bytes in bytes {
                write!(f, " {bytes:>25}")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
