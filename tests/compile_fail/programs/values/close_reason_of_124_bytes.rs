//! A reason has at most 123 bytes (RFC 6455 5.5).

use wsproto::*;

pub fn main() {
    const LONG: &str = "1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234";
    #[cfg(refused)] // E0080
    const REASON: CloseReason = CloseReason::from_static(LONG);
    #[cfg(allowed)]
    const REASON: CloseReason = CloseReason::from_static(LONG.split_at(123).0);
    assert_eq!(REASON.len(), 123);
}
