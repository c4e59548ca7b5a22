//! A subprotocol is chosen of those that the client offers (RFC 6455 4.2.2).

use given::given;
use wsproto::*;

pub fn main() {
    let requested: Requested = given();
    #[cfg(refused)] // E0308
    let acceptance = Acceptance::default().subprotocol("chat");
    #[cfg(allowed)]
    let acceptance = Acceptance::default().subprotocol(requested.choose_subprotocol(&["chat"]));
    drop(acceptance);
}
