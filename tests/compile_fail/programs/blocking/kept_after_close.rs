//! A socket that was left for the next phase is gone.

use std::io::Cursor;

use given::given;
use wsproto::blocking::Socket;
use wsproto::*;

pub fn main() {
    let open: Open<Server> = given();
    let mut socket = Socket::new(open, given(), Cursor::new(Vec::<u8>::new()));
    socket.feed_text("text").unwrap();
    let mut closing = socket.close_without_code();
    #[cfg(refused)] // E0382
    let sent = socket.flush();
    #[cfg(allowed)]
    let sent = closing.flush();
    assert!(sent.is_ok());
}
