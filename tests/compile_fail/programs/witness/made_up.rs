//! The peer's Close is not made up.

use given::given;
use wsproto::*;

pub fn main() {
    let heard: PeerClose = given();
    #[cfg(refused)] // E0451
    let close = PeerClose { status: heard.code(), reason: CloseReason::default() };
    #[cfg(allowed)]
    let close = (heard.code(), CloseReason::default());
    drop(close);
}
