//! What is owed is not owed twice.

use given::given;
use wsproto::*;

pub fn main() {
    let owed: OwedPong = given();
    #[cfg(refused)] // E0599
    let again = owed.clone();
    #[cfg(allowed)]
    let again = owed;
    assert!(again.payload().is_empty());
}
