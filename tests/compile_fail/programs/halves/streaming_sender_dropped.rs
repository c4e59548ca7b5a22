//! A message of a half is finished.
#![deny(unused_must_use)]

use given::given;
use wsproto::*;

pub fn main() {
    #[cfg(refused)] // unused_must_use
    given::<Sender<Server>>().start_text();
    #[cfg(allowed)]
    let _ = given::<Sender<Server>>().start_text();
}
