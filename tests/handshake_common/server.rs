//! The server's side, up to a request and its answer.

use wsproto::{
    Acceptance, HandshakeError, Handshaking, Inbox, Limits, Outbox, Requested, Server,
    ServerProgress,
};

use super::{Edits, every_cut, head, text};

/// The request of RFC 6455 1.3, with what is required.
pub const REQUEST: [&str; 6] = [
    "GET /chat HTTP/1.1",
    "Host: server.example.com",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13",
];

/// The answer of RFC 6455 1.3, without a subprotocol.
pub const ANSWER: &str = "HTTP/1.1 101 Switching Protocols\r\n\
                      Upgrade: websocket\r\n\
                      Connection: Upgrade\r\n\
                      Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\
                      \r\n";

pub fn request(edits: Edits<'_>) -> Vec<u8> {
    head(&REQUEST, edits)
}

/// The request that arrives in `pieces`, and what is left in the inbox behind it.
pub fn receive_with(
    limits: Limits,
    pieces: &[&[u8]],
) -> Result<(Requested, Vec<u8>), HandshakeError> {
    let mut inbox = Inbox::new();
    let mut progress = ServerProgress::Handshaking(Handshaking::<Server>::new(limits));
    for piece in pieces {
        inbox.extend(piece);
        if let ServerProgress::Handshaking(handshaking) = progress {
            progress = handshaking.receive(&mut inbox)?;
        }
    }
    match progress {
        ServerProgress::Requested(requested) => Ok((requested, inbox.unread().into())),
        ServerProgress::Handshaking(handshaking) => Err(handshaking.eof()),
    }
}

pub fn receive(pieces: &[&[u8]]) -> Result<(Requested, Vec<u8>), HandshakeError> {
    receive_with(Limits::default(), pieces)
}

pub fn requested(request: &[u8]) -> Requested {
    receive(&[request]).expect("a request that is all right").0
}

/// What the server sends when it accepts.
pub fn accepted(requested: Requested, acceptance: Acceptance) -> String {
    let mut outbox = Outbox::new();
    let _open = requested.accept(acceptance, &mut outbox);
    text(&mut outbox)
}

/// Target, host and the answer of an acceptance, at every cut; or the error.
pub fn outcome(request: &[u8]) -> Outcome {
    let outcome = every_cut(request, |pieces| {
        receive(pieces).map(|(requested, rest)| {
            assert_eq!(rest, b"");
            let (target, host) = (requested.target().into(), requested.host().into());
            (target, host, accepted(requested, Acceptance::default()))
        })
    });
    #[cfg(feature = "http")]
    if let Some(parts) = super::parsed::request(request) {
        assert_eq!(parsed_outcome(&parts), outcome, "parsed elsewhere");
    }
    outcome
}

/// Target, host and answer; or the error.
pub type Outcome = Result<(String, String, String), HandshakeError>;

/// The same of a request that was parsed elsewhere.
#[cfg(feature = "http")]
pub fn parsed_outcome(parts: &http::request::Parts) -> Outcome {
    let requested = Requested::from_parts(parts, Limits::default())?;
    let (target, host) = (requested.target().into(), requested.host().into());
    let (response, _open) = requested.accept(Acceptance::default());
    Ok((target, host, response_text(&response)))
}

/// A response without a body, as HTTP/1.1 writes it.
#[cfg(feature = "http")]
pub fn response_text(response: &http::Response<()>) -> String {
    let title = |name: &str| -> String {
        let words = name.split('-').map(|word| match word {
            "websocket" => "WebSocket".into(),
            word => word[..1].to_uppercase() + &word[1..],
        });
        words.collect::<Vec<_>>().join("-")
    };
    let mut text = format!("HTTP/1.1 {}\r\n", response.status());
    for (name, value) in super::parsed::lines(response.headers()) {
        text += &format!("{}: {value}\r\n", title(name));
    }
    text + "\r\n"
}
