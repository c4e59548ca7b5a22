//! The peer's Close is answered.
#![deny(unused_must_use)]

use given::given;
use wsproto::*;

pub fn main() {
    #[cfg(refused)] // unused_must_use
    given::<PeerClose>();
    #[cfg(allowed)]
    let _ = given::<PeerClose>();
}
