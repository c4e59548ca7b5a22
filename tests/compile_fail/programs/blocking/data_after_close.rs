//! Nothing is sent after our Close (RFC 6455 5.5.1).

use std::io::Cursor;

use given::given;
use wsproto::blocking::Socket;
use wsproto::*;

pub fn main() {
    let open: Open<Server> = given();
    let socket = Socket::new(open, given(), Cursor::new(Vec::<u8>::new()));
    let mut closing = socket.close_without_code();
    #[cfg(refused)] // E0599
    let sent = closing.send_text("late");
    #[cfg(allowed)]
    let sent = closing.flush();
    assert!(sent.is_ok());
}
