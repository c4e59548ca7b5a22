//! A client masks (RFC 6455 5.1).

use given::given;
use wsproto::*;

pub fn main() {
    #[cfg(refused)] // E0061
    let open = Open::<Client>::after_upgrade((), given());
    #[cfg(allowed)]
    let open = Open::<Client>::after_upgrade((), given(), [7; 32]);
    let _ = open.eof();
}
