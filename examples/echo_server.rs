//! A server that echoes text and binary messages: blocking, one thread per connection.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use bytes::Buf;
use clap::Parser;
use wsproto::{
    Acceptance, Event, Extension, Handshaking, Inbox, Limits, Open, Outbox, Requested, Server,
    ServerProgress,
};

/// Echoes WebSocket messages
#[derive(Clone, Parser)]
struct Options {
    /// Where to listen; port 0 picks a free port
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: String,
    /// Agree to permessage-deflate
    #[arg(long)]
    deflate: bool,
    /// The largest message, and frame, in bytes
    #[arg(long, value_name = "BYTES")]
    max_message: Option<usize>,
}

fn main() -> ExitCode {
    let options = Options::parse();
    if options.deflate && !cfg!(feature = "deflate") {
        eprintln!("echo_server: --deflate needs the feature: cargo run --features deflate ...");
        return ExitCode::from(2);
    }
    match listen(&options) {
        Ok(never) => match never {},
        Err(error) => {
            eprintln!("echo_server: cannot listen on {}: {error}", options.listen);
            ExitCode::FAILURE
        }
    }
}

fn listen(options: &Options) -> io::Result<std::convert::Infallible> {
    let listener = TcpListener::bind(&options.listen)?;
    println!("listening on ws://{}", listener.local_addr()?);
    io::stdout().flush()?;
    loop {
        let (stream, peer) = match listener.accept() {
            Ok(accepted) => accepted,
            Err(error) => {
                eprintln!("echo_server: cannot accept: {error}");
                // Out of file descriptors, most likely: wait for connections to end.
                thread::sleep(Duration::from_millis(50));
                continue;
            }
        };
        let options = options.clone();
        let serve = move || match serve(stream, &options) {
            Ok(end) => eprintln!("{peer}: {end}"),
            Err(error) => eprintln!("{peer}: {error}"),
        };
        if let Err(error) = thread::Builder::new().spawn(serve) {
            eprintln!("{peer}: cannot start a thread: {error}");
        }
    }
}

/// One connection, from the handshake to the end; says how it ended.
fn serve(mut stream: TcpStream, options: &Options) -> io::Result<String> {
    stream.set_nodelay(true)?;
    let mut limits = Limits::default();
    if let Some(bytes) = options.max_message {
        limits = limits.message_payload(bytes).frame_payload(bytes);
    }
    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    let end = match handshake(&mut stream, &mut inbox, &mut outbox, limits)? {
        Ok(requested) => open(requested, options, &mut stream, &mut inbox, &mut outbox)?,
        Err(refusal) => refusal,
    };
    // A server ends the transport, but not before the peer has had time to read the Close: to
    // close with input unread would reset the connection (RFC 6455 7.1.1).
    send(&mut outbox, &mut stream)?;
    stream.shutdown(Shutdown::Write)?;
    discard_input(&mut stream, Duration::from_secs(1))?;
    Ok(end)
}

/// Reads a request, or refuses what is none.
fn handshake(
    stream: &mut TcpStream,
    inbox: &mut Inbox,
    outbox: &mut Outbox,
    limits: Limits,
) -> io::Result<Result<Requested, String>> {
    let mut handshaking = Handshaking::<Server>::new(limits);
    let refused = loop {
        match handshaking.receive(inbox) {
            Ok(ServerProgress::Requested(requested)) => return Ok(Ok(requested)),
            Ok(ServerProgress::Handshaking(still)) => handshaking = still,
            Err(error) => break error,
        }
        match stream.read(inbox.space(16 << 10))? {
            0 => return Ok(Err("the peer left before its request was whole".into())),
            read => inbox.filled(read),
        }
    };
    refused.respond(outbox);
    Ok(Err(format!("refused: {refused}")))
}

fn open(
    requested: Requested,
    options: &Options,
    stream: &mut TcpStream,
    inbox: &mut Inbox,
    outbox: &mut Outbox,
) -> io::Result<String> {
    let acceptance = Acceptance::default();
    #[cfg(feature = "deflate")]
    if options.deflate {
        let offer = wsproto::DeflateOffer::default();
        // Whether messages can be compressed is asked once, here.
        return match requested.accept_with(offer, acceptance, outbox).narrow() {
            wsproto::Narrowed::With(open) => echo(open, stream, inbox, outbox),
            wsproto::Narrowed::Without(open) => echo(open, stream, inbox, outbox),
        };
    }
    let _ = options;
    echo(requested.accept(acceptance, outbox), stream, inbox, outbox)
}

/// The echo loop.
fn echo<X: Extension>(
    mut open: Open<Server, X>,
    stream: &mut TcpStream,
    inbox: &mut Inbox,
    outbox: &mut Outbox,
) -> io::Result<String> {
    let closed = loop {
        match open.receive(inbox, outbox) {
            Ok(Some(Event::Text(text))) => open.send_text(&text, outbox),
            Ok(Some(Event::Binary(data))) => open.send_binary(&data, outbox),
            Ok(Some(Event::Ping(_) | Event::Pong(_))) => {} // a ping has been answered already
            Ok(Some(Event::Close(close))) => break open.acknowledge(close, outbox),
            Ok(None) => {
                send(outbox, stream)?;
                let len = inbox.suggested_read(64 << 10);
                match stream.read(inbox.space(len))? {
                    0 => break open.eof(),
                    read => inbox.filled(read),
                }
            }
            Err(violation) => break open.fail(violation, outbox),
        }
        // What is echoed may be more than the peer reads: do not collect it.
        if outbox.len() > 1 << 20 {
            send(outbox, stream)?;
        }
    };
    Ok(match closed.violation() {
        Some(violation) => format!("failed with {}: {violation}", closed.sent_code()),
        None => format!("closed with {} {:?}", closed.code(), closed.reason()),
    })
}

/// Sends all that is pending.
fn send(outbox: &mut Outbox, stream: &mut TcpStream) -> io::Result<()> {
    while outbox.has_remaining() {
        let mut slices = [io::IoSlice::new(&[]); 16];
        let used = outbox.chunks_vectored(&mut slices);
        match stream.write_vectored(&slices[..used]) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(sent) => outbox.advance(sent),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Reads until the end of input, but no longer than `limit`.
fn discard_input(stream: &mut TcpStream, limit: Duration) -> io::Result<()> {
    let end = Instant::now() + limit;
    let mut nobody_reads_this = [0; 16 << 10];
    while let Some(left) = end
        .checked_duration_since(Instant::now())
        .filter(|left| !left.is_zero())
    {
        stream.set_read_timeout(Some(left))?;
        match stream.read(&mut nobody_reads_this) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // The peer has reset the connection, or sent nothing for long enough.
            Err(_) => break,
        }
    }
    Ok(())
}
