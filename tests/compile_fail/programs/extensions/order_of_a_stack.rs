//! `A` and then `B` is not `B` and then `A` (RFC 6455 9.1).

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

/// It owns RSV2.
struct Other;

impl Extension for Other {
    const RSV: Rsv = Rsv::RSV2;
    type Encoder = ();
    type Decoder = ();

    fn split(self) -> ((), ()) {
        ((), ())
    }
}

pub fn main() {
    let open = Open::<Server, _>::after_upgrade((Mine, Other), given());
    #[cfg(refused)] // E0308
    let kept: Open<Server, (Other, Mine)> = open;
    #[cfg(allowed)]
    let kept: Open<Server, (Mine, Other)> = open;
    let _ = kept.eof();
}
