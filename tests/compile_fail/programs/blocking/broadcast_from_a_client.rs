//! A client's frames each have a mask of their own (RFC 6455 5.3).

use std::io::Cursor;

use given::given;
use wsproto::blocking::Socket;
use wsproto::*;

pub fn main() {
    let open: Open<Client> = given();
    let mut socket = Socket::new(open, given(), Cursor::new(Vec::<u8>::new()));
    #[cfg(refused)] // E0599
    let sent = socket.send_broadcast(&Broadcast::text("text"));
    #[cfg(allowed)]
    let sent = socket.send_text("text");
    assert!(sent.is_ok());
}
