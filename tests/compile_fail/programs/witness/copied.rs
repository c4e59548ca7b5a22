//! The peer's Close is not copied.

use given::given;
use wsproto::*;

pub fn main() {
    let close: PeerClose = given();
    let reason = close.reason().to_owned();
    let first = close;
    #[cfg(refused)] // E0382
    let second = close;
    #[cfg(allowed)]
    let second = reason;
    drop((first, second));
}
