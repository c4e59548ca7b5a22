//! Whoever answers by bytes cannot be given a request whose bytes are somebody else's.

use wsproto::*;

pub fn main() {
    let _ = pass;
}

fn pass(here: Requested, elsewhere: Requested<Http>, outbox: &mut Outbox) {
    #[cfg(refused)] // E0308
    answer(elsewhere, outbox);
    #[cfg(allowed)]
    answer(here, outbox);
}

fn answer(requested: Requested, outbox: &mut Outbox) {
    let _ = requested.accept(Acceptance::default(), outbox);
}
