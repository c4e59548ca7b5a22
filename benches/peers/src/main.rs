//! wsproto against the other WebSocket crates: see README.md.
#![forbid(unsafe_code)]

mod check;
mod content;
mod contestants;
mod deflated;
mod frames;
mod measure;
mod table;
mod tally;
mod wire;
mod workloads;

use std::process::ExitCode;

use clap::Parser;

use contestants::Contestant;
use table::Table;
use workloads::{ROWS, Row, Workload};

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
    /// Say which rows meet their targets, and fail if one does not
    #[arg(long)]
    check: bool,
    /// List the names of rows and contestants
    #[arg(long)]
    list: bool,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let rows: Vec<Row> = ROWS
        .iter()
        .filter(|row| selected(row.name, &options.rows))
        .copied()
        .collect();
    let contestants: Vec<&dyn Contestant> = contestants::ALL
        .iter()
        .filter(|contestant| selected(contestant.name(), &options.contestants))
        .copied()
        .collect();
    if rows.is_empty() || contestants.is_empty() || options.rounds == 0 {
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
    for row in rows {
        eprintln!("{} ...", row.name);
        let work = Workload::new(*row);
        let times = measure::measure(&work, contestants, options.rounds)?;
        table.add(*row, times);
    }
    print!("{table}");
    if options.check {
        let verdict = table.verdict();
        print!("\n{verdict}");
        if !verdict.passed() {
            return Err("a target is missed".into());
        }
    }
    Ok(())
}

fn selected(name: &str, wanted: &[String]) -> bool {
    wanted.is_empty() || wanted.iter().any(|part| name.contains(part.as_str()))
}
