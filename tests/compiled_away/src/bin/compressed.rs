//! A server that agrees to compression: so that `run` can see that it sees what it looks for.

use std::hint::black_box;
use std::process::exit;

use wsproto::{
    Acceptance, DeflateOffer, Event, Handshaking, Inbox, Limits, Outbox, Server, ServerProgress,
};

fn main() {
    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    inbox.extend(black_box(b"GET / HTTP/1.1\r\n\r\n"));
    match Handshaking::<Server>::new(Limits::default()).receive(&mut inbox) {
        Ok(ServerProgress::Requested(requested)) => {
            let offer = DeflateOffer::default();
            let mut open = requested.accept_with(offer, Acceptance::default(), &mut outbox);
            if let Ok(Some(Event::Text(text))) = open.receive(&mut inbox, &mut outbox) {
                open.send_text(&text, &mut outbox);
            }
        }
        _ => exit(1),
    }
}
