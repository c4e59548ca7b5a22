//! What is no extension was not agreed on.

use given::given;
use wsproto::*;

pub fn main() {
    #[cfg(refused)] // E0277
    let open = Open::<Server, _>::after_upgrade("permessage-deflate", given());
    #[cfg(allowed)]
    let open = Open::<Server, _>::after_upgrade((), given());
    drop(open);
}
