//! wsproto against the other WebSocket crates: see README.md.
#![deny(unsafe_code)]

mod alloc;
mod chart;
mod check;
mod content;
mod contestants;
mod deflated;
mod frames;
mod handshakes;
mod json;
mod measure;
mod memory;
mod table;
mod tally;
mod wire;
mod workloads;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;

use contestants::Contestant;
use memory::Memory;
use table::Table;
use workloads::{ROWS, Row, Workload};

#[global_allocator]
static ALLOCATOR: alloc::Counting = alloc::Counting;

/// Compares wsproto with the other WebSocket crates, in memory
#[derive(Parser)]
struct Options {
    /// Only rows whose name contains one of these
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    rows: Vec<String>,
    /// Only contestants whose name contains one of these
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    contestants: Vec<String>,
    /// How often everybody starts anew for each row
    #[arg(long, default_value_t = 21)]
    rounds: usize,
    /// KiB of each buffer whose size is the caller's choice
    #[arg(long, value_name = "KIB", default_value_t = workloads::BUFFER >> 10)]
    buffer: usize,
    /// Say which rows meet their targets, and fail if one does not
    #[arg(long)]
    check: bool,
    /// Measure memory only, not time
    #[arg(long)]
    memory: bool,
    /// Where to write what was measured, as JSON
    #[arg(long, value_name = "FILE", default_value = "results.json")]
    json: PathBuf,
    /// Where to draw the chart of the README, as SVG
    #[arg(long, value_name = "FILE")]
    chart: Option<PathBuf>,
    /// List the names of rows and contestants
    #[arg(long)]
    list: bool,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let rows: Vec<Row> = ROWS
        .iter()
        .filter(|row| selected(row.name, &options.rows))
        .map(|row| Row {
            buffer: options.buffer << 10,
            ..*row
        })
        .collect();
    let contestants: Vec<&dyn Contestant> = contestants::ALL
        .iter()
        .filter(|contestant| selected(contestant.name(), &options.contestants))
        .copied()
        .collect();
    let nothing = [
        rows.len(),
        contestants.len(),
        options.rounds,
        options.buffer,
    ]
    .contains(&0);
    if nothing {
        eprintln!("peers: nothing to measure: see --list");
        return ExitCode::from(2);
    }
    if options.list {
        rows.iter().for_each(|row| println!("{}", row.name));
        contestants
            .iter()
            .for_each(|one| println!("{}", one.name()));
        return ExitCode::SUCCESS;
    }
    match run(&rows, &contestants, &options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("peers: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(rows: &[Row], contestants: &[&dyn Contestant], options: &Options) -> Result<(), String> {
    let mut table = Table::new(contestants);
    for row in rows.iter().filter(|_| !options.memory) {
        eprintln!("{} ...", row.name);
        let work = Workload::new(*row);
        let times = measure::measure(&work, contestants, options.rounds)?;
        table.add(*row, times);
    }
    // Memory does not belong to some of the rows.
    let memory = (options.memory || options.rows.is_empty()).then(|| Memory::measure(contestants));
    if !options.memory {
        println!("{table}");
    }
    if let Some(memory) = &memory {
        println!("{memory}");
    }
    write(&options.json, &json::write(&table, memory.as_ref()))?;
    if let Some(path) = &options.chart {
        write(path, &chart::draw(&table))?;
    }
    if options.check {
        let verdict = table.verdict();
        print!("{verdict}");
        if !verdict.passed() {
            return Err("a target is missed".into());
        }
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))
}

fn selected(name: &str, wanted: &[String]) -> bool {
    wanted.is_empty() || wanted.iter().any(|part| name.contains(part.as_str()))
}
