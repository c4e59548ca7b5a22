//! A request is a server's: a client's connection does not come of it.

use given::given;
use wsproto::*;

pub fn main() {
    let requested: Requested = given();
    #[cfg(refused)] // E0308
    let open: Open<Client> = requested.accept(given(), &mut given());
    #[cfg(allowed)]
    let open: Open<Server> = requested.accept(given(), &mut given());
    let _ = open.eof();
}
