//! A refusal whose bytes are somebody else's is not written piece by piece.

use wsproto::*;

pub fn main() {
    let _ = refuse;
}

fn refuse(requested: Requested<Http>, headers: &ExtraHeaders, outbox: &mut Outbox) {
    #[cfg(refused)] // E0599
    let refused = requested.start_reject(RejectStatus::NOT_FOUND, headers, outbox);
    #[cfg(allowed)]
    let refused = requested.reject(RejectStatus::NOT_FOUND, headers, "body");
    let _ = refused;
}
