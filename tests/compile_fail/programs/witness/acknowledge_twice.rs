//! One Close of the peer's is answered once (RFC 6455 5.5.1).

use given::given;
use wsproto::*;

pub fn main() {
    let open: Open<Server> = given();
    let mut outbox: Outbox = given();
    let other: Open<Server> = given();
    let close: PeerClose = given();
    let first = open.acknowledge(close, &mut outbox);
    #[cfg(refused)] // E0382
    let second = other.acknowledge(close, &mut outbox);
    #[cfg(allowed)]
    let second = other.eof();
    assert!(!first.is_clean() && !second.is_clean());
}
