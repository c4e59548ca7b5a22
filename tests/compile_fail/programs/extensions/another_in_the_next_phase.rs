//! A transition keeps the extension.

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
    let open = Open::<Server, _>::after_upgrade(Mine, given());
    #[cfg(refused)] // E0308
    let closing: Closing<Server> = open.close_without_code(&mut given());
    #[cfg(allowed)]
    let closing: Closing<Server, Mine> = open.close_without_code(&mut given());
    let _ = closing.eof();
}
