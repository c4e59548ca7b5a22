//! The blocking driver: a thread for each connection.

use std::net::{TcpListener, TcpStream};
use std::thread;

use wsproto::blocking::{self, Answer, Asked, Narrowed, Socket};
use wsproto::{
    Acceptance, Client, Entropy, Error, Event, Extension, Handshaking, Inbox, Negotiate, Open,
    Outbox, Request, Role,
};

use crate::{Cases, Failure, Options, SILENCE, offer, say_where};

pub fn listen(options: &Options) -> Result<(), Failure> {
    let listener = TcpListener::bind(options.listen.as_deref().unwrap_or_default())?;
    say_where(listener.local_addr()?)?;
    loop {
        let (stream, peer) = listener.accept()?;
        let options = options.clone();
        thread::spawn(move || {
            if let Err(error) = serve(stream, &options) {
                eprintln!("{peer}: {error}");
            }
        });
    }
}

fn serve(stream: TcpStream, options: &Options) -> Result<(), Failure> {
    configure(&stream)?;
    let mut inbox = Inbox::new();
    let requested = match blocking::receive_request(stream, options.limits(), &mut inbox)? {
        Asked::Requested(requested) => requested,
        Asked::Refused(mut refused) => return Err((*refused.end()?).into()),
    };
    let acceptance = Acceptance::default();
    if !options.deflate {
        return echo(requested.accept(acceptance), inbox);
    }
    match requested.accept_with(offer(), acceptance).narrow() {
        Narrowed::With(socket) => echo(socket, inbox),
        Narrowed::Without(socket) => echo(socket, inbox),
    }
}

fn configure(stream: &TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(SILENCE))?;
    stream.set_write_timeout(Some(SILENCE))
}

pub fn run_cases(cases: &Cases) -> Result<(), Failure> {
    let count = first_text(&cases.count())?.parse()?;
    for case in 1..=count {
        // What goes wrong in a case is for the server to judge.
        if let Err(error) = run_case(&cases.case(case), cases.options) {
            eprintln!("driver_echo: case {case}: {error}");
        }
    }
    let mut inbox = Inbox::new();
    echo(
        connect(&cases.reports(), (), cases.options, &mut inbox)?,
        inbox,
    )
}

fn run_case(uri: &str, options: &Options) -> Result<(), Failure> {
    let mut inbox = Inbox::new();
    if !options.deflate {
        return echo(connect(uri, (), options, &mut inbox)?, inbox);
    }
    match connect(uri, offer(), options, &mut inbox)?.narrow() {
        Narrowed::With(socket) => echo(socket, inbox),
        Narrowed::Without(socket) => echo(socket, inbox),
    }
}

fn connect<N: Negotiate>(
    uri: &str,
    proposal: N,
    options: &Options,
    inbox: &mut Inbox,
) -> Result<Socket<Open<Client, N::Agreed>, TcpStream>, Failure> {
    let request = Request::from_uri(uri)?;
    let stream = TcpStream::connect((request.host(), request.port()))?;
    configure(&stream)?;
    let mut outbox = Outbox::new();
    let handshaking = Handshaking::propose(
        &request,
        proposal,
        options.limits(),
        Entropy::from_os()?,
        &mut outbox,
    );
    match Socket::new(handshaking, outbox, stream).receive_answer(inbox)? {
        Answer::Accepted(accepted) => Ok(accepted.socket),
        Answer::Rejected(rejected) => {
            Err(format!("refused with {}", rejected.phase().status()).into())
        }
    }
}

/// The first message, which has to be text.
fn first_text(uri: &str) -> Result<String, Failure> {
    let request = Request::from_uri(uri)?;
    let stream = TcpStream::connect((request.host(), request.port()))?;
    configure(&stream)?;
    let mut inbox = Inbox::new();
    let mut socket = blocking::connect(stream, &request, &mut inbox)?.socket;
    match socket.receive(&mut inbox)? {
        Event::Text(text) => Ok(text.into_string()),
        event => Err(format!("no text, but {event:?}").into()),
    }
}

/// Echoes until the connection ends. Text goes at once, and binary messages with what follows.
fn echo<R: Role, X: Extension>(
    mut socket: Socket<Open<R, X>, TcpStream>,
    mut inbox: Inbox,
) -> Result<(), Failure> {
    let mut closed = loop {
        match socket.receive(&mut inbox) {
            Ok(Event::Text(text)) => socket.send_text(&text)?,
            Ok(Event::Binary(data)) => socket.feed_binary(&data)?,
            Ok(Event::Ping(_) | Event::Pong(_)) => {} // a ping has been answered already
            Ok(Event::Close(close)) => break socket.acknowledge(close),
            Err(Error::Violation(violation)) => break socket.fail(violation),
            Err(error) => return Err(error.into()),
        }
    };
    closed.end()?;
    Ok(())
}
