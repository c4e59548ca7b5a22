//! What was left over goes on once.

use wsproto::*;

pub fn main() {
    let (mut first, mut second) = (Inbox::new(), Inbox::new());
    first.extend(b"\x81");
    let remainder = first.detach().unwrap();
    first.attach(remainder);
    #[cfg(refused)] // E0382
    second.attach(remainder);
    #[cfg(allowed)]
    second.extend(b"\x81");
    drop((first, second));
}
