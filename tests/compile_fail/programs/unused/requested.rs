//! A request is answered.
#![deny(unused_must_use)]

use given::given;
use wsproto::*;

pub fn main() {
    #[cfg(refused)] // unused_must_use
    given::<Requested>();
    #[cfg(allowed)]
    let _ = given::<Requested>();
}
