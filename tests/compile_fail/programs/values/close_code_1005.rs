//! 1005 does not stand in a Close frame: it is what an observer is told where a Close has no code (RFC 6455 7.4).

use wsproto::*;

pub fn main() {
    #[cfg(refused)] // E0080
    let code = CloseCode::literal::<1005>();
    #[cfg(allowed)]
    let code = CloseCode::literal::<1003>();
    assert_eq!(code.get(), 1003);
}
