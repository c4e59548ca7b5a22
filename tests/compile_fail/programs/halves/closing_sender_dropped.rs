//! A half that has said Close waits for the peer's.
#![deny(unused_must_use)]

use given::given;
use wsproto::*;

pub fn main() {
    let mut outbox: Outbox = given();
    #[cfg(refused)] // unused_must_use
    given::<Sender<Server>>().close_without_code(&mut outbox);
    #[cfg(allowed)]
    let _ = given::<Sender<Server>>().close_without_code(&mut outbox);
}
