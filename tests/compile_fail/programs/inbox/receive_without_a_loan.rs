//! An inbox is lent to receive, and not given.

use given::given;
use wsproto::*;

pub fn main() {
    let mut open: Open<Client> = given();
    let (mut inbox, mut outbox): (Inbox, Outbox) = (given(), given());
    #[cfg(refused)] // E0308
    let event = open.receive(inbox, &mut outbox);
    #[cfg(allowed)]
    let event = open.receive(&mut inbox, &mut outbox);
    assert!(event.is_ok());
}
