//! A message that is sent from where it lies is given to the transport.
#![deny(unused_must_use)]

use given::given;
use wsproto::*;

pub fn main() {
    let mut open: Open<Server> = given();
    let mut outbox: Outbox = given();
    #[cfg(refused)] // unused_must_use
    open.send_text_in_place("text", &mut outbox);
    #[cfg(allowed)]
    open.send_text("text", &mut outbox);
}
