//! The list of violations may grow.

use given::given;
use wsproto::*;

/// All that there are today.
macro_rules! known {
    () => {
        Violation::ReservedOpcode { .. }
            | Violation::ReservedBit { .. }
            | Violation::Unmasked { .. }
            | Violation::Masked { .. }
            | Violation::FragmentedControl { .. }
            | Violation::OversizedControl { .. }
            | Violation::NonMinimalLength { .. }
            | Violation::LengthTopBit { .. }
            | Violation::UnexpectedContinuation { .. }
            | Violation::UnfinishedMessage { .. }
            | Violation::InvalidUtf8 { .. }
            | Violation::TruncatedCloseCode { .. }
            | Violation::ReservedCloseCode { .. }
            | Violation::InvalidCloseReason { .. }
            | Violation::MessageTooBig { .. }
            | Violation::FrameTooBig { .. }
            | Violation::TooManyWireBytes { .. }
            | Violation::TooManyFragments { .. }
            | Violation::InvalidCoding { .. }
    };
}

pub fn main() {
    let violation: Violation = given();
    #[cfg(refused)] // E0004
    match violation { known!() => {} }
    #[cfg(allowed)]
    match violation { known!() => {} _ => {} }
}
