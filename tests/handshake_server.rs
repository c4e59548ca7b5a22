//! RFC 6455 4.2: the opening handshake of a server. Rows are those of the conformance list,
//! section 1.

mod handshake_common;

use handshake_common::every_cut;
use wsproto::HandshakeError as E;
use wsproto::{
    Acceptance, Chunks, Event, ExtraHeaders, HandshakeError, Handshaking, Inbox, InvalidHeader,
    Limits, Outbox, RejectStatus, Requested, Server, ServerProgress, Shutdown,
};

/// The request of RFC 6455 1.3, with what is required.
const REQUEST: [&str; 6] = [
    "GET /chat HTTP/1.1",
    "Host: server.example.com",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13",
];

/// The answer of RFC 6455 1.3, without a subprotocol.
const ANSWER: &str = "HTTP/1.1 101 Switching Protocols\r\n\
                      Upgrade: websocket\r\n\
                      Connection: Upgrade\r\n\
                      Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\
                      \r\n";

type Edits<'a> = &'a [(&'a str, &'a [&'a str])];

fn request(edits: Edits<'_>) -> Vec<u8> {
    handshake_common::head(&REQUEST, edits)
}

/// The request that arrives in `pieces`, and what is left in the inbox behind it.
fn receive_with(limits: Limits, pieces: &[&[u8]]) -> Result<(Requested, Vec<u8>), HandshakeError> {
    let mut inbox = Inbox::new();
    let mut progress = ServerProgress::Handshaking(Handshaking::<Server>::new(limits));
    for piece in pieces {
        inbox.extend(piece);
        if let ServerProgress::Handshaking(handshaking) = progress {
            progress = handshaking.receive(&mut inbox)?;
        }
    }
    match progress {
        ServerProgress::Requested(requested) => Ok((requested, inbox.unread().into())),
        ServerProgress::Handshaking(handshaking) => Err(handshaking.eof()),
    }
}

fn receive(pieces: &[&[u8]]) -> Result<(Requested, Vec<u8>), HandshakeError> {
    receive_with(Limits::default(), pieces)
}

fn requested(request: &[u8]) -> Requested {
    receive(&[request]).expect("a request that is all right").0
}

/// What the server sends when it accepts.
fn accepted(requested: Requested, acceptance: Acceptance) -> String {
    let mut outbox = Outbox::new();
    let _open = requested.accept(acceptance, &mut outbox);
    text(&mut outbox)
}

fn text(outbox: &mut Outbox) -> String {
    String::from_utf8(outbox.bytes_to_send(None).into()).unwrap()
}

/// Target, host and the answer of an acceptance, at every cut; or the error.
fn outcome(request: &[u8]) -> Result<(String, String, String), HandshakeError> {
    every_cut(request, |pieces| {
        receive(pieces).map(|(requested, rest)| {
            assert_eq!(rest, b"");
            let (target, host) = (requested.target().into(), requested.host().into());
            (target, host, accepted(requested, Acceptance::default()))
        })
    })
}

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

#[test]
fn requests_that_are_refused() {
    let key = |value: &str| format!("Sec-WebSocket-Key: {value}");
    let bad_keys = [
        ("1.8 empty key", key("")),
        ("1.8 key of one character (wsproto 1.3.2)", key("x")),
        ("1.8 key not in base64", key("dGhlIHNhbXBsZSBub25jZ!==")),
        ("1.8 key of 15 bytes", key("dGhlIHNhbXBsZSBub25j")),
        ("1.8 key of 17 bytes", key("dGhlIHNhbXBsZSBub25jZTE=")),
        ("1.8 key without padding", key("dGhlIHNhbXBsZSBub25jZQ")),
        (
            "1.8 key with a space inside",
            key("dGhlIHNhbXBs ZSBub25jZQ=="),
        ),
        ("1.8 url-safe key", key("dGhlIHNhbXBsZSBub25j-_==")),
    ];
    for (name, line) in &bad_keys {
        let edits: Edits<'_> = &[("Sec-WebSocket-Key", &[line])];
        assert_eq!(outcome(&request(edits)), Err(E::InvalidKey), "{name}");
    }

    let rows: &[(&str, Edits<'_>, HandshakeError, u16)] = &[
        (
            "1.1 POST",
            &[("GET", &["POST /chat HTTP/1.1"])],
            E::MethodNotGet,
            405,
        ),
        (
            "1.1 HEAD",
            &[("GET", &["HEAD /chat HTTP/1.1"])],
            E::MethodNotGet,
            405,
        ),
        (
            "1.1 get",
            &[("GET", &["get /chat HTTP/1.1"])],
            E::MethodNotGet,
            405,
        ),
        (
            "1.1 CONNECT",
            &[("GET", &["CONNECT a:80 HTTP/1.1"])],
            E::MethodNotGet,
            405,
        ),
        (
            "1.2 HTTP/1.0",
            &[("GET", &["GET /chat HTTP/1.0"])],
            E::HttpVersion,
            505,
        ),
        (
            "1.2 HTTP/2.0",
            &[("GET", &["GET /chat HTTP/2.0"])],
            E::HttpVersion,
            505,
        ),
        (
            "1.2 http/1.1",
            &[("GET", &["GET /chat http/1.1"])],
            E::HttpVersion,
            505,
        ),
        (
            "1.2 HTTP/0.9",
            &[("GET", &["GET /chat"])],
            E::MalformedStartLine,
            400,
        ),
        ("1.3 no Host", &[("Host", &[])], E::MissingHost, 400),
        (
            "1.3 two Hosts",
            &[("", &["Host: server.example.com"])],
            E::DuplicateHost,
            400,
        ),
        (
            "1.3 empty Host",
            &[("Host", &["Host:"])],
            E::InvalidHost,
            400,
        ),
        (
            "1.3 non-ASCII Host (wsproto 1.3.2)",
            &[("Host", &["Host: \u{e9}"])],
            E::InvalidHost,
            400,
        ),
        (
            "1.3 Host with a user",
            &[("Host", &["Host: me@example.com"])],
            E::InvalidHost,
            400,
        ),
        (
            "1.3 Host with a path",
            &[("Host", &["Host: example.com/"])],
            E::InvalidHost,
            400,
        ),
        (
            "1.3 Host with a port above",
            &[("Host", &["Host: a:65536"])],
            E::InvalidHost,
            400,
        ),
        (
            "1.3 Host in brackets",
            &[("Host", &["Host: [::g]"])],
            E::InvalidHost,
            400,
        ),
        (
            "1.4 no Upgrade",
            &[("Upgrade", &[])],
            E::MissingUpgrade,
            400,
        ),
        (
            "1.4 h2c",
            &[("Upgrade", &["Upgrade: h2c"])],
            E::MissingUpgrade,
            400,
        ),
        (
            "1.4 websocketx",
            &[("Upgrade", &["Upgrade: websocketx"])],
            E::MissingUpgrade,
            400,
        ),
        (
            "1.4 part of a token",
            &[("Upgrade", &["Upgrade: web socket"])],
            E::MissingUpgrade,
            400,
        ),
        (
            "1.6 no Connection",
            &[("Connection", &[])],
            E::MissingConnection,
            400,
        ),
        (
            "1.6 keep-alive",
            &[("Connection", &["Connection: keep-alive"])],
            E::MissingConnection,
            400,
        ),
        (
            "1.6 Upgradex",
            &[("Connection", &["Connection: Upgradex"])],
            E::MissingConnection,
            400,
        ),
        (
            "1.8 no key",
            &[("Sec-WebSocket-Key", &[])],
            E::MissingKey,
            400,
        ),
        (
            "1.8 two keys (wsproto 1.3.2)",
            &[("", &["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="])],
            E::DuplicateKey,
            400,
        ),
        (
            "1.10 no version",
            &[("Sec-WebSocket-Version", &[])],
            E::MissingVersion,
            400,
        ),
        (
            "1.10 two versions",
            &[("", &["Sec-WebSocket-Version: 13"])],
            E::DuplicateVersion,
            400,
        ),
        (
            "1.10 13x",
            &[("Sec-WebSocket-Version", &["Sec-WebSocket-Version: 13x"])],
            E::InvalidVersion,
            400,
        ),
        (
            "1.10 empty version",
            &[("Sec-WebSocket-Version", &["Sec-WebSocket-Version: "])],
            E::InvalidVersion,
            400,
        ),
        (
            "1.10 a list of versions",
            &[("Sec-WebSocket-Version", &["Sec-WebSocket-Version: 13, 8"])],
            E::InvalidVersion,
            400,
        ),
        (
            "1.10 -13",
            &[("Sec-WebSocket-Version", &["Sec-WebSocket-Version: -13"])],
            E::InvalidVersion,
            400,
        ),
        (
            "1.10 version 0",
            &[("Sec-WebSocket-Version", &["Sec-WebSocket-Version: 0"])],
            E::UnsupportedVersion,
            426,
        ),
        (
            "1.10 version 7",
            &[("Sec-WebSocket-Version", &["Sec-WebSocket-Version: 7"])],
            E::UnsupportedVersion,
            426,
        ),
        (
            "1.10 version 8",
            &[("Sec-WebSocket-Version", &["Sec-WebSocket-Version: 8"])],
            E::UnsupportedVersion,
            426,
        ),
        (
            "1.10 version 14",
            &[("Sec-WebSocket-Version", &["Sec-WebSocket-Version: 14"])],
            E::UnsupportedVersion,
            426,
        ),
        (
            "1.10 version 256",
            &[("Sec-WebSocket-Version", &["Sec-WebSocket-Version: 256"])],
            E::UnsupportedVersion,
            426,
        ),
        (
            "1.10 a version that is no u64",
            &[(
                "Sec-WebSocket-Version",
                &["Sec-WebSocket-Version: 99999999999999999999"],
            )],
            E::UnsupportedVersion,
            426,
        ),
        (
            "1.12 not a token",
            &[("", &["Sec-WebSocket-Protocol: a b"])],
            E::InvalidSubprotocols,
            400,
        ),
        (
            "1.12 not a token, later",
            &[(
                "",
                &[
                    "Sec-WebSocket-Protocol: a, b",
                    "Sec-WebSocket-Protocol: c, (d)",
                ],
            )],
            E::InvalidSubprotocols,
            400,
        ),
        (
            "1.12 twice the same",
            &[("", &["Sec-WebSocket-Protocol: a, b, a"])],
            E::InvalidSubprotocols,
            400,
        ),
        (
            "1.12 twice the same in two lines",
            &[(
                "",
                &["Sec-WebSocket-Protocol: a", "Sec-WebSocket-Protocol: a"],
            )],
            E::InvalidSubprotocols,
            400,
        ),
        (
            "1.12 a list of nothing",
            &[("", &["Sec-WebSocket-Protocol: , ,"])],
            E::InvalidSubprotocols,
            400,
        ),
        (
            "1.16 obs-fold",
            &[("", &["X: a", " b"])],
            E::FoldedHeader,
            400,
        ),
        (
            "1.16 obs-fold with a tab",
            &[("", &["X: a", "\tb"])],
            E::FoldedHeader,
            400,
        ),
        (
            "1.16 obs-fold of nothing",
            &[("", &["X: a", " "])],
            E::FoldedHeader,
            400,
        ),
        (
            "1.16 space before the first header",
            &[("Host", &[" Host: a"])],
            E::FoldedHeader,
            400,
        ),
        (
            "1.16 space before a colon",
            &[("", &["X : a"])],
            E::InvalidHeaderName,
            400,
        ),
        ("1.16 no colon", &[("", &["X"])], E::InvalidHeaderName, 400),
        ("1.16 no name", &[("", &[": a"])], E::InvalidHeaderName, 400),
        (
            "1.16 a name that is no token",
            &[("", &["X(): a"])],
            E::InvalidHeaderName,
            400,
        ),
        (
            "1.16 a non-ASCII name",
            &[("", &["\u{e9}: a"])],
            E::InvalidHeaderName,
            400,
        ),
        (
            "1.16 NUL in a value",
            &[("", &["X: a\0b"])],
            E::ControlCharacter,
            400,
        ),
        (
            "1.16 DEL in a value",
            &[("", &["X: a\x7fb"])],
            E::ControlCharacter,
            400,
        ),
        (
            "1.16 VT in a value",
            &[("", &["X: a\x0bb"])],
            E::ControlCharacter,
            400,
        ),
        (
            "1.16 CR in a value",
            &[("", &["X: a\rb"])],
            E::ControlCharacter,
            400,
        ),
        (
            "1.16 NUL in the target",
            &[("GET", &["GET /\0 HTTP/1.1"])],
            E::ControlCharacter,
            400,
        ),
        (
            "1.18 a body",
            &[("", &["Content-Length: 5"])],
            E::RequestBody,
            400,
        ),
        (
            "1.18 a length that is none",
            &[("", &["Content-Length: x"])],
            E::RequestBody,
            400,
        ),
        (
            "1.18 two lengths",
            &[("", &["Content-Length: 0", "Content-Length: 5"])],
            E::RequestBody,
            400,
        ),
        (
            "1.18 chunked",
            &[("", &["Transfer-Encoding: chunked"])],
            E::RequestBody,
            400,
        ),
        (
            "1.18 identity",
            &[("", &["transfer-encoding: identity"])],
            E::RequestBody,
            400,
        ),
        (
            "1.19 a fragment",
            &[("GET", &["GET /chat#a HTTP/1.1"])],
            E::InvalidTarget,
            400,
        ),
        (
            "1.19 a space",
            &[("GET", &["GET /chat room HTTP/1.1"])],
            E::MalformedStartLine,
            400,
        ),
        (
            "1.19 a tab",
            &[("GET", &["GET /chat\t HTTP/1.1"])],
            E::MalformedStartLine,
            400,
        ),
        (
            "1.19 non-ASCII",
            &[("GET", &["GET /\u{e9} HTTP/1.1"])],
            E::InvalidTarget,
            400,
        ),
        (
            "1.19 neither form",
            &[("GET", &["GET chat HTTP/1.1"])],
            E::InvalidTarget,
            400,
        ),
    ];
    for (name, edits, error, status) in rows {
        let request = request(edits);
        assert_eq!(outcome(&request), Err(*error), "{name}");
        assert_eq!(error.status(), *status, "{name}");
    }
    for (name, line) in [
        ("1.19 an asterisk", "GET * HTTP/1.1"),
        ("1.19 another scheme", "GET ftp://a/ HTTP/1.1"),
        (
            "1.19 an absolute form with a user",
            "GET http://a@b/ HTTP/1.1",
        ),
        (
            "1.19 an absolute form without a host",
            "GET http:///chat HTTP/1.1",
        ),
    ] {
        let request = request(&[("GET", &[line])]);
        assert_eq!(outcome(&request), Err(E::InvalidTarget), "{name}");
    }
    for (name, line) in [
        (
            "two origins",
            &["Origin: https://a", "Origin: https://b"][..],
        ),
        ("an origin that is not ASCII", &["Origin: https://\u{e9}"]),
        ("an empty origin", &["Origin:"]),
        ("a list of origins", &["Origin: https://a https://b"]),
    ] {
        assert_eq!(
            outcome(&request(&[("", line)])),
            Err(E::InvalidOrigin),
            "{name}"
        );
    }
    for line in [
        "a;;", "a;", ";", "=", "a=b", "a; b=\"", "a b", ",", "\"a\"", "",
    ] {
        let line = format!("Sec-WebSocket-Extensions: {line}");
        let request = request(&[("", &[&line])]);
        assert_eq!(outcome(&request), Err(E::InvalidExtensions), "6.9 {line}");
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
    let acceptance = Acceptance::default().subprotocol(choice);
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
fn a_refusal_of_the_application_is_exact() {
    let mut outbox = Outbox::new();
    let headers = ExtraHeaders::new()
        .with("Content-Type", "text/plain")
        .unwrap();
    let rejected =
        requested(&request(&[])).reject(RejectStatus::FORBIDDEN, &headers, b"go away", &mut outbox);
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
    let _ = requested(&request(&[])).reject(status, &none, b"", &mut outbox);
    assert_eq!(
        text(&mut outbox),
        "HTTP/1.1 599 \r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    );

    let status = RejectStatus::NOT_FOUND;
    let mut rejecting = requested(&request(&[])).start_reject(status, &none, &mut outbox);
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
fn the_end_of_the_transport_before_the_request_is_an_error() {
    assert_eq!(outcome(b""), Err(E::EarlyEof));
    let request = request(&[]);
    assert_eq!(outcome(&request[..request.len() - 1]), Err(E::EarlyEof));
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
