//! A role is a type, and there is no value of it.

use wsproto::*;

pub fn main() {
    #[cfg(refused)] // E0423
    let role = Server;
    #[cfg(allowed)]
    let role = None::<Server>;
    assert!(role.is_none());
}
