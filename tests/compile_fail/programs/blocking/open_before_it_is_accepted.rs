//! Nothing is sent before a request is accepted (RFC 6455 4.2.2).

use std::io::Cursor;

use given::given;
use wsproto::blocking::Socket;
use wsproto::*;

pub fn main() {
    let requested: Requested = given();
    let socket = Socket::new(requested, given(), Cursor::new(Vec::<u8>::new()));
    #[cfg(refused)] // E0599
    let mut open = socket.start_text();
    #[cfg(allowed)]
    let mut open = socket.accept(given());
    assert!(open.flush().is_ok());
}
