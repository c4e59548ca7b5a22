//! 101 does not refuse a handshake.

use wsproto::*;

pub fn main() {
    #[cfg(refused)] // E0080
    let status = RejectStatus::literal::<101>();
    #[cfg(allowed)]
    let status = RejectStatus::literal::<400>();
    assert_eq!(status.get(), 400);
}
