//! A connection is not dropped between two messages.
#![deny(unused_must_use)]

use given::given;
use wsproto::*;

pub fn main() {
    let open: Open<Server> = given();
    let mut outbox: Outbox = given();
    #[cfg(refused)] // unused_must_use
    open.start_text().finish("", &mut outbox);
    #[cfg(allowed)]
    let _ = open.start_text().finish("", &mut outbox);
}
