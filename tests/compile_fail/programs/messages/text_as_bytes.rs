//! A binary message is made of bytes, and says so (RFC 6455 5.6).

use given::given;
use wsproto::*;

pub fn main() {
    let mut open: Open<Server> = given();
    let mut outbox: Outbox = given();
    #[cfg(refused)] // E0308
    open.send_binary("text", &mut outbox);
    #[cfg(allowed)]
    open.send_binary("text".as_bytes(), &mut outbox);
}
