//! The inbox is not asked under a live event.

use given::given;
use wsproto::*;

pub fn main() {
    let mut open: Open<Client> = given();
    let (mut inbox, mut outbox): (Inbox, Outbox) = (given(), given());
    let event = open.receive(&mut inbox, &mut outbox).unwrap();
    #[cfg(refused)] // E0502
    let _ = inbox.is_idle();
    #[cfg(allowed)]
    let _ = outbox.is_empty();
    assert!(matches!(event, Some(Event::Text(_))));
}
