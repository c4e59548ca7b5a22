//! What was split is in its halves.

use given::given;
use wsproto::*;

pub fn main() {
    let open: Open<Server> = given();
    let (sender, _receiver) = open.split();
    #[cfg(refused)] // E0382
    let closed = open.eof();
    #[cfg(allowed)]
    let closed = sender.eof();
    assert!(!closed.is_clean());
}
