//! Halves of which one has said Close are not open.

use given::given;
use wsproto::*;

pub fn main() {
    let sender: Sender<Server> = given();
    let sender = sender.close_without_code(&mut given());
    #[cfg(refused)] // E0308
    let open = Open::join(sender, given::<Receiver<Server>>());
    #[cfg(allowed)]
    let open = Closing::join(sender, given::<Receiver<Server>>());
    let _ = open.eof();
}
