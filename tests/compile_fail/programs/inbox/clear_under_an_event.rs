//! The inbox is not cleared under a live event.

use given::given;
use wsproto::*;

pub fn main() {
    let mut open: Open<Client> = given();
    let (mut inbox, mut outbox): (Inbox, Outbox) = (given(), given());
    let event = open.receive(&mut inbox, &mut outbox).unwrap();
    #[cfg(refused)] // E0499
    inbox.clear();
    #[cfg(allowed)]
    outbox.clear();
    assert!(matches!(event, Some(Event::Text(_))));
}
