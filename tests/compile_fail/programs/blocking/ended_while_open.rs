//! A transport is not ended before its connection.

use std::io::Cursor;

use given::given;
use wsproto::blocking::Socket;
use wsproto::*;

pub fn main() {
    let open: Open<Server> = given();
    let mut socket = Socket::new(open, given(), Cursor::new(Vec::<u8>::new()));
    #[cfg(refused)] // E0599
    let ended = socket.end_with(|_| Ok(())).is_ok();
    #[cfg(allowed)]
    let ended = socket.flush().is_ok();
    assert!(ended);
}
