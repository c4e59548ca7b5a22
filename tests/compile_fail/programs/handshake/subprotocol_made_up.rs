//! The choice of a subprotocol is not made up.

use given::given;
use wsproto::*;

pub fn main() {
    let requested: Requested = given();
    #[cfg(refused)] // E0451
    let choice = SubprotocolChoice { index: 7 };
    #[cfg(allowed)]
    let choice = requested.choose_subprotocol(&["chat"]);
    let _ = choice;
}
