//! What is owed is paid once.

use given::given;
use wsproto::*;

pub fn main() {
    let mut sender: Sender<Server> = given();
    let mut outbox: Outbox = given();
    let owed: OwedPong = given();
    sender.answer(owed, &mut outbox);
    #[cfg(refused)] // E0382
    sender.answer(owed, &mut outbox);
    #[cfg(allowed)]
    sender.answer(given(), &mut outbox);
    let _ = sender.eof();
}
