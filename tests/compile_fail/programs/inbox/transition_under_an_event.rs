//! An event borrows the inbox and never the connection.

use given::given;
use wsproto::*;

pub fn main() {
    let mut open: Open<Client> = given();
    let (mut inbox, mut outbox): (Inbox, Outbox) = (given(), given());
    let event = open.receive(&mut inbox, &mut outbox).unwrap();
    #[cfg(refused)] // E0499
    let _ = open.start_text().receive(&mut inbox, &mut outbox);
    #[cfg(allowed)]
    let _ = open.start_text().eof();
    assert!(matches!(event, Some(Event::Text(_))));
}
