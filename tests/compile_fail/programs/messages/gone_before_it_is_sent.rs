//! A message that is sent from where it lies stays there until it is sent.

use given::given;
use wsproto::*;

pub fn main() {
    let mut open: Open<Server> = given();
    let mut outbox: Outbox = given();
    let message = String::from("text");
    let unsent = open.send_text_in_place(&message, &mut outbox);
    #[cfg(refused)] // E0505
    drop((message, unsent));
    #[cfg(allowed)]
    drop((unsent, message.len()));
}
