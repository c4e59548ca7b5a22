//! A piece of a message is not taken for a message.

use given::given;
use wsproto::*;

pub fn main() {
    let mut open: Open<Client> = given();
    let mut chunks = Inbox::chunks();
    let (mut inbox, mut outbox): (Inbox, Outbox) = (given(), given());
    #[cfg(refused)] // E0308
    let event: Event<'_, Messages> = open.receive(&mut chunks, &mut outbox).unwrap().unwrap();
    #[cfg(allowed)]
    let event: Event<'_, Messages> = open.receive(&mut inbox, &mut outbox).unwrap().unwrap();
    drop(event);
}
