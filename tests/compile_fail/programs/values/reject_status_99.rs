//! 99 does not refuse a handshake.

use wsproto::*;

pub fn main() {
    #[cfg(refused)] // E0080
    let status = RejectStatus::literal::<99>();
    #[cfg(allowed)]
    let status = RejectStatus::literal::<200>();
    assert_eq!(status.get(), 200);
}
