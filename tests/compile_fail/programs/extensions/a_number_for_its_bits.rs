//! An extension's bits are not just a number.

use wsproto::*;

struct Mine;

impl Extension for Mine {
    #[cfg(refused)] // E0308
    const RSV: Rsv = 0x40;
    #[cfg(allowed)]
    const RSV: Rsv = Rsv::RSV1;
    type Encoder = ();
    type Decoder = ();

    fn split(self) -> ((), ()) {
        ((), ())
    }
}

pub fn main() {}
