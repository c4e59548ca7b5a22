//! A seed has 32 bytes.

use wsproto::*;

pub fn main() {
    #[cfg(refused)] // E0277
    let entropy = Entropy::from([7; 16]);
    #[cfg(allowed)]
    let entropy = Entropy::from([7; 32]);
    drop(entropy);
}
