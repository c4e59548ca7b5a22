//! The list of errors of a handshake may grow.

use given::given;
use wsproto::*;

pub fn main() {
    let error = given::<Handshaking<Server>>().eof();
    #[cfg(refused)] // E0004
    match error { HandshakeError::EarlyEof => {} }
    #[cfg(allowed)]
    match error { HandshakeError::EarlyEof => {} _ => panic!() }
}
