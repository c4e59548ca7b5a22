//! A text message has no fragment of bytes (RFC 6455 5.6).

use std::io::Cursor;

use given::given;
use wsproto::blocking::Socket;
use wsproto::*;

pub fn main() {
    let open: Open<Server> = given();
    let socket = Socket::new(open, given(), Cursor::new(Vec::<u8>::new()));
    let mut streaming = socket.start_text();
    #[cfg(refused)] // E0308
    let sent = streaming.write(b"bytes");
    #[cfg(allowed)]
    let sent = streaming.write("text");
    assert!(sent.is_ok());
}
