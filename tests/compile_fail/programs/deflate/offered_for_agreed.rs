//! What is offered is not what was agreed.

use given::given;
use wsproto::*;

pub fn main() {
    #[cfg(refused)] // E0277
    let open = Open::<Server, _>::after_upgrade(DeflateOffer::default(), given());
    #[cfg(allowed)]
    let open = Open::<Server, _>::after_upgrade((), given());
    drop(open);
}
