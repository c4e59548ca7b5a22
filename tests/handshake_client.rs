//! RFC 6455 4.1: the opening handshake of a client. Rows are those of the conformance list,
//! section 1.

mod handshake_common;

use handshake_common::client::{SEED, answer, outcome, propose, receive, request};
use handshake_common::{Edits, every_cut};
use wsproto::HandshakeError as E;
use wsproto::{
    Client, ClientProgress, Event, HandshakeError, Handshaking, Inbox, Limits, Outbox, Rejected,
    Rejecting, Request, Requested, Server,
};

#[test]
fn answers_that_open_the_connection() {
    let rows: &[(&str, Edits<'_>, Option<&str>)] = &[
        ("1.27 no subprotocol, though some were offered", &[], None),
        (
            "1.26 one that was offered",
            &[("", &["Sec-WebSocket-Protocol: chat"])],
            Some("chat"),
        ),
        (
            "1.26 the other, with space around",
            &[("", &["sec-websocket-protocol:\tsuperchat "])],
            Some("superchat"),
        ),
        (
            "1.22 upgrade in any case",
            &[("Upgrade", &["upgrade: WEBSOCKET"])],
            None,
        ),
        (
            "1.22 a list",
            &[("Connection", &["connection: keep-alive, upgrade"])],
            None,
        ),
        (
            "1.24 space around",
            &[(
                "Sec-WebSocket-Accept",
                &["Sec-WebSocket-Accept: \t A7H9HYh1mE/+oRL0Kip7NajRQmU= \t"],
            )],
            None,
        ),
        (
            "1.28 no reason phrase",
            &[("HTTP", &["HTTP/1.1 101"])],
            None,
        ),
        (
            "1.28 no reason phrase, with the space",
            &[("HTTP", &["HTTP/1.1 101 "])],
            None,
        ),
        (
            "1.28 a reason phrase beyond ASCII",
            &[("HTTP", &["HTTP/1.1 101 \u{e9}"])],
            None,
        ),
        (
            "1.20 100 and 103 before",
            &[(
                "HTTP",
                &[
                    "HTTP/1.1 100 Continue\r\n",
                    "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n",
                    "HTTP/1.1 101 Switching Protocols",
                ],
            )],
            None,
        ),
        (
            "other headers",
            &[("", &["Server: x", "Content-Length: 5"])],
            None,
        ),
    ];
    for (name, edits, subprotocol) in rows {
        let expected = Ok((101, subprotocol.map(Into::into)));
        assert_eq!(outcome(&answer(edits)), expected, "{name}");
    }
}

#[test]
fn answers_that_fail_the_handshake() {
    let rows: &[(&str, Edits<'_>, HandshakeError)] = &[
        ("1.21 no Upgrade", &[("Upgrade", &[])], E::MissingUpgrade),
        (
            "1.21 another Upgrade",
            &[("Upgrade", &["Upgrade: h2c"])],
            E::MissingUpgrade,
        ),
        (
            "1.21 and another",
            &[("Upgrade", &["Upgrade: websocket, h2c"])],
            E::MissingUpgrade,
        ),
        (
            "1.21 no Connection",
            &[("Connection", &[])],
            E::MissingConnection,
        ),
        (
            "1.21 keep-alive",
            &[("Connection", &["Connection: keep-alive"])],
            E::MissingConnection,
        ),
        (
            "1.21 no upgrade token",
            &[("Connection", &["Connection: upgraded"])],
            E::MissingConnection,
        ),
        // fastwebsockets 0.10 opened the connection without looking.
        (
            "1.23 no accept",
            &[("Sec-WebSocket-Accept", &[])],
            E::MissingAccept,
        ),
        (
            "1.23 empty",
            &[("Sec-WebSocket-Accept", &["Sec-WebSocket-Accept:"])],
            E::WrongAccept,
        ),
        (
            "1.23 of another key",
            &[(
                "Sec-WebSocket-Accept",
                &["Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="],
            )],
            E::WrongAccept,
        ),
        (
            "1.23 in another case",
            &[(
                "Sec-WebSocket-Accept",
                &["Sec-WebSocket-Accept: a7H9HYh1mE/+oRL0Kip7NajRQmU="],
            )],
            E::WrongAccept,
        ),
        (
            "1.23 twice",
            &[("", &["Sec-WebSocket-Accept: A7H9HYh1mE/+oRL0Kip7NajRQmU="])],
            E::DuplicateAccept,
        ),
        (
            "1.25 an extension, where none was offered",
            &[("", &["Sec-WebSocket-Extensions: permessage-deflate"])],
            E::UnofferedExtension,
        ),
        (
            "1.25 a malformed extension",
            &[("", &["Sec-WebSocket-Extensions: a;"])],
            E::InvalidExtensions,
        ),
        (
            "1.26 not offered",
            &[("", &["Sec-WebSocket-Protocol: other"])],
            E::UnofferedSubprotocol,
        ),
        (
            "1.26 another case",
            &[("", &["Sec-WebSocket-Protocol: Chat"])],
            E::UnofferedSubprotocol,
        ),
        (
            "1.26 empty",
            &[("", &["Sec-WebSocket-Protocol:"])],
            E::UnofferedSubprotocol,
        ),
        (
            "1.26 two",
            &[("", &["Sec-WebSocket-Protocol: superchat, chat"])],
            E::DuplicateSubprotocol,
        ),
        (
            "1.26 two lines",
            &[(
                "",
                &[
                    "Sec-WebSocket-Protocol: chat",
                    "Sec-WebSocket-Protocol: chat",
                ],
            )],
            E::DuplicateSubprotocol,
        ),
        (
            "1.28 HTTP/1.0",
            &[("HTTP", &["HTTP/1.0 101 x"])],
            E::HttpVersion,
        ),
        ("HTTP/2", &[("HTTP", &["HTTP/2 101 x"])], E::HttpVersion),
        ("no HTTP", &[("HTTP", &["SSH-2.0-x"])], E::HttpVersion),
        (
            "a status of two digits",
            &[("HTTP", &["HTTP/1.1 10 x"])],
            E::MalformedStartLine,
        ),
        (
            "a status of four digits",
            &[("HTTP", &["HTTP/1.1 1010 x"])],
            E::MalformedStartLine,
        ),
        (
            "a status below 100",
            &[("HTTP", &["HTTP/1.1 099 x"])],
            E::MalformedStartLine,
        ),
        ("obs-fold", &[("", &["A: a", " b"])], E::FoldedHeader),
        (
            "space before a colon",
            &[("", &["A : a"])],
            E::InvalidHeaderName,
        ),
        ("NUL", &[("", &["A: \0"])], E::ControlCharacter),
        ("bare LF", &[("", &["A: a\nB: b"])], E::BareLineFeed),
    ];
    for (name, edits, error) in rows {
        assert_eq!(outcome(&answer(edits)), Err(*error), "{name}");
    }
}

#[test]
fn row_1_20_interim_answers_are_bounded() {
    let interim = b"HTTP/1.1 102 Processing\r\n\r\n";
    let last = answer(&[]);
    assert_eq!(
        outcome(&[&interim.repeat(8)[..], &last].concat()),
        Ok((101, None))
    );
    assert_eq!(
        outcome(&[&interim.repeat(9)[..], &last].concat()),
        Err(E::TooManyInterimAnswers)
    );
}

#[test]
fn row_1_29_frames_right_behind_the_answer_are_the_first_frames_at_any_cut() {
    // RFC 6455 5.7: "Hello" unmasked; then a Ping, which is answered once, with the key that
    // follows those of the nonce.
    let mut input = answer(&[]);
    input.extend_from_slice(b"\x81\x05Hello\x89\x00");
    let sent = every_cut(&input, |pieces| {
        let mut inbox = Inbox::new();
        let mut outbox = Outbox::new();
        let limits = Limits::default();
        let start = Handshaking::<Client>::start_with(&request(), limits, SEED, &mut outbox);
        outbox.bytes_to_send(None);
        let mut handshaking = Some(start);
        let mut open = None;
        let mut text = String::new();
        for piece in pieces {
            inbox.extend(piece);
            if let Some(waiting) = handshaking.take() {
                match waiting.receive(&mut inbox).unwrap() {
                    ClientProgress::Handshaking(waiting) => handshaking = Some(waiting),
                    ClientProgress::Open(accepted) => open = Some(accepted.open),
                    ClientProgress::Rejected(_) => panic!("it is refused"),
                }
            }
            let Some(open) = &mut open else { continue };
            while let Some(event) = open.receive(&mut inbox, &mut outbox).unwrap() {
                if let Event::Text(message) = event {
                    text.push_str(&message);
                }
            }
        }
        (text, outbox.bytes_to_send(None))
    });
    // The fifth word of the ChaCha8 test vector.
    assert_eq!(
        sent,
        ("Hello".into(), b"\x8a\x80\x2c\x84\x0e\xc3"[..].into())
    );
}

#[test]
fn row_1_30_an_answer_that_ends_early_or_never() {
    let whole = answer(&[]);
    for end in 0..whole.len() {
        let result = receive(&[&whole[..end]]).map(|_| ());
        assert_eq!(result, Err(E::EarlyEof));
    }
    let limits = Limits::default().head_bytes(200).head_headers(4);
    let receive =
        |answer: &[u8]| every_cut(answer, |pieces| propose((), limits, pieces).map(|_| ()));
    let line = |len: usize| {
        let base = answer(&[("", &["A: "])]).len();
        answer(&[("", &[&format!("A: {}", "a".repeat(len - base))])])
    };
    assert_eq!(receive(&line(200)), Ok(()));
    assert_eq!(receive(&line(201)), Err(E::HeadTooLong));
    assert_eq!(
        receive(&[b"HTTP/1.1 101 ", &[b'a'; 300][..]].concat()),
        Err(E::HeadTooLong)
    );
    assert_eq!(
        receive(&answer(&[("", &["A:", "B:"])])),
        Err(E::TooManyHeaders)
    );
}

#[test]
fn every_phase_of_the_handshake_can_go_to_another_thread() {
    fn check<T: Send + Sync>() {}
    check::<Handshaking<Client>>();
    check::<Handshaking<Server>>();
    check::<Requested>();
    check::<Rejecting>();
    check::<Rejected<Client>>();
    check::<Rejected<Server>>();
    check::<ClientProgress<()>>();
    check::<HandshakeError>();
}

#[test]
fn debug_shows_no_secret() {
    let request = Request::new("a", "/?token=hidden").unwrap();
    let request = request.header("Authorization", "hidden").unwrap();
    assert!(!format!("{request:?}").contains("hidden"));
    let Ok((ClientProgress::Rejected(rejected), _)) =
        receive(&[b"HTTP/1.1 401 No\r\nSet-Cookie: hidden\r\n\r\nhidden"])
    else {
        panic!("it is no refusal");
    };
    assert!(!format!("{rejected:?}").contains("hidden"));
}
