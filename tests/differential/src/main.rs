//! What one implementation makes of each conversation on standard input, as lines: see
//! `compare.py`, which asks.
//!
//! A conversation is a line of five fields with tabs between them: a name, the role that hears it,
//! `deflate` or `-`, and in hexadecimal digits what arrives first (a head) and what arrives next.
//! It is heard twice: in these two pieces, and byte by byte.

mod live;
mod ours;
mod theirs;

use std::io::{self, BufWriter, Read, Write};

/// What is heard or seen of one conversation: a line for each event.
type Lines = Vec<String>;

/// More than this is too big a message, and too big a frame.
const LIMIT: usize = 64 << 10;

struct Conversation<'a> {
    is_server: bool,
    deflate: bool,
    head: &'a [u8],
    frames: &'a [u8],
    /// Bytes that arrive at a time.
    size: usize,
}

impl Conversation<'_> {
    /// The head and the frames, in pieces.
    fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        let frames = self.frames.chunks(self.size);
        self.head.chunks(self.size).chain(frames)
    }
}

fn hex(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return "-".into();
    }
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(digits: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal digits");
    (0..digits.len()).step_by(2).map(byte).collect()
}

fn main() -> io::Result<()> {
    let hear = match std::env::args().nth(1).as_deref() {
        Some("ours") => ours::hear,
        Some("tungstenite") => theirs::hear,
        Some("live") => return live::run(),
        _ => panic!("usage: differential ours|tungstenite|live"),
    };
    let mut input = String::new();
    io::stdin().read_to_string(&mut input)?;
    let mut output = BufWriter::new(io::stdout().lock());
    for line in input.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let [name, role, extension, head, frames] = fields[..] else {
            panic!("five fields: {line}");
        };
        let (head, frames) = (unhex(head), unhex(frames));
        for (mode, size) in [("whole", usize::MAX), ("bytes", 1)] {
            let conversation = Conversation {
                is_server: role == "server",
                deflate: extension == "deflate",
                head: &head,
                frames: &frames,
                size,
            };
            writeln!(output, "@ {name} {role} {mode}")?;
            for event in hear(&conversation) {
                writeln!(output, "{event}")?;
            }
        }
    }
    output.flush()
}
