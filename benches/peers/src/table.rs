//! The table on the terminal, and the verdict on the targets.

use std::fmt;

use crate::contestants::Contestant;
use crate::measure::Time;
use crate::workloads::Row;

/// What was measured.
pub struct Table {
    pub contestants: Vec<Column>,
    pub rows: Vec<(Row, Vec<Option<Time>>)>,
}

pub struct Column {
    pub name: &'static str,
    /// In two lines.
    short: (String, String),
    pub is_floor: bool,
    pub is_ours: bool,
}

impl Table {
    pub fn new(contestants: &[&dyn Contestant]) -> Self {
        let contestants = contestants.iter().map(|one| Column {
            name: one.name(),
            short: shorten(one.name()),
            is_floor: one.is_floor(),
            is_ours: one.name() == "wsproto",
        });
        Self {
            contestants: contestants.collect(),
            rows: Vec::new(),
        }
    }

    pub fn add(&mut self, row: Row, times: Vec<Option<Time>>) {
        self.rows.push((row, times));
    }

    pub fn times<'a>(
        &'a self,
        times: &'a [Option<Time>],
    ) -> impl Iterator<Item = (&'a Column, &'a Time)> {
        self.contestants
            .iter()
            .zip(times)
            .filter_map(|(column, time)| Some((column, time.as_ref()?)))
    }

    /// Ours, in a row.
    pub fn ours<'a>(&'a self, times: &'a [Option<Time>]) -> Option<&'a Time> {
        let mut times = self.times(times);
        times
            .find(|(column, _)| column.is_ours)
            .map(|(_, time)| time)
    }

    /// The fastest that is neither ours nor a floor, and does all of the work.
    pub fn best_peer<'a>(&'a self, times: &'a [Option<Time>]) -> Option<(&'static str, &'a Time)> {
        self.times(times)
            .filter(|(column, time)| !column.is_ours && !column.is_floor && time.validates)
            .map(|(column, time)| (column.name, time))
            .min_by(|(_, one), (_, other)| one.median.total_cmp(&other.median))
    }

    /// The floor that does all of a row's work: the slowest.
    pub fn floor<'a>(&'a self, times: &'a [Option<Time>]) -> Option<&'a Time> {
        self.times(times)
            .filter(|(column, _)| column.is_floor)
            .map(|(_, time)| time)
            .max_by(|one, other| one.median.total_cmp(&other.median))
    }

    pub fn verdict(&self) -> Verdict {
        let mut lines = Vec::new();
        for (row, times) in &self.rows {
            let Some(ours) = self.ours(times) else {
                continue;
            };
            if let (Some(target), Some((name, best))) = (row.target, self.best_peer(times)) {
                lines.push(Line {
                    row: row.name,
                    than: name,
                    ratio: ours.ratio(best),
                    least: ours.least / best.least,
                    target,
                });
            }
            if let (Some(target), Some(floor)) = (row.floor_target, self.floor(times)) {
                lines.push(Line {
                    row: row.name,
                    than: "copy XOR",
                    ratio: ours.ratio(floor),
                    least: ours.least / floor.least,
                    target,
                });
            }
        }
        Verdict { lines }
    }
}

impl Table {
    /// Nanoseconds of each contestant for each row, as `which` of its times.
    fn write(
        &self,
        f: &mut fmt::Formatter<'_>,
        which: fn(&Time) -> f64,
        ratio: fn(&Time, &Time) -> f64,
    ) -> fmt::Result {
        write!(f, "{:26}", "")?;
        for column in &self.contestants {
            write!(f, " {:>9}", column.short.0)?;
        }
        writeln!(f, " {:>9} {:>9}", "ours/", "ours/")?;
        write!(f, "{:26}", "")?;
        for column in &self.contestants {
            write!(f, " {:>9}", column.short.1)?;
        }
        writeln!(f, " {:>9} {:>9}", "best", "floor")?;
        for (row, times) in &self.rows {
            write!(f, "{:26}", row.name)?;
            let fastest = self
                .times(times)
                .filter(|(column, time)| !column.is_floor && time.validates)
                .map(|(_, time)| which(time))
                .fold(f64::INFINITY, f64::min);
            for time in times {
                let cell = time.as_ref().map_or("–".into(), |time| {
                    let mark = match which(time) {
                        _ if !time.validates => "!",
                        time if time == fastest => "*",
                        _ => "",
                    };
                    format!("{mark}{}", number(which(time)))
                });
                write!(f, " {cell:>9}")?;
            }
            let ours = self.ours(times);
            let to = |than: Option<&Time>| match (ours, than) {
                (Some(ours), Some(than)) => format!("{:.2}", ratio(ours, than)),
                _ => "–".into(),
            };
            let best = self.best_peer(times).map(|(_, time)| time);
            writeln!(f, " {:>9} {:>9}", to(best), to(self.floor(times)))?;
        }
        Ok(())
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "ns per message, median; * the fastest crate, ! delivers text that is not UTF-8\n"
        )?;
        self.write(f, |time| time.median, Time::ratio)?;
        writeln!(f, "\nns per message, least\n")?;
        self.write(f, |time| time.least, |ours, other| ours.least / other.least)
    }
}

/// A name in two lines of nine letters.
fn shorten(name: &str) -> (String, String) {
    let cut = name.find([' ', '-']).map_or(name.len().min(9), |at| at + 1);
    let (first, second) = name.split_at(cut);
    let second = second.chars().take(9).collect();
    (first.trim().to_owned(), second)
}

/// Three digits that count.
pub fn number(value: f64) -> String {
    match value {
        value if value < 10.0 => format!("{value:.2}"),
        value if value < 100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

/// Which targets are met.
pub struct Verdict {
    lines: Vec<Line>,
}

struct Line {
    row: &'static str,
    than: &'static str,
    ratio: f64,
    least: f64,
    target: f64,
}

impl Line {
    fn passed(&self) -> bool {
        self.ratio <= self.target
    }
}

impl Verdict {
    pub fn passed(&self) -> bool {
        self.lines.iter().all(Line::passed)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:26} {:18} {:>7} {:>9} {:>8}",
            "row", "ours against", "median", "least", "target"
        )?;
        for line in &self.lines {
            writeln!(
                f,
                "{:26} {:18} {:>7.2} {:>9.2} {:>8.2} {}",
                line.row,
                line.than,
                line.ratio,
                line.least,
                line.target,
                if line.passed() { "PASS" } else { "FAIL" }
            )?;
        }
        let passed = self.lines.iter().filter(|line| line.passed()).count();
        writeln!(f, "{passed} of {} pass", self.lines.len())
    }
}
