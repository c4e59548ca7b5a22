//! Connections of one list have the same extension.

use given::given;
use wsproto::*;

/// It owns RSV1.
struct Mine;

impl Extension for Mine {
    const RSV: Rsv = Rsv::RSV1;
    type Encoder = ();
    type Decoder = ();

    fn split(self) -> ((), ()) {
        ((), ())
    }
}

pub fn main() {
    let with = Open::<Server, _>::after_upgrade(Mine, given());
    let without = Open::<Server, _>::after_upgrade((), given());
    #[cfg(refused)] // E0308
    let list = vec![with, without];
    #[cfg(allowed)]
    let list = vec![with];
    assert_eq!(list.len(), 1);
}
