//! Where one kind of connection is kept, another is not.

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

struct Kept {
    open: Open<Server, Mine>,
}

pub fn main() {
    #[cfg(refused)] // E0308
    let kept = Kept { open: Open::<Server, _>::after_upgrade(Some(Mine), given()) };
    #[cfg(allowed)]
    let kept = Kept { open: Open::<Server, _>::after_upgrade(Mine, given()) };
    let _ = kept.open.eof();
}
