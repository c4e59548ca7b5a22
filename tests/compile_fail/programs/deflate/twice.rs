//! permessage-deflate owns RSV1, and so it is used once (RFC 7692 6).

use given::given;
use wsproto::*;

pub fn main() {
    let requested: Requested = given();
    let offer = DeflateOffer::default();
    #[cfg(refused)] // E0080
    let open = requested.accept_with((offer.clone(), offer), given(), &mut given());
    #[cfg(allowed)]
    let open = requested.accept_with((offer.clone(), ()), given(), &mut given());
    let _ = open.eof();
}
