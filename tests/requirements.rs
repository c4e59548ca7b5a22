//! The table of requirements (`docs/requirements.md`) names what is there: every type, check and
//! test, and what is left to the application.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The tables, and the fewest rows that each may have: as many as it had when it was checked against
/// the RFC.
const TABLES: [(&str, usize); 15] = [
    ("RFC 6455 3: URIs", 2),
    ("RFC 6455 4: Opening handshake", 59),
    ("RFC 6455 5: Data framing", 45),
    ("RFC 6455 6: Sending and receiving", 13),
    ("RFC 6455 7: Closing", 27),
    ("RFC 6455 8: Errors", 3),
    ("RFC 6455 9: Extensions", 8),
    ("RFC 6455 10: Security", 8),
    ("RFC 6455 11: Headers that come once", 5),
    ("RFC 7692 5: Negotiation of compression", 6),
    ("RFC 7692 6: Framing", 7),
    ("RFC 7692 7: permessage-deflate", 31),
    ("RFC 7692 8: Security", 1),
    ("RFC 8441: WebSockets in HTTP/2", 14),
    ("RFC 9220: WebSockets in HTTP/3", 2),
];

const LEVELS: [&str; 9] = [
    "MUST",
    "MUST NOT",
    "SHOULD",
    "SHOULD NOT",
    "RECOMMENDED",
    "must",
    "must not",
    "should",
    "defined",
];

/// What `held by` may name that is Rust's and not ours.
const OF_RUST: [&str; 7] = ["()", "str", "usize", "Debug", "Option", "#", "#[must_use]"];

const LEFT_TO_YOU: &str = "told in `guide::left_to_you`";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The modules of `src/`: name and text.
fn modules() -> Vec<(String, String)> {
    let files = fs::read_dir(root().join("src")).unwrap();
    let modules: Vec<_> = files
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|it| it == "rs"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_string();
            (name, fs::read_to_string(&path).unwrap())
        })
        .collect();
    assert!(modules.len() > 20);
    modules
}

/// The cells of a table's rows in `text`, without the head, each with the heading above it.
fn rows(text: &str) -> Vec<(&str, Vec<&str>)> {
    let mut heading = "";
    let mut rows = Vec::new();
    for line in text.lines() {
        if line.starts_with('#') {
            heading = line.trim_start_matches('#').trim();
        }
        let Some(cells) = line.strip_prefix('|').and_then(|it| it.strip_suffix('|')) else {
            continue;
        };
        let cells: Vec<&str> = cells.split('|').map(str::trim).collect();
        let is_head = cells[0] == "section" || cells[0].starts_with("---");
        if !is_head {
            rows.push((heading, cells));
        }
    }
    rows
}

/// What stands between backticks.
fn code(cell: &str) -> Vec<&str> {
    assert_eq!(cell.matches('`').count() % 2, 0, "{cell}");
    cell.split('`').skip(1).step_by(2).collect()
}

/// What the line defines, where it begins a definition: `struct Frame` gives `Frame`.
fn defined(line: &str) -> Option<&str> {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    let mut words = line.split(|c| !part(c)).filter(|word| !word.is_empty());
    loop {
        match words.next()? {
            "struct" | "enum" | "trait" | "type" | "fn" | "mod" => return words.next(),
            // A constant function is a function.
            "const" => match words.next()? {
                "fn" => return words.next(),
                name => return Some(name),
            },
            "pub" | "crate" => {}
            _ => return None,
        }
    }
}

/// The names in the first line of an implementation, without its parameters: `Open` and `Debug` of
/// `impl<R: Role> fmt::Debug for Open<R> {`.
fn implemented(line: &str) -> Vec<&str> {
    let mut depth = 0;
    let plain = line.split_inclusive(['<', '>']).map(|part| {
        let outside = depth == 0;
        depth += if part.ends_with('<') { 1 } else { -1 };
        if outside { part } else { "" }
    });
    let words = plain.flat_map(|part| part.split(|c: char| !c.is_alphanumeric()));
    words
        .filter(|word| word.starts_with(char::is_uppercase))
        .collect()
}

/// All that `src/` defines: `Type`, `Type::member`, `function` and `module::item`.
fn items(modules: &[(String, String)]) -> BTreeSet<String> {
    let mut items = BTreeSet::new();
    for (module, text) in modules {
        // What is open, with its indentation: whose members follow, and whether they are variants.
        let mut open: Vec<(usize, Vec<&str>, bool)> = Vec::new();
        for line in text.lines() {
            let code = line.trim_start();
            let indent = line.len() - code.len();
            if code.is_empty() || code.starts_with("//") {
                continue;
            }
            open.retain(|(outer, ..)| *outer < indent);
            let member = open.last().filter(|(outer, ..)| indent == outer + 4);
            let name = defined(code).or_else(|| {
                let is_variant = member.is_some_and(|(.., variants)| *variants);
                let word = code.split(|c: char| !c.is_alphanumeric()).next()?;
                (is_variant && !word.is_empty()).then_some(word)
            });
            if let Some(name) = name {
                items.insert(name.to_string());
                items.insert(format!("{module}::{name}"));
                for owner in member.map_or(&[][..], |(_, owners, _)| owners) {
                    items.insert(format!("{owner}::{name}"));
                }
            }
            if !line.ends_with('{') {
                continue;
            }
            let has = |word: &str| code.split(' ').any(|other| other == word);
            if code.starts_with("impl") {
                open.push((indent, implemented(code), false));
            } else if has("enum") || has("trait") {
                open.push((indent, name.into_iter().collect(), has("enum")));
            }
        }
    }
    assert!(items.len() > 1000);
    items
}

/// Whether `text` has a test of this name.
fn has_test(text: &str, name: &str) -> bool {
    let mut is_test = false;
    for line in text.lines().map(str::trim_start) {
        if line.starts_with("#[") || line.starts_with("//") {
            is_test |= line == "#[test]";
        } else {
            if is_test && defined(line) == Some(name) {
                return true;
            }
            is_test = false;
        }
    }
    false
}

/// Whether there is a program that does not compile in the documentation of the type `name`, or
/// anywhere in the module `name`.
fn has_refused_program(modules: &[(String, String)], name: &str) -> bool {
    let mut found = modules
        .iter()
        .any(|(module, text)| module == name && text.contains("```compile_fail"));
    for (_, text) in modules {
        let mut is_refused = false;
        for line in text.lines() {
            if line.starts_with("///") || line.starts_with("#[") {
                is_refused |= line.contains("```compile_fail");
            } else {
                found |= is_refused && defined(line) == Some(name);
                is_refused = false;
            }
        }
    }
    found
}

/// Whether there is what `evidence` names: see the head of the table.
fn is_shown(modules: &[(String, String)], evidence: &str) -> bool {
    if let Some(item) = evidence.strip_prefix("doc: ") {
        return has_refused_program(modules, item);
    }
    if evidence.starts_with("tests/compile_fail/") {
        return evidence.ends_with(".rs") && root().join(evidence).is_file();
    }
    let Some((file, name)) = evidence.split_once("::") else {
        return false;
    };
    let files = match file.strip_prefix("src/") {
        Some(_) => vec![format!("{file}.rs")],
        None => vec![format!("tests/{file}.rs"), format!("tests/{file}/main.rs")],
    };
    let mut texts = files
        .iter()
        .flat_map(|file| fs::read_to_string(root().join(file)));
    texts.any(|text| has_test(&text, name))
}

#[test]
fn every_requirement_is_held_and_shown() {
    let modules = modules();
    let items = items(&modules);
    let text = read("docs/requirements.md");
    let told = read("docs/left-to-you.md");
    let told: BTreeSet<&str> = rows(&told).iter().map(|(_, cells)| cells[0]).collect();
    let mut left = BTreeSet::new();
    let mut wrong = Vec::new();
    for (_, cells) in rows(&text) {
        let row = cells.join(" | ");
        let [section, level, _, held, shown] = cells[..] else {
            panic!("not five cells: {row}");
        };
        let mut check = |holds: bool, why: &str| {
            if !holds {
                wrong.push(format!("{why}: {row}"));
            }
        };
        let is_said = |cell: &&str| cell.chars().any(char::is_alphanumeric);
        check(cells.iter().all(is_said), "an empty cell");
        check(LEVELS.contains(&level), "no level");

        let names = code(held);
        for name in &names {
            let there = OF_RUST.contains(name) || items.contains(*name);
            check(there, &format!("`{name}` is not in src/"));
        }
        let evidence = code(shown);
        let mut rebuilt = evidence
            .iter()
            .map(|it| format!("`{it}`"))
            .collect::<Vec<_>>();
        let is_left = held.starts_with("the application: ");
        if is_left {
            check(
                told.contains(section),
                "docs/left-to-you.md does not say so",
            );
            left.insert(section);
            rebuilt[0] = format!("told in {}", rebuilt[0]);
            check(rebuilt[0] == LEFT_TO_YOU, "not told where");
        } else {
            check(!names.is_empty(), "held by nothing");
        }
        check(rebuilt.join(", ") == shown, "not a list of evidence");
        for it in &evidence[usize::from(is_left)..] {
            check(is_shown(&modules, it), &format!("`{it}` is not there"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(left, told, "what is told and what is left");
}

#[test]
fn no_table_has_lost_rows() {
    let text = read("docs/requirements.md");
    let rows = rows(&text);
    let headings: Vec<&str> = TABLES.iter().map(|(heading, _)| *heading).collect();
    for (heading, cells) in &rows {
        assert!(headings.contains(heading), "{heading}: {cells:?}");
    }
    for (heading, least) in TABLES {
        let count = rows.iter().filter(|(other, _)| *other == heading).count();
        assert!(count >= least, "{heading}: {count} rows of {least}");
    }
    let mut all: Vec<_> = rows.iter().map(|(_, cells)| cells.join("|")).collect();
    all.sort();
    let count = all.len();
    all.dedup();
    assert_eq!(all.len(), count, "a row stands there twice");
}

#[test]
fn what_is_not_there_is_not_found() {
    let modules = modules();
    let items = items(&modules);
    for name in [
        "Open",
        "Open::ping",
        "Violation::Masked",
        "Role::Sent",
        "frame::read",
        "Life::Failed",
    ] {
        assert!(items.contains(name), "{name}");
    }
    for name in [
        "Opened",
        "Open::pings",
        "Open::Masked",
        "Violation::Mask",
        "Closing::send_text",
        "Closed::receive",
        "frame::check_close",
        "open::read",
        "self",
        "",
    ] {
        assert!(!items.contains(name), "{name}");
    }
    for evidence in [
        "requirements::no_table_has_lost_rows",
        "src/entropy::keys_are_the_chacha8_stream_of_the_seed",
        "doc: CloseCode",
        "doc: stack",
    ] {
        assert!(is_shown(&modules, evidence), "{evidence}");
    }
    for evidence in [
        "requirements::rows",
        "requirements::is_shown",
        "no_such_file::test",
        "frames::closing",
        "src/entropy::refill",
        "doc: Limits",
        "doc: limits",
        "tests/compile_fail/no/such.rs",
        "tests/compile_fail",
        "",
    ] {
        assert!(!is_shown(&modules, evidence), "{evidence}");
    }
}
