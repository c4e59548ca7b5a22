//! A request that arrived as bytes is answered by bytes, which have to go somewhere.

use wsproto::*;

pub fn main() {
    let _ = answer;
}

fn answer(requested: Requested, acceptance: Acceptance, outbox: &mut Outbox) {
    #[cfg(refused)] // E0061
    let answered = requested.accept(acceptance);
    #[cfg(allowed)]
    let answered = requested.accept(acceptance, outbox);
    let _ = answered;
}
