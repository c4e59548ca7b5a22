//! The end says what to do with the transport.
#![deny(unused_must_use)]

use given::given;
use wsproto::*;

pub fn main() {
    let open: Open<Server> = given();
    #[cfg(refused)] // unused_must_use
    open.eof();
    #[cfg(allowed)]
    let _ = open.eof().shutdown();
}
