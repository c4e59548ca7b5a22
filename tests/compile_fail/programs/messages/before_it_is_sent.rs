//! A message that is sent from where it lies is written, or left to the outbox, before the next.

use given::given;
use wsproto::*;

pub fn main() {
    let mut open: Open<Server> = given();
    let (mut outbox, mut another): (Outbox, Outbox) = (given(), given());
    let unsent = open.send_text_in_place("text", &mut outbox);
    #[cfg(refused)] // E0499
    open.send_text("text", &mut outbox);
    #[cfg(allowed)]
    open.send_text("text", &mut another);
    drop((unsent, another));
}
