//! An answer is to a Ping.

use given::given;
use wsproto::*;

pub fn main() {
    let mut sender: Sender<Server> = given();
    let mut outbox: Outbox = given();
    let payload = ControlPayload::default();
    #[cfg(refused)] // E0308
    sender.answer(payload, &mut outbox);
    #[cfg(allowed)]
    sender.pong(payload, &mut outbox);
    let _ = sender.eof();
}
