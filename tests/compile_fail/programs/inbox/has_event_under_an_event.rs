//! Asking for the next event is a step as well.

use given::given;
use wsproto::*;

pub fn main() {
    let mut open: Open<Client> = given();
    let (mut inbox, mut outbox): (Inbox, Outbox) = (given(), given());
    let event = open.receive(&mut inbox, &mut outbox).unwrap();
    #[cfg(refused)] // E0499
    let _ = open.has_event(&mut inbox, &mut outbox);
    #[cfg(allowed)]
    open.send_text("an answer", &mut outbox);
    assert!(matches!(event, Some(Event::Text(_))));
}
