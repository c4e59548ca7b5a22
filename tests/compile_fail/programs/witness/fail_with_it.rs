//! A Close is no violation.

use given::given;
use wsproto::*;

pub fn main() {
    let open: Open<Server> = given();
    let mut outbox: Outbox = given();
    let close: PeerClose = given();
    #[cfg(refused)] // E0308
    let closed = open.fail(close, &mut outbox);
    #[cfg(allowed)]
    let closed = open.acknowledge(close, &mut outbox);
    assert_eq!(closed.violation(), None);
}
