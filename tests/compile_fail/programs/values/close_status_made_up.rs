//! What an observer is told is made by the connection.

use wsproto::*;

pub fn main() {
    #[cfg(refused)] // E0423
    let told = CloseStatus(1004);
    #[cfg(allowed)]
    let told = CloseStatus::NONE;
    assert_eq!(told.get(), 1005);
}
