//! A connection is open when the answer says so.

use given::given;
use wsproto::*;

pub fn main() {
    let handshaking: Handshaking<Client> = given();
    #[cfg(refused)] // E0308
    let open: Open<Client> = handshaking;
    #[cfg(allowed)]
    let open: Handshaking<Client> = handshaking;
    let _ = open.eof();
}
