//! The closing handshake does not end before the peer's Close (RFC 6455 7.1.4).

use given::given;
use wsproto::*;

pub fn main() {
    let closing: Closing<Server> = given();
    let close: PeerClose = given();
    #[cfg(refused)] // E0061
    let closed = closing.finish();
    #[cfg(allowed)]
    let closed = closing.finish(close);
    assert_eq!(closed.initiator(), Some(Side::Us));
}
