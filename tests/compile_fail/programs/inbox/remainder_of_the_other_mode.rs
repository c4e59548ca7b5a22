//! What an inbox of chunks left over is for one of chunks.

use wsproto::*;

pub fn main() {
    let mut inbox = Inbox::chunks();
    let mut other = Inbox::new();
    inbox.extend(b"\x81");
    let remainder = inbox.detach().unwrap();
    #[cfg(refused)] // E0308
    other.attach(remainder);
    #[cfg(allowed)]
    inbox.attach(remainder);
    drop((inbox, other));
}
