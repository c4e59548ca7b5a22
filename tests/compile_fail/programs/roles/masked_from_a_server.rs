//! A server does not mask (RFC 6455 5.1).

use given::given;
use wsproto::*;

pub fn main() {
    #[cfg(refused)] // E0061
    let open = Open::<Server>::after_upgrade((), given(), [7; 32]);
    #[cfg(allowed)]
    let open = Open::<Server>::after_upgrade((), given());
    let _ = open.eof();
}
