//! How a server ends is not how a client does (RFC 6455 7.1.1).

use given::given;
use wsproto::*;

pub fn main() {
    let open: Open<Server> = given();
    #[cfg(refused)] // E0308
    let closed: Closed<Client> = open.eof();
    #[cfg(allowed)]
    let closed: Closed<Server> = open.eof();
    let _ = closed.shutdown();
}
