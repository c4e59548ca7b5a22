//! 5000 does not stand in a Close frame: it is above those of applications (RFC 6455 7.4).

use wsproto::*;

pub fn main() {
    #[cfg(refused)] // E0080
    let code = CloseCode::literal::<5000>();
    #[cfg(allowed)]
    let code = CloseCode::literal::<4999>();
    assert_eq!(code.get(), 4999);
}
