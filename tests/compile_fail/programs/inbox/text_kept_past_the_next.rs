//! A text is borrowed: to keep it, own it.

use given::given;
use wsproto::*;

pub fn main() {
    let mut open: Open<Client> = given();
    let (mut inbox, mut outbox): (Inbox, Outbox) = (given(), given());
    let mut kept = Vec::new();
    #[cfg(refused)] // E0499
    while let Ok(Some(Event::Text(text))) = open.receive(&mut inbox, &mut outbox) { kept.push(text); }
    #[cfg(allowed)]
    while let Ok(Some(Event::Text(text))) = open.receive(&mut inbox, &mut outbox) { kept.push(text.into_string()); }
    assert_eq!(kept.len(), 2);
}
