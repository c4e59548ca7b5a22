//! A client for a terminal: one thread receives and prints while another sends what is typed.
//!
//! What the receiving half owes to the server goes to the sending half as the lines do, by a channel.

use std::error::Error;
use std::io::{self, BufRead, Read, Write};
use std::net::TcpStream;
use std::process::ExitCode;
use std::sync::mpsc::{self, SyncSender, TrySendError};
use std::{thread, time::Duration};

use bytes::Buf;
use clap::Parser;
use wsproto::{
    Client, CloseCode, CloseReason, Closed, Inbox, Outbox, OwedPong, PeerClose, Received, Receiver,
    Request, Sender, Violation, blocking,
};

/// Sends each line of standard input, and prints what comes, at the same time
#[derive(Parser)]
struct Options {
    /// The server, such as ws://127.0.0.1:9001/
    #[arg(long, value_name = "URI")]
    connect: String,
}

/// What the sending half is to do.
enum Todo {
    Line(String),
    Done,
    Pong(OwedPong),
    Close(PeerClose),
    Wrong(Violation),
    Eof,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(closed) if closed.is_clean() => return ExitCode::SUCCESS,
        Ok(closed) => eprintln!("split_threads: {closed:?}"),
        Err(error) => eprintln!("split_threads: {error}"),
    }
    ExitCode::FAILURE
}

fn run(options: &Options) -> Result<Closed<Client>, Box<dyn Error>> {
    let request = Request::from_uri(&options.connect)?;
    let stream = TcpStream::connect((request.host(), request.port()))?;
    let mut inbox = Inbox::new();
    let accepted = blocking::connect(stream, &request, &mut inbox)?;
    let (open, mut outbox, mut stream) = accepted.socket.into_parts();
    let (sender, receiver) = open.split();
    let (todo, to_do) = mpsc::sync_channel(16);
    let mut reading = stream.try_clone()?;
    let lines = todo.clone();
    thread::spawn(move || {
        let last = receive(receiver, &mut reading, inbox, &todo);
        let _ = todo.send(last);
    });
    thread::spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            let _ = lines.send(Todo::Line(line));
        }
        let _ = lines.send(Todo::Done);
    });

    let closed = send(sender, &to_do, &mut outbox, &mut stream);
    write(&mut outbox, &mut stream)?;
    // The server is to end the transport first, and soon (RFC 6455 7.1.1).
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    let _ = io::copy(&mut stream, &mut io::sink());
    Ok(closed)
}

/// Gives what is to be done last.
fn receive(
    mut receiver: Receiver<Client>,
    stream: &mut TcpStream,
    mut inbox: Inbox,
    todo: &SyncSender<Todo>,
) -> Todo {
    let mut owed: Option<OwedPong> = None;
    loop {
        match receiver.receive(&mut inbox) {
            Ok(Some(Received::Text(text))) => println!("{}", &*text),
            Ok(Some(Received::Binary(data))) => println!("({} bytes)", data.len()),
            // In place of one that still waits: the newest is enough (RFC 6455 5.5.3).
            Ok(Some(Received::Ping(newer))) => owed = Some(newer),
            Ok(Some(Received::Pong(_))) => {}
            Ok(Some(Received::Close(close))) => return Todo::Close(close),
            Ok(None) => match stream.read(inbox.space(16 << 10)) {
                Ok(0) | Err(_) => return Todo::Eof,
                Ok(read) => inbox.filled(read),
            },
            Err(violation) => return Todo::Wrong(violation),
        }
        // It does not wait for room: while the sending half waits for the server to read, this
        // one has to read what the server sends.
        if let Some(pong) = owed.take() {
            if let Err(TrySendError::Full(Todo::Pong(pong))) = todo.try_send(Todo::Pong(pong)) {
                owed = Some(pong);
            }
        }
    }
}

fn send(
    mut sender: Sender<Client>,
    to_do: &mpsc::Receiver<Todo>,
    outbox: &mut Outbox,
    stream: &mut TcpStream,
) -> Closed<Client> {
    let mut closing = loop {
        match to_do.recv() {
            Ok(Todo::Line(line)) => sender.send_text(&line, outbox),
            Ok(Todo::Pong(owed)) => sender.answer(owed, outbox),
            Ok(Todo::Done) => {
                break sender.close(CloseCode::NORMAL, CloseReason::default(), outbox);
            }
            Ok(Todo::Close(close)) => return sender.acknowledge(close, outbox),
            Ok(Todo::Wrong(violation)) => return sender.fail(violation, outbox),
            Ok(Todo::Eof) | Err(_) => return sender.eof(),
        }
        if write(outbox, stream).is_err() {
            return sender.eof();
        }
    };
    loop {
        if write(outbox, stream).is_err() {
            return closing.eof();
        }
        // The server has ten seconds for its Close, after whatever else it sends.
        match to_do.recv_timeout(Duration::from_secs(10)) {
            Ok(Todo::Pong(owed)) => closing.answer(owed, outbox),
            Ok(Todo::Close(close)) => return closing.finish(close),
            Ok(Todo::Wrong(violation)) => return closing.fail(violation),
            Ok(Todo::Eof) | Err(_) => return closing.eof(),
            Ok(Todo::Line(_) | Todo::Done) => {}
        }
    }
}

fn write(outbox: &mut Outbox, stream: &mut TcpStream) -> io::Result<()> {
    while outbox.has_remaining() {
        let sent = stream.write(outbox.chunk())?;
        outbox.advance(sent);
    }
    Ok(())
}
