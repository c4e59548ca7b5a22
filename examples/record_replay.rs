//! Records a conversation to a file, and replays it without a network.
//!
//! A connection is a function of what it reads: the same bytes bring about the same events and
//! answers, at any time and on any machine, however they are cut. `record` is an echo server for one
//! connection that notes what happens; `replay` checks that it happens again, byte by byte too.

use std::cell::RefCell;
use std::error::Error;
use std::fmt::Debug;
use std::fs;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use wsproto::{Event, Inbox, blocking};

/// Records a WebSocket conversation, and replays it
#[derive(Parser)]
enum Options {
    /// Serve one connection, and write what happens to a file
    Record { listen: String, file: PathBuf },
    /// Check that what is in a file happens again
    Replay { file: PathBuf },
}

/// A transport whose traffic is noted, a line each: `in BYTES`, `event WHAT`, `out BYTES`.
struct Noted<'l, R, W> {
    input: R,
    output: W,
    log: &'l RefCell<String>,
}

fn note(log: &RefCell<String>, kind: &str, what: impl Debug) {
    *log.borrow_mut() += &format!("{kind} {what:02x?}\n");
}

impl<R: Read, W> Read for Noted<'_, R, W> {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(space)?;
        note(self.log, "in", &space[..read]);
        Ok(read)
    }
}

impl<R, W: Write> Write for Noted<'_, R, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.output.write(bytes)?;
        note(self.log, "out", &bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }
}

/// Echoes all messages, and gives the log of what happened.
pub fn serve(input: impl Read, output: impl Write, end: impl FnOnce() -> io::Result<()>) -> String {
    let log = &RefCell::default();
    let echo = || -> Result<_, wsproto::Error> {
        let mut inbox = Inbox::new();
        let mut socket = blocking::accept(Noted { input, output, log }, &mut inbox)?;
        let mut closed = loop {
            let event = socket.receive(&mut inbox)?;
            // Of a payload, this shows how long it was; all of it is in `out`.
            note(log, "event", &event);
            match event {
                Event::Text(text) => socket.feed_text(&text)?,
                Event::Binary(data) => socket.feed_binary(&data)?,
                Event::Ping(_) | Event::Pong(_) => {}
                Event::Close(close) => break socket.acknowledge(close),
            }
        };
        Ok(closed.end_with(|_| end())?.code())
    };
    note(log, "event", echo());
    log.take()
}

/// Bytes that were read before, and come one by one.
struct OneByOne<'b>(&'b [u8]);

impl Read for OneByOne<'_> {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        self.0.read(&mut space[..1])
    }
}

/// Replays a log, and says how many events there were, or what happens now if that differs.
pub fn replay(log: &str) -> Result<usize, String> {
    let told = |log: &str| (lines(log, "event "), bytes(log, "out "));
    let input = bytes(log, "in ").ok_or("what was read is no list of bytes")?;
    for now in [
        serve(&*input, io::sink(), || Ok(())),
        serve(OneByOne(&input), io::sink(), || Ok(())),
    ] {
        if told(log) != told(&now) {
            return Err(format!("what happens now:\n{now}"));
        }
    }
    Ok(lines(log, "event ").len())
}

fn lines(log: &str, kind: &str) -> Vec<String> {
    let line = |line: &str| line.strip_prefix(kind).map(str::to_owned);
    log.lines().filter_map(line).collect()
}

/// All bytes of a kind; a line shows them as `[48, 65, 6c]`.
fn bytes(log: &str, kind: &str) -> Option<Vec<u8>> {
    let lines = lines(log, kind).concat();
    let bytes = lines
        .split(['[', ',', ' ', ']'])
        .filter(|byte| !byte.is_empty());
    bytes
        .map(|byte| u8::from_str_radix(byte, 16).ok())
        .collect()
}

fn run(options: Options) -> Result<(), Box<dyn Error>> {
    match options {
        Options::Record { listen, file } => {
            let listener = TcpListener::bind(listen)?;
            println!("listening on ws://{}", listener.local_addr()?);
            let stream = &listener.accept()?.0;
            let end = || {
                stream.set_read_timeout(Some(Duration::from_secs(1)))?;
                stream.shutdown(Shutdown::Write)
            };
            fs::write(file, serve(stream, stream, end))?;
        }
        Options::Replay { file } => {
            let events = replay(&fs::read_to_string(file)?)?;
            println!("{events} events, as they were");
        }
    }
    Ok(())
}

fn main() -> ExitCode {
    if let Err(error) = run(Options::parse()) {
        eprintln!("record_replay: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
