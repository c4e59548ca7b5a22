//! 204 does not refuse a handshake.

use wsproto::*;

pub fn main() {
    #[cfg(refused)] // E0080
    let status = RejectStatus::literal::<204>();
    #[cfg(allowed)]
    let status = RejectStatus::literal::<404>();
    assert_eq!(status.get(), 404);
}
