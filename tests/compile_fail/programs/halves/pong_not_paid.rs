//! What is owed is paid.
#![deny(unused_must_use)]

use given::given;
use wsproto::*;

pub fn main() {
    #[cfg(refused)] // unused_must_use
    given::<OwedPong>();
    #[cfg(allowed)]
    let _ = given::<OwedPong>();
}
