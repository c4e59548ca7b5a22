//! What is no proposal is not proposed.

use given::given;
use wsproto::*;

pub fn main() {
    let requested: Requested = given();
    #[cfg(refused)] // E0277
    let open = requested.accept_with("permessage-deflate", given(), &mut given());
    #[cfg(allowed)]
    let open = requested.accept_with((), given(), &mut given());
    let _ = open.eof();
}
