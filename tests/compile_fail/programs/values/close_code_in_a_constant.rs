//! A code of a constant is looked at as well.

use wsproto::*;

pub fn main() {
    #[cfg(refused)] // E0080
    let code = const { CloseCode::new(1006).unwrap() };
    #[cfg(allowed)]
    let code = const { CloseCode::new(4006).unwrap() };
    assert_eq!(code.get(), 4006);
}
