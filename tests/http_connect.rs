//! RFC 8441 and RFC 9220: a WebSocket in one stream of HTTP/2 or HTTP/3, by extended CONNECT.
#![cfg(feature = "http")]

mod handshake_common;

use handshake_common::client::{SEED, request};
use handshake_common::parsed::lines;
use http::header::{HeaderName, HeaderValue};
use http::{Method, Version, request, response};
use wsproto::HandshakeError as E;
use wsproto::{
    Acceptance, CloseCode, CloseReason, Event, ExtraHeaders, HandshakeError, Http, Inbox,
    InvalidHeader, InvalidRequest, Limits, Outbox, RejectStatus, Request, Requested, Requesting,
};

const WEBSOCKET: Option<&str> = Some("websocket");
const VERSION: (&str, &str) = ("sec-websocket-version", "13");

/// Names and values.
type Lines<'a> = &'a [(&'a str, &'a str)];

/// The request of RFC 8441 5.1, without what may be left out.
fn parts(uri: &str, headers: Lines<'_>) -> request::Parts {
    let (mut parts, ()) = http::Request::new(()).into_parts();
    parts.method = Method::CONNECT;
    parts.version = Version::HTTP_2;
    parts.uri = uri.parse().unwrap();
    for (name, value) in headers {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
        parts.headers.append(name, value);
    }
    parts
}

fn from(parts: &request::Parts, protocol: Option<&str>) -> Result<Requested<Http>, HandshakeError> {
    Requested::from_extended_connect(parts, protocol, Limits::default())
}

const CHAT: &str = "https://server.example.com/chat";

fn requested(headers: Lines<'_>) -> Requested<Http> {
    let headers = [&[VERSION], headers].concat();
    from(&parts(CHAT, &headers), WEBSOCKET).unwrap()
}

#[test]
fn requests_that_are_accepted() {
    // What is asked for, headers beside the version, and host and target as they are shown.
    let rows: &[(&str, Lines<'_>, &str, &str)] = &[
        (CHAT, &[], "server.example.com", "/chat"),
        (
            "http://server.example.com/chat",
            &[],
            "server.example.com",
            "/chat",
        ),
        ("https://a:8443/b?c=d%20e", &[], "a:8443", "/b?c=d%20e"),
        ("https://[::1]/", &[], "[::1]", "/"),
        ("https://a//b/", &[], "a", "//b/"),
        // RFC 9113 8.3.1: one that says the same, as who translates from HTTP/1 may send it.
        (
            CHAT,
            &[("host", "SERVER.example.com")],
            "server.example.com",
            "/chat",
        ),
        // RFC 8441 5: there is no key, and one that is there says nothing.
        (
            CHAT,
            &[("sec-websocket-key", "x")],
            "server.example.com",
            "/chat",
        ),
        // RFC 9113 8.2.2.
        (CHAT, &[("te", "trailers")], "server.example.com", "/chat"),
        (
            CHAT,
            &[("content-length", "0")],
            "server.example.com",
            "/chat",
        ),
        (
            CHAT,
            &[("origin", "null"), ("cookie", "a")],
            "server.example.com",
            "/chat",
        ),
    ];
    for (uri, headers, host, target) in rows {
        for version in [Version::HTTP_2, Version::HTTP_3] {
            let mut parts = parts(uri, &[&[VERSION], *headers].concat());
            parts.version = version;
            let requested = from(&parts, WEBSOCKET).unwrap();
            assert_eq!((requested.host(), requested.target()), (*host, *target));
            let (response, _open) = requested.accept(Acceptance::default());
            assert_eq!(response.status(), 200);
            assert_eq!(lines(response.headers()), []);
        }
    }
}

#[test]
fn requests_whose_pseudo_headers_are_wrong_are_refused() {
    let good = || parts(CHAT, &[VERSION]);
    let refused = |parts: &request::Parts, protocol| from(parts, protocol).map(|_| ()).unwrap_err();
    // RFC 8441 4: `:protocol`, in its one spelling.
    assert_eq!(refused(&good(), None), E::MissingProtocol);
    for protocol in ["", "WebSocket", "websocket ", "connect-udp", "webtransport"] {
        assert_eq!(refused(&good(), Some(protocol)), E::UnsupportedProtocol);
    }
    for method in [Method::GET, Method::POST, "connect".parse().unwrap()] {
        let mut parts = good();
        parts.method = method;
        assert_eq!(refused(&parts, WEBSOCKET), E::MethodNotConnect);
    }
    for version in [Version::HTTP_10, Version::HTTP_11] {
        let mut parts = good();
        parts.version = version;
        assert_eq!(refused(&parts, WEBSOCKET), E::HttpVersion);
    }
    // `:scheme`, `:authority`, `:path`.
    for (uri, error) in [
        ("server.example.com", E::InvalidScheme),
        ("/chat", E::InvalidScheme),
        ("*", E::InvalidScheme),
        ("wss://server.example.com/chat", E::InvalidScheme),
        ("ftp://server.example.com/chat", E::InvalidScheme),
        ("https://me@server.example.com/chat", E::InvalidHost),
        ("https://a:65536/chat", E::InvalidHost),
        ("https://[::g]/chat", E::InvalidHost),
        ("https://a/\u{e9}", E::InvalidTarget),
    ] {
        assert_eq!(refused(&parts(uri, &[VERSION]), WEBSOCKET), error, "{uri}");
    }
    let mut uri = http::uri::Parts::default();
    uri.scheme = Some(http::uri::Scheme::HTTPS);
    uri.authority = Some("a".parse().unwrap());
    uri.path_and_query = Some("*".parse().unwrap());
    let mut parts = good();
    parts.uri = http::Uri::from_parts(uri).unwrap();
    assert_eq!(refused(&parts, WEBSOCKET), E::InvalidTarget);
}

/// What is wrong with the headers of a request, and each way to be so.
type Refused<'a> = (HandshakeError, &'a [Lines<'a>]);

#[rustfmt::skip]
const REFUSED: &[Refused<'_>] = &[
    (E::MissingVersion, &[&[]]),
    (E::DuplicateVersion, &[&[VERSION, VERSION]]),
    (E::InvalidVersion, &[&[("sec-websocket-version", "13x")], &[("sec-websocket-version", "")]]),
    (E::UnsupportedVersion, &[&[("sec-websocket-version", "8")]]),
    // RFC 9113 8.3.1.
    (E::DuplicateHost, &[
        &[VERSION, ("host", "other.example.com")],
        &[VERSION, ("host", "")],
        &[VERSION, ("host", "server.example.com"), ("host", "server.example.com")],
    ]),
    // RFC 9113 8.2.2, RFC 8441 5.
    (E::ConnectionHeader, &[
        &[VERSION, ("connection", "upgrade")],
        &[VERSION, ("upgrade", "websocket")],
        &[VERSION, ("keep-alive", "timeout=5")],
        &[VERSION, ("proxy-connection", "keep-alive")],
        &[VERSION, ("transfer-encoding", "chunked")],
        &[VERSION, ("te", "gzip")],
        &[VERSION, ("te", "trailers"), ("te", "gzip")],
    ]),
    (E::RequestBody, &[&[VERSION, ("content-length", "5")]]),
    (E::InvalidOrigin, &[
        &[VERSION, ("origin", "")],
        &[VERSION, ("origin", "https://a"), ("origin", "https://b")],
        &[VERSION, ("origin", "https://\u{e9}")],
    ]),
    (E::InvalidSubprotocols, &[
        &[VERSION, ("sec-websocket-protocol", "")],
        &[VERSION, ("sec-websocket-protocol", "a b")],
        &[VERSION, ("sec-websocket-protocol", "a"), ("sec-websocket-protocol", "a")],
    ]),
    (E::InvalidExtensions, &[
        &[VERSION, ("sec-websocket-extensions", "")],
        &[VERSION, ("sec-websocket-extensions", "a;")],
    ]),
];

#[test]
fn requests_whose_headers_are_wrong_are_refused() {
    for (error, rows) in REFUSED {
        for headers in *rows {
            let refused = from(&parts(CHAT, headers), WEBSOCKET).map(|_| ());
            assert_eq!(refused, Err(*error), "{headers:?}");
        }
    }
}

#[test]
fn the_limits_of_a_head_are_held() {
    let parts = parts(CHAT, &[VERSION, ("a", "b")]);
    let from = |limits| Requested::from_extended_connect(&parts, WEBSOCKET, limits).map(|_| ());
    let limits = Limits::default();
    assert_eq!(from(limits.head_headers(2)), Ok(()));
    assert_eq!(from(limits.head_headers(1)), Err(E::TooManyHeaders));
    // Host and target, two lines, an empty one.
    let len = 18 + 5 + 27 + 6 + 2;
    assert_eq!(from(limits.head_bytes(len)), Ok(()));
    assert_eq!(from(limits.head_bytes(len - 1)), Err(E::HeadTooLong));
}

#[test]
fn an_acceptance_is_exact_and_has_no_header_of_a_connection() {
    let requested = requested(&[("sec-websocket-protocol", "superchat, chat")]);
    let chat = requested.choose_subprotocol(&["chat"]);
    let headers = ExtraHeaders::new().with("Server", "a").unwrap();
    let headers = headers.with("Keep-Alive", "timeout=5").unwrap();
    let acceptance = Acceptance::default().subprotocol(chat).headers(headers);
    let (response, _open) = requested.accept(acceptance);
    assert_eq!(response.status(), 200);
    assert_eq!(
        lines(response.headers()),
        [("sec-websocket-protocol", "chat"), ("server", "a")]
    );
}

#[test]
fn a_refusal_never_has_a_status_that_would_accept() {
    let headers = ExtraHeaders::new()
        .with("Proxy-Connection", "close")
        .unwrap();
    let reject = |status: RejectStatus| requested(&[]).reject(status, &headers, "no");
    let response = reject(RejectStatus::FORBIDDEN);
    assert_eq!((response.status().as_u16(), *response.body()), (403, "no"));
    assert_eq!(lines(response.headers()), []);
    for status in (200..300).filter_map(RejectStatus::new) {
        assert_eq!(reject(status).status(), 500, "{status}");
    }
    assert_eq!(reject(RejectStatus::literal::<302>()).status(), 302);
}

#[test]
fn refusals_of_the_library_have_no_header_of_a_connection() {
    let text = ("content-type", "text/plain");
    let version = ("sec-websocket-version", "13");
    for (error, status, expected) in [
        (E::MissingProtocol, 400, vec![text]),
        (E::UnsupportedProtocol, 501, vec![text]),
        (E::InvalidScheme, 400, vec![text]),
        (E::ConnectionHeader, 400, vec![text]),
        (E::MethodNotConnect, 405, vec![text, ("allow", "CONNECT")]),
        (E::MissingVersion, 400, vec![text, version]),
        // 426 would have to name what to upgrade to, which is a header of a connection.
        (E::UnsupportedVersion, 400, vec![text, version]),
    ] {
        for http in [Version::HTTP_2, Version::HTTP_3] {
            let response = error.response(http);
            assert_eq!(response.status(), status, "{error}");
            assert_eq!(lines(response.headers()), expected, "{error}");
            assert_eq!(*response.body(), error.as_str());
        }
    }
}

#[test]
fn the_request_of_a_client_is_exact() {
    for (uri, sent_uri) in [
        (
            "wss://server.example.com/chat",
            "https://server.example.com/chat",
        ),
        ("ws://[::1]:81?a", "http://[::1]:81/?a"),
    ] {
        let request = Request::from_uri(uri)
            .unwrap()
            .subprotocols(&["a", "b"])
            .unwrap();
        let request = request.header("Cookie", "c=d").unwrap();
        let limits = Limits::default();
        let (sent, _) = Requesting::extended_connect(&request, (), limits, SEED).unwrap();
        assert_eq!(sent.method(), Method::CONNECT);
        assert_eq!(sent.uri().to_string(), sent_uri);
        assert_eq!(
            lines(sent.headers()),
            [
                VERSION,
                ("sec-websocket-protocol", "a, b"),
                ("cookie", "c=d")
            ]
        );
    }
    let of_connection = request().header("Keep-Alive", "timeout=5").unwrap();
    let sent = Requesting::extended_connect(&of_connection, (), Limits::default(), SEED);
    let error = InvalidRequest::Header(InvalidHeader::Reserved);
    assert_eq!(sent.map(|_| ()).unwrap_err(), error);
}

fn confirm(status: u16, headers: Lines<'_>) -> Result<Option<String>, HandshakeError> {
    let limits = Limits::default();
    let (_, requesting) = Requesting::extended_connect(&request(), (), limits, SEED).unwrap();
    let mut response = http::Response::builder()
        .status(status)
        .version(Version::HTTP_2);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    let (parts, ()): (response::Parts, ()) = response.body(()).unwrap().into_parts();
    let accepted = requesting.confirm(&parts)?;
    assert_eq!(accepted.response.status(), status);
    Ok(accepted.response.subprotocol().map(Into::into))
}

#[test]
fn answers_that_open_the_stream_and_answers_that_do_not() {
    assert_eq!(confirm(200, &[]), Ok(None));
    assert_eq!(confirm(299, &[]), Ok(None));
    let chat = ("sec-websocket-protocol", "chat");
    assert_eq!(confirm(200, &[chat]), Ok(Some("chat".into())));
    // An accept value is no part of this.
    assert_eq!(confirm(200, &[("sec-websocket-accept", "x")]), Ok(None));
    for status in [101, 302, 400, 403, 501] {
        assert_eq!(confirm(status, &[]), Err(E::Refused), "{status}");
    }
    for (headers, error) in [
        (&[("connection", "Upgrade")][..], E::ConnectionHeader),
        (&[("upgrade", "websocket")], E::ConnectionHeader),
        (
            &[("sec-websocket-protocol", "other")],
            E::UnofferedSubprotocol,
        ),
        (&[chat, chat], E::DuplicateSubprotocol),
        (&[("sec-websocket-extensions", "a")], E::UnofferedExtension),
        (&[("sec-websocket-extensions", "a;")], E::InvalidExtensions),
    ] {
        assert_eq!(confirm(200, headers), Err(error), "{headers:?}");
    }
}

#[test]
fn two_ends_talk_in_a_stream_and_the_client_masks() {
    let limits = Limits::default();
    let (sent, requesting) = Requesting::extended_connect(&request(), (), limits, SEED).unwrap();
    let (mut parts, ()) = sent.into_parts();
    // As the server's stack shows what it received.
    parts.version = Version::HTTP_2;
    let (response, mut server) = from(&parts, WEBSOCKET)
        .unwrap()
        .accept(Acceptance::default());
    let mut client = requesting.confirm(&response.into_parts().0).unwrap().open;

    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    client.send_text("hello", &mut outbox);
    let client = client.close(CloseCode::NORMAL, CloseReason::default(), &mut outbox);
    let sent = outbox.bytes_to_send(None);
    // The first key of the seed masks the first frame: no other has been drawn.
    assert_eq!(sent[..6], [0x81, 0x85, 0x3e, 0x00, 0xef, 0x2f]);
    inbox.extend(&sent);
    match server.receive(&mut inbox, &mut outbox) {
        Ok(Some(Event::Text(text))) => assert_eq!(&*text, "hello"),
        other => panic!("{other:?}"),
    }
    match server.receive(&mut inbox, &mut outbox) {
        Ok(Some(Event::Close(close))) => {
            assert!(server.acknowledge(close, &mut outbox).is_clean());
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(outbox.bytes_to_send(None), b"\x88\x02\x03\xe8"[..]);
    // END_STREAM before the answer: as when TCP ends (RFC 8441 5).
    assert!(!client.eof().is_clean());
}

#[cfg(feature = "deflate")]
#[test]
fn extensions_are_negotiated_in_both_ways() {
    use wsproto::{DeflateOffer, Narrowed};
    let limits = Limits::default();
    let offer = DeflateOffer::default;
    let (mut sent, requesting) =
        Requesting::extended_connect(&request(), offer(), limits, SEED).unwrap();
    *sent.version_mut() = Version::HTTP_3;
    let requested = from(&sent.into_parts().0, WEBSOCKET).unwrap();
    let (response, server) = requested.accept_with(offer(), Acceptance::default());
    assert!(
        response.headers()["sec-websocket-extensions"]
            .as_bytes()
            .starts_with(b"permessage-")
    );
    let accepted = requesting.confirm(&response.into_parts().0).unwrap();
    assert!(matches!(server.narrow(), Narrowed::With(_)));
    assert!(accepted.require().is_ok());

    let (sent, requesting) = Requesting::upgrade(&request(), offer(), limits, SEED).unwrap();
    let requested = Requested::from_parts(&sent.into_parts().0, limits).unwrap();
    let (response, server) = requested.accept_with(offer(), Acceptance::default());
    let accepted = requesting.confirm(&response.into_parts().0).unwrap();
    assert!(matches!(server.narrow(), Narrowed::With(_)));
    assert!(accepted.require().is_ok());
}
