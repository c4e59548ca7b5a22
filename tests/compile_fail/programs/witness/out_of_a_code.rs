//! The peer's Close is not made of a code.

use wsproto::*;

pub fn main() {
    #[cfg(refused)] // E0308
    let close = PeerClose::from(CloseCode::NORMAL);
    #[cfg(allowed)]
    let close = CloseStatus::from(CloseCode::NORMAL);
    let _ = close;
}
