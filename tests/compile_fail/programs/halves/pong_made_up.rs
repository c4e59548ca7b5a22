//! What is owed, a Ping has asked for.

use given::given;
use wsproto::*;

pub fn main() {
    let heard: OwedPong = given();
    #[cfg(refused)] // E0451
    let owed = OwedPong { payload: ControlPayload::default(), limit: 1 };
    #[cfg(allowed)]
    let owed = heard;
    drop(owed);
}
