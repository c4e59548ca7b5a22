//! 600 does not refuse a handshake.

use wsproto::*;

pub fn main() {
    #[cfg(refused)] // E0080
    let status = RejectStatus::literal::<600>();
    #[cfg(allowed)]
    let status = RejectStatus::literal::<599>();
    assert_eq!(status.get(), 599);
}
