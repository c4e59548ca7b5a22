//! A control frame has at most 125 bytes of payload (RFC 6455 5.5).

use given::given;
use wsproto::*;

pub fn main() {
    let mut open: Open<Server> = given();
    let mut outbox: Outbox = given();
    #[cfg(refused)] // E0080
    open.ping(ControlPayload::literal(&[0; 126]), &mut outbox);
    #[cfg(allowed)]
    open.ping(ControlPayload::literal(&[0; 125]), &mut outbox);
}
