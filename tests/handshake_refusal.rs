//! RFC 6455 4.1, 4.2.2 and RFC 9112 6, 7: a handshake that is refused, as a server sends it and as a
//! client hears it.

mod handshake_common;

use handshake_common::server::requested;
use handshake_common::{client, every_cut, server, text};
use wsproto::HandshakeError as E;
use wsproto::{
    Client, ClientProgress, ExtraHeaders, HandshakeError, Handshaking, Inbox, Limits, Outbox,
    RejectStatus, Shutdown,
};

#[test]
fn a_refusal_of_the_application_is_exact() {
    let mut outbox = Outbox::new();
    let headers = ExtraHeaders::new()
        .with("Content-Type", "text/plain")
        .unwrap();
    let rejected = requested(&server::request(&[])).reject(
        RejectStatus::FORBIDDEN,
        &headers,
        b"go away",
        &mut outbox,
    );
    assert_eq!(
        text(&mut outbox),
        "HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Type: text/plain\r\n\
         Content-Length: 7\r\n\r\ngo away"
    );
    assert_eq!(
        (rejected.status(), rejected.shutdown()),
        (403, Shutdown::CloseNow)
    );

    let none = ExtraHeaders::new();
    let status = RejectStatus::literal::<599>();
    let _ = requested(&server::request(&[])).reject(status, &none, b"", &mut outbox);
    assert_eq!(
        text(&mut outbox),
        "HTTP/1.1 599 \r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    );

    let status = RejectStatus::NOT_FOUND;
    let mut rejecting = requested(&server::request(&[])).start_reject(status, &none, &mut outbox);
    rejecting.write(b"sixteen bytes, so", &mut outbox);
    rejecting.write(b"", &mut outbox);
    rejecting.write(b"!", &mut outbox);
    let rejected = rejecting.finish(&mut outbox);
    assert_eq!(
        text(&mut outbox),
        "HTTP/1.1 404 Not Found\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n\
         11\r\nsixteen bytes, so\r\n1\r\n!\r\n0\r\n\r\n"
    );
    assert_eq!(
        (rejected.status(), rejected.shutdown()),
        (404, Shutdown::CloseNow)
    );
}

#[test]
fn a_status_that_cannot_refuse_cannot_be_had() {
    for status in (0..200).chain([204, 205, 304]).chain(600..=u16::MAX) {
        assert_eq!(RejectStatus::new(status), None);
    }
    for status in [200, 301, 400, 401, 403, 404, 426, 429, 500, 503, 599] {
        assert_eq!(
            RejectStatus::new(status).map(RejectStatus::get),
            Some(status)
        );
    }
}

#[test]
fn refusals_of_the_library_are_exact() {
    let refusal = |error: HandshakeError| {
        let mut outbox = Outbox::new();
        assert_eq!(error.respond(&mut outbox), Shutdown::CloseNow);
        text(&mut outbox)
    };
    assert_eq!(
        refusal(E::MissingKey),
        "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: text/plain\r\n\
         Content-Length: 20\r\n\r\nno Sec-WebSocket-Key"
    );
    // 1.10, RFC 6455 4.4: which version would do.
    for error in [E::MissingVersion, E::DuplicateVersion, E::InvalidVersion] {
        let refusal = refusal(error);
        assert!(refusal.starts_with("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n"));
        assert!(refusal.contains("\r\nSec-WebSocket-Version: 13\r\n"));
    }
    assert_eq!(
        refusal(E::UnsupportedVersion),
        "HTTP/1.1 426 Upgrade Required\r\nConnection: close\r\nContent-Type: text/plain\r\n\
         Sec-WebSocket-Version: 13\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Content-Length: 31\r\n\r\nSec-WebSocket-Version is not 13"
    );
    assert_eq!(
        refusal(E::MethodNotGet),
        "HTTP/1.1 405 Method Not Allowed\r\nConnection: close\r\nContent-Type: text/plain\r\n\
         Allow: GET\r\nContent-Length: 17\r\n\r\nmethod is not GET"
    );
    assert!(refusal(E::HeadTooLong).starts_with("HTTP/1.1 431 "));
    assert!(refusal(E::HttpVersion).starts_with("HTTP/1.1 505 "));
}

#[test]
fn a_refused_upgrade_never_keeps_the_connection_alive() {
    // kemal#767.
    for error in [
        E::EarlyEof,
        E::HeadTooLong,
        E::TooManyHeaders,
        E::BareLineFeed,
        E::ControlCharacter,
        E::FoldedHeader,
        E::MalformedStartLine,
        E::InvalidHeaderName,
        E::HttpVersion,
        E::MethodNotGet,
        E::InvalidTarget,
        E::MissingHost,
        E::DuplicateHost,
        E::InvalidHost,
        E::MissingUpgrade,
        E::MissingConnection,
        E::MissingVersion,
        E::DuplicateVersion,
        E::InvalidVersion,
        E::UnsupportedVersion,
        E::MissingKey,
        E::DuplicateKey,
        E::InvalidKey,
        E::RequestBody,
        E::InvalidOrigin,
        E::InvalidSubprotocols,
        E::InvalidExtensions,
    ] {
        let mut outbox = Outbox::new();
        assert_eq!(error.respond(&mut outbox), Shutdown::CloseNow);
        let refusal = text(&mut outbox);
        let (head, body) = refusal.split_once("\r\n\r\n").unwrap();
        assert!(head.contains("\r\nConnection: close\r\n"));
        assert!(head.contains(&format!("\r\nContent-Length: {}", body.len())));
        assert_eq!(body, error.to_string());
    }
}

#[test]
fn row_1_20_any_other_status_is_a_refusal_with_status_and_headers() {
    for status in [200, 204, 301, 304, 401, 403, 426, 500, 599, 999] {
        let head = format!("HTTP/1.1 {status} No\r\nX: a\r\nLocation: /b\r\n\r\n");
        assert_eq!(client::outcome(head.as_bytes()), Ok((status, None)));
        let Ok((ClientProgress::Rejected(rejected), _)) = client::receive(&[head.as_bytes()])
        else {
            panic!("{status} is no refusal");
        };
        assert_eq!((rejected.status(), rejected.reason()), (status, "No"));
        assert_eq!(rejected.headers().first("location"), Some(&b"/b"[..]));
        assert_eq!(rejected.shutdown(), Shutdown::AwaitEof);
    }
}

/// The body of an answer at every cut, and how it ends when the transport does.
fn body(answer: &[u8]) -> (Vec<u8>, bool, Result<(), HandshakeError>) {
    every_cut(answer, |pieces| {
        let mut inbox = Inbox::new();
        let mut outbox = Outbox::new();
        let mut handshaking = Some(Handshaking::<Client>::start_with(
            &client::request(),
            Limits::default(),
            client::SEED,
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
fn the_usual_statuses_have_their_reason_phrase() {
    // RFC 9110 15; RFC 6585 4 and 5 for 429 and 431.
    for (status, phrase) in [
        (200, "OK"),
        (301, "Moved Permanently"),
        (302, "Found"),
        (303, "See Other"),
        (307, "Temporary Redirect"),
        (308, "Permanent Redirect"),
        (400, "Bad Request"),
        (401, "Unauthorized"),
        (403, "Forbidden"),
        (404, "Not Found"),
        (405, "Method Not Allowed"),
        (408, "Request Timeout"),
        (410, "Gone"),
        (421, "Misdirected Request"),
        (426, "Upgrade Required"),
        (429, "Too Many Requests"),
        (431, "Request Header Fields Too Large"),
        (500, "Internal Server Error"),
        (502, "Bad Gateway"),
        (503, "Service Unavailable"),
        (504, "Gateway Timeout"),
        (505, "HTTP Version Not Supported"),
        (299, ""),
    ] {
        let mut outbox = Outbox::new();
        let status = RejectStatus::new(status).unwrap();
        let requested = requested(&server::request(&[]));
        let _ = requested.reject(status, &ExtraHeaders::new(), b"", &mut outbox);
        let line = format!("HTTP/1.1 {status} {phrase}\r\n");
        assert!(text(&mut outbox).starts_with(&line), "{line}");
    }
}
