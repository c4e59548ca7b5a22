//! The bits of a window are 8 to 15, and not just a number (RFC 7692 7.1.2).

use wsproto::*;

pub fn main() {
    let bits = WindowBits::new(9).unwrap();
    #[cfg(refused)] // E0308
    let offer = DeflateOffer::default().server_max_window_bits(7);
    #[cfg(allowed)]
    let offer = DeflateOffer::default().server_max_window_bits(bits);
    drop(offer);
}
