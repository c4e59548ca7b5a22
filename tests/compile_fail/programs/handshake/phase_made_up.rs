//! A connection that nobody agreed to is not made up.

use given::given;
use wsproto::*;

pub fn main() {
    let open: Open<Server> = given();
    #[cfg(refused)] // E0451
    let open = Open { ..open };
    #[cfg(allowed)]
    let open = open;
    let _ = open.eof();
}
