//! A Close that never came is not answered (RFC 6455 5.5.1).

use given::given;
use wsproto::*;

pub fn main() {
    let open: Open<Server> = given();
    let mut outbox: Outbox = given();
    let close: PeerClose = given();
    #[cfg(refused)] // E0061
    let closed = open.acknowledge(&mut outbox);
    #[cfg(allowed)]
    let closed = open.acknowledge(close, &mut outbox);
    assert_eq!(closed.initiator(), Some(Side::Peer));
}
