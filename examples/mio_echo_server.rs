//! An echo server on one thread: a readiness loop, and one inbox and one outbox for all connections.
//!
//! A connection that waits for its peer owns 64 bytes beside its socket. Only what is cut, the start
//! of a frame or what the peer has not read yet, is kept with its connection.

use std::collections::{HashMap, VecDeque};
use std::io::{self, IoSlice, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use std::{mem, thread};

use bytes::Buf;
use clap::Parser;
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};
use wsproto::{
    Acceptance, Event, Handshaking, Inbox, Limits, Open, Outbox, Remainder, Server, ServerProgress,
};

/// Echoes WebSocket messages, on one thread
#[derive(Parser)]
struct Options {
    /// Where to listen; port 0 picks a free port
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: SocketAddr,
}

fn main() -> ExitCode {
    let options = Options::parse();
    match serve(options.listen) {
        Ok(never) => match never {},
        Err(error) => {
            eprintln!("mio_echo_server: {}: {error}", options.listen);
            ExitCode::FAILURE
        }
    }
}

const LISTENER: Token = Token(0);

/// Bytes to read at a time: a message of 64 KiB comes with its header in one read.
const READ: usize = 128 << 10;

/// Bytes of a message that does not wait to go out with others.
const LARGE: usize = 32 << 10;

/// How long a peer has to end the transport after its connection has ended (RFC 6455 7.1.1).
const LINGER: Duration = Duration::from_secs(1);

struct Peer {
    stream: TcpStream,
    phase: Phase,
    /// What has arrived and is not whole.
    cut: Option<Remainder>,
    /// What the peer has not read; nothing more is read from it while there is some.
    unsent: Option<Box<Outbox>>,
}

enum Phase {
    Handshaking(Handshaking<Server>),
    Open(Open<Server>),
    /// All is said; what still comes is discarded until the peer ends the transport.
    Ended,
}

/// What all connections share.
#[derive(Default)]
struct Buffers {
    inbox: Inbox,
    outbox: Outbox,
}

fn serve(address: SocketAddr) -> io::Result<std::convert::Infallible> {
    let mut listener = TcpListener::bind(address)?;
    println!("listening on ws://{}", listener.local_addr()?);
    io::stdout().flush()?;
    let mut poll = Poll::new()?;
    poll.registry()
        .register(&mut listener, LISTENER, Interest::READABLE)?;
    let mut events = Events::with_capacity(1024);
    let mut peers: HashMap<Token, Peer> = HashMap::new();
    let mut next = LISTENER.0;
    let mut buffers = Buffers::default();
    // Whose conversation is over, and when the transport is to be closed.
    let mut lingering: VecDeque<(Instant, Token)> = VecDeque::new();
    loop {
        // A wait with a timeout sets a timer in the kernel, so there is none while nobody lingers.
        let wait = lingering
            .front()
            .map(|(until, _)| until.saturating_duration_since(Instant::now()));
        match poll.poll(&mut events, wait) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
            _ => {}
        }
        for event in &events {
            if event.token() == LISTENER {
                accept(&listener, &poll, &mut peers, &mut next)?;
            } else if let Some(peer) = peers.get_mut(&event.token()) {
                let lingered = peer.has_ended();
                // What a peer does is no matter of the others': its error ends it alone.
                if !peer.progress(&mut buffers).unwrap_or(false) {
                    peers.remove(&event.token());
                    buffers.inbox.clear();
                    buffers.outbox.clear();
                } else if peer.has_ended() && !lingered {
                    lingering.push_back((Instant::now() + LINGER, event.token()));
                }
            }
        }
        while let Some((until, token)) = lingering.front() {
            if *until > Instant::now() {
                break;
            }
            peers.remove(token);
            lingering.pop_front();
        }
    }
}

fn accept(
    listener: &TcpListener,
    poll: &Poll,
    peers: &mut HashMap<Token, Peer>,
    next: &mut usize,
) -> io::Result<()> {
    loop {
        let mut stream = match listener.accept() {
            Ok((stream, _)) => stream,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
            Err(error) => {
                eprintln!("mio_echo_server: cannot accept: {error}");
                // Out of file descriptors, most likely: let connections end.
                thread::sleep(Duration::from_millis(50));
                return Ok(());
            }
        };
        *next += 1;
        let interest = Interest::READABLE | Interest::WRITABLE;
        if stream.set_nodelay(true).is_err() {
            continue; // It has gone already.
        }
        poll.registry()
            .register(&mut stream, Token(*next), interest)?;
        let peer = Peer {
            stream,
            phase: Phase::Handshaking(Handshaking::<Server>::new(Limits::default())),
            cut: None,
            unsent: None,
        };
        peers.insert(Token(*next), peer);
    }
}

impl Peer {
    fn has_ended(&self) -> bool {
        matches!(self.phase, Phase::Ended)
    }

    /// Does all that can be done without waiting. False when the transport is to be closed.
    fn progress(&mut self, buffers: &mut Buffers) -> io::Result<bool> {
        if let Some(mut unsent) = self.unsent.take() {
            if !self.flush(&mut unsent)? {
                self.unsent = Some(unsent);
                return Ok(true);
            }
        }
        if let Some(cut) = self.cut.take() {
            buffers.inbox.attach(cut);
        }
        let goes_on = self.converse(buffers)?;
        self.cut = buffers.inbox.detach();
        Ok(goes_on)
    }

    fn converse(&mut self, Buffers { inbox, outbox }: &mut Buffers) -> io::Result<bool> {
        loop {
            let len = inbox.suggested_read(READ);
            let read = match self.stream.read(inbox.space(len)) {
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(true),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            inbox.filled(read);
            if read == 0 {
                return Ok(false);
            }
            let phase = mem::replace(&mut self.phase, Phase::Ended);
            self.phase = phase.hear(&mut self.stream, inbox, outbox)?;
            if !self.flush(outbox)? {
                self.unsent = Some(Box::new(mem::take(outbox)));
                return Ok(true);
            }
            if self.has_ended() {
                inbox.clear();
            }
            // What filled less than was asked for was all there is: the next read would say so, too.
            if read < len {
                return Ok(true);
            }
        }
    }

    /// Writes until all is written, which it tells, or the peer has to read first.
    fn flush(&mut self, outbox: &mut Outbox) -> io::Result<bool> {
        let is_done = write(outbox, &mut self.stream)?;
        if is_done && self.has_ended() {
            self.stream.shutdown(Shutdown::Write)?;
        }
        Ok(is_done)
    }
}

/// Writes until all is written, which it tells, or the peer has to read first.
fn write(unsent: &mut impl Buf, stream: &mut TcpStream) -> io::Result<bool> {
    while unsent.has_remaining() {
        let mut slices = [IoSlice::new(&[]); 16];
        let written = match unsent.chunks_vectored(&mut slices) {
            1 => stream.write(&slices[0]),
            used => stream.write_vectored(&slices[..used]),
        };
        match written {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(sent) => unsent.advance(sent),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(true)
}

impl Phase {
    /// Acts on what has arrived.
    fn hear(
        self,
        stream: &mut TcpStream,
        inbox: &mut Inbox,
        outbox: &mut Outbox,
    ) -> io::Result<Self> {
        let mut open = match self {
            Self::Ended => return Ok(self),
            Self::Open(open) => open,
            Self::Handshaking(handshaking) => match handshaking.receive(inbox) {
                Ok(ServerProgress::Handshaking(still)) => return Ok(Self::Handshaking(still)),
                Ok(ServerProgress::Requested(requested)) => {
                    requested.accept(Acceptance::default(), outbox)
                }
                Err(refused) => {
                    refused.respond(outbox);
                    return Ok(Self::Ended);
                }
            },
        };
        let closed = loop {
            match open.receive(inbox, outbox) {
                // What is large goes from where it was read; what is not taken waits in the outbox.
                Ok(Some(Event::Text(text))) if text.len() >= LARGE => {
                    write(&mut open.send_text_in_place(&text, outbox), stream)?;
                }
                Ok(Some(Event::Binary(data))) if data.len() >= LARGE => {
                    write(&mut open.send_binary_in_place(&data, outbox), stream)?;
                }
                Ok(Some(Event::Text(text))) => open.send_text(&text, outbox),
                Ok(Some(Event::Binary(data))) => open.send_binary(&data, outbox),
                Ok(Some(Event::Ping(_) | Event::Pong(_))) => {}
                Ok(Some(Event::Close(close))) => break open.acknowledge(close, outbox),
                Ok(None) => return Ok(Self::Open(open)),
                Err(violation) => break open.fail(violation, outbox),
            }
        };
        drop(closed);
        Ok(Self::Ended)
    }
}
