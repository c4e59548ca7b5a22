//! An event does not leave the scope of its inbox.

use given::given;
use wsproto::*;

fn receive<'e>(open: &mut Open<Client>, lent: &'e mut Inbox) -> Option<Event<'e>> {
    let mut local: Inbox = given();
    #[cfg(refused)] // E0515
    return open.receive(&mut local, &mut given()).ok()?;
    #[cfg(allowed)]
    return open.receive(lent, &mut given()).ok()?;
}

pub fn main() {
    drop(receive(&mut given(), &mut given()));
}
