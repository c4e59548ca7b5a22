//! 1016 does not stand in a Close frame: it is not assigned (RFC 6455 7.4).

use wsproto::*;

pub fn main() {
    #[cfg(refused)] // E0080
    let code = CloseCode::literal::<1016>();
    #[cfg(allowed)]
    let code = CloseCode::literal::<1014>();
    assert_eq!(code.get(), 1014);
}
