//! A client that prints what a server says, and connects again when the connection is lost.
//!
//! It waits before it does: a random time, so that a thousand clients of a server that restarts do
//! not come at once, and up to twice as long each time (RFC 6455 7.2.3). It gives up where to ask
//! again is of no use. Time and chance are arguments, so that its test needs neither.

use std::net::TcpStream;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use clap::Parser;
use wsproto::{CloseStatus, Error, Event, Inbox, Request, blocking};

/// Prints what a server says, and connects again when the connection is lost
#[derive(Parser)]
struct Options {
    /// The server, such as ws://127.0.0.1:9001/
    #[arg(long, value_name = "URI", value_parser = plain)]
    connect: Request,
}

/// The longest wait before the second try, and before any.
const FIRST: Duration = Duration::from_secs(5);
const MOST: Duration = Duration::from_secs(300);

/// What comes after an attempt.
#[derive(Debug)]
pub enum Next {
    /// The server has said all there is to say.
    Done,
    /// It would end in the same way again.
    GiveUp(String),
    Again {
        why: String,
        /// Whether it worked for a while.
        was_open: bool,
        /// What the server asked for.
        at_least: Duration,
    },
}

/// Attempts until there is no use in going on.
pub fn persist(
    mut attempt: impl FnMut() -> Next,
    mut sleep: impl FnMut(Duration),
    mut random: impl FnMut() -> f64,
) -> Result<(), String> {
    let mut most = FIRST;
    loop {
        match attempt() {
            Next::Done => return Ok(()),
            Next::GiveUp(why) => return Err(why),
            Next::Again {
                why,
                was_open,
                at_least,
            } => {
                if was_open {
                    most = FIRST;
                }
                let wait = at_least + most.mul_f64(random());
                eprintln!("{why}; again in {wait:.1?}");
                sleep(wait);
                most = MOST.min(2 * most);
            }
        }
    }
}

/// One connection, from the handshake to the end.
pub fn attempt(request: &Request, mut say: impl FnMut(&str)) -> Next {
    let mut was_open = false;
    let ended = listen(request, &mut was_open, &mut say);
    judge(ended, was_open)
}

fn listen(
    request: &Request,
    was_open: &mut bool,
    say: &mut impl FnMut(&str),
) -> Result<CloseStatus, Error> {
    let stream = TcpStream::connect((request.host(), request.port()))?;
    let mut inbox = Inbox::new();
    let mut socket = blocking::connect(stream, request, &mut inbox)?.socket;
    *was_open = true;
    let mut closed = loop {
        match socket.receive(&mut inbox)? {
            Event::Text(text) => say(&text),
            Event::Binary(_) | Event::Ping(_) | Event::Pong(_) => {}
            Event::Close(close) => break socket.acknowledge(close),
        }
    };
    Ok(closed.end()?.code())
}

fn judge(ended: Result<CloseStatus, Error>, was_open: bool) -> Next {
    let mut at_least = Duration::ZERO;
    let why = match ended {
        Ok(code) => match code.get() {
            1000 => return Next::Done,
            // Gone away, no code, an internal error, a restart, try again later, a bad gateway.
            1001 | 1005 | 1011..=1014 => format!("closed with {code}"),
            _ => return Next::GiveUp(format!("closed with {code}")),
        },
        Err(Error::Rejected(refusal)) => {
            let after = refusal.headers().first("Retry-After");
            let after = after.and_then(|after| std::str::from_utf8(after).ok()?.parse().ok());
            at_least = Duration::from_secs(after.unwrap_or(0)).min(MOST);
            match refusal.status() {
                408 | 425 | 429 | 500.. => format!("refused with {}", refusal.status()),
                status => return Next::GiveUp(format!("refused with {status}")),
            }
        }
        Err(error) => error.to_string(),
    };
    Next::Again {
        why,
        was_open,
        at_least,
    }
}

fn plain(uri: &str) -> Result<Request, String> {
    match Request::from_uri(uri) {
        Ok(request) if request.is_secure() => Err("for wss, see examples/stacks".into()),
        other => other.map_err(|error| error.to_string()),
    }
}

fn main() -> ExitCode {
    let request = Options::parse().connect;
    let random = || f64::from(getrandom::u32().unwrap_or(u32::MAX)) / f64::from(u32::MAX);
    match persist(
        || attempt(&request, |text| println!("{text}")),
        thread::sleep,
        random,
    ) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("reconnect: {why}");
            ExitCode::FAILURE
        }
    }
}
