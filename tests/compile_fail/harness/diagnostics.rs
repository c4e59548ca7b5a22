//! What the compiler says: which errors, where, and in which words.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::LazyLock;

use crate::compiler::{SUITE, release};

/// An error, with the notes that belong to it.
#[derive(Clone)]
pub struct Error {
    pub text: String,
}

impl Error {
    /// The errors in what rustc has written.
    pub fn all(stderr: &str) -> Vec<Self> {
        let mut errors: Vec<Self> = Vec::new();
        for block in stderr.trim_end().split("\n\n") {
            let is_summary = block.starts_with("error: aborting due to")
                || block.starts_with("For more information about this error")
                || block.starts_with("Some errors have detailed explanations");
            if is_summary {
                continue;
            }
            match errors.last_mut() {
                Some(error) if !block.starts_with("error") => {
                    write!(error.text, "\n\n{block}").unwrap();
                }
                _ => errors.push(Self { text: block.into() }),
            }
        }
        errors
    }

    /// Whether it is this one: an error code, or the name of a lint that the program denies.
    pub fn is(&self, code: &str) -> bool {
        self.text.starts_with(&format!("error[{code}]: "))
            || (self.text.starts_with("error: ") && self.text.contains(&format!("deny({code})")))
    }

    /// Whether it points to this line of this program.
    pub fn points_to(&self, program: &Path, line: usize) -> bool {
        self.text
            .contains(&format!("--> {}:{line}:", program.display()))
    }

    /// Its text, without what depends on the machine, or on lines that are not shown.
    pub fn normalized(&self) -> String {
        let mut normalized = String::new();
        let mut standard_library = false;
        let mut gutter = 0;
        for line in self.text.lines() {
            let trimmed = line.trim_start();
            let arrow = ["--> ", "::: "]
                .into_iter()
                .find(|arrow| trimmed.starts_with(arrow));
            if let Some(arrow) = arrow {
                let place = place(&trimmed[arrow.len()..]);
                // Its source may be installed or not.
                standard_library = place.starts_with("$RUST/");
                gutter = line.len() - trimmed.len();
                writeln!(normalized, "  {arrow}{place}").unwrap();
                continue;
            }
            // A line of code with its number, a note below it, or neither.
            let rest = trimmed.trim_start_matches(|c: char| c.is_ascii_digit());
            let is_numbered = rest.len() < trimmed.len()
                && [" |", " +", " -", " ~"]
                    .iter()
                    .any(|mark| rest.starts_with(mark));
            let is_code = is_numbered || trimmed.starts_with('|');
            if is_code && standard_library {
                continue;
            }
            standard_library &= is_code;
            let line = match line.get(..gutter) {
                _ if is_numbered => format!("LL{rest}"),
                Some(start) if start.trim().is_empty() && gutter > 0 => {
                    format!("  {}", &line[gutter..])
                }
                _ => line.to_owned(),
            };
            writeln!(normalized, "{}", line.trim_end()).unwrap();
        }
        normalized
    }
}

/// `src/open.rs:12:5` without numbers, and without the machine.
fn place(place: &str) -> String {
    let place = place.replace('\\', "/");
    let file = place.trim_end_matches(|c: char| c.is_ascii_digit() || c == ':');
    if let Some((_, file)) = file.split_once("/library/") {
        return format!("$RUST/{file}");
    }
    // A dependency, below the name of a registry.
    if let Some((_, file)) = file.split_once("/registry/src/") {
        return format!("$CARGO/{}", file.split_once('/').unwrap().1);
    }
    let root = env!("CARGO_MANIFEST_DIR").replace('\\', "/");
    let file = file.strip_prefix(&root).unwrap_or(file);
    let file = match file.rsplit_once("/compile_fail/") {
        Some((_, file)) => file,
        None => file,
    };
    file.trim_start_matches('/').to_owned()
}

/// Compares the texts of errors with `expected`, a path below the suite; or writes them there,
/// when asked to bless. Gives what is wrong.
pub fn compare(expected: &str, errors: &[Error]) -> Result<(), String> {
    if !*COMPARED {
        return Ok(());
    }
    let path = SUITE.join(expected);
    let texts: Vec<String> = errors.iter().map(Error::normalized).collect();
    let texts = texts.join("\n");
    if env::var_os("BLESS").is_some() {
        return fs::write(path, texts).map_err(|error| format!("{expected}: {error}"));
    }
    let blessed = fs::read_to_string(path).map_err(|error| format!("{expected}: {error}"))?;
    if blessed.replace("\r\n", "\n") == texts {
        return Ok(());
    }
    Err(format!(
        "the compiler says this, and {expected} has it otherwise:\n{texts}"
    ))
}

/// Whether the words are looked at: those of another compiler are others.
pub static COMPARED: LazyLock<bool> = LazyLock::new(|| {
    let pinned = fs::read_to_string(SUITE.join("compiler")).unwrap();
    let (pinned, release) = (pinned.trim(), release());
    let same = pinned == release;
    if !same {
        // Not `eprintln`, which a test that passes keeps to itself.
        let _ = writeln!(
            io::stderr(),
            "\n!!! The texts of compile errors were NOT COMPARED: they are those of Rust {pinned}, \
             and this is {release}.\n!!! That each program is refused, with its error code and at \
             its line, was checked.\n"
        );
    }
    same
});
