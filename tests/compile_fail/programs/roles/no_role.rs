//! Nobody is neither.

use given::given;
use wsproto::*;

pub fn main() {
    #[cfg(refused)] // E0034
    let open = Open::after_upgrade((), given());
    #[cfg(allowed)]
    let open = Open::<Server>::after_upgrade((), given());
    let _ = open.eof();
}
