//! A server does not stand where a client does.

use given::given;
use wsproto::*;

pub fn main() {
    let open: Open<Server> = given();
    #[cfg(refused)] // E0308
    let client: Open<Client> = open;
    #[cfg(allowed)]
    let client: Open<Server> = open;
    let _ = client.eof();
}
