//! A reason is not made of a text that nobody looked at.

use wsproto::*;

pub fn main() {
    #[cfg(refused)] // E0423
    let reason = CloseReason("bye".into());
    #[cfg(allowed)]
    let reason = CloseReason::truncated("bye");
    assert_eq!(&*reason, "bye");
}
