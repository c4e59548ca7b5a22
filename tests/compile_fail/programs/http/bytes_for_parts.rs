//! Bytes of HTTP/1 cannot be written for a request whose bytes are somebody else's.

use wsproto::*;

pub fn main() {
    let _ = answer;
}

fn answer(requested: Requested<Http>, acceptance: Acceptance, outbox: &mut Outbox) {
    #[cfg(refused)] // E0061
    let answered = requested.accept(acceptance, outbox);
    #[cfg(allowed)]
    let answered = requested.accept(acceptance);
    let _ = answered;
}
