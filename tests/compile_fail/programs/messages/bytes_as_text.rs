//! A text message is made of `str` (RFC 6455 5.6).

use given::given;
use wsproto::*;

pub fn main() {
    let mut open: Open<Server> = given();
    let mut outbox: Outbox = given();
    #[cfg(refused)] // E0308
    open.send_text(b"bytes", &mut outbox);
    #[cfg(allowed)]
    open.send_text("text", &mut outbox);
}
