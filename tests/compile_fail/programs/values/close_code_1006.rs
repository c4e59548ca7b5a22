//! 1006 does not stand in a Close frame: it is what an observer is told where no Close came (RFC 6455 7.4).

use wsproto::*;

pub fn main() {
    #[cfg(refused)] // E0080
    let code = CloseCode::literal::<1006>();
    #[cfg(allowed)]
    let code = CloseCode::literal::<1007>();
    assert_eq!(code.get(), 1007);
}
