//! Halves that have agreed to different extensions are no connection.

use given::given;
use wsproto::*;

pub fn main() {
    let sender: Sender<Server> = given();
    let other: Open<Server, Option<()>> = given();
    #[cfg(refused)] // E0308
    let open = Open::join(sender, other.split().1);
    #[cfg(allowed)]
    let open = Open::join(other.split().0, given::<Open<Server, Option<()>>>().split().1);
    let _ = open.eof();
}
