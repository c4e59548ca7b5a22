//! The peer's Close cannot be cloned.

use given::given;
use wsproto::*;

pub fn main() {
    let open: Open<Server> = given();
    let mut outbox: Outbox = given();
    let close: PeerClose = given();
    #[cfg(refused)] // E0599
    let closed = open.acknowledge(close.clone(), &mut outbox);
    #[cfg(allowed)]
    let closed = open.acknowledge(close, &mut outbox);
    assert_eq!(closed.initiator(), Some(Side::Peer));
}
