//! An event does not outlive its inbox.

use given::given;
use wsproto::*;

pub fn main() {
    let mut open: Open<Client> = given();
    let (mut inbox, mut outbox): (Inbox, Outbox) = (given(), given());
    let event = open.receive(&mut inbox, &mut outbox).unwrap();
    #[cfg(refused)] // E0505
    drop(inbox);
    #[cfg(allowed)]
    drop(outbox);
    assert!(matches!(event, Some(Event::Text(_))));
}
