//! A program in a file, with one line to choose: the one that is refused, or the one that is
//! allowed.

use std::fs;
use std::path::{Path, PathBuf};

use crate::compiler::{Compiler, SUITE, text};
use crate::diagnostics::{Error, compare};

pub struct Program {
    /// `witness/answered_twice`
    pub name: String,
    pub path: PathBuf,
    /// The error code, or the lint.
    code: String,
    /// The refused line, from 1.
    line: usize,
}

impl Program {
    /// All programs of a group: a folder of `programs`.
    pub fn of_group(group: &str) -> Vec<Self> {
        files(&SUITE.join("programs").join(group), "rs")
            .into_iter()
            .map(|path| Self::parse(group, path))
            .collect()
    }

    fn parse(group: &str, path: PathBuf) -> Self {
        let name = format!("{group}/{}", path.file_stem().unwrap().to_str().unwrap());
        let source = fs::read_to_string(&path).unwrap();
        assert!(source.starts_with("//! "), "{name} starts with its rule");
        let lines: Vec<&str> = source.lines().map(str::trim).collect();
        let marked = |mark: &str| {
            let mut marked = lines.iter().filter(|line| line.starts_with(mark));
            let first = marked.next();
            assert!(
                first.is_some() && marked.next().is_none(),
                "{name} has one line after {mark}"
            );
            lines
                .iter()
                .position(|line| line.starts_with(mark))
                .unwrap()
        };
        let refused = marked("#[cfg(refused)] // ");
        assert_eq!(
            marked("#[cfg(allowed)]"),
            refused + 2,
            "{name}: the refused line, and then the allowed one"
        );
        assert_eq!(source.matches("cfg(").count(), 2, "{name}: two programs");
        for line in [lines[refused + 1], lines[refused + 3]] {
            assert!(
                line.ends_with([';', '}', ',']) && balanced(line),
                "{name}: one line, and whole: {line}"
            );
        }
        Self {
            code: lines[refused]["#[cfg(refused)] // ".len()..].to_owned(),
            line: refused + 2,
            name,
            path,
        }
    }

    /// Compiles it with the refused line. Gives what is wrong.
    pub fn check(&self, compiler: &Compiler) -> Result<(), String> {
        let output = self.name.replace('/', "_");
        let built = compiler.run(&self.path, &output, &["--cfg=refused", "--crate-name=case"]);
        if built.status.success() {
            return Err("it compiles".into());
        }
        let errors = Error::all(&text(&built.stderr));
        if errors.is_empty() {
            return Err(format!("no error:\n{}", text(&built.stderr)));
        }
        // The compiler may say the same more than once.
        for error in &errors {
            if !error.is(&self.code) {
                return Err(format!("not {}:\n{}", self.code, error.text));
            }
            if !error.points_to(&self.path, self.line) {
                return Err(format!("not at line {}:\n{}", self.line, error.text));
            }
        }
        compare(&format!("programs/{}.stderr", self.name), &errors)
    }
}

fn balanced(line: &str) -> bool {
    let count = |brackets: [char; 3]| line.matches(brackets).count();
    count(['(', '[', '{']) == count([')', ']', '}'])
}

/// The groups of programs.
pub fn groups() -> Vec<String> {
    let entries = fs::read_dir(SUITE.join("programs")).unwrap();
    let mut groups: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    groups.sort();
    groups
}

/// The files of a folder with this extension, in order.
pub fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|it| it == extension))
        .collect();
    files.sort();
    files
}
