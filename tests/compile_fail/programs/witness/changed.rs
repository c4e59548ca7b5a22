//! What the peer said stays as it was.

use given::given;
use wsproto::*;

pub fn main() {
    let close: PeerClose = given();
    #[cfg(refused)] // E0616
    let said = &mut close.status;
    #[cfg(allowed)]
    let said = close.code();
    let _ = said;
}
