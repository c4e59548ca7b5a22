//! The payload of a Pong is not just bytes: it has a length to look at.

use given::given;
use wsproto::*;

pub fn main() {
    let mut open: Open<Server> = given();
    let mut outbox: Outbox = given();
    #[cfg(refused)] // E0308
    open.pong(b"payload", &mut outbox);
    #[cfg(allowed)]
    open.pong(ControlPayload::literal(b"payload"), &mut outbox);
}
