//! The peer's Close has no default.

use wsproto::*;

pub fn main() {
    #[cfg(refused)] // E0599
    let close = PeerClose::default();
    #[cfg(allowed)]
    let close = CloseReason::default();
    drop(close);
}
