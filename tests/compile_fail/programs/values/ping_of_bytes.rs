//! The payload of a Ping is not just bytes: it has a length to look at.

use given::given;
use wsproto::*;

pub fn main() {
    let mut open: Open<Server> = given();
    let mut outbox: Outbox = given();
    #[cfg(refused)] // E0308
    open.ping(b"payload", &mut outbox);
    #[cfg(allowed)]
    open.ping(ControlPayload::literal(b"payload"), &mut outbox);
}
