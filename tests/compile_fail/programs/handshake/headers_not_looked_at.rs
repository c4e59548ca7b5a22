//! Headers are looked at before they are sent.

use wsproto::*;

pub fn main() {
    #[cfg(refused)] // E0308
    let acceptance = Acceptance::default().headers("Server: mine\r\n");
    #[cfg(allowed)]
    let acceptance = Acceptance::default().headers(ExtraHeaders::new());
    drop(acceptance);
}
