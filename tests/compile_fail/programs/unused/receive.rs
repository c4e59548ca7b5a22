//! What the peer did wrong is not passed over.
#![deny(unused_must_use)]

use given::given;
use wsproto::*;

pub fn main() {
    let mut open: Open<Server> = given();
    let (mut inbox, mut outbox): (Inbox, Outbox) = (given(), given());
    #[cfg(refused)] // unused_must_use
    open.receive(&mut inbox, &mut outbox);
    #[cfg(allowed)]
    let _ = open.receive(&mut inbox, &mut outbox);
}
