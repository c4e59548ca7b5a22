//! Another connection does not receive from the inbox either.

use given::given;
use wsproto::*;

pub fn main() {
    let mut open: Open<Client> = given();
    let (mut inbox, mut outbox): (Inbox, Outbox) = (given(), given());
    let event = open.receive(&mut inbox, &mut outbox).unwrap();
    #[cfg(refused)] // E0499
    let _ = given::<Open<Client>>().receive(&mut inbox, &mut outbox);
    #[cfg(allowed)]
    let _ = given::<Open<Client>>().receive(&mut given::<Inbox>(), &mut outbox);
    assert!(matches!(event, Some(Event::Text(_))));
}
