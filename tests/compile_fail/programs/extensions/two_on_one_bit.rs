//! Two extensions do not own the same reserved bit (RFC 6455 9).

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
    #[cfg(refused)] // E0080
    let open = Open::<Server, _>::after_upgrade((Mine, Mine), given());
    #[cfg(allowed)]
    let open = Open::<Server, _>::after_upgrade((Mine, Other), given());
    let _ = open.eof();
}
