//! A refusal that was started is finished.
#![deny(unused_must_use)]

use given::given;
use wsproto::*;

pub fn main() {
    let requested: Requested = given();
    #[cfg(refused)] // unused_must_use
    requested.start_reject(RejectStatus::NOT_FOUND, &given(), &mut given());
    #[cfg(allowed)]
    let _ = requested.start_reject(RejectStatus::NOT_FOUND, &given(), &mut given());
}
