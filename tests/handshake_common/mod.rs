//! What the tests of the handshakes need: every cut of an input, heads made of lines, and each
//! role's side up to where a test begins. Each test uses a part of it.
#![allow(dead_code)] // Each file of tests uses its part.

pub mod client;
#[cfg(feature = "http")]
pub mod parsed;
pub mod server;

use std::fmt::Debug;

use wsproto::Outbox;

/// Changes to the lines of a head: see [`head`].
pub type Edits<'a> = &'a [(&'a str, &'a [&'a str])];

/// What `run` gives for `input`, which is the same whole, byte by byte, and cut anywhere.
pub fn every_cut<T: PartialEq + Debug>(input: &[u8], run: impl Fn(&[&[u8]]) -> T) -> T {
    let whole = run(&[input]);
    let bytes: Vec<&[u8]> = input.chunks(1).collect();
    assert_eq!(run(&bytes), whole, "byte by byte: {}", input.escape_ascii());
    for cut in 1..input.len() {
        let (first, second) = input.split_at(cut);
        let cut = run(&[first, second]);
        assert_eq!(cut, whole, "cut behind {}", first.escape_ascii());
    }
    whole
}

/// The head of these lines, where each edit puts others in place of the line that starts with its
/// first part, or adds them where that is empty.
pub fn head(lines: &[&str], edits: Edits<'_>) -> Vec<u8> {
    let mut lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
    for (start, others) in edits {
        let at = if start.is_empty() {
            lines.len()
        } else {
            let found = lines.iter().position(|line| line.starts_with(start));
            let at = found.expect("an edit of a line that is there");
            lines.remove(at);
            at
        };
        lines.splice(at..at, others.iter().map(ToString::to_string));
    }
    lines
        .iter()
        .flat_map(|line| format!("{line}\r\n").into_bytes())
        .chain(*b"\r\n")
        .collect()
}

/// What waits to be sent, as text.
pub fn text(outbox: &mut Outbox) -> String {
    String::from_utf8(outbox.bytes_to_send(None).into()).unwrap()
}
