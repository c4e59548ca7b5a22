//! Both ends of a conversation over TCP, with the blocking driver: a thread that echoes, and a client.
//!
//! ```text
//! cargo run --example blocking_echo -- hello again
//! ```

use std::error::Error;
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use wsproto::{CloseCode, CloseReason, Event, Inbox, Request, blocking};

type Failure = Box<dyn Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let uri = format!("ws://{}/", listener.local_addr()?);
    let server = thread::spawn(move || echo(listener.accept()?.0));
    converse(&uri, std::env::args().skip(1))?;
    server.join().expect("it does not panic")
}

/// A server: every message goes back, until the client says Close.
fn echo(stream: TcpStream) -> Result<(), Failure> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    let mut inbox = Inbox::new();
    let mut socket = blocking::accept(stream, &mut inbox)?;
    let mut closed = loop {
        match socket.receive(&mut inbox)? {
            Event::Text(text) => socket.feed_text(&text)?,
            Event::Binary(data) => socket.feed_binary(&data)?,
            Event::Ping(_) | Event::Pong(_) => {} // a ping has been answered already
            Event::Close(close) => break socket.acknowledge(close),
        }
    };
    let end = closed.end()?;
    println!("the server: closed with {} {:?}", end.code(), end.reason());
    Ok(())
}

/// A client: sends each message, prints each reply, and says Close.
fn converse(uri: &str, messages: impl Iterator<Item = String>) -> Result<(), Failure> {
    let request = Request::from_uri(uri)?;
    let stream = TcpStream::connect((request.host(), request.port()))?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    let mut inbox = Inbox::new();
    let mut socket = blocking::connect(stream, &request, &mut inbox)?.socket;
    for message in messages {
        socket.send_text(&message)?;
        if let Event::Text(text) = socket.receive(&mut inbox)? {
            println!("the client: {}", &*text);
        }
    }
    let mut closing = socket.close(CloseCode::NORMAL, CloseReason::from_static("enough"));
    let close = closing.receive_close(&mut inbox)?;
    closing.finish(close).end()?;
    Ok(())
}
