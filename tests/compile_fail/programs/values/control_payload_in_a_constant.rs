//! A payload of a constant is looked at as well.

use wsproto::*;

pub fn main() {
    #[cfg(refused)] // E0080
    let beat = const { ControlPayload::literal(&[0; 126]) };
    #[cfg(allowed)]
    let beat = const { ControlPayload::literal(&[0; 125]) };
    assert_eq!(beat.len(), 125);
}
