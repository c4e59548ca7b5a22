//! A code is not just a number.

use given::given;
use wsproto::*;

pub fn main() {
    let open: Open<Server> = given();
    let mut outbox: Outbox = given();
    #[cfg(refused)] // E0308
    let closing = open.close(1000, CloseReason::default(), &mut outbox);
    #[cfg(allowed)]
    let closing = open.close(CloseCode::NORMAL, CloseReason::default(), &mut outbox);
    let _ = closing.eof();
}
