//! An encoder encodes.

use wsproto::*;

struct Mine;

impl Extension for Mine {
    const RSV: Rsv = Rsv::RSV1;
    #[cfg(refused)] // E0277
    type Encoder = Mine;
    #[cfg(allowed)]
    type Encoder = ();
    type Decoder = ();

    fn split(self) -> (Self::Encoder, ()) {
        panic!()
    }
}

pub fn main() {}
