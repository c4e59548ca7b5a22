//! RFC 6455 4.1: the opening handshake of a client. Rows are those of the conformance list,
//! section 1.

mod handshake_common;

use std::cell::RefCell;

use handshake_common::every_cut;
use wsproto::HandshakeError as E;
use wsproto::{
    Acceptance, Answer, Client, ClientProgress, Event, Extension, ExtensionHeader, ExtensionList,
    HandshakeError, Handshaking, Inbox, InvalidAnswer, InvalidHeader, InvalidRequest, Limits,
    Negotiate, Outbox, Rejected, Rejecting, Request, Requested, Rsv, Server, ServerProgress,
    Shutdown,
};

/// The seed of every handshake here.
const SEED: [u8; 32] = [0; 32];

/// A request under that seed: the key is the start of the ChaCha8 stream, by its test vector.
const REQUEST: &str = "GET /chat HTTP/1.1\r\n\
                       Host: server.example.com\r\n\
                       Upgrade: websocket\r\n\
                       Connection: Upgrade\r\n\
                       Sec-WebSocket-Key: PgDvL4lfQNZ/W7joHwmloQ==\r\n\
                       Sec-WebSocket-Version: 13\r\n";

/// What a server answers to that.
const ANSWER: [&str; 4] = [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Accept: A7H9HYh1mE/+oRL0Kip7NajRQmU=",
];

type Edits<'a> = &'a [(&'a str, &'a [&'a str])];

fn answer(edits: Edits<'_>) -> Vec<u8> {
    handshake_common::head(&ANSWER, edits)
}

fn request() -> Request {
    let request = Request::new("server.example.com", "/chat").unwrap();
    request.subprotocols(&["superchat", "chat"]).unwrap()
}

fn text(outbox: &mut Outbox) -> String {
    String::from_utf8(outbox.bytes_to_send(None).into()).unwrap()
}

/// What became of a handshake, and what is left in the inbox.
type Outcome<N> = Result<(ClientProgress<N>, Vec<u8>), HandshakeError>;

fn propose<N: Negotiate>(proposal: N, limits: Limits, pieces: &[&[u8]]) -> Outcome<N> {
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

fn receive(pieces: &[&[u8]]) -> Outcome<()> {
    propose((), Limits::default(), pieces)
}

/// The status and the subprotocol of an answer, at every cut; or the error.
fn outcome(answer: &[u8]) -> Result<(u16, Option<String>), HandshakeError> {
    every_cut(answer, |pieces| {
        receive(pieces).map(|outcome| match outcome {
            (ClientProgress::Open(accepted), rest) => {
                assert_eq!(rest, b"");
                let subprotocol = accepted.response.subprotocol();
                (accepted.response.status(), subprotocol.map(Into::into))
            }
            (ClientProgress::Rejected(rejected), _) => (rejected.status(), None),
            (ClientProgress::Handshaking(_), _) => unreachable!("it has ended"),
        })
    })
}

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
fn row_1_20_any_other_status_is_a_refusal_with_status_and_headers() {
    for status in [200, 204, 301, 304, 401, 403, 426, 500, 599, 999] {
        let head = format!("HTTP/1.1 {status} No\r\nX: a\r\nLocation: /b\r\n\r\n");
        assert_eq!(outcome(head.as_bytes()), Ok((status, None)));
        let Ok((ClientProgress::Rejected(rejected), _)) = receive(&[head.as_bytes()]) else {
            panic!("{status} is no refusal");
        };
        assert_eq!((rejected.status(), rejected.reason()), (status, "No"));
        assert_eq!(rejected.headers().first("location"), Some(&b"/b"[..]));
        assert_eq!(rejected.shutdown(), Shutdown::AwaitEof);
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

/// The body of an answer at every cut, and how it ends when the transport does.
fn body(answer: &[u8]) -> (Vec<u8>, bool, Result<(), HandshakeError>) {
    every_cut(answer, |pieces| {
        let mut inbox = Inbox::new();
        let mut outbox = Outbox::new();
        let mut handshaking = Some(Handshaking::<Client>::start_with(
            &request(),
            Limits::default(),
            SEED,
            &mut outbox,
        ));
        let mut rejected = None;
        let mut body = Vec::new();
        for piece in pieces {
            inbox.extend(piece);
            if let Some(waiting) = handshaking.take() {
                match waiting.receive(&mut inbox).unwrap() {
                    ClientProgress::Handshaking(waiting) => handshaking = Some(waiting),
                    ClientProgress::Rejected(refusal) => rejected = Some(refusal),
                    ClientProgress::Open(_) => panic!("it is open"),
                }
            }
            let Some(rejected) = &mut rejected else {
                continue;
            };
            loop {
                match rejected.receive_body(&mut inbox) {
                    Ok(None) => break,
                    Ok(Some(piece)) => {
                        assert!(!piece.is_empty());
                        body.extend_from_slice(piece);
                    }
                    Err(error) => {
                        // An error is final.
                        assert_eq!(rejected.receive_body(&mut inbox), Err(error));
                        assert_eq!(rejected.eof(), Err(error));
                        return (body, rejected.is_finished(), Err(error));
                    }
                }
            }
        }
        let mut rejected = rejected.expect("an answer");
        let finished = rejected.is_finished();
        (body, finished, rejected.eof())
    })
}

/// Name, status, the rest of the head, the body that arrives, whether it is finished before the
/// transport ends, and what that says.
type BodyRow<'a> = (
    &'a str,
    &'a str,
    &'a str,
    &'a str,
    bool,
    Result<(), HandshakeError>,
);

#[test]
fn the_body_of_a_refusal_arrives_as_it_is_framed() {
    // RFC 9112 6.3.
    let rows: &[BodyRow<'_>] = &[
        ("until the end", "403", "\r\n", "go away", false, Ok(())),
        (
            "length",
            "403",
            "Content-Length: 7\r\n\r\n",
            "go away",
            true,
            Ok(()),
        ),
        (
            "no length",
            "403",
            "Content-Length: 0\r\n\r\n",
            "",
            true,
            Ok(()),
        ),
        (
            "two lengths, the same",
            "403",
            "Content-Length: 7, 7\r\n\r\n",
            "go away",
            true,
            Ok(()),
        ),
        (
            "early end",
            "403",
            "Content-Length: 9\r\n\r\n",
            "go away",
            false,
            Err(E::EarlyEof),
        ),
        ("204", "204", "Content-Length: 7\r\n\r\n", "", true, Ok(())),
        ("304", "304", "Content-Length: 7\r\n\r\n", "", true, Ok(())),
        (
            "chunks overrule length",
            "403",
            "Content-Length: 3\r\nTransfer-Encoding: Chunked\r\n\r\n7\r\ngo away\r\n0\r\n\r\n",
            "go away",
            true,
            Ok(()),
        ),
        (
            "another encoding",
            "403",
            "Transfer-Encoding: gzip\r\n\r\n",
            "go away",
            false,
            Ok(()),
        ),
    ];
    for (name, status, rest, expected, finished, eof) in rows {
        let follows = if rest.contains("Chunked") {
            ""
        } else {
            "go away"
        };
        let answer = format!("HTTP/1.1 {status} x\r\n{rest}{follows}");
        let expected = (expected.as_bytes().to_vec(), *finished, *eof);
        assert_eq!(body(answer.as_bytes()), expected, "{name}");
    }
    for length in [
        "-1",
        "+7",
        "7, 8",
        "7x",
        "",
        ",",
        "18446744073709551616",
        "0x7",
    ] {
        let answer = format!("HTTP/1.1 403 x\r\nContent-Length: {length}\r\n\r\ngo away");
        let expected = (vec![], false, Err(E::InvalidBody));
        assert_eq!(body(answer.as_bytes()), expected, "{length:?}");
    }
    // Behind the end of the body nothing is read.
    let answer = b"HTTP/1.1 403 x\r\nContent-Length: 3\r\n\r\nabcdef";
    assert_eq!(body(answer), (b"abc".to_vec(), true, Ok(())));
}

#[test]
fn a_body_in_chunks_is_by_the_grammar_and_bounded() {
    // RFC 9112 7.1.
    let head = "HTTP/1.1 403 x\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: x, chunked\r\n\r\n";
    let good: &[(&str, &str)] = &[
        ("2\r\ngo\r\n5\r\n away\r\n0\r\n\r\n", "go away"),
        ("00a\r\n0123456789\r\n00\r\n\r\n", "0123456789"),
        ("A;x=y\r\n0123456789\r\n0;z\r\n\r\n", "0123456789"),
        (
            "a ; x\r\n0123456789\r\n0\r\nTrailer: a\r\nB: b\r\n\r\n",
            "0123456789",
        ),
        ("2\r\n\r\n\r\n0\r\n\r\n", "\r\n"),
    ];
    for (chunks, expected) in good {
        let answer = format!("{head}{chunks}");
        assert_eq!(
            body(answer.as_bytes()),
            (expected.as_bytes().to_vec(), true, Ok(()))
        );
    }
    let long_line = format!("1;{}\r\na", "x".repeat(1100));
    let many_trailers = format!("0\r\n{}\r\n", "a: b\r\n".repeat(65));
    let bad: &[(&str, &str)] = &[
        ("x\r\n", ""),
        ("\r\n", ""),
        ("-1\r\n", ""),
        ("+1\r\n", ""),
        ("1 \r\n", ""),
        (" 1\r\n", ""),
        (";x\r\n", ""),
        ("1\n", ""),
        ("1\0\r\n", ""),
        ("1\r\nab", "a"),
        ("1\r\na\n", "a"),
        ("1\r\na\r\r", "a"),
        ("10000000000000000\r\n", ""),
        (&long_line, ""),
        (&many_trailers, ""),
    ];
    for (chunks, expected) in bad {
        let answer = format!("{head}{chunks}");
        let (got, finished, result) = body(answer.as_bytes());
        assert_eq!(
            (got, finished),
            (expected.as_bytes().to_vec(), false),
            "{chunks:?}"
        );
        assert_eq!(result, Err(E::InvalidBody), "{chunks:?}");
    }
    for chunks in [
        "",
        "1",
        "1\r\n",
        "1\r\na",
        "1\r\na\r\n",
        "0\r\n",
        "ffffffffffffffff\r\n",
    ] {
        let answer = format!("{head}{chunks}");
        assert_eq!(body(answer.as_bytes()).2, Err(E::EarlyEof), "{chunks:?}");
    }
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
fn row_1_31_the_request_is_exact() {
    let mut outbox = Outbox::new();
    let mut sent = |request: &Request| {
        let limits = Limits::default();
        let _waiting = Handshaking::<Client>::start_with(request, limits, SEED, &mut outbox);
        text(&mut outbox)
    };
    let plain = Request::new("server.example.com", "/chat").unwrap();
    assert_eq!(sent(&plain), format!("{REQUEST}\r\n"));
    assert_eq!(
        sent(&request()),
        format!("{REQUEST}Sec-WebSocket-Protocol: superchat, chat\r\n\r\n")
    );
    let more = request().origin("https://example.com").unwrap();
    let more = more.header("Cookie", "a=b").unwrap();
    let more = more.subprotocols(&["mqtt"]).unwrap();
    assert_eq!(
        sent(&more),
        format!(
            "{REQUEST}Sec-WebSocket-Protocol: mqtt\r\nOrigin: https://example.com\r\n\
             Cookie: a=b\r\n\r\n"
        )
    );
}

#[test]
fn row_1_31_host_and_port_are_those_of_the_uri() {
    for (uri, host_header, host, port, secure, target) in [
        ("ws://a", "a", "a", 80, false, "/"),
        ("ws://a/", "a", "a", 80, false, "/"),
        ("WS://a:80/b", "a", "a", 80, false, "/b"),
        ("ws://a:443/b", "a:443", "a", 443, false, "/b"),
        ("wss://a", "a", "a", 443, true, "/"),
        ("Wss://a:443/b?c/d", "a", "a", 443, true, "/b?c/d"),
        ("wss://a:80", "a:80", "a", 80, true, "/"),
        ("ws://a?b=c", "a", "a", 80, false, "/?b=c"),
        (
            "ws://127.0.0.1:9001/",
            "127.0.0.1:9001",
            "127.0.0.1",
            9001,
            false,
            "/",
        ),
        ("ws://[::1]:9001/", "[::1]:9001", "::1", 9001, false, "/"),
        (
            "wss://[2001:db8::1]",
            "[2001:db8::1]",
            "2001:db8::1",
            443,
            true,
            "/",
        ),
        ("ws://a:/b", "a", "a", 80, false, "/b"),
    ] {
        let request = Request::from_uri(uri).unwrap();
        assert_eq!((request.host(), request.port()), (host, port), "{uri}");
        assert_eq!(
            (request.is_secure(), request.target()),
            (secure, target),
            "{uri}"
        );
        let mut outbox = Outbox::new();
        let limits = Limits::default();
        let _waiting = Handshaking::<Client>::start_with(&request, limits, SEED, &mut outbox);
        let start = format!("GET {target} HTTP/1.1\r\nHost: {host_header}\r\n");
        assert!(text(&mut outbox).starts_with(&start), "{uri}");
    }
}

#[cfg(feature = "getrandom")]
#[test]
fn row_1_31_every_connection_has_a_key_of_its_own() {
    let mut keys = std::collections::HashSet::new();
    for _ in 0..100 {
        let mut outbox = Outbox::new();
        let start = Handshaking::<Client>::start(&request(), Limits::default(), &mut outbox);
        start.map(drop).unwrap();
        let sent = text(&mut outbox);
        let (_, key) = sent.split_once("Sec-WebSocket-Key: ").unwrap();
        keys.insert(key[..key.find('\r').unwrap()].to_string());
    }
    assert_eq!(keys.len(), 100);
    assert!(
        keys.iter()
            .all(|key| key.len() == 24 && key.ends_with("=="))
    );
}

#[test]
fn rows_1_32_and_1_33_what_cannot_be_sent_cannot_be_built() {
    // CVE-2026-1527 (undici): CR, LF or NUL in a header, target, host or subprotocol.
    let new = |host: &str, target: &str| Request::new(host, target).map(|_| ());
    for bad in ["\r", "\n", "\r\nX: a", "\0", "\x7f", " ", "\t", "\u{e9}"] {
        let with = |start: &str| format!("{start}{bad}");
        assert_eq!(new(&with("a"), "/"), Err(InvalidRequest::Host), "{bad:?}");
        assert_eq!(new("a", &with("/")), Err(InvalidRequest::Target), "{bad:?}");
        let uri = Request::from_uri(&with("ws://a/b")).map(|_| ());
        assert_eq!(uri, Err(InvalidRequest::Target), "{bad:?}");
        let uri = Request::from_uri(&format!("ws://a{bad}/b")).map(|_| ());
        assert_eq!(uri, Err(InvalidRequest::Host), "{bad:?}");
        let subprotocols = request().subprotocols(&["a", &with("b")]).map(|_| ());
        assert_eq!(subprotocols, Err(InvalidRequest::Subprotocol), "{bad:?}");
    }
    for bad in ["\r", "\n", "\r\nX: a", "\0", "\x7f"] {
        let invalid = Err(InvalidRequest::Header(InvalidHeader::Value));
        assert_eq!(request().header("X", bad).map(|_| ()), invalid);
        assert_eq!(request().origin(bad).map(|_| ()), invalid);
        let invalid = Err(InvalidRequest::Header(InvalidHeader::Name));
        assert_eq!(request().header(bad, "a").map(|_| ()), invalid);
    }
    for host in [
        "", ":80", "a:b", "a:-1", "a:65536", "me@a", "a/b", "[::1", "::1", "[a]", "a b", "a%2",
    ] {
        assert_eq!(new(host, "/"), Err(InvalidRequest::Host), "{host:?}");
    }
    for target in ["", "a", "?a", "*", "http://a/"] {
        assert_eq!(new("a", target), Err(InvalidRequest::Target), "{target:?}");
    }
    assert_eq!(new("a", "/#b"), Err(InvalidRequest::Fragment));
    for (uri, error) in [
        ("ws://a/b#c", InvalidRequest::Fragment),
        ("ws://a#c", InvalidRequest::Fragment),
        ("http://a", InvalidRequest::Scheme),
        ("a", InvalidRequest::Scheme),
        ("ws:/a", InvalidRequest::Scheme),
        ("ws:///b", InvalidRequest::Host),
        ("ws://", InvalidRequest::Host),
        ("ws://me:secret@a/", InvalidRequest::Host),
    ] {
        assert_eq!(Request::from_uri(uri).map(|_| ()), Err(error), "{uri}");
    }
    for name in [
        "Host",
        "upgrade",
        "CONNECTION",
        "Sec-WebSocket-Key",
        "sec-websocket-x",
        "Content-Length",
    ] {
        let invalid = Err(InvalidRequest::Header(InvalidHeader::Reserved));
        assert_eq!(request().header(name, "a").map(|_| ()), invalid, "{name}");
    }
    for subprotocols in [&[""][..], &["a b"], &["a,b"], &["(a)"]] {
        let invalid = Err(InvalidRequest::Subprotocol);
        assert_eq!(request().subprotocols(subprotocols).map(|_| ()), invalid);
    }
    let twice = request().subprotocols(&["a", "b", "a"]).map(|_| ());
    assert_eq!(twice, Err(InvalidRequest::DuplicateSubprotocol));
    let twice = request()
        .origin("a")
        .unwrap()
        .header("ORIGIN", "b")
        .map(|_| ());
    assert_eq!(twice, Err(InvalidRequest::DuplicateOrigin));
}

/// An extension that changes nothing: it offers `offers`, takes `take` entries of the answer, and
/// notes them.
struct Noting<'a> {
    offers: u8,
    take: u8,
    noted: &'a RefCell<Vec<String>>,
}

struct Noted;

impl Extension for Noted {
    const RSV: Rsv = Rsv::NONE;
    type Encoder = ();
    type Decoder = ();

    fn split(self) -> ((), ()) {
        ((), ())
    }
}

impl Negotiate for Noting<'_> {
    type Agreed = Noted;

    fn offer(&self, offers: &mut ExtensionHeader) {
        for level in 0..self.offers {
            offers.entry("x-note").flag("a").param("level", level);
        }
    }

    fn confirm(self, answer: &mut Answer<'_>) -> Result<Noted, InvalidAnswer> {
        for _ in 0..self.take {
            let Some(entry) = answer.take("x-note") else {
                break;
            };
            if entry.params().any(|(name, _)| name == "illegal") {
                return Err(InvalidAnswer);
            }
            self.noted.borrow_mut().push(format!("{entry:?}"));
        }
        Ok(Noted)
    }

    fn answer(self, offers: ExtensionList<'_>, answer: &mut ExtensionHeader) -> Noted {
        if let Some(offer) = offers.named("x-note").next() {
            let mut entry = answer.entry(offer.name());
            for (name, value) in offer.params() {
                match value {
                    Some(value) => entry.param(name, value),
                    None => entry.flag(name),
                };
            }
        }
        Noted
    }
}

#[test]
fn row_1_25_an_extension_takes_its_own_entries_and_what_is_left_fails_the_handshake() {
    let negotiate = |take: u8, header: &str| {
        let line = format!("Sec-WebSocket-Extensions: {header}");
        every_cut(&answer(&[("", &[&line])]), |pieces| {
            let noted = RefCell::new(vec![]);
            let proposal = Noting {
                offers: 1,
                take,
                noted: &noted,
            };
            let result = propose(proposal, Limits::default(), pieces).map(|_| ());
            result.map(|()| noted.into_inner())
        })
    };
    let entry = r#"x-note([("a", None), ("level", Some("0"))])"#.to_string();
    assert_eq!(
        negotiate(1, "x-note; a; level=\"0\""),
        Ok(vec![entry.clone()])
    );
    assert_eq!(negotiate(2, "x-note;a;level=0"), Ok(vec![entry.clone()]));
    assert_eq!(
        negotiate(2, "x-note;a;level=0, x-note"),
        Ok(vec![entry, "x-note([])".into()])
    );
    assert_eq!(
        negotiate(1, "x-note; illegal"),
        Err(E::InvalidExtensionAnswer)
    );
    for left in [
        "x-note, x-note",
        "x-note, other",
        "other, x-note",
        "X-Note",
        "other",
    ] {
        assert_eq!(negotiate(1, left), Err(E::UnofferedExtension), "{left}");
    }
    assert_eq!(negotiate(1, "x-note;"), Err(E::InvalidExtensions));
}

#[test]
fn an_offer_and_an_answer_go_out_as_they_were_written() {
    let noted = RefCell::new(vec![]);
    let propose = |offers| Noting {
        offers,
        take: 1,
        noted: &noted,
    };
    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    let limits = Limits::default();
    let client = Handshaking::propose(&request(), propose(2), limits, SEED, &mut outbox);
    let sent = text(&mut outbox);
    let offer = "\r\nSec-WebSocket-Extensions: x-note; a; level=0, x-note; a; level=1\r\n";
    assert!(sent.contains(offer), "{sent}");

    inbox.extend(sent.as_bytes());
    let server = Handshaking::<Server>::new(limits);
    let Ok(ServerProgress::Requested(requested)) = server.receive(&mut inbox) else {
        panic!("the request is all right");
    };
    let _open = requested.accept_with(propose(0), Acceptance::default(), &mut outbox);
    let sent = text(&mut outbox);
    assert!(sent.ends_with("\r\nSec-WebSocket-Extensions: x-note; a; level=0\r\n\r\n"));

    inbox.extend(sent.as_bytes());
    assert!(matches!(
        client.receive(&mut inbox),
        Ok(ClientProgress::Open(_))
    ));
    assert_eq!(
        *noted.borrow(),
        [r#"x-note([("a", None), ("level", Some("0"))])"#]
    );
}

/// An extension that may be declined.
struct Maybe;

impl Negotiate for Maybe {
    type Agreed = Option<Noted>;

    fn offer(&self, offers: &mut ExtensionHeader) {
        offers.entry("x-maybe");
    }

    fn confirm(self, answer: &mut Answer<'_>) -> Result<Option<Noted>, InvalidAnswer> {
        Ok(answer.take("x-maybe").map(|_| Noted))
    }

    fn answer(self, _: ExtensionList<'_>, _: &mut ExtensionHeader) -> Option<Noted> {
        None
    }
}

#[test]
fn a_client_can_require_an_extension() {
    let require = |edits: Edits<'_>| match propose(Maybe, Limits::default(), &[&answer(edits)]) {
        Ok((ClientProgress::Open(accepted), _)) => accepted.require().map(|_| ()),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        require(&[("", &["Sec-WebSocket-Extensions: x-maybe"])]),
        Ok(())
    );
    assert_eq!(require(&[]), Err(E::ExtensionDeclined));
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
