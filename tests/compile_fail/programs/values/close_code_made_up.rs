//! A code is not made of a number that nobody looked at.

use wsproto::*;

pub fn main() {
    #[cfg(refused)] // E0423
    let code = CloseCode(1005);
    #[cfg(allowed)]
    let code = CloseCode::new(1005);
    let _ = code;
}
