//! A typed protocol of JSON messages, and the property test that a protocol of yours should have,
//! too: `cargo test --features proptest --example json_protocol`.
//!
//! The server stores numbers. Talk to it with `wscat`: `{"put":{"key":"a","value":1}}`.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::ExitCode;
use std::thread;

use clap::Parser;
use serde::{Deserialize, Serialize};
use wsproto::blocking::{self, Socket};
use wsproto::{CloseStatus, Closed, Error, Event, Inbox, Open, Server};

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Request {
    Put { key: String, value: i64 },
    Take(String),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Reply {
    Stored(usize),
    Taken(Option<i64>),
    Refused(String),
}

/// What a message is answered with, whatever is in it.
fn answer(numbers: &mut BTreeMap<String, i64>, message: &[u8]) -> Reply {
    match serde_json::from_slice(message) {
        Ok(Request::Put { key, value }) => {
            numbers.insert(key, value);
            Reply::Stored(numbers.len())
        }
        Ok(Request::Take(key)) => Reply::Taken(numbers.remove(&key)),
        Err(error) => Reply::Refused(error.to_string()),
    }
}

/// Replies to all that a client asks, until it leaves.
fn serve<S: Read + Write>(
    mut socket: Socket<Open<Server>, S>,
    inbox: &mut Inbox,
) -> Result<Socket<Closed<Server>, S>, Error> {
    let mut numbers = BTreeMap::new();
    loop {
        let reply = match socket.receive(inbox)? {
            Event::Text(text) => answer(&mut numbers, text.as_bytes()),
            Event::Binary(data) => answer(&mut numbers, &data),
            Event::Ping(_) | Event::Pong(_) => continue,
            Event::Close(close) => return Ok(socket.acknowledge(close)),
        };
        socket.feed_text(&serde_json::to_string(&reply).map_err(io::Error::from)?)?;
    }
}

fn converse(stream: TcpStream) -> Result<CloseStatus, Error> {
    let mut inbox = Inbox::new();
    let socket = blocking::accept(stream, &mut inbox)?;
    Ok(serve(socket, &mut inbox)?.end()?.code())
}

/// Stores numbers
#[derive(Parser)]
struct Options {
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: String,
}

fn main() -> ExitCode {
    match TcpListener::bind(Options::parse().listen) {
        Ok(listener) => listener.incoming().flatten().for_each(|stream| {
            thread::spawn(|| eprintln!("{:?}", converse(stream)));
        }),
        Err(error) => eprintln!("json_protocol: {error}"),
    }
    ExitCode::FAILURE
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use proptest::prelude::*;
    use wsproto::strategies::{Cuts, End, Endpoint, Message, cuts, hostile_bytes, speech};
    use wsproto::{Client, Limits, Outbox};

    use super::*;

    /// What clients say: requests, and text that is none.
    fn said() -> impl Strategy<Value = String> {
        let put = ("[ab]", any::<i64>()).prop_map(|(key, value)| Request::Put { key, value });
        let request = prop_oneof![put, "[ab]".prop_map(Request::Take)];
        let json = request.prop_map(|request| serde_json::to_string(&request).unwrap());
        prop_oneof![4 => json, 1 => "[{}\":a-z]{0,30}"]
    }

    /// A transport to a client that has said all that it says, and hears the replies.
    struct Script<'s>(VecDeque<&'s [u8]>, End<Client>);

    impl Read for Script<'_> {
        fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
            self.0.retain(|piece| !piece.is_empty());
            self.0.front_mut().map_or(Ok(0), |piece| piece.read(space))
        }
    }

    impl Write for Script<'_> {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.1.read(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn replies(cuts: &Cuts, bytes: &[u8]) -> Vec<Reply> {
        let open = Open::<Server>::after_upgrade((), Limits::default());
        let mut script = Script(cuts.pieces(bytes).collect(), End::default());
        // How it ends is the client's choice.
        let socket = Socket::new(open, Outbox::new(), &mut script);
        let _ = serve(socket, &mut Inbox::new()).and_then(|mut closed| closed.flush());
        let reply = |reply: &Message| serde_json::from_slice(reply.as_bytes()).unwrap();
        script.1.messages().iter().map(reply).collect()
    }

    proptest! {
        #[test]
        fn each_request_is_replied_to_in_order(cuts in cuts(), speech in speech::<Client>(said())) {
            let mut numbers = BTreeMap::new();
            let expected: Vec<_> =
                speech.messages().iter().map(|it| answer(&mut numbers, it.as_bytes())).collect();
            prop_assert_eq!(replies(&cuts, speech.bytes()), expected);
        }

        #[test]
        fn nothing_panics_and_cuts_do_not_matter(cuts in cuts(), bytes in hostile_bytes::<Client>()) {
            prop_assert_eq!(replies(&cuts, &bytes), replies(&Cuts::default(), &bytes));
        }
    }
}
