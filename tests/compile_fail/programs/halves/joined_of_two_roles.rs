//! Halves of a client and a server are no connection.

use given::given;
use wsproto::*;

pub fn main() {
    let sender: Sender<Server> = given();
    #[cfg(refused)] // E0308
    let open = Open::join(sender, given::<Receiver<Client>>());
    #[cfg(allowed)]
    let open = Open::join(sender, given::<Receiver<Server>>());
    let _ = open.eof();
}
