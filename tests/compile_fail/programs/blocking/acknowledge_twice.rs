//! One Close of the peer's is answered once (RFC 6455 5.5.1).

use std::io::Cursor;

use given::given;
use wsproto::blocking::Socket;
use wsproto::*;

pub fn main() {
    let open: Open<Server> = given();
    let socket = Socket::new(open, given(), Cursor::new(Vec::<u8>::new()));
    let other = Socket::new(given::<Open<Server>>(), given(), Cursor::new(Vec::<u8>::new()));
    let close: PeerClose = given();
    let first = socket.acknowledge(close);
    #[cfg(refused)] // E0382
    let second = other.acknowledge(close);
    #[cfg(allowed)]
    let second = other.eof();
    assert!(!first.phase().is_clean() && !second.phase().is_clean());
}
