//! RFC 6455 3, 4.1: what a client asks for. Rows are those of the conformance list, section 1.

mod handshake_common;

use handshake_common::client::{REQUEST, SEED, request};
use handshake_common::text;
use wsproto::{Client, Handshaking, InvalidHeader, InvalidRequest, Limits, Outbox, Request};

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

#[test]
fn a_host_is_a_name_by_rfc_3986_or_an_address_and_its_port_is_digits() {
    let new = |host: &str| Request::new(host, "/").map(|request| request.port());
    for host in ["a", "a%41b", "a!$&'()*+,;=b", "-._~", "127.0.0.1", "[::1]"] {
        assert_eq!(new(host), Ok(80), "{host}");
        assert_eq!(new(&format!("{host}:")), Ok(80), "{host}");
        assert_eq!(new(&format!("{host}:8080")), Ok(8080), "{host}");
    }
    for host in [
        "a%", "a%4", "a%4g", "a%g4", "a\"", "a<", "a[b]", "[::1", "[::1]x", "[::1]80", "[a]", "[]",
        "a:+80", "a:-80", "a:8 0", "a:65536", "a:80:80",
    ] {
        assert_eq!(new(host), Err(InvalidRequest::Host), "{host}");
    }
}
