//! A message is not sent inside a fragmented one (RFC 6455 5.4).

use std::io::Cursor;

use given::given;
use wsproto::blocking::Socket;
use wsproto::*;

pub fn main() {
    let open: Open<Server> = given();
    let socket = Socket::new(open, given(), Cursor::new(Vec::<u8>::new()));
    let mut streaming = socket.start_text();
    #[cfg(refused)] // E0599
    let sent = streaming.send_text("another");
    #[cfg(allowed)]
    let sent = streaming.write("more");
    assert!(sent.is_ok());
}
