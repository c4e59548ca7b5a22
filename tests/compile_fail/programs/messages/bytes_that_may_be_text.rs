//! Bytes become text by a look at them.

use given::given;
use wsproto::*;

pub fn main() {
    let mut open: Open<Server> = given();
    let mut outbox: Outbox = given();
    let bytes: &[u8] = b"it may be text";
    #[cfg(refused)] // E0308
    open.send_text(bytes, &mut outbox);
    #[cfg(allowed)]
    open.send_text(std::str::from_utf8(bytes).unwrap(), &mut outbox);
}
