//! Echo servers on tokio, ours and the peers', and the load that is put on them.
//!
//! `run.py` starts both, each on a core of its own. Our server without tokio is the example
//! `mio_echo_server`.

mod load;
mod servers;

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
enum Command {
    /// An echo server on one thread
    Serve {
        #[command(subcommand)]
        server: Server,
    },
    /// Puts load on a server, and prints what came of it as JSON
    Load(load::Options),
}

#[derive(Clone, Copy, Subcommand)]
enum Server {
    /// wsproto, with plain methods
    Wsproto,
    /// wsproto, as a stream and a sink
    WsprotoMessages,
    /// tokio-tungstenite
    Tungstenite,
    /// fastwebsockets, on hyper
    Fastwebsockets,
    /// tokio-websockets
    TokioWebsockets,
    /// yawc, on hyper
    Yawc,
}

fn main() -> ExitCode {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let result = match Command::parse() {
        Command::Load(options) => load::run(&options),
        Command::Serve { server } => match server {
            Server::Wsproto => servers::serve(any, servers::wsproto),
            Server::WsprotoMessages => servers::serve(any, servers::wsproto_messages),
            Server::Yawc => servers::serve(any, servers::yawc),
            Server::Tungstenite => servers::serve(any, servers::tungstenite),
            Server::Fastwebsockets => servers::serve(any, servers::fastwebsockets),
            Server::TokioWebsockets => servers::serve(any, servers::tokio_websockets),
        },
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("end-to-end: {error}");
            ExitCode::FAILURE
        }
    }
}
