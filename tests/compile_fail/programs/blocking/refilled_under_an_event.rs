//! What an event shows is not overwritten, and can be answered.

use std::io::Cursor;

use given::given;
use wsproto::blocking::Socket;
use wsproto::*;

pub fn main() {
    let open: Open<Client> = given();
    let mut inbox: Inbox = given();
    let mut socket = Socket::new(open, given(), Cursor::new(Vec::<u8>::new()));
    let event = socket.receive(&mut inbox).unwrap();
    #[cfg(refused)] // E0499
    inbox.extend(b"more");
    #[cfg(allowed)]
    socket.feed_text("an answer").unwrap();
    assert!(matches!(event, Event::Text(_)));
}
