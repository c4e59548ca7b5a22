//! The list of violations may grow.

use given::given;
use wsproto::*;

pub fn main() {
    let violation: Violation = given();
    #[cfg(refused)] // E0004
    match violation { Violation::Masked => {} }
    #[cfg(allowed)]
    match violation { Violation::Masked => {} _ => panic!() }
}
