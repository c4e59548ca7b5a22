//! What answers a Close is the Close, and not a code.

use given::given;
use wsproto::*;

pub fn main() {
    let open: Open<Server> = given();
    let mut outbox: Outbox = given();
    let close: PeerClose = given();
    #[cfg(refused)] // E0308
    let closed = open.acknowledge(CloseCode::NORMAL, &mut outbox);
    #[cfg(allowed)]
    let closed = open.acknowledge(close, &mut outbox);
    assert_eq!(closed.initiator(), Some(Side::Peer));
}
