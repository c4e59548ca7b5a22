//! 999 does not stand in a Close frame: it is not used (RFC 6455 7.4).

use wsproto::*;

pub fn main() {
    #[cfg(refused)] // E0080
    let code = CloseCode::literal::<999>();
    #[cfg(allowed)]
    let code = CloseCode::literal::<1000>();
    assert_eq!(code.get(), 1000);
}
