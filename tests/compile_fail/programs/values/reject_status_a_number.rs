//! A status that refuses is not just a number.

use given::given;
use wsproto::*;

pub fn main() {
    let requested: Requested = given();
    let mut outbox: Outbox = given();
    #[cfg(refused)] // E0308
    let rejected = requested.reject(404, &given(), b"", &mut outbox);
    #[cfg(allowed)]
    let rejected = requested.reject(RejectStatus::NOT_FOUND, &given(), b"", &mut outbox);
    let _ = rejected.shutdown();
}
