//! RFC 6455 4.2: the opening handshake of a server. Rows are those of the conformance list,
//! section 1.

mod handshake_common;

use handshake_common::server::{ANSWER, accepted, outcome, receive_with, request, requested};
use handshake_common::{Edits, every_cut};
use wsproto::HandshakeError as E;
use wsproto::{
    Acceptance, Chunks, Event, ExtraHeaders, HandshakeError, Handshaking, Inbox, Limits, Outbox,
    Server, ServerProgress,
};

#[test]
fn requests_that_are_accepted() {
    let rows: &[(&str, Edits<'_>)] = &[
        ("1.11 as in the RFC", &[]),
        ("1.5 any case", &[("Upgrade", &["Upgrade: WebSocket"])]),
        ("1.5 a list", &[("Upgrade", &["Upgrade: h2c, websocket"])]),
        ("1.5 two lines", &[("", &["upgrade: h2c"])]),
        (
            "1.7 a list",
            &[("Connection", &["Connection: keep-alive, UPGRADE"])],
        ),
        (
            "1.7 a list, tightly",
            &[("Connection", &["Connection:keep-alive,upgrade,x"])],
        ),
        (
            "1.7 two lines",
            &[(
                "Connection",
                &["Connection: keep-alive", "CONNECTION: Upgrade"],
            )],
        ),
        (
            "1.9 spaces around the key",
            &[(
                "Sec-WebSocket-Key",
                &["Sec-WebSocket-Key:   dGhlIHNhbXBsZSBub25jZQ==  "],
            )],
        ),
        (
            "1.9 tabs around the key",
            &[(
                "Sec-WebSocket-Key",
                &["Sec-WebSocket-Key:\tdGhlIHNhbXBsZSBub25jZQ==\t \t"],
            )],
        ),
        (
            "names in any case",
            &[(
                "Sec-WebSocket-Key",
                &["SEC-WEBSOCKET-KEY: dGhlIHNhbXBsZSBub25jZQ=="],
            )],
        ),
        ("1.18 a body of nothing", &[("", &["Content-Length: 0"])]),
        (
            "1.19 absolute form",
            &[("GET", &["GET http://server.example.com/chat HTTP/1.1"])],
        ),
        (
            "1.19 absolute form, wss",
            &[("GET", &["GET WSS://server.example.com/chat HTTP/1.1"])],
        ),
        (
            // RFC 9112 3.2.2.
            "1.19 absolute form, which overrides Host",
            &[
                ("GET", &["GET http://server.example.com/chat HTTP/1.1"]),
                ("Host", &["Host: other.example.com"]),
            ],
        ),
        ("an unknown header", &[("", &["X-Unknown: \u{e9}\t ~"])]),
        ("a header without a value", &[("", &["X-Unknown:"])]),
        (
            "subprotocols that nobody chooses",
            &[("", &["Sec-WebSocket-Protocol: a, b"])],
        ),
        (
            "extensions that nobody knows",
            &[("", &["Sec-WebSocket-Extensions: a; b=\"c\", d"])],
        ),
        ("an origin", &[("", &["Origin: null"])]),
    ];
    for (name, edits) in rows {
        let expected = ("/chat".into(), "server.example.com".into(), ANSWER.into());
        assert_eq!(outcome(&request(edits)), Ok(expected), "{name}");
    }
}

/// What is wrong with a request: the error and its status, and rows of a name and a change. `-`
/// leaves a line out, `+` adds one, and anything else stands in place of the line that begins alike.
type Refused<'a> = (HandshakeError, u16, &'a [(&'a str, &'a str)]);

#[rustfmt::skip]
const REFUSED: &[Refused<'_>] = &[
    (E::MethodNotGet, 405, &[
        ("1.1", "POST /chat HTTP/1.1"),
        ("1.1", "HEAD /chat HTTP/1.1"),
        ("1.1", "get /chat HTTP/1.1"),
        ("1.1", "CONNECT a:80 HTTP/1.1"),
    ]),
    (E::HttpVersion, 505, &[
        ("1.2", "GET /chat HTTP/1.0"),
        ("1.2", "GET /chat HTTP/2.0"),
        ("1.2", "GET /chat http/1.1"),
    ]),
    (E::MalformedStartLine, 400, &[
        ("1.2", "GET /chat"),
        ("1.19", "GET /chat room HTTP/1.1"),
        ("1.19", "GET /chat\t HTTP/1.1"),
        ("1.19", "GET  /chat HTTP/1.1"),
    ]),
    (E::MissingHost, 400, &[
        ("1.3", "-Host"),
    ]),
    (E::DuplicateHost, 400, &[
        ("1.3", "+Host: server.example.com"),
    ]),
    (E::InvalidHost, 400, &[
        ("1.3", "Host:"),
        ("1.3 (wsproto 1.3.2)", "Host: \u{e9}"),
        ("1.3", "Host: me@example.com"),
        ("1.3", "Host: example.com/"),
        ("1.3", "Host: a:65536"),
        ("1.3", "Host: [::g]"),
    ]),
    (E::MissingUpgrade, 400, &[
        ("1.4", "-Upgrade"),
        ("1.4", "Upgrade: h2c"),
        ("1.4", "Upgrade: websocketx"),
        ("1.4", "Upgrade: web socket"),
    ]),
    (E::MissingConnection, 400, &[
        ("1.6", "-Connection"),
        ("1.6", "Connection: keep-alive"),
        ("1.6", "Connection: Upgradex"),
    ]),
    (E::MissingKey, 400, &[
        ("1.8", "-Sec-WebSocket-Key"),
    ]),
    (E::DuplicateKey, 400, &[
        ("1.8 (wsproto 1.3.2)", "+Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="),
    ]),
    (E::InvalidKey, 400, &[
        ("1.8 empty", "Sec-WebSocket-Key:"),
        ("1.8 (wsproto 1.3.2)", "Sec-WebSocket-Key: x"),
        ("1.8 not base64", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZ!=="),
        ("1.8 15 bytes", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j"),
        ("1.8 17 bytes", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZTE="),
        ("1.8 18 bytes", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZTEy"),
        ("1.8 no padding", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ"),
        ("1.8 a space", "Sec-WebSocket-Key: dGhlIHNhbXBs ZSBub25jZQ=="),
        ("1.8 url-safe", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j-_=="),
    ]),
    (E::MissingVersion, 400, &[
        ("1.10", "-Sec-WebSocket-Version"),
    ]),
    (E::DuplicateVersion, 400, &[
        ("1.10", "+Sec-WebSocket-Version: 13"),
    ]),
    (E::InvalidVersion, 400, &[
        ("1.10", "Sec-WebSocket-Version: 13x"),
        ("1.10", "Sec-WebSocket-Version:"),
        ("1.10", "Sec-WebSocket-Version: 13, 8"),
        ("1.10", "Sec-WebSocket-Version: -13"),
    ]),
    (E::UnsupportedVersion, 426, &[
        ("1.10", "Sec-WebSocket-Version: 0"),
        ("1.10", "Sec-WebSocket-Version: 7"),
        ("1.10", "Sec-WebSocket-Version: 8"),
        ("1.10", "Sec-WebSocket-Version: 14"),
        ("1.10", "Sec-WebSocket-Version: 256"),
        ("1.10", "Sec-WebSocket-Version: 99999999999999999999"),
    ]),
    (E::InvalidSubprotocols, 400, &[
        ("1.12 not a token", "+Sec-WebSocket-Protocol: a b"),
        ("1.12 not a token", "+Sec-WebSocket-Protocol: a, (b)"),
        ("1.12 twice the same", "+Sec-WebSocket-Protocol: a, b, a"),
        ("1.12 a list of nothing", "+Sec-WebSocket-Protocol: , ,"),
        ("1.12 a list of nothing", "+Sec-WebSocket-Protocol:"),
    ]),
    (E::FoldedHeader, 400, &[
        ("1.16", "+X: a\r\n b"),
        ("1.16", "+X: a\r\n\tb"),
        ("1.16", "+X: a\r\n "),
        ("1.16", "GET / HTTP/1.1\r\n X: a"),
    ]),
    (E::InvalidHeaderName, 400, &[
        ("1.16 space before a colon", "+X : a"),
        ("1.16 no colon", "+X"),
        ("1.16 no name", "+: a"),
        ("1.16 no token", "+X(): a"),
        ("1.16 not ASCII", "+\u{e9}: a"),
    ]),
    (E::ControlCharacter, 400, &[
        ("1.16 NUL", "+X: a\0b"),
        ("1.16 DEL", "+X: a\x7fb"),
        ("1.16 VT", "+X: a\x0bb"),
        ("1.16 CR", "+X: a\rb"),
        ("1.16 NUL in the target", "GET /\0 HTTP/1.1"),
    ]),
    (E::RequestBody, 400, &[
        ("1.18", "+Content-Length: 5"),
        ("1.18", "+Content-Length: x"),
        ("1.18", "+Content-Length:"),
        ("1.18", "+Content-Length: 0\r\nContent-Length: 5"),
        ("1.18", "+Transfer-Encoding: chunked"),
        ("1.18", "+transfer-encoding: identity"),
    ]),
    (E::InvalidTarget, 400, &[
        ("1.19 a fragment", "GET /chat#a HTTP/1.1"),
        ("1.19 not ASCII", "GET /\u{e9} HTTP/1.1"),
        ("1.19 neither form", "GET chat HTTP/1.1"),
        ("1.19 an asterisk", "GET * HTTP/1.1"),
        ("1.19 another scheme", "GET ftp://a/ HTTP/1.1"),
        ("1.19 a user", "GET http://a@b/ HTTP/1.1"),
        ("1.19 no host", "GET http:///chat HTTP/1.1"),
    ]),
    (E::InvalidOrigin, 400, &[
        ("two", "+Origin: https://a\r\nOrigin: https://b"),
        ("not ASCII", "+Origin: https://\u{e9}"),
        ("empty", "+Origin:"),
        ("a list", "+Origin: https://a https://b"),
    ]),
    (E::InvalidExtensions, 400, &[
        ("6.9", "+Sec-WebSocket-Extensions: a;;"),
        ("6.9", "+Sec-WebSocket-Extensions: a;"),
        ("6.9", "+Sec-WebSocket-Extensions: ;"),
        ("6.9", "+Sec-WebSocket-Extensions: ="),
        ("6.9", "+Sec-WebSocket-Extensions: a=b"),
        ("6.9", "+Sec-WebSocket-Extensions: a; b=\""),
        ("6.9", "+Sec-WebSocket-Extensions: a b"),
        ("6.9", "+Sec-WebSocket-Extensions: ,"),
        ("6.9", "+Sec-WebSocket-Extensions: \"a\""),
        ("6.9", "+Sec-WebSocket-Extensions: "),
    ]),
];

#[test]
fn requests_that_are_refused() {
    for (error, status, rows) in REFUSED {
        assert_eq!(error.status(), *status, "{error}");
        for (name, change) in *rows {
            let request = match change.split_at(1) {
                ("-", start) => request(&[(start, &[])]),
                ("+", line) => request(&[("", &[line])]),
                _ if change.contains("HTTP/") || change.starts_with("GET") => {
                    request(&[("GET", &[change])])
                }
                _ => request(&[(change.split(':').next().unwrap(), &[change])]),
            };
            assert_eq!(outcome(&request), Err(*error), "{name}: {change:?}");
        }
    }
}

#[test]
fn row_1_16_a_head_that_is_wrong_byte_by_byte_is_refused_at_that_byte() {
    let rows: &[(&str, &[u8], HandshakeError)] = &[
        (
            "bare LF behind the first line",
            b"GET / HTTP/1.1\n",
            E::BareLineFeed,
        ),
        (
            "bare LF behind a header",
            b"GET / HTTP/1.1\r\nHost: a\n",
            E::BareLineFeed,
        ),
        (
            "bare LF for the empty line",
            b"GET / HTTP/1.1\r\nHost: a\r\n\n",
            E::BareLineFeed,
        ),
        (
            "CR without LF",
            b"GET / HTTP/1.1\r\nHost: a\rH",
            E::ControlCharacter,
        ),
        ("CR CR LF", b"GET / HTTP/1.1\r\r", E::ControlCharacter),
        ("an empty line before", b"\r", E::MalformedStartLine),
        ("a bare LF before", b"\n", E::BareLineFeed),
        ("a space before", b" ", E::MalformedStartLine),
        ("TLS", b"\x16", E::ControlCharacter),
    ];
    for (name, bytes, error) in rows {
        assert_eq!(outcome(bytes), Err(*error), "{name}");
        assert_eq!(
            outcome(&bytes[..bytes.len() - 1]),
            Err(E::EarlyEof),
            "{name}"
        );
    }
}

#[test]
fn row_1_12_the_subprotocol_is_one_that_was_offered_as_it_was_spelt() {
    let choose = |lines: &[&str], supported: &[&str]| {
        let requested = requested(&request(&[("", lines)]));
        let choice = requested.choose_subprotocol(supported);
        let acceptance = Acceptance::default().subprotocol(choice);
        let answer = accepted(requested, acceptance);
        let start = ANSWER.strip_suffix("\r\n").unwrap();
        answer.strip_prefix(start).unwrap().to_string()
    };
    let one = ["Sec-WebSocket-Protocol: superchat, chat"];
    let two = [
        "Sec-WebSocket-Protocol: superchat",
        "sec-websocket-protocol:\tchat ,, x",
    ];
    let chat = "Sec-WebSocket-Protocol: chat\r\n\r\n";
    assert_eq!(choose(&one, &["chat"]), chat);
    assert_eq!(choose(&two, &["chat"]), chat);
    assert_eq!(choose(&two, &["other", "chat", "superchat"]), chat);
    // 1.13: what was not offered cannot be chosen, and another case is another name.
    assert_eq!(choose(&two, &["other"]), "\r\n");
    assert_eq!(choose(&one, &["Chat"]), "\r\n");
    assert_eq!(choose(&[], &["chat"]), "\r\n");

    let requested = requested(&request(&[("", &two)]));
    let offered: Vec<&str> = requested.subprotocols().collect();
    assert_eq!(offered, ["superchat", "chat", "x"]);
}

#[test]
fn row_1_13_a_choice_from_another_request_cannot_name_what_was_not_offered() {
    let other = requested(&request(&[("", &["Sec-WebSocket-Protocol: a, b, c"])]));
    let choice = other.choose_subprotocol(&["c"]).unwrap();
    let acceptance = Acceptance::default().subprotocol(Some(choice));
    let answer = accepted(
        requested(&request(&[("", &["Sec-WebSocket-Protocol: a"])])),
        acceptance,
    );
    assert_eq!(answer, ANSWER);
}

#[test]
fn rows_1_14_and_1_15_frames_right_behind_the_request_are_the_first_frames_at_any_cut() {
    // libwebsockets#142, bun#43153, wsproto 1.3.2: these were lost. RFC 6455 5.7: "Hello" masked.
    let hello = b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";
    let mut input = request(&[]);
    input.extend_from_slice(hello);
    input.extend_from_slice(b"\x89\x80\0\0\0\0");
    let sent = every_cut(&input, |pieces| {
        let mut inbox = Inbox::<Chunks>::chunks();
        let mut outbox = Outbox::new();
        let mut text = String::new();
        let mut handshaking = Some(Handshaking::<Server>::new(Limits::default()));
        let mut open = None;
        for piece in pieces {
            inbox.extend(piece);
            if let Some(waiting) = handshaking.take() {
                match waiting.receive(&mut inbox).unwrap() {
                    ServerProgress::Handshaking(waiting) => handshaking = Some(waiting),
                    ServerProgress::Requested(requested) => {
                        open = Some(requested.accept(Acceptance::default(), &mut outbox));
                    }
                }
            }
            let Some(open) = &mut open else { continue };
            while let Some(event) = open.receive(&mut inbox, &mut outbox).unwrap() {
                if let Event::Text(chunk) = event {
                    text.push_str(&chunk);
                }
            }
        }
        (text, outbox.bytes_to_send(None))
    });
    let pong = b"\x8a\x00";
    assert_eq!(
        sent,
        ("Hello".into(), [ANSWER.as_bytes(), pong].concat().into())
    );
}

#[test]
fn row_1_17_heads_above_the_limits_are_refused_as_soon_as_that_is_known() {
    let limits = Limits::default().head_bytes(200).head_headers(6);
    let receive =
        |request: &[u8]| every_cut(request, |pieces| receive_with(limits, pieces).map(|_| ()));
    let line = |len: usize| {
        let base = request(&[("", &["A: "])]).len();
        request(&[("", &[&format!("A: {}", "a".repeat(len - base))])])
    };
    assert_eq!(receive(&line(200)), Ok(()));
    assert_eq!(receive(&line(201)), Err(E::HeadTooLong));
    // A line that never ends, wherever it starts.
    for request in [
        &b"GET /"[..],
        b"GET / HTTP/1.1\r\nA",
        b"GET / HTTP/1.1\r\nA: ",
    ] {
        let endless = [request, &[b'a'; 300]].concat();
        assert_eq!(receive(&endless[..200]), Err(E::HeadTooLong));
        assert_eq!(receive(&endless[..199]), Err(E::EarlyEof));
    }
    // Six headers, and the start of a seventh.
    assert_eq!(receive(&request(&[("", &["A: a"])])), Ok(()));
    let seven = request(&[("", &["A: a", "B: b"])]);
    assert_eq!(receive(&seven), Err(E::TooManyHeaders));
    assert_eq!(receive(&seven[..seven.len() - 7]), Err(E::TooManyHeaders));
    assert_eq!(receive(&seven[..seven.len() - 8]), Err(E::EarlyEof));
    assert_eq!(
        (E::HeadTooLong.status(), E::TooManyHeaders.status()),
        (431, 431)
    );
}

#[test]
fn row_1_19_the_target_is_in_origin_form_whatever_was_sent() {
    for (sent, target, host) in [
        ("/", "/", "server.example.com"),
        ("/a/b?c=d%20e", "/a/b?c=d%20e", "server.example.com"),
        (
            "//evil.example.com/",
            "//evil.example.com/",
            "server.example.com",
        ),
        ("http://a:81/b?c", "/b?c", "a:81"),
        ("https://[::1]", "/", "[::1]"),
        ("ws://a?b", "/?b", "a"),
    ] {
        let request = request(&[("GET", &[&format!("GET {sent} HTTP/1.1")])]);
        let requested = requested(&request);
        assert_eq!((requested.target(), requested.host()), (target, host));
    }
}

#[test]
fn extra_headers_go_out_as_they_are() {
    let headers = ExtraHeaders::new().with("Set-Cookie", "a=b").unwrap();
    let headers = headers.with("Set-Cookie", "c=d").unwrap();
    let acceptance = Acceptance::default().headers(headers);
    let answer = accepted(requested(&request(&[])), acceptance);
    let start = ANSWER.strip_suffix("\r\n").unwrap();
    assert_eq!(
        answer,
        format!("{start}Set-Cookie: a=b\r\nSet-Cookie: c=d\r\n\r\n")
    );
}

#[test]
fn the_headers_of_a_request_are_found_in_any_case_and_without_the_space_around() {
    let request = request(&[("", &["Cookie:\t a=b ", "X:", "COOKIE: c=d", "Y: \u{e9}"])]);
    let requested = requested(&request);
    let headers = requested.headers();
    assert_eq!(headers.first("cookie"), Some(&b"a=b"[..]));
    assert_eq!(headers.all("Cookie").collect::<Vec<_>>(), [b"a=b", b"c=d"]);
    assert_eq!(headers.first("x"), Some(&b""[..]));
    assert_eq!(headers.first("y"), Some("\u{e9}".as_bytes()));
    assert_eq!(headers.first("z"), None);
    let names: Vec<&str> = headers.iter().map(|(name, _)| name).collect();
    assert_eq!(names[..2], ["Host", "Upgrade"]);
    assert_eq!(names[5..], ["Cookie", "X", "COOKIE", "Y"]);
}

#[test]
fn the_end_of_the_transport_before_the_request_is_an_error() {
    assert_eq!(outcome(b""), Err(E::EarlyEof));
    let request = request(&[]);
    assert_eq!(outcome(&request[..request.len() - 1]), Err(E::EarlyEof));
}

#[test]
fn a_request_without_any_header_lacks_a_host() {
    assert_eq!(outcome(b"GET / HTTP/1.1\r\n\r\n"), Err(E::MissingHost));
}

#[test]
fn debug_shows_no_secret() {
    let request = request(&[
        ("GET", &["GET /?token=hidden HTTP/1.1"]),
        ("", &["Authorization: hidden"]),
    ]);
    let shown = format!("{:?}", requested(&request));
    assert!(!shown.contains("hidden"), "{shown}");
    let headers = ExtraHeaders::new().with("Set-Cookie", "hidden").unwrap();
    assert!(!format!("{headers:?}").contains("hidden"));
}
