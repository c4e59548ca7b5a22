//! What is agreed is not a proposal.

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
    let requested: Requested = given();
    #[cfg(refused)] // E0277
    let open = requested.accept_with(Mine, given(), &mut given());
    #[cfg(allowed)]
    let open = requested.accept_with((), given(), &mut given());
    let _ = open.eof();
}
