//! What the peer said is not overwritten.

use given::given;
use wsproto::*;

pub fn main() {
    let mut open: Open<Client> = given();
    let (mut inbox, mut outbox): (Inbox, Outbox) = (given(), given());
    let Ok(Some(Event::Text(mut text))) = open.receive(&mut inbox, &mut outbox) else { panic!() };
    #[cfg(refused)] // E0596
    text.make_ascii_uppercase();
    #[cfg(allowed)]
    let _ = text.to_ascii_uppercase();
    drop(text);
}
