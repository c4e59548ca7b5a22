//! A payload that was looked at may be too long.

use given::given;
use wsproto::*;

pub fn main() {
    let mut open: Open<Server> = given();
    let mut outbox: Outbox = given();
    let bytes = b"payload";
    #[cfg(refused)] // E0308
    open.ping(bytes.try_into(), &mut outbox);
    #[cfg(allowed)]
    open.ping(bytes.try_into().unwrap(), &mut outbox);
}
