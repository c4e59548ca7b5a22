//! Both ends shake hands, talk and close, with nothing from outside.

use wsproto::{
    Acceptance, Client, ClientProgress, CloseCode, CloseReason, Event, Handshaking, Inbox, Limits,
    Outbox, Request, Server, ServerProgress,
};

/// Gives the number of bytes that the server heard, or less than nothing.
#[unsafe(no_mangle)]
pub extern "C" fn converse(seed: u8) -> i32 {
    converse_with(seed).map_or(-1, |heard| heard as i32)
}

fn converse_with(seed: u8) -> Option<usize> {
    let (mut client_in, mut client_out) = (Inbox::new(), Outbox::new());
    let (mut server_in, mut server_out) = (Inbox::new(), Outbox::new());
    let limits = Limits::default();
    let request = Request::new("example.com", "/").ok()?;
    #[cfg(feature = "deflate")]
    let proposal = || wsproto::DeflateOffer::default().threshold(0);
    #[cfg(not(feature = "deflate"))]
    let proposal = || ();
    let client = Handshaking::<Client, _>::propose(
        &request,
        proposal(),
        limits,
        [seed; 32],
        &mut client_out,
    );
    server_in.extend(&client_out.bytes_to_send(None));
    let server = Handshaking::<Server>::new(limits);
    let Ok(ServerProgress::Requested(requested)) = server.receive(&mut server_in) else {
        return None;
    };
    let mut server = requested.accept_with(proposal(), Acceptance::default(), &mut server_out);
    client_in.extend(&server_out.bytes_to_send(None));
    let Ok(ClientProgress::Open(accepted)) = client.receive(&mut client_in) else {
        return None;
    };
    let mut client = accepted.open;
    client.send_text("hello", &mut client_out);
    let closing = client.close(CloseCode::NORMAL, CloseReason::default(), &mut client_out);
    server_in.extend(&client_out.bytes_to_send(None));
    let mut heard = 0;
    loop {
        match server.receive(&mut server_in, &mut server_out) {
            Ok(Some(Event::Text(text))) => heard += text.len(),
            Ok(Some(Event::Close(close))) => {
                let closed = server.acknowledge(close, &mut server_out);
                drop(closing);
                return closed.is_clean().then_some(heard);
            }
            _ => return None,
        }
    }
}
