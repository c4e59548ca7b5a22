//! What must not compile does not, and says why in words that can be read.
//!
//! `README.md` tells how a program is added, and how the words of the compiler are updated.

#[path = "harness/compiler.rs"]
mod compiler;
#[path = "harness/diagnostics.rs"]
mod diagnostics;
#[path = "harness/phases.rs"]
mod phases;
#[path = "harness/program.rs"]
mod program;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use compiler::{Compiler, PLAIN, SUITE, text};
use phases::Table;
use program::{Program, files};

/// The programs that need the feature of these names.
const DEFLATE: &str = "deflate";
const HTTP: &str = "http";

/// The programs of a driver, which need the feature `std`.
const BLOCKING: &str = "blocking";

fn programs() -> Vec<Program> {
    let groups = program::groups();
    let groups = groups
        .iter()
        .filter(|group| ![DEFLATE, HTTP, BLOCKING].contains(&group.as_str()));
    groups.flat_map(|group| Program::of_group(group)).collect()
}

#[test]
fn programs_are_refused() {
    let programs = programs();
    assert!(programs.len() > 60, "only {} programs", programs.len());
    refused(&programs, &PLAIN);
}

#[test]
fn their_twins_run() {
    run_twins(&programs(), &PLAIN);
}

#[cfg(feature = "std")]
#[test]
fn programs_with_a_driver_are_refused() {
    let programs = Program::of_group(BLOCKING);
    assert!(programs.len() > 7, "only {} programs", programs.len());
    refused(&programs, &compiler::STD);
}

#[cfg(feature = "std")]
#[test]
fn their_twins_with_a_driver_run() {
    run_twins(&Program::of_group(BLOCKING), &compiler::STD);
}

#[cfg(feature = "deflate")]
#[test]
fn programs_with_deflate_are_refused() {
    let programs = Program::of_group(DEFLATE);
    assert!(programs.len() > 2, "only {} programs", programs.len());
    refused(&programs, &compiler::DEFLATE);
}

#[cfg(feature = "deflate")]
#[test]
fn their_twins_with_deflate_run() {
    run_twins(&Program::of_group(DEFLATE), &compiler::DEFLATE);
}

#[cfg(feature = "http")]
#[test]
fn programs_with_http_are_refused() {
    let programs = Program::of_group(HTTP);
    assert!(programs.len() > 2, "only {} programs", programs.len());
    refused(&programs, &compiler::HTTP);
}

#[cfg(feature = "http")]
#[test]
fn their_twins_with_http_run() {
    run_twins(&Program::of_group(HTTP), &compiler::HTTP);
}

#[test]
fn what_a_phase_does_not_allow_is_refused() {
    let table = Table::read();
    assert!(table.phases.len() > 10 && table.acts.len() > 25);
    none_wrong(in_parallel(&table.phases, |phase| {
        phase.check(&table.acts, &PLAIN)
    }));
}

#[test]
fn what_a_phase_allows_runs() {
    let program = Table::read().allowed();
    build_and_run(&PLAIN, "phases_allowed", &program);
}

/// A method that is new has to have a row.
#[test]
fn each_method_of_a_phase_is_an_act() {
    let table = Table::read();
    let phases = table.names();
    let mut methods = BTreeSet::new();
    for path in files(&SUITE.join("../../src"), "rs") {
        let source = fs::read_to_string(path).unwrap();
        for block in source.split("\nimpl").skip(1) {
            let head = block.lines().next().unwrap();
            let of_phase = |phase: &&str| {
                head.contains(&format!(" {phase}<")) || head.contains(&format!(" {phase} {{"))
            };
            if head.contains(" for ") || !phases.iter().any(of_phase) {
                continue;
            }
            let block = block.split("\n}").next().unwrap();
            for function in block.split("\n    pub fn ").skip(1) {
                let (name, arguments) = function.split_once('(').unwrap();
                let first = arguments.trim_start().trim_start_matches("mut ");
                if first.starts_with("self") || first.starts_with("&mut self") {
                    methods.insert(name.split('<').next().unwrap().to_owned());
                }
            }
        }
    }
    let acts = table.methods().into_iter().map(str::to_owned).collect();
    assert_eq!(
        methods, acts,
        "the methods of phases, and the acts of the table"
    );
}

/// A text that belongs to nothing was forgotten.
#[test]
fn each_text_has_its_program() {
    let table = Table::read();
    let slugs: BTreeSet<String> = table.phases.iter().map(|phase| phase.slug()).collect();
    for path in files(&SUITE.join("phases"), "stderr") {
        let slug = path.file_stem().unwrap().to_str().unwrap();
        assert!(slugs.contains(slug), "phases/{slug}.stderr is of no phase");
    }
    for group in program::groups() {
        for path in files(&SUITE.join("programs").join(group), "stderr") {
            let program = path.with_extension("rs");
            assert!(program.exists(), "{} is missing", program.display());
        }
    }
}

fn refused(programs: &[Program], compiler: &Compiler) {
    none_wrong(in_parallel(programs, |program| {
        let wrong = program.check(compiler).err();
        wrong
            .map(|wrong| format!("{}: {wrong}", program.name))
            .into_iter()
            .collect()
    }));
}

/// The twins are one program, so that they are compiled and linked once.
fn run_twins(programs: &[Program], compiler: &Compiler) {
    let mut twins = String::new();
    let mut calls = String::new();
    for program in programs {
        let (name, path) = (program.name.replace('/', "_"), program.path.display());
        writeln!(
            twins,
            "#[path = {path:?}]\nmod {name};",
            path = path.to_string()
        )
        .unwrap();
        writeln!(
            calls,
            "    eprintln!({:?});\n    {name}::main();",
            program.name
        )
        .unwrap();
    }
    write!(twins, "fn main() {{\n{calls}}}\n").unwrap();
    build_and_run(compiler, "twins", &twins);
}

fn build_and_run(compiler: &Compiler, name: &str, program: &str) {
    let path = compiler.scratch.join(format!("{name}.rs"));
    fs::write(&path, program).unwrap();
    let executable = format!("{name}.exe");
    let built = compiler.run(
        &path,
        &executable,
        &["--cfg=allowed", "--crate-name=allowed"],
    );
    assert!(
        built.status.success(),
        "what is allowed does not compile:\n{}",
        text(&built.stderr)
    );
    let ran = Command::new(compiler.scratch.join(executable))
        .output()
        .unwrap();
    assert!(
        ran.status.success(),
        "what is allowed does not run:\n{}",
        text(&ran.stderr)
    );
}

fn none_wrong(wrong: Vec<String>) {
    assert!(
        wrong.is_empty(),
        "{} wrong\n\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
}

fn in_parallel<T: Sync>(items: &[T], check: impl Fn(&T) -> Vec<String> + Sync) -> Vec<String> {
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = check(item);
                    wrong.lock().unwrap().extend(found);
                }
            });
        }
    });
    let mut wrong = wrong.into_inner().unwrap();
    wrong.sort();
    wrong
}
