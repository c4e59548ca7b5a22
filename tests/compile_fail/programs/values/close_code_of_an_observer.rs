//! What an observer is told may be 1005 or 1006, which nobody sends.

use given::given;
use wsproto::*;

pub fn main() {
    let open: Open<Server> = given();
    let mut outbox: Outbox = given();
    let told = CloseStatus::from(CloseCode::NORMAL);
    #[cfg(refused)] // E0308
    let closing = open.close(told, CloseReason::default(), &mut outbox);
    #[cfg(allowed)]
    let closing = open.close(told.code().unwrap(), CloseReason::default(), &mut outbox);
    let _ = closing.eof();
}
