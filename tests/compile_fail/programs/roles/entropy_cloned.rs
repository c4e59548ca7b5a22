//! A seed cannot be cloned.

use given::given;
use wsproto::*;

pub fn main() {
    let entropy: Entropy = given();
    #[cfg(refused)] // E0599
    let second = entropy.clone();
    #[cfg(allowed)]
    let second = Entropy::from([8; 32]);
    drop((entropy, second));
}
