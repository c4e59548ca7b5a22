//! What the peer sent is not thrown away.
#![deny(unused_must_use)]

use given::given;
use wsproto::*;

pub fn main() {
    let mut inbox: Inbox = given();
    #[cfg(refused)] // unused_must_use
    inbox.detach();
    #[cfg(allowed)]
    let _ = inbox.detach();
}
