//! One that may be declined was asked about before it counts as agreed.

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
    let open = Open::<Server, _>::after_upgrade(Some(Mine), given());
    #[cfg(refused)] // E0308
    let kept: Open<Server, Mine> = open;
    #[cfg(allowed)]
    let kept: Open<Server, Option<Mine>> = open;
    let _ = kept.eof();
}
