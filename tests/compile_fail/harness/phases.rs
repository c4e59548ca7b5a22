//! The table of phases and acts: which program each of its cells stands for.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use crate::compiler::{Compiler, SUITE, text};
use crate::diagnostics::{Error, compare};

/// `PHASES.md`
pub struct Table {
    pub phases: Vec<Phase>,
    /// Each as it is written after `it.`
    pub acts: Vec<String>,
}

pub struct Phase {
    /// Its type, such as `Open<Server>`.
    name: String,
    /// What becomes of each act.
    cells: Vec<Cell>,
}

#[derive(Clone, PartialEq)]
enum Cell {
    /// It can be done, and again.
    Stays,
    /// It can be done, and the phase is gone.
    Moves,
    /// It cannot be done, for this error.
    Refused(String),
}

impl Cell {
    fn parse(cell: &str) -> Self {
        match cell {
            "stays" => Self::Stays,
            "moves" => Self::Moves,
            // There is no such method.
            "no" => Self::Refused("E0599".into()),
            code => Self::Refused(code.into()),
        }
    }
}

impl Table {
    pub fn read() -> Self {
        let text = fs::read_to_string(SUITE.join("PHASES.md")).unwrap();
        let mut rows = text
            .lines()
            .filter(|line| line.starts_with('|'))
            .map(|line| {
                let cells = line.trim_matches('|').split('|');
                let cells = cells.map(|cell| cell.trim().trim_matches('`').to_owned());
                cells.collect::<Vec<_>>()
            });
        let mut phases: Vec<Phase> = rows.next().unwrap()[1..]
            .iter()
            .map(|name| Phase {
                name: name.clone(),
                cells: Vec::new(),
            })
            .collect();
        let mut acts = Vec::new();
        for row in rows.skip(1) {
            assert_eq!(
                row.len(),
                phases.len() + 1,
                "a cell for each phase: {row:?}"
            );
            for (phase, cell) in phases.iter_mut().zip(&row[1..]) {
                phase.cells.push(Cell::parse(cell));
            }
            acts.push(row[0].clone());
        }
        for (row, act) in acts.iter().enumerate() {
            assert!(
                phases.iter().any(|phase| phase.allows(row)),
                "no phase has {act}, so that it may be a slip of the pen"
            );
        }
        Self { phases, acts }
    }

    /// The names of the phases, without their parameters.
    pub fn names(&self) -> BTreeSet<&str> {
        let name = |phase: &'_ Phase| phase.name.find('<').unwrap_or(phase.name.len());
        let phases = self.phases.iter();
        phases.map(|phase| &phase.name[..name(phase)]).collect()
    }

    /// The names of the methods.
    pub fn methods(&self) -> BTreeSet<&str> {
        self.acts.iter().map(|act| method(act)).collect()
    }

    /// All that can be done, as a program: each act once, and where the phase stays, twice.
    pub fn allowed(&self) -> String {
        let mut program = String::from(HEAD);
        let mut calls = String::new();
        for (column, phase) in self.phases.iter().enumerate() {
            for (row, act) in self.acts.iter().enumerate() {
                let again = match phase.cells[row] {
                    // What the first may have lent is given back before.
                    Cell::Stays => format!("given::end(next); let _ = it.{act};"),
                    Cell::Moves => String::new(),
                    Cell::Refused(_) => continue,
                };
                phase.write(&mut program, &format!("act_{column}_{row}"), act, &again);
                writeln!(calls, "    act_{column}_{row}();").unwrap();
            }
        }
        write!(program, "fn main() {{\n{calls}}}\n").unwrap();
        program
    }
}

fn method(act: &str) -> &str {
    act.split('(').next().unwrap()
}

impl Phase {
    fn allows(&self, row: usize) -> bool {
        !matches!(self.cells[row], Cell::Refused(_))
    }

    /// `open_server`
    pub fn slug(&self) -> String {
        let name = self.name.to_lowercase().replace("()", "");
        let words = name.split(|c: char| !c.is_alphanumeric());
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        words.join("_")
    }

    /// A function that does `act`, and then `after`. Gives the lines of both.
    fn write(&self, program: &mut String, name: &str, act: &str, after: &str) -> (usize, usize) {
        writeln!(
            program,
            "fn {name}() {{\n{GIVEN}    let mut it: {} = given();",
            self.name
        )
        .unwrap();
        let line = program.lines().count() + 1;
        writeln!(program, "    let next = it.{act};\n    {after}\n}}").unwrap();
        (line, line + 1)
    }

    /// Has each refused act refused, and each phase that was left as well when it is used again.
    /// Gives what is wrong.
    pub fn check(&self, acts: &[String], compiler: &Compiler) -> Vec<String> {
        let mut program = String::from(HEAD);
        let mut expected: Vec<(usize, &str, String)> = Vec::new();
        for (row, (act, cell)) in acts.iter().zip(&self.cells).enumerate() {
            let name = format!("act_{row}");
            match cell {
                Cell::Stays => {}
                Cell::Moves => {
                    let (_, line) = self.write(&mut program, &name, act, "let again = it;");
                    expected.push((line, "E0382", format!("{act}, and using it again")));
                }
                Cell::Refused(code) => {
                    let (line, _) = self.write(&mut program, &name, act, "");
                    expected.push((line, code, act.clone()));
                }
            }
        }
        program.push_str("fn main() {}\n");
        let file = compiler.scratch.join(format!("{}.rs", self.slug()));
        fs::write(&file, program).unwrap();
        let built = compiler.run(&file, &self.slug(), &["--crate-name=phase"]);
        let stderr = text(&built.stderr);
        let errors = Error::all(&stderr);
        let mut wrong = Vec::new();
        let mut ours = Vec::new();
        for (line, code, act) in &expected {
            let at = |error: &&Error| error.points_to(&file, *line) && error.is(code);
            match errors.iter().find(at) {
                Some(error) => ours.push(error.clone()),
                None => wrong.push(format!("{}: not refused with {code}: {act}", self.name)),
            }
        }
        if wrong.is_empty() && errors.len() > ours.len() {
            wrong.push(format!("{}: other errors too:\n{stderr}", self.name));
        }
        if wrong.is_empty() {
            let compared = compare(&format!("phases/{}.stderr", self.slug()), &ours);
            wrong.extend(
                compared
                    .err()
                    .map(|wrong| format!("{}: {wrong}", self.name)),
            );
        }
        wrong
    }
}

const HEAD: &str = "#![allow(unused)]\nuse given::given;\nuse wsproto::*;\n";

/// What the acts are given.
const GIVEN: &str = "
    let (inbox, outbox): (&mut Inbox, &mut Outbox) = (&mut given(), &mut given());
    let (code, reason) = (CloseCode::NORMAL, CloseReason::default());
    let (payload, status) = (ControlPayload::default(), RejectStatus::NOT_FOUND);
    let (acceptance, headers): (Acceptance, &ExtraHeaders) = (given(), &given());
    let (close, violation): (PeerClose, Violation) = (given(), given());
    let broadcast = &Broadcast::text(\"all\");
";
