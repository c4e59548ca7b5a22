//! One Close of the peer's ends one closing handshake.

use given::given;
use wsproto::*;

pub fn main() {
    let closing: Closing<Server> = given();
    let other: Closing<Server> = given();
    let close: PeerClose = given();
    let first = closing.finish(close);
    #[cfg(refused)] // E0382
    let second = other.finish(close);
    #[cfg(allowed)]
    let second = other.eof();
    drop((first, second));
}
