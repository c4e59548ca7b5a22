//! A piece of the body of a refusal borrows the inbox.

use given::given;
use wsproto::*;

pub fn main() {
    let mut rejected: Rejected<Client> = given();
    let (mut inbox, mut outbox): (Inbox, Outbox) = (given(), given());
    let piece = rejected.receive_body(&mut inbox);
    #[cfg(refused)] // E0499
    inbox.clear();
    #[cfg(allowed)]
    outbox.clear();
    drop(piece);
}
