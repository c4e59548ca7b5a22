//! A text that was looked at may be too long.

use given::given;
use wsproto::*;

pub fn main() {
    let open: Open<Server> = given();
    let mut outbox: Outbox = given();
    let text = "bye";
    #[cfg(refused)] // E0308
    let closing = open.close(CloseCode::NORMAL, text.try_into(), &mut outbox);
    #[cfg(allowed)]
    let closing = open.close(CloseCode::NORMAL, text.try_into().unwrap(), &mut outbox);
    let _ = closing.eof();
}
