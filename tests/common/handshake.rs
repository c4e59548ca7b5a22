//! Handshakes whose extensions are said word by word, and connections that come of them.

use wsproto::{
    Acceptance, Client, ClientProgress, Closed, Extension, HandshakeError, Handshaking, Inbox,
    Limits, Negotiate, Open, Outbox, Request, Requested, Server, ServerProgress, Violation,
};

use super::{End, Frame, Heard, Mode, Outcome, Peer, Step, Wire, drain, every_cut, hex};

/// A request with these lines of `Sec-WebSocket-Extensions`.
pub fn request(lines: &[&str]) -> Vec<u8> {
    let mut request = String::from(
        "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n",
    );
    for line in lines {
        request += &format!("Sec-WebSocket-Extensions: {line}\r\n");
    }
    request += "\r\n";
    request.into_bytes()
}

pub fn requested(request: &[u8], limits: Limits) -> Result<Requested, HandshakeError> {
    let mut inbox = Inbox::new();
    inbox.extend(request);
    match Handshaking::<Server>::new(limits).receive(&mut inbox)? {
        ServerProgress::Requested(requested) => Ok(requested),
        ServerProgress::Handshaking(_) => panic!("the request is whole"),
    }
}

/// What stands in the header `name` of a head.
pub fn header(head: &[u8], name: &str) -> Option<String> {
    let head = std::str::from_utf8(head).expect("a head");
    let start = format!("{name}: ");
    let mut values = head.split("\r\n").filter_map(|it| it.strip_prefix(&start));
    let value = values.next().map(Into::into);
    assert_eq!(values.next(), None, "{name} twice");
    value
}

/// A server that hears these offers: its connection, and its answer to them.
pub fn serve<N: Negotiate>(
    proposal: N,
    offers: &[&str],
    limits: Limits,
) -> (Open<Server, N::Agreed>, Option<String>) {
    let requested = requested(&request(offers), limits).expect("a request");
    let mut outbox = Outbox::new();
    let open = requested.accept_with(proposal, Acceptance::default(), &mut outbox);
    let head = drain(&mut outbox);
    assert!(head.starts_with(b"HTTP/1.1 101 ") && head.ends_with(b"\r\n\r\n"));
    (open, header(&head, "Sec-WebSocket-Extensions"))
}

/// What a client offered, and what came of it.
pub type Connected<X> = (Option<String>, Result<Open<Client, X>, HandshakeError>);

/// A client that hears these answers: what it offered, and what came of it.
pub fn connect<N: Negotiate>(
    proposal: N,
    answers: &[&str],
    limits: Limits,
) -> Connected<N::Agreed> {
    let mut outbox = Outbox::new();
    let request = Request::new("a", "/").expect("a request");
    let seed = [7; 32];
    let handshaking =
        Handshaking::<Client, N>::propose(&request, proposal, limits, seed, &mut outbox);
    let request = drain(&mut outbox);
    let offer = header(&request, "Sec-WebSocket-Extensions");

    // A server that agrees to nothing, and the lines that it did not say.
    let silent = requested(&request, Limits::default()).expect("a request");
    drop(silent.accept(Acceptance::default(), &mut outbox));
    let mut answer = drain(&mut outbox);
    answer.truncate(answer.len() - 2);
    for line in answers {
        answer.extend(format!("Sec-WebSocket-Extensions: {line}\r\n").bytes());
    }
    answer.extend(b"\r\n");

    let mut inbox = Inbox::new();
    inbox.extend(&answer);
    let open = match handshaking.receive(&mut inbox) {
        Ok(ClientProgress::Open(accepted)) => Ok(accepted.open),
        Ok(other) => panic!("{other:?}"),
        Err(error) => Err(error),
    };
    assert!(outbox.is_empty(), "nothing is sent before the answer is in");
    (offer, open)
}

/// What comes of `pieces`, for a connection that then ends as it was told to.
pub fn outcome_of<R: End, X: Extension, D: Mode>(
    open: Open<R, X>,
    step: Step,
    pieces: &[&[u8]],
) -> (Outcome, Closed<R>) {
    let mut peer = Peer::<_, D>::new(open);
    peer.step = step;
    for piece in pieces {
        peer.read(piece);
    }
    peer.end()
}

/// What came of `bytes` at every cut, in both modes, with both ways of stepping.
#[track_caller]
pub fn every_way_of<R: End, X: Extension>(
    row: &str,
    open: &dyn Fn() -> Open<R, X>,
    bytes: &[u8],
    expected: &Outcome,
) {
    use wsproto::{Chunks, Messages};
    every_cut(bytes, |pieces| {
        for step in [Step::Receive, Step::HasEvent] {
            let (whole, closed) = outcome_of::<R, X, Messages>(open(), step, pieces);
            let how = format!("{row}\n{}, {step:?}, {} pieces", R::NAME, pieces.len());
            assert_eq!(whole, *expected, "{how}, messages");
            assert_eq!(closed.violation(), expected.violation, "{how}");
            let (chunks, closed) = outcome_of::<R, X, Chunks>(open(), step, pieces);
            assert_eq!(chunks, *expected, "{how}, chunks");
            assert_eq!(closed.violation(), expected.violation, "{how}");
        }
    });
}

/// The peer of a connection sends `frames`: this is heard and `sent`.
#[track_caller]
pub fn end_hears<R: End, X: Extension>(
    row: &str,
    open: &dyn Fn() -> Open<R, X>,
    frames: &[Frame],
    heard: &[Heard],
    sent: &str,
) {
    let expected = Outcome {
        heard: heard.to_vec(),
        violation: None,
        sent: Wire(hex(sent)),
    };
    every_way_of(row, open, &R::from_peer(frames), &expected);
}

/// The peer of a connection sends `frames`: after this was heard and `sent`, it fails, with the
/// violation's code in a Close frame. What follows is neither heard nor answered.
#[track_caller]
pub fn end_fails<R: End, X: Extension>(
    row: &str,
    open: &dyn Fn() -> Open<R, X>,
    frames: &[Frame],
    heard: &[Heard],
    sent: &str,
    violation: Violation,
    code: u16,
) {
    let mut wire = hex(sent);
    wire.extend([0x88, 0x02, (code >> 8) as u8, code as u8]);
    let expected = Outcome {
        heard: heard.to_vec(),
        violation: Some(violation),
        sent: Wire(wire),
    };
    let mut bytes = R::from_peer(frames);
    every_way_of(row, open, &bytes, &expected);
    bytes.extend(R::from_peer(&[
        super::frame(0x89, "tail"),
        super::frame(0x81, "tail"),
    ]));
    every_way_of(row, open, &bytes, &expected);
}
