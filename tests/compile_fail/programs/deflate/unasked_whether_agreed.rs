//! A client may not offer it: that was asked before it counts as agreed.

use given::given;
use wsproto::*;

pub fn main() {
    let requested: Requested = given();
    let offer = DeflateOffer::default();
    #[cfg(refused)] // E0308
    let open: Open<Server, Deflate> = requested.accept_with(offer, given(), &mut given());
    #[cfg(allowed)]
    let open: Open<Server, Option<Deflate>> = requested.accept_with(offer, given(), &mut given());
    let _ = open.eof();
}
