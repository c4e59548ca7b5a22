//! Lower modules know nothing of upper ones: the order of `lib.rs` is the order of knowledge.

use std::fs;
use std::path::{Path, PathBuf};

/// These know each other: a phase is left for another.
const PHASES: [&[&str]; 2] = [
    &["closed", "closing", "open", "streaming"],
    &["sender", "streaming_sender"],
];

#[test]
fn a_module_uses_only_those_that_lib_rs_lists_above_it() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let lib = fs::read_to_string(src.join("lib.rs")).unwrap();
    let modules: Vec<&str> = lib
        .lines()
        .map(|line| line.strip_prefix("pub ").unwrap_or(line))
        .filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'))
        // They are made of what users see, and know no module.
        .filter(|module| !["strategies", "guide"].contains(module))
        .collect();
    assert!(modules.len() > 20, "lib.rs lists its modules");
    let mut uses = 0;
    for (level, module) in modules.iter().enumerate() {
        let code = files(&src, module)
            .map(|file| code(&fs::read_to_string(file).unwrap()))
            .collect::<String>();
        for path in code.split("crate::").skip(1) {
            let used = path
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .next()
                .unwrap();
            let used_level = modules.iter().position(|other| *other == used);
            let used_level = used_level.unwrap_or_else(|| panic!("{module} uses crate::{used}"));
            let both_phases = PHASES
                .iter()
                .any(|phases| phases.contains(module) && phases.contains(&used));
            assert!(
                used_level < level || both_phases,
                "{module} knows {used}, which is above it"
            );
            uses += 1;
        }
    }
    assert!(uses > 50, "the modules use each other");
}

/// The files of a module: its own, or all in its folder.
fn files(src: &Path, module: &str) -> impl Iterator<Item = PathBuf> {
    let file = src.join(module).with_extension("rs");
    let files = match fs::read_dir(src.join(module)) {
        Ok(folder) => folder.map(|file| file.unwrap().path()).collect(),
        Err(_) => vec![file],
    };
    files.into_iter()
}

/// What is neither a comment nor a test.
fn code(text: &str) -> String {
    let code = text.split("#[cfg(test)]").next().unwrap();
    code.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .fold(String::new(), |code, line| code + line + "\n")
}
