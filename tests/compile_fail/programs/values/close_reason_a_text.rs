//! A reason is not just a text: it has a length to look at.

use given::given;
use wsproto::*;

pub fn main() {
    let open: Open<Server> = given();
    let mut outbox: Outbox = given();
    #[cfg(refused)] // E0308
    let closing = open.close(CloseCode::NORMAL, "bye", &mut outbox);
    #[cfg(allowed)]
    let closing = open.close(CloseCode::NORMAL, CloseReason::from_static("bye"), &mut outbox);
    let _ = closing.eof();
}
