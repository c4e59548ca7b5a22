//! Two connections do not share their masking keys (RFC 6455 10.3).

use given::given;
use wsproto::*;

pub fn main() {
    let client: Open<Client> = given();
    #[cfg(refused)] // E0599
    let second = client.clone();
    #[cfg(allowed)]
    let second = client;
    let _ = second.eof();
}
