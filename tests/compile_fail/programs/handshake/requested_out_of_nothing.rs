//! A request is received, and not made up.

use given::given;
use wsproto::*;

pub fn main() {
    let requested: Requested = given();
    #[cfg(refused)] // E0451
    let requested = Requested { ..requested };
    #[cfg(allowed)]
    let requested = requested;
    let _ = requested.target();
}
