//! A head that comes in one read goes another way than one that comes in pieces: the same must come of
//! both, of every head that is one step away from a good one.

use wsproto::{
    Client, ClientProgress, HandshakeError, Handshaking, Headers, Inbox, Limits, Outbox, Request,
    Server, ServerProgress,
};

type Lines = Vec<(String, Vec<u8>)>;

fn lines(headers: Headers<'_>) -> Lines {
    headers
        .iter()
        .map(|(name, value)| (name.to_owned(), value.to_vec()))
        .collect()
}

/// What a server hears in `bytes` that come by `step`: a host, a target, headers.
fn requested(
    bytes: &[u8],
    step: usize,
    limits: Limits,
) -> Result<Option<(String, String, Lines)>, HandshakeError> {
    let mut handshaking = Handshaking::<Server>::new(limits);
    let mut inbox = Inbox::new();
    for piece in bytes.chunks(step) {
        inbox.extend(piece);
        match handshaking.receive(&mut inbox)? {
            ServerProgress::Handshaking(still) => handshaking = still,
            ServerProgress::Requested(requested) => {
                let (host, target) = (requested.host().into(), requested.target().into());
                return Ok(Some((host, target, lines(requested.headers()))));
            }
        }
    }
    Ok(None)
}

/// What a client hears: a status, a reason, headers.
fn answered(
    bytes: &[u8],
    step: usize,
    limits: Limits,
) -> Result<Option<(u16, String, Lines)>, HandshakeError> {
    let mut outbox = Outbox::new();
    let request = Request::new("example.com", "/chat").unwrap();
    let request = request.subprotocols(&["chat"]).unwrap();
    let mut handshaking = Handshaking::<Client>::start_with(&request, limits, [0; 32], &mut outbox);
    let mut inbox = Inbox::new();
    for piece in bytes.chunks(step) {
        inbox.extend(piece);
        match handshaking.receive(&mut inbox)? {
            ClientProgress::Handshaking(still) => handshaking = still,
            ClientProgress::Open(accepted) => {
                let response = accepted.response;
                let (reason, headers) = (response.reason().into(), lines(response.headers()));
                return Ok(Some((response.status(), reason, headers)));
            }
            ClientProgress::Rejected(rejected) => {
                let (reason, headers) = (rejected.reason().into(), lines(rejected.headers()));
                return Ok(Some((rejected.status(), reason, headers)));
            }
        }
    }
    Ok(None)
}

/// Every head that is one byte, or one end of a line, away from `head`.
fn neighbours(head: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let bytes: Vec<u8> = (0..=b'!').chain(*b"#,:/02H~\x7f\x80\xc3\xff").collect();
    (0..head.len()).flat_map(move |at| {
        let put = |new: &[u8], taken: usize| [&head[..at], new, &head[at + taken..]].concat();
        let mut heads = vec![
            put(b"", 1),
            put(b"\r\n", 0),
            put(b"\r\n ", 0),
            put(b"\n\n", 0),
        ];
        for byte in &bytes {
            heads.extend([put(&[*byte], 0), put(&[*byte], 1)]);
        }
        heads
    })
}

fn is_the_same_at_every_cut<T: PartialEq + std::fmt::Debug>(
    head: &[u8],
    tight: Limits,
    hear: impl Fn(&[u8], usize, Limits) -> Result<Option<T>, HandshakeError>,
) {
    let mut refused = 0;
    for head in neighbours(head) {
        for limits in [Limits::default(), tight] {
            let whole = hear(&head, head.len(), limits);
            for step in [1, 50] {
                let pieces = hear(&head, step, limits);
                assert_eq!(pieces, whole, "{} by {step}", head.escape_ascii());
            }
            refused += usize::from(whole.is_err());
        }
    }
    assert!(refused > 1000, "{refused} heads were refused");
}

#[test]
fn row_1_14_a_request_one_step_from_a_good_one_is_the_same_at_every_cut() {
    let head = b"GET /c?a HTTP/1.1\r\nHost: a.b\r\nUpgrade: websocket\r\nConnection:Upgrade \r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nX:\r\n\r\n\x81\x80";
    assert!(
        requested(head, head.len(), Limits::default())
            .unwrap()
            .is_some()
    );
    let tight = Limits::default().head_headers(6).head_bytes(head.len() - 2);
    is_the_same_at_every_cut(head, tight, requested);
}

#[test]
fn row_1_29_an_answer_one_step_from_a_good_one_is_the_same_at_every_cut() {
    let head = b"HTTP/1.1 100 C\r\nA: b\r\n\r\nHTTP/1.1 101 Sw P\r\nUpgrade: websocket\r\n\
        Connection: Upgrade\r\nSec-WebSocket-Accept: A7H9HYh1mE/+oRL0Kip7NajRQmU=\r\n\
        Sec-WebSocket-Protocol: chat\r\n\r\n\x81\x00";
    let (status, ..) = answered(head, head.len(), Limits::default())
        .unwrap()
        .unwrap();
    assert_eq!(status, 101);
    let tight = Limits::default()
        .head_headers(4)
        .head_bytes(head.len() - 26);
    is_the_same_at_every_cut(head, tight, answered);
}
