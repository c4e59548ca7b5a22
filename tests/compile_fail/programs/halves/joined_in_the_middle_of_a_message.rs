//! Halves in the middle of a message are not open.

use given::given;
use wsproto::*;

pub fn main() {
    let sender: Sender<Server> = given();
    #[cfg(refused)] // E0308
    let open = Open::join(sender.start_text(), given::<Receiver<Server>>());
    #[cfg(allowed)]
    let open = Streaming::join(sender.start_text(), given::<Receiver<Server>>());
    let _ = open.eof();
}
