//! A client sends nothing before its server's answer is confirmed (RFC 6455 4.1).

use wsproto::*;

pub fn main() {
    let _ = send;
}

fn send(mut asked: Requesting, mut open: Open<Client>, outbox: &mut Outbox) {
    #[cfg(refused)] // E0599
    asked.send_text("too early", outbox);
    #[cfg(allowed)]
    open.send_text("in time", outbox);
    let _ = (&mut asked, &mut open);
}
