//! Runs every case that an Autobahn fuzzing server offers: a client that echoes what it is sent.

use std::error::Error;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::process::ExitCode;

use bytes::Buf;
use clap::Parser;
use wsproto::{
    Client, ClientProgress, Entropy, Event, Extension, Handshaking, Inbox, Limits, Negotiate, Open,
    Outbox, Request,
};

/// Runs the cases of an Autobahn fuzzing server
#[derive(Parser)]
struct Options {
    /// The fuzzing server, such as ws://127.0.0.1:9002
    #[arg(long, value_name = "URI")]
    connect: String,
    /// The name in the reports
    #[arg(long, value_name = "NAME")]
    agent: String,
    /// Offer permessage-deflate
    #[arg(long)]
    deflate: bool,
}

fn main() -> ExitCode {
    let options = Options::parse();
    if options.deflate && !cfg!(feature = "deflate") {
        eprintln!("autobahn_client: --deflate needs the feature: cargo run --features deflate ...");
        return ExitCode::from(2);
    }
    match run(&options) {
        Ok(cases) => {
            eprintln!("autobahn_client: ran {cases} cases");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("autobahn_client: {}: {error}", options.connect);
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<usize, Box<dyn Error>> {
    let base = options.connect.trim_end_matches('/');
    let agent = &options.agent;
    let cases = Session::connect(&format!("{base}/getCaseCount"), ())?
        .first_text()?
        .parse()?;
    for case in 1..=cases {
        let uri = format!("{base}/runCase?case={case}&agent={agent}");
        // What goes wrong in a case is for the server to judge.
        if let Err(error) = run_case(&uri, options.deflate) {
            eprintln!("autobahn_client: case {case}: {error}");
        }
    }
    Session::connect(&format!("{base}/updateReports?agent={agent}"), ())?.echo()?;
    Ok(cases)
}

fn run_case(uri: &str, deflate: bool) -> Result<(), Box<dyn Error>> {
    #[cfg(feature = "deflate")]
    if deflate {
        // Says that it can be asked for any window and for no context takeover: whatever a case
        // asks of the client, this allows it. Messages of every size go compressed.
        let offer = wsproto::DeflateOffer::default().threshold(0);
        return Session::connect(uri, offer)?.echo();
    }
    let _ = deflate;
    Session::connect(uri, ())?.echo()
}

/// A connection with its transport and buffers.
struct Session<X: Extension> {
    open: Open<Client, X>,
    stream: TcpStream,
    inbox: Inbox,
    outbox: Outbox,
}

impl<X: Extension> Session<X> {
    fn connect<N: Negotiate<Agreed = X>>(uri: &str, proposal: N) -> Result<Self, Box<dyn Error>> {
        let request = Request::from_uri(uri)?;
        let mut stream = TcpStream::connect((request.host(), request.port()))?;
        stream.set_nodelay(true)?;
        let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
        let limits = Limits::default().message_payload(64 << 20);
        let mut handshaking = Handshaking::<Client, N>::propose(
            &request,
            proposal,
            limits,
            Entropy::from_os()?,
            &mut outbox,
        );
        loop {
            if !exchange(&mut stream, &mut inbox, &mut outbox)? {
                return Err(handshaking.eof().into());
            }
            match handshaking.receive(&mut inbox)? {
                ClientProgress::Open(accepted) => {
                    return Ok(Self {
                        open: accepted.open,
                        stream,
                        inbox,
                        outbox,
                    });
                }
                ClientProgress::Rejected(rejected) => {
                    return Err(format!("refused with {}", rejected.status()).into());
                }
                ClientProgress::Handshaking(still) => handshaking = still,
            }
        }
    }

    /// The first message, which has to be text.
    fn first_text(mut self) -> Result<String, Box<dyn Error>> {
        loop {
            match self.open.receive(&mut self.inbox, &mut self.outbox)? {
                Some(Event::Text(text)) => return Ok(text.into_string()),
                Some(event) => return Err(format!("no text, but {event:?}").into()),
                None => {
                    if !exchange(&mut self.stream, &mut self.inbox, &mut self.outbox)? {
                        return Err("no text".into());
                    }
                }
            }
        }
    }

    /// Echoes until the connection ends.
    fn echo(self) -> Result<(), Box<dyn Error>> {
        let Self {
            mut open,
            mut stream,
            mut inbox,
            mut outbox,
        } = self;
        let _closed = loop {
            match open.receive(&mut inbox, &mut outbox) {
                Ok(Some(Event::Text(text))) => open.send_text(&text, &mut outbox),
                Ok(Some(Event::Binary(data))) => open.send_binary(&data, &mut outbox),
                Ok(Some(Event::Ping(_) | Event::Pong(_))) => {}
                Ok(Some(Event::Close(close))) => break open.acknowledge(close, &mut outbox),
                Ok(None) => {
                    if !exchange(&mut stream, &mut inbox, &mut outbox)? {
                        break open.eof();
                    }
                }
                Err(violation) => break open.fail(violation, &mut outbox),
            }
        };
        // A client waits for the server to end the transport (RFC 6455 7.1.1), one way or another:
        // Autobahn resets it.
        while exchange(&mut stream, &mut inbox, &mut outbox).unwrap_or(false) {
            inbox = Inbox::new();
        }
        Ok(())
    }
}

/// Sends what is pending and waits for more; whether there was any.
fn exchange(stream: &mut TcpStream, inbox: &mut Inbox, outbox: &mut Outbox) -> io::Result<bool> {
    while outbox.has_remaining() {
        let sent = stream.write(outbox.chunk())?;
        outbox.advance(sent);
    }
    let read = stream.read(inbox.space(64 << 10))?;
    inbox.filled(read);
    Ok(read > 0)
}
