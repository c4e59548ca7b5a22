//! Who only looks at the peer's Close cannot answer it.

use given::given;
use wsproto::*;

pub fn main() {
    let open: Open<Server> = given();
    let mut outbox: Outbox = given();
    let close: PeerClose = given();
    #[cfg(refused)] // E0308
    let closed = open.acknowledge(&close, &mut outbox);
    #[cfg(allowed)]
    let closed = open.acknowledge(close, &mut outbox);
    assert_eq!(closed.initiator(), Some(Side::Peer));
}
