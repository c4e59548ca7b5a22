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
pub fn outcome(request: &[u8]) -> Result<(String, String, String), HandshakeError> {
    every_cut(request, |pieces| {
        receive(pieces).map(|(requested, rest)| {
            assert_eq!(rest, b"");
            let (target, host) = (requested.target().into(), requested.host().into());
            (target, host, accepted(requested, Acceptance::default()))
        })
    })
}
