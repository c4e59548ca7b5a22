//! A client that sends messages to an echo server and prints what comes back: blocking.

use std::fmt::Display;
use std::io::{self, BufRead, Read, Write};
use std::net::TcpStream;
use std::process::ExitCode;
use std::time::Duration;

use bytes::Buf;
use clap::Parser;
use wsproto::{
    Accepted, Client, ClientProgress, CloseCode, CloseReason, Closing, Entropy, Event, Extension,
    Handshaking, Inbox, Limits, Negotiate, Open, Outbox, Rejected, Request,
};

/// Sends messages to a WebSocket echo server and prints the replies
#[derive(Parser)]
struct Options {
    /// The server, such as ws://127.0.0.1:9001/
    #[arg(long, value_name = "URI")]
    connect: String,
    /// Offer permessage-deflate
    #[arg(long)]
    deflate: bool,
    /// The message to send; without it, each line of standard input is one
    #[arg(long, value_name = "TEXT")]
    message: Option<String>,
}

/// Why it did not end well, for a person to read.
type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    let options = Options::parse();
    if options.deflate && !cfg!(feature = "deflate") {
        eprintln!("echo_client: --deflate needs the feature: cargo run --features deflate ...");
        return ExitCode::from(2);
    }
    let request = match Request::from_uri(&options.connect) {
        Ok(request) if request.is_secure() => {
            eprintln!(
                "echo_client: {}: TLS is not this example's matter",
                options.connect
            );
            return ExitCode::from(2);
        }
        Ok(request) => request,
        Err(error) => {
            eprintln!("echo_client: {}: {error}", options.connect);
            return ExitCode::from(2);
        }
    };
    match run(&request, &options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("echo_client: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(request: &Request, options: &Options) -> Result<(), Failure> {
    let messages: Box<dyn Iterator<Item = io::Result<String>>> = match &options.message {
        Some(message) => Box::new(std::iter::once(Ok(message.clone()))),
        None => Box::new(io::stdin().lock().lines()),
    };
    let address = (request.host(), request.port());
    let stream = TcpStream::connect(address).map_err(|error| about(&options.connect, error))?;
    stream.set_nodelay(true)?;
    let mut line = Line {
        stream,
        inbox: Inbox::new(),
        outbox: Outbox::new(),
    };

    #[cfg(feature = "deflate")]
    if options.deflate {
        let accepted = line.handshake(request, wsproto::DeflateOffer::default())?;
        // Whether messages can be compressed is asked once, here.
        return match accepted.open.narrow() {
            wsproto::Narrowed::With(open) => converse(open, messages, &mut line),
            wsproto::Narrowed::Without(open) => converse(open, messages, &mut line),
        };
    }
    let accepted = line.handshake(request, ())?;
    converse(accepted.open, messages, &mut line)
}

/// Sends each message, prints each reply, and closes.
fn converse<X: Extension>(
    mut open: Open<Client, X>,
    messages: impl Iterator<Item = io::Result<String>>,
    line: &mut Line,
) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    for message in messages {
        open.send_text(&message?, &mut line.outbox);
        open = line.print_reply(open, &mut stdout)?;
    }
    stdout.flush()?;
    let closing = open.close(CloseCode::NORMAL, CloseReason::default(), &mut line.outbox);
    line.finish(closing)
}

/// A connection's transport and buffers.
struct Line {
    stream: TcpStream,
    inbox: Inbox,
    outbox: Outbox,
}

impl Line {
    fn handshake<N: Negotiate>(
        &mut self,
        request: &Request,
        proposal: N,
    ) -> Result<Accepted<N::Agreed>, Failure> {
        let limits = Limits::default().message_payload(64 << 20);
        let entropy = Entropy::from_os()?;
        let mut handshaking =
            Handshaking::<Client, N>::propose(request, proposal, limits, entropy, &mut self.outbox);
        loop {
            if !self.exchange()? {
                return Err(about("the handshake failed", handshaking.eof()));
            }
            match handshaking.receive(&mut self.inbox) {
                Ok(ClientProgress::Open(accepted)) => return Ok(accepted),
                Ok(ClientProgress::Rejected(rejected)) => return Err(self.refusal(rejected)?),
                Ok(ClientProgress::Handshaking(still)) => handshaking = still,
                Err(error) => return Err(about("the handshake failed", error)),
            }
        }
    }

    /// What the server says of its refusal: status and body.
    fn refusal(&mut self, mut rejected: Rejected) -> Result<Failure, Failure> {
        let mut body = Vec::new();
        // A refusal says enough in 4 KiB, and says it in ten seconds.
        self.stream
            .set_read_timeout(Some(Duration::from_secs(10)))?;
        loop {
            while let Some(piece) = rejected.receive_body(&mut self.inbox)? {
                body.extend_from_slice(piece);
            }
            if rejected.is_finished() || body.len() > 4 << 10 || !self.exchange()? {
                break;
            }
        }
        let body = String::from_utf8_lossy(&body);
        let status = format!("{} {}", rejected.status(), rejected.reason());
        Ok(about(
            "the server refused",
            format!("{}\n{}", status.trim(), body.trim()),
        ))
    }

    /// Waits for the reply to a message and prints it.
    fn print_reply<X: Extension>(
        &mut self,
        mut open: Open<Client, X>,
        stdout: &mut impl Write,
    ) -> Result<Open<Client, X>, Failure> {
        let closed = loop {
            match open.receive(&mut self.inbox, &mut self.outbox) {
                Ok(Some(Event::Text(text))) => {
                    writeln!(stdout, "{}", &*text)?;
                    return Ok(open);
                }
                Ok(Some(Event::Binary(data))) => {
                    stdout.write_all(&data)?;
                    stdout.write_all(b"\n")?;
                    return Ok(open);
                }
                Ok(Some(Event::Ping(_) | Event::Pong(_))) => {}
                Ok(Some(Event::Close(close))) => break open.acknowledge(close, &mut self.outbox),
                Ok(None) => {
                    if !self.exchange()? {
                        break open.eof();
                    }
                }
                Err(violation) => break open.fail(violation, &mut self.outbox),
            }
        };
        self.send()?;
        Err(match closed.violation() {
            Some(violation) => about("the server broke the protocol", violation),
            None => {
                let end = format!("{} {}", closed.code(), closed.reason());
                about("the server closed before it replied", end.trim())
            }
        })
    }

    /// Waits for the server's Close, and for the end of the transport.
    fn finish<X: Extension>(&mut self, mut closing: Closing<Client, X>) -> Result<(), Failure> {
        self.stream
            .set_read_timeout(Some(Duration::from_secs(10)))?;
        let closed = loop {
            match closing.receive(&mut self.inbox, &mut self.outbox) {
                Ok(Some(Event::Close(close))) => break closing.finish(close),
                Ok(Some(_)) => {}
                Ok(None) => {
                    if !self.exchange()? {
                        break closing.eof();
                    }
                }
                Err(violation) => break closing.fail(violation),
            }
        };
        // The server is to end the transport; one that does not is no reason to wait for long.
        self.stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        let mut nobody_reads_this = [0; 4 << 10];
        while self
            .stream
            .read(&mut nobody_reads_this)
            .is_ok_and(|read| read > 0)
        {}
        match (closed.is_clean(), closed.violation()) {
            (true, _) => Ok(()),
            (false, Some(violation)) => Err(about("the server broke the protocol", violation)),
            (false, None) => Err("the server left without a Close".into()),
        }
    }

    /// Sends what is pending and waits for more; whether there was any.
    fn exchange(&mut self) -> io::Result<bool> {
        self.send()?;
        let read = self.stream.read(self.inbox.space(64 << 10))?;
        self.inbox.filled(read);
        Ok(read > 0)
    }

    fn send(&mut self) -> io::Result<()> {
        while self.outbox.has_remaining() {
            let sent = self.stream.write(self.outbox.chunk())?;
            self.outbox.advance(sent);
        }
        Ok(())
    }
}

fn about(what: impl Display, error: impl Display) -> Failure {
    format!("{what}: {error}").into()
}
