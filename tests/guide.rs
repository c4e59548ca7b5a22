//! The guide is whole: each page in `docs/` is a module of `guide`, and the front page links it.

use std::fs;
use std::path::Path;

/// A table that the reference shows, and one that is too long to be read.
const NO_PAGES: [&str; 2] = ["acts.md", "requirements.md"];

#[test]
fn each_page_is_in_the_guide_and_linked_from_the_front() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let guide = fs::read_to_string(root.join("src/guide.rs")).unwrap();
    let front = fs::read_to_string(root.join("src/lib.rs")).unwrap();
    let mut pages = 0;
    for entry in fs::read_dir(root.join("docs")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if NO_PAGES.contains(&name.as_str()) {
            continue;
        }
        let (_, after) = guide
            .split_once(&format!("include_str!(\"../docs/{name}\")"))
            .unwrap_or_else(|| panic!("docs/{name} is not in src/guide.rs"));
        let (_, after) = after.split_once("pub mod ").unwrap();
        let module = after.split(' ').next().unwrap();
        assert!(
            front.contains(&format!("(guide::{module})")),
            "the front page does not link guide::{module}"
        );
        pages += 1;
    }
    assert!(pages >= 8, "{pages} pages");
}
