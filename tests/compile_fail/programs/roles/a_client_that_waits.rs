//! A client does not wait for a request.

use given::given;
use wsproto::*;

pub fn main() {
    #[cfg(refused)] // E0599
    let handshaking = Handshaking::<Client>::new(given());
    #[cfg(allowed)]
    let handshaking = Handshaking::<Server>::new(given());
    let _ = handshaking.eof();
}
