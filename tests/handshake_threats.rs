//! What has hurt servers in the opening handshake elsewhere, and must not here.

mod handshake_common;

use handshake_common::server::{outcome, receive_with, request, requested};
use wsproto::HandshakeError as E;
use wsproto::{ExtraHeaders, HandshakeError, InvalidHeader, Limits, Requested};

#[test]
fn row_1_32_what_an_application_adds_cannot_inject() {
    let with = |name, value: &str| ExtraHeaders::new().with(name, value).map(|_| ());
    for value in ["a\r\nb: c", "a\nb", "a\rb", "a\0", "\x7f", "\x1b"] {
        assert_eq!(with("A", value), Err(InvalidHeader::Value), "{value:?}");
    }
    for name in ["", "a b", "a:", "a\r\n", "a\0", "\u{e9}", "a,b", "\"a\""] {
        assert_eq!(with(name, "a"), Err(InvalidHeader::Name), "{name:?}");
    }
    for name in [
        "Host",
        "upgrade",
        "CONNECTION",
        "Content-Length",
        "Transfer-Encoding",
        "sec-websocket-accept",
        "Sec-WebSocket-Protocol",
        "Sec-WebSocket-Anything",
    ] {
        assert_eq!(with(name, "a"), Err(InvalidHeader::Reserved), "{name:?}");
    }
    for (name, value) in [("A", ""), ("Sec-WebSocket", "a\tb"), ("x-y", "\u{e9}")] {
        assert_eq!(with(name, value), Ok(()));
    }
}

#[test]
fn a_body_is_never_taken_for_frames() {
    // CVE-2026-69243 (aiohttp), CVE-2018-12541 (Vert.x), wsproto 1.3.2: a smuggling vector.
    let mut request = request(&[("", &["Content-Length: 11"])]);
    request.extend_from_slice(b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
    assert_eq!(outcome(&request), Err(E::RequestBody));
}

#[test]
fn more_headers_than_the_limit_are_no_crash() {
    // CVE-2024-37890 (ws): the header that was missing was the one behind the limit.
    let limits = Limits::default().head_headers(4);
    let result = receive_with(limits, &[&request(&[])]);
    assert_eq!(result.map(|_| ()), Err(E::TooManyHeaders));
}

#[test]
fn no_other_origin_passes_for_ours() {
    // CVE-2019-13611 and many more: cross-site WebSocket hijacking.
    let ours = ["https://example.com", "https://example.com:8443"];
    let check = |lines: &[&str]| requested(&request(&[("", lines)])).origin_is(&ours);
    assert!(check(&["Origin: https://example.com"]));
    assert!(check(&["origin:\thttps://example.com:8443 "]));
    for other in [
        "https://evil-example.com",
        "https://example.com.evil.com",
        "https://example.com:443",
        "http://example.com",
        "https://EXAMPLE.com",
        "https://example.com/",
        "example.com",
        "null",
    ] {
        assert!(!check(&[&format!("Origin: {other}")]), "{other}");
    }
    assert!(!check(&[]));
    let null = requested(&request(&[("", &["Origin: null"])]));
    assert!(!null.origin_is(&["null"]));
    assert_eq!(null.origin(), Some("null"));
}

/// One byte at a time; the steps are counted only in that a quadratic pass would not end.
fn trickle(request: &[u8], limits: Limits) -> Result<Requested, HandshakeError> {
    let bytes: Vec<&[u8]> = request.chunks(1).collect();
    receive_with(limits, &bytes).map(|(requested, _)| requested)
}

#[test]
fn an_endless_head_byte_by_byte_is_neither_quadratic_nor_unbounded() {
    // RUSTSEC-2023-0065 (tungstenite).
    let cookie = format!("Cookie: {}", "c".repeat(8 << 10));
    let honest = trickle(&request(&[("", &[&cookie])]), Limits::default());
    assert_eq!(
        honest.unwrap().headers().first("Cookie").unwrap().len(),
        8 << 10
    );

    let endless = [b"GET / HTTP/1.1\r\nA: ".to_vec(), vec![b'a'; 1 << 20]].concat();
    let error = trickle(&endless, Limits::default()).unwrap_err();
    assert_eq!(error, E::HeadTooLong);
    let error = trickle(&endless, Limits::default().head_bytes(1 << 20)).unwrap_err();
    assert_eq!(error, E::HeadTooLong);
}

#[test]
fn pathological_lists_are_not_quadratic() {
    // CVE-2023-26103 (Deno), CVE-2021-32640 (ws), CVE-2020-7662 (websocket-extensions).
    let size = 1 << 20;
    let limits = Limits::default().head_bytes(2 << 20);
    let spaces = " ".repeat(size);
    for (line, error) in [
        (format!("Connection: {}", ",".repeat(size)), None),
        (format!("Connection: {}", "upgrad,".repeat(size / 8)), None),
        (format!("Connection: a{spaces}b"), None),
        (format!("Upgrade: {}", " ,".repeat(size / 2)), None),
        (
            format!("Sec-WebSocket-Protocol: b{spaces}x"),
            Some(E::InvalidSubprotocols),
        ),
        (
            format!("Sec-WebSocket-Protocol: {}", "a,".repeat(size / 2)),
            Some(E::InvalidSubprotocols),
        ),
        (
            format!(
                "Sec-WebSocket-Extensions: a; b=\"{}",
                "\\c".repeat(size / 2)
            ),
            Some(E::InvalidExtensions),
        ),
        (
            format!("Sec-WebSocket-Extensions: a{}", ";b".repeat(size / 2)),
            None,
        ),
    ] {
        let request = request(&[("", &[&line])]);
        let result = receive_with(limits, &[&request]);
        assert_eq!(result.err(), error, "{}", &line[..30]);
    }
}

#[test]
fn nothing_that_follows_a_request_is_kept_while_it_is_refused() {
    use wsproto::events::{Event, RejectConnection, RejectData};
    use wsproto::{AnyInbox, Connection, Parts, Rejecting};

    let mut server = Connection::server();
    server.receive_bytes(
        "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
    );
    assert!(matches!(server.next_event(), Some(Event::Request(_))));
    let refusal = RejectConnection {
        has_body: true,
        ..RejectConnection::default()
    };
    server.send(refusal).unwrap();
    for _ in 0..1000 {
        server.receive_bytes([0x81; 1000]);
        assert_eq!(server.next_event(), None);
    }
    let parts = Parts::<Rejecting>::try_from(server).unwrap();
    let AnyInbox::Chunks(inbox) = &parts.inbox else {
        panic!("it is what a server has by default");
    };
    assert!(inbox.is_idle() && inbox.capacity() < 10_000);
    let mut server: Connection<wsproto::Server> = parts.into();
    let last = RejectData::from(bytes::Bytes::from_static(b"no"));
    server.send(last).unwrap();
    assert!(server.shutdown().is_some());
}
