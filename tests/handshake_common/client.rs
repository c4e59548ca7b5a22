//! The client's side, up to an answer.

use wsproto::{
    ClientProgress, HandshakeError, Handshaking, Inbox, Limits, Negotiate, Outbox, Request,
};

#[cfg(feature = "http")]
use wsproto::Requesting;

use super::{Edits, every_cut, head};

/// The seed of every handshake here.
pub const SEED: [u8; 32] = [0; 32];

/// A request under that seed: the key is the start of the ChaCha8 stream, by its test vector.
pub const REQUEST: &str = "GET /chat HTTP/1.1\r\n\
                       Host: server.example.com\r\n\
                       Upgrade: websocket\r\n\
                       Connection: Upgrade\r\n\
                       Sec-WebSocket-Key: PgDvL4lfQNZ/W7joHwmloQ==\r\n\
                       Sec-WebSocket-Version: 13\r\n";

/// What a server answers to that.
pub const ANSWER: [&str; 4] = [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Accept: A7H9HYh1mE/+oRL0Kip7NajRQmU=",
];

pub fn answer(edits: Edits<'_>) -> Vec<u8> {
    head(&ANSWER, edits)
}

pub fn request() -> Request {
    let request = Request::new("server.example.com", "/chat").unwrap();
    request.subprotocols(&["superchat", "chat"]).unwrap()
}

/// What became of a handshake, and what is left in the inbox.
pub type Outcome<N> = Result<(ClientProgress<N>, Vec<u8>), HandshakeError>;

pub fn propose<N: Negotiate>(proposal: N, limits: Limits, pieces: &[&[u8]]) -> Outcome<N> {
    let mut inbox = Inbox::new();
    let mut outbox = Outbox::new();
    let start = Handshaking::propose(&request(), proposal, limits, SEED, &mut outbox);
    let sent = outbox.bytes_to_send(None);
    let mut progress = ClientProgress::Handshaking(start);
    for piece in pieces {
        inbox.extend(piece);
        if let ClientProgress::Handshaking(handshaking) = progress {
            progress = handshaking.receive(&mut inbox)?;
        }
    }
    assert!(!sent.is_empty() && outbox.is_empty());
    match progress {
        ClientProgress::Handshaking(handshaking) => Err(handshaking.eof()),
        decided => Ok((decided, inbox.unread().into())),
    }
}

pub fn receive(pieces: &[&[u8]]) -> Outcome<()> {
    propose((), Limits::default(), pieces)
}

/// The status and the subprotocol of an answer, at every cut; or the error.
pub fn outcome(answer: &[u8]) -> Result<(u16, Option<String>), HandshakeError> {
    let outcome = every_cut(answer, |pieces| {
        receive(pieces).map(|outcome| match outcome {
            (ClientProgress::Open(accepted), rest) => {
                assert_eq!(rest, b"");
                let subprotocol = accepted.response.subprotocol();
                (accepted.response.status(), subprotocol.map(Into::into))
            }
            (ClientProgress::Rejected(rejected), _) => (rejected.status(), None),
            (ClientProgress::Handshaking(_), _) => unreachable!("it has ended"),
        })
    });
    #[cfg(feature = "http")]
    if let Some(parts) = super::parsed::response(answer) {
        let expected = match &outcome {
            Ok((101, subprotocol)) => Ok(subprotocol.clone()),
            Ok(_) => Err(HandshakeError::Refused),
            Err(error) => Err(*error),
        };
        assert_eq!(parsed_outcome(&parts), expected, "parsed elsewhere");
    }
    outcome
}

/// The subprotocol of an answer that was parsed elsewhere; or the error.
#[cfg(feature = "http")]
pub fn parsed_outcome(parts: &http::response::Parts) -> Result<Option<String>, HandshakeError> {
    let limits = Limits::default();
    let (_, requesting) = Requesting::upgrade(&request(), (), limits, SEED).unwrap();
    let accepted = requesting.confirm(parts)?;
    assert_eq!(accepted.response.status(), 101);
    Ok(accepted.response.subprotocol().map(Into::into))
}
