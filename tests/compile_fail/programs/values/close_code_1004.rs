//! 1004 does not stand in a Close frame: it is reserved (RFC 6455 7.4).

use wsproto::*;

pub fn main() {
    #[cfg(refused)] // E0080
    let code = CloseCode::literal::<1004>();
    #[cfg(allowed)]
    let code = CloseCode::literal::<1003>();
    assert_eq!(code.get(), 1003);
}
