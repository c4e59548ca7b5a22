//! A reserved bit is not just a number.

use wsproto::*;

pub fn main() {
    #[cfg(refused)] // E0423
    let bit = Rsv(0x80);
    #[cfg(allowed)]
    let bit = Rsv::RSV1;
    assert!(!bit.is_empty());
}
