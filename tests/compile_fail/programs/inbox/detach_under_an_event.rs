//! The inbox does not change its connection under a live event.

use given::given;
use wsproto::*;

pub fn main() {
    let mut open: Open<Client> = given();
    let (mut inbox, mut outbox): (Inbox, Outbox) = (given(), given());
    let event = open.receive(&mut inbox, &mut outbox).unwrap();
    #[cfg(refused)] // E0499
    let _ = inbox.detach();
    #[cfg(allowed)]
    open.send_text("an answer", &mut outbox);
    assert!(matches!(event, Some(Event::Text(_))));
}
