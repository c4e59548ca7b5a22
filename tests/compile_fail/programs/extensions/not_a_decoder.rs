//! A decoder decodes.

use wsproto::*;

struct Mine;

impl Extension for Mine {
    const RSV: Rsv = Rsv::RSV1;
    type Encoder = ();
    #[cfg(refused)] // E0277
    type Decoder = Mine;
    #[cfg(allowed)]
    type Decoder = ();

    fn split(self) -> ((), Self::Decoder) {
        panic!()
    }
}

pub fn main() {}
