//! A server that echoes, and a client for an Autobahn fuzzing server, on either driver.
//!
//! Its options are those of the examples `echo_server` and `autobahn_client`, in whose place
//! `tests/autobahn/run` can run it.

mod on_blocking;
mod on_tokio;

use std::error::Error;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use wsproto::{DeflateOffer, Limits};

type Failure = Box<dyn Error + Send + Sync>;

/// Longer than the suite is ever silent for.
const SILENCE: Duration = Duration::from_secs(60);

/// Echoes WebSocket messages, on a driver
#[derive(Clone, Parser)]
struct Options {
    /// What to be driven by
    #[arg(long, env = "WSPROTO_DRIVER")]
    driver: Driver,
    /// A server: where to listen; port 0 picks a free port
    #[arg(long, value_name = "ADDRESS:PORT", required_unless_present = "connect")]
    listen: Option<String>,
    /// A client: the fuzzing server, such as ws://127.0.0.1:9002
    #[arg(
        long,
        value_name = "URI",
        requires = "agent",
        conflicts_with = "listen"
    )]
    connect: Option<String>,
    /// The name in the reports
    #[arg(long, value_name = "NAME")]
    agent: Option<String>,
    /// Agree to permessage-deflate, or offer it
    #[arg(long)]
    deflate: bool,
    /// The largest message, and frame, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = 64 << 20)]
    max_message: usize,
}

/// A driver, and for that of tokio which part of it.
#[derive(Clone, Copy, ValueEnum)]
enum Driver {
    /// `wsproto::blocking`
    Blocking,
    /// `wsproto::tokio`, its methods
    Tokio,
    /// `wsproto::tokio`, a stream and a sink
    Messages,
    /// `wsproto::tokio`, two halves
    Halves,
}

impl Options {
    fn limits(&self) -> Limits {
        Limits::default()
            .message_payload(self.max_message)
            .frame_payload(self.max_message)
    }
}

/// Messages of every size go compressed: that is what a case with compression is about.
fn offer() -> DeflateOffer {
    DeflateOffer::default().threshold(0)
}

fn main() -> ExitCode {
    let options = Options::parse();
    let ran = match (&options.connect, options.driver) {
        (None, Driver::Blocking) => on_blocking::listen(&options),
        (None, _) => on_tokio::listen(&options),
        (Some(server), Driver::Blocking) => on_blocking::run_cases(&Cases::new(server, &options)),
        (Some(server), _) => on_tokio::run_cases(&Cases::new(server, &options)),
    };
    match ran {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("driver_echo: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What `tests/autobahn/run` waits for.
fn say_where(address: SocketAddr) -> io::Result<()> {
    println!("listening on ws://{address}");
    io::stdout().flush()
}

/// The cases of a fuzzing server, as URIs.
struct Cases<'o> {
    server: &'o str,
    agent: &'o str,
    options: &'o Options,
}

impl<'o> Cases<'o> {
    fn new(server: &'o str, options: &'o Options) -> Self {
        Self {
            server: server.trim_end_matches('/'),
            agent: options.agent.as_deref().unwrap_or_default(),
            options,
        }
    }

    fn count(&self) -> String {
        format!("{}/getCaseCount", self.server)
    }

    fn case(&self, case: usize) -> String {
        format!("{}/runCase?case={case}&agent={}", self.server, self.agent)
    }

    fn reports(&self) -> String {
        format!("{}/updateReports?agent={}", self.server, self.agent)
    }
}
