//! A half that receives is of use.
#![deny(unused_must_use)]

use given::given;
use wsproto::*;

pub fn main() {
    #[cfg(refused)] // unused_must_use
    given::<Receiver<Server>>();
    #[cfg(allowed)]
    let _ = given::<Receiver<Server>>();
}
