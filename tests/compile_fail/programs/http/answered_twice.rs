//! A request is answered once, whoever sends the answer.

use wsproto::*;

pub fn main() {
    let _ = answer;
}

fn answer(requested: Requested<Http>, other: Requested<Http>, acceptance: Acceptance) {
    let (response, open) = requested.accept(acceptance);
    #[cfg(refused)] // E0382
    let again = requested.reject(RejectStatus::NOT_FOUND, &ExtraHeaders::new(), ());
    #[cfg(allowed)]
    let again = other.reject(RejectStatus::NOT_FOUND, &ExtraHeaders::new(), ());
    let _ = (response, open, again);
}
