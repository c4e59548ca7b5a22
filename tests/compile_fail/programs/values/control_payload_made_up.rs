//! A payload is not made of bytes that nobody looked at.

use wsproto::*;

pub fn main() {
    #[cfg(refused)] // E0451
    let payload = ControlPayload { bytes: [0; 125], len: 126 };
    #[cfg(allowed)]
    let payload = ControlPayload::literal(&[0; 125]);
    assert_eq!(payload.len(), 125);
}
