//! What was agreed is not made up.

use wsproto::*;

pub fn main() {
    #[cfg(refused)] // E0599
    let deflate = Deflate::default();
    #[cfg(allowed)]
    let deflate = DeflateOffer::default();
    drop(deflate);
}
