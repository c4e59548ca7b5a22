//! A half that sends says Close.
#![deny(unused_must_use)]

use given::given;
use wsproto::*;

pub fn main() {
    #[cfg(refused)] // unused_must_use
    given::<Sender<Server>>();
    #[cfg(allowed)]
    let _ = given::<Sender<Server>>();
}
