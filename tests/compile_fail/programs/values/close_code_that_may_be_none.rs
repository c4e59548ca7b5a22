//! A number that was looked at may be no code.

use given::given;
use wsproto::*;

pub fn main() {
    let open: Open<Server> = given();
    let mut outbox: Outbox = given();
    let number = 4001;
    #[cfg(refused)] // E0308
    let closing = open.close(CloseCode::new(number), CloseReason::default(), &mut outbox);
    #[cfg(allowed)]
    let closing = open.close(CloseCode::new(number).unwrap(), CloseReason::default(), &mut outbox);
    let _ = closing.eof();
}
