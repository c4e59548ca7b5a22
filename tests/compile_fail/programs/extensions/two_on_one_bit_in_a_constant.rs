//! The set of their bits is a constant.

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
    #[cfg(refused)] // E0080
    const BITS: Rsv = <(Mine, Mine) as Extension>::RSV;
    #[cfg(allowed)]
    const BITS: Rsv = <(Mine, ()) as Extension>::RSV;
    assert_eq!(BITS, Rsv::RSV1);
}
