//! What a half receives is borrowed from the inbox.

use given::given;
use wsproto::*;

pub fn main() {
    let mut receiver: Receiver<Client> = given();
    let mut inbox: Inbox = given();
    let event = receiver.receive(&mut inbox);
    #[cfg(refused)] // E0499
    inbox.extend(b"more");
    #[cfg(allowed)]
    let _ = receiver.has_event::<Messages>(&mut given());
    assert!(matches!(event, Ok(Some(Received::Text(_)))));
}
