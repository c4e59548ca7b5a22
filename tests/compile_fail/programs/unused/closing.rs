//! A connection that is closing has a Close to wait for.
#![deny(unused_must_use)]

use given::given;
use wsproto::*;

pub fn main() {
    let open: Open<Server> = given();
    let mut outbox: Outbox = given();
    #[cfg(refused)] // unused_must_use
    open.close_without_code(&mut outbox);
    #[cfg(allowed)]
    let _ = open.close_without_code(&mut outbox);
}
