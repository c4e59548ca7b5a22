//! What wsproto's own tests say of its behaviour, of this crate: facts and bytes, by the names of
//! those tests. `wsproto_suite/differences.md` lists what differs on purpose, or has no counterpart.

mod erased;

use erased::{accepting, answer, asked, carry, client, events, opened, requested, shaken};
use wsproto::events::{
    AcceptConnection, BytesMessage, CloseConnection, Event, Fail, Ping, Pong, RejectConnection,
    RejectData, TextMessage,
};
use wsproto::{
    CloseCode, CloseReason, CloseStatus, Connection, ControlPayload, ExtraHeaders, HandshakeError,
    LocalReason, Negotiate, Phase, Request, Role,
};

fn text(data: &str) -> Event {
    TextMessage::from(data).into()
}

fn text_piece(data: &str, frame_finished: bool, message_finished: bool) -> Event {
    let data = data.into();
    TextMessage {
        data,
        frame_finished,
        message_finished,
    }
    .into()
}

fn bytes(data: &[u8]) -> Event {
    BytesMessage::from(data).into()
}

fn bytes_piece(data: &[u8], frame_finished: bool, message_finished: bool) -> Event {
    let data = data.to_vec().into();
    BytesMessage {
        data,
        frame_finished,
        message_finished,
    }
    .into()
}

fn ping(payload: &[u8]) -> Event {
    Ping::from(ControlPayload::try_from(payload).unwrap()).into()
}

fn pong(payload: &[u8]) -> Event {
    Pong::from(ControlPayload::try_from(payload).unwrap()).into()
}

fn close(code: CloseStatus, reason: &str) -> Event {
    let reason = CloseReason::try_from(reason).unwrap();
    CloseConnection { code, reason }.into()
}

fn status(code: u16) -> CloseStatus {
    match code {
        1005 => CloseStatus::NO_STATUS_RCVD,
        1006 => CloseStatus::ABNORMAL_CLOSURE,
        code => CloseCode::new(code).unwrap().into(),
    }
}

fn headers(lines: &[(&str, &str)]) -> ExtraHeaders {
    let start = ExtraHeaders::new();
    lines.iter().fold(start, |headers, (name, value)| {
        headers.with(name, value).unwrap()
    })
}

/// A frame of a server.
fn frame(first: u8, payload: impl AsRef<[u8]>) -> Vec<u8> {
    let payload = payload.as_ref();
    let len = payload.len();
    let header = match len {
        0..=125 => vec![first, len as u8],
        126..=0xffff => [&[first, 126][..], &(len as u16).to_be_bytes()].concat(),
        _ => [&[first, 127][..], &(len as u64).to_be_bytes()].concat(),
    };
    [header, payload.to_vec()].concat()
}

/// What comes of pieces that arrive one after the other.
fn hears<R: Role, N: Negotiate>(mut connection: Connection<R, N>, pieces: &[&[u8]]) -> Vec<Event> {
    let mut heard = Vec::new();
    for piece in pieces {
        connection.receive_bytes(piece);
        heard.extend(events(&mut connection));
    }
    heard
}

// Every test of wsproto is here or in the list.

#[test]
fn no_test_of_wsproto_is_left_out() {
    let here = [
        include_str!("wsproto_suite.rs"),
        include_str!("wsproto_suite/extensions.rs"),
    ];
    let here = here.concat();
    let list = include_str!("wsproto_suite/differences.md");
    let names = include_str!("wsproto_suite/names.txt").lines();
    let mut count = 0;
    for name in names {
        let is_here =
            here.contains(&format!("\"{name}\"")) || here.contains(&format!("// {name}\n"));
        let is_listed = list.contains(&format!("| `{name}` |"));
        assert!(is_here || is_listed, "{name} is in neither");
        assert!(!(is_here && is_listed), "{name} is in both");
        count += 1;
    }
    assert_eq!(count, 178);
}

// Two open ends.

/// Does `law` with a client that speaks to a server, and the other way round.
macro_rules! both_ways {
    ($law:ident $(, $arg:expr)*) => {{
        let (client, server) = shaken();
        $law(client, server $(, $arg)*);
        let (client, server) = shaken();
        $law(server, client $(, $arg)*);
    }};
}

// connection::send_message
// connection::data
#[test]
fn a_message_arrives_with_its_end_or_without() {
    fn law<R: Role, S: Role>(mut local: Connection<R>, mut remote: Connection<S>, last: bool) {
        let data = [b'x'; 23];
        local.send(bytes_piece(&data, true, last)).unwrap();
        assert_eq!(
            carry(&mut local, &mut remote),
            [bytes_piece(&data, true, last)]
        );
    }
    fn law_of_text<R: Role, S: Role>(
        mut local: Connection<R>,
        mut remote: Connection<S>,
        last: bool,
    ) {
        let data = "ƒñö®∂😎";
        local.send(text_piece(data, true, last)).unwrap();
        assert_eq!(
            carry(&mut local, &mut remote),
            [text_piece(data, true, last)]
        );
    }
    for last in [true, false] {
        both_ways!(law, last);
        both_ways!(law_of_text, last);
    }
}

// connection::closure
#[test]
fn a_close_is_answered_with_its_code_and_both_are_closed() {
    fn law<R: Role, S: Role>(
        mut local: Connection<R>,
        mut remote: Connection<S>,
        code: u16,
        reason: &str,
    ) {
        local.send(close(status(code), reason)).unwrap();
        assert_eq!(local.phase(), Phase::Closing);
        assert_eq!(
            carry(&mut local, &mut remote),
            [close(status(code), reason)]
        );
        // It is answered without being asked, so that nothing lies between.
        assert_eq!(remote.phase(), Phase::Closed);
        assert_eq!(carry(&mut remote, &mut local), [close(status(code), "")]);
        assert_eq!(local.phase(), Phase::Closed);
        assert!(local.closed().unwrap().is_clean() && remote.closed().unwrap().is_clean());
    }
    for (code, reason) in [(1000, "bye"), (1001, "👋👋")] {
        both_ways!(law, code, reason);
    }
}

// connection::abnormal_closure
#[test]
fn a_transport_that_ends_is_told_as_1006() {
    let mut client = opened();
    client.receive_eof();
    assert_eq!(
        events(&mut client),
        [close(CloseStatus::ABNORMAL_CLOSURE, "")]
    );
    assert_eq!(client.phase(), Phase::Closed);
    assert!(client.bytes_to_send(None).is_empty(), "nobody hears it");
}

// connection::close_whilst_closing
// connection::send_after_close
#[test]
fn nothing_can_be_sent_behind_a_close() {
    let mut client = opened();
    client.send(close(status(1000), "")).unwrap();
    client.bytes_to_send(None);
    for event in [close(status(1000), ""), text(""), bytes(b""), ping(b"")] {
        let error = client.send(event).unwrap_err();
        assert_eq!(error.reason(), LocalReason::Phase);
        assert_eq!(error.phase(), Phase::Closing);
    }
    assert!(client.bytes_to_send(None).is_empty());
}

// connection::ping_pong
// connection::unsolicited_pong
#[test]
fn a_ping_is_answered_and_a_pong_is_heard() {
    fn law<R: Role, S: Role>(mut local: Connection<R>, mut remote: Connection<S>) {
        let payload = [b'x'; 23];
        local.send(ping(&payload)).unwrap();
        assert_eq!(carry(&mut local, &mut remote), [ping(&payload)]);
        assert_eq!(carry(&mut remote, &mut local), [pong(&payload)]);
        local.send(pong(&payload)).unwrap();
        assert_eq!(carry(&mut local, &mut remote), [pong(&payload)]);
        assert!(
            remote.bytes_to_send(None).is_empty(),
            "a pong has no answer"
        );
    }
    both_ways!(law);
}

// connection::frame_protocol_gets_fed_garbage
#[test]
fn garbage_is_told_as_a_close_of_1002_and_answered_with_it() {
    let mut client = opened();
    client.receive_bytes(frame(0x09, [b'x'; 23]));
    let expected = close(CloseStatus::PROTOCOL_ERROR, "fragmented control frame");
    assert_eq!(events(&mut client), [expected]);
    let sent = client.bytes_to_send(None);
    assert_eq!((sent[0], sent.len()), (0x88, 8), "a masked Close");
}

// connection::send_invalid_event
// handshake::send_invalid_event
#[test]
fn what_a_phase_forbids_is_a_local_error() {
    let request = Request::new("wsproto", "/").unwrap();
    let error = opened().send(request).unwrap_err();
    assert_eq!((error.phase(), error.act()), (Phase::Open, "Request"));
    let error = client().send(Ping::default()).unwrap_err();
    assert_eq!((error.phase(), error.act()), (Phase::Initial, "Ping"));
}

// A client's handshake.

/// What a client sends that asks for `request`: its first line, and its other lines sorted.
fn request_lines(request: Request) -> (String, Vec<String>) {
    let mut client = client();
    client.send(request).unwrap();
    let sent = client.bytes_to_send(None);
    let sent = std::str::from_utf8(&sent).unwrap();
    let head = sent.strip_suffix("\r\n\r\n").unwrap();
    let mut lines = head.split("\r\n").map(str::to_owned);
    let first = lines.next().unwrap();
    let mut lines: Vec<_> = lines.collect();
    lines.sort();
    (first, lines)
}

const KEY: &str = "Sec-WebSocket-Key: PgDvL4lfQNZ/W7joHwmloQ==";

// client::connection_request
// client::connection_request_additional_headers
// client::connection_request_subprotocols
#[test]
fn a_request_has_all_lines_that_it_needs_and_those_that_were_asked_for() {
    let request = || Request::new("localhost", "/").unwrap();
    let needed = [
        "Connection: Upgrade",
        "Host: localhost",
        KEY,
        "Sec-WebSocket-Version: 13",
        "Upgrade: websocket",
    ];
    let (first, lines) = request_lines(request());
    assert_eq!(first, "GET / HTTP/1.1");
    assert_eq!(lines, needed);

    let more = request().header("X-Foo", "Bar").unwrap();
    let more = more.header("X-Bar", "Foo").unwrap();
    let (_, lines) = request_lines(more);
    assert_eq!(lines, [&needed[..], &["X-Bar: Foo", "X-Foo: Bar"]].concat());

    let (_, lines) = request_lines(request().subprotocols(&["one", "two"]).unwrap());
    assert!(lines.contains(&"Sec-WebSocket-Protocol: one, two".into()));
}

// client::connection_send_state
#[test]
fn the_phases_of_a_client_follow_what_it_does_and_hears() {
    let mut client = client();
    assert_eq!(client.phase(), Phase::Initial);
    client
        .send(Request::new("localhost", "/").unwrap())
        .unwrap();
    assert_eq!(client.phase(), Phase::Handshaking);
    client.receive_bytes(answer(""));
    assert_eq!(events(&mut client), [AcceptConnection::default().into()]);
    assert_eq!(client.phase(), Phase::Open);
    client
        .send(Request::new("localhost", "/").unwrap())
        .unwrap_err();
    // A first byte with reserved bits.
    client.receive_bytes("foobar");
    assert_eq!(
        events(&mut client),
        [close(CloseStatus::PROTOCOL_ERROR, "reserved opcode")]
    );
}

#[test]
fn answers_to_a_client_are_told_or_fail() {
    let accepted = |subprotocol: Option<&str>, lines: &[(&str, &str)]| -> Event {
        AcceptConnection {
            subprotocol: subprotocol.map(Into::into),
            extra_headers: headers(lines),
            ..AcceptConnection::default()
        }
        .into()
    };
    let fail = |error| -> Event { Fail { error }.into() };
    let (connection, upgrade) = ("Connection: Upgrade\r\n", "Upgrade: websocket\r\n");
    let accept = erased::ACCEPT;
    let rows = [
        (
            "client::handshake",
            vec![connection, upgrade, accept],
            accepted(None, &[]),
        ),
        (
            "client::handshake_extra_accept_headers",
            vec![connection, upgrade, "X-Foo: bar\r\n", accept],
            accepted(None, &[("X-Foo", "bar")]),
        ),
        (
            "client::handshake_response_broken_connection_header",
            vec![upgrade, accept],
            fail(HandshakeError::MissingConnection),
        ),
        (
            "client::handshake_response_broken_connection_header",
            vec![upgrade, "Connection: Keep-Alive\r\n", accept],
            fail(HandshakeError::MissingConnection),
        ),
        (
            "client::handshake_response_broken_upgrade_header",
            vec![connection, accept],
            fail(HandshakeError::MissingUpgrade),
        ),
        (
            "client::handshake_response_broken_upgrade_header",
            vec![connection, "Upgrade: h2\r\n", accept],
            fail(HandshakeError::MissingUpgrade),
        ),
        (
            "client::handshake_response_missing_websocket_key_header",
            vec![connection, upgrade],
            fail(HandshakeError::MissingAccept),
        ),
        (
            "client::handshake_with_subprotocol",
            vec![
                connection,
                upgrade,
                "Sec-WebSocket-Protocol: one\r\n",
                accept,
            ],
            accepted(Some("one"), &[]),
        ),
        (
            "client::handshake_bad_subprotocol",
            vec![
                connection,
                upgrade,
                "Sec-WebSocket-Protocol: new\r\n",
                accept,
            ],
            fail(HandshakeError::UnofferedSubprotocol),
        ),
        (
            "client::handshake_bad_extension",
            vec![
                connection,
                upgrade,
                "Sec-WebSocket-Extensions: bad, foo\r\n",
                accept,
            ],
            fail(HandshakeError::UnofferedExtension),
        ),
    ];
    for (name, lines, expected) in rows {
        let mut client = client();
        let request = Request::new("localhost", "/").unwrap();
        client
            .send(request.subprotocols(&["one", "two"]).unwrap())
            .unwrap();
        client.receive_bytes("HTTP/1.1 101 Switching Protocols\r\n");
        client.receive_bytes(lines.concat());
        client.receive_bytes("\r\n");
        assert_eq!(events(&mut client), [expected], "{name}");
    }
}

// client::protocol_error
// server::protocol_error
#[test]
fn nonsense_fails_the_handshake() {
    let error = HandshakeError::HttpVersion;
    let heard = hears(asked(), &[b"broken nonsense\r\n\r\n"]);
    assert_eq!(heard, [Fail { error }.into()]);

    let error = HandshakeError::MalformedStartLine;
    let mut server = Connection::server();
    server.receive_bytes("broken nonsense\r\n\r\n");
    assert_eq!(events(&mut server), [Fail { error }.into()]);
    assert_eq!(server.phase(), Phase::Failed);
    // The answer is there already.
    let sent = server.bytes_to_send(None);
    assert!(sent.starts_with(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n"));
}

// client::handshake_rejection_with_body
#[test]
fn a_refusal_is_told_with_its_body() {
    let mut client = asked();
    client.receive_bytes("HTTP/1.1 400 \r\nContent-Length: 5\r\nX-Foo: bar\r\n\r\n");
    let reject = RejectConnection {
        status_code: 400,
        headers: headers(&[("X-Foo", "bar")]),
        has_body: true,
    };
    assert_eq!(events(&mut client), [reject.into()]);
    client.receive_bytes("He");
    client.receive_bytes("llo");
    let data = RejectData {
        data: "Hello".into(),
        body_finished: true,
    };
    assert_eq!(events(&mut client), [data.into()]);
    assert_eq!(client.phase(), Phase::Rejected);
    assert!(client.shutdown().is_some());

    // Without a length it goes on to the end of input.
    let mut client = asked();
    client.receive_bytes("HTTP/1.1 400 \r\n\r\n");
    client.receive_eof();
    let reject = RejectConnection {
        has_body: true,
        ..RejectConnection::default()
    };
    let end = RejectData::from(bytes::Bytes::new());
    assert_eq!(events(&mut client), [reject.into(), end.into()]);
}

// A server's handshake.

const LINES: [&str; 5] = [
    "Host: localhost",
    "Connection: Keep-Alive, Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
];

/// What a server tells of a request, and then sends.
fn asks(method: &str, lines: &[&str]) -> (Vec<Event>, String) {
    let mut server = Connection::server();
    let head = format!("{method} / HTTP/1.1\r\n{}\r\n\r\n", lines.join("\r\n"));
    server.receive_bytes(head);
    let heard = events(&mut server);
    let sent = server.bytes_to_send(None);
    (heard, String::from_utf8(sent.to_vec()).unwrap())
}

fn assert_is_request(heard: &[Event]) {
    let [Event::Request(request)] = heard else {
        panic!("{heard:?}");
    };
    assert_eq!((request.host(), request.target()), ("localhost", "/"));
    assert_eq!(request.offered_subprotocols().count(), 0);
    assert!(request.extensions().is_empty());
    // Only what is not the handshake's own.
    let extra: Vec<_> = request.headers().iter().collect();
    assert_eq!(extra, [("X-Foo", &b"bar"[..])]);
}

// server::connection_request
#[test]
fn a_request_is_told_with_its_fields() {
    let (heard, sent) = asks("GET", &[&LINES[..], &["X-Foo: bar"]].concat());
    assert_is_request(&heard);
    assert_eq!(sent, "");
}

// server::upgrade_request
#[test]
fn a_request_that_was_read_elsewhere_is_told_likewise() {
    let mut server = Connection::server();
    let lines = LINES.iter().chain(&["X-Foo: bar"]);
    let headers = lines.map(|line| line.split_once(": ").unwrap());
    server.initiate_upgrade_connection(headers, "/").unwrap();
    assert_is_request(&events(&mut server));
    server.send(AcceptConnection::default()).unwrap();
    assert!(server.bytes_to_send(None).starts_with(b"HTTP/1.1 101 "));

    let error = server
        .initiate_upgrade_connection([("Host", "a")], "/")
        .unwrap_err();
    assert_eq!(
        (error.phase(), error.reason()),
        (Phase::Open, LocalReason::Phase)
    );
    assert_eq!(error.act(), "initiate_upgrade_connection");
    // Nothing can be smuggled in.
    for (name, value, target) in [
        ("Host", "a\r\nX: y", "/"),
        ("Ho st", "a", "/"),
        ("Host", "a", "/ HTTP/1.1\r\nX: y"),
        ("Host", "a", ""),
    ] {
        let mut server = Connection::server();
        let error = server
            .initiate_upgrade_connection([(name, value)], target)
            .unwrap_err();
        assert_ne!(error.reason(), LocalReason::Phase);
        assert_eq!(events(&mut server), []);
        assert_eq!(server.phase(), Phase::Handshaking);
    }
    // What is no request for a WebSocket is told as that.
    let mut server = Connection::server();
    server
        .initiate_upgrade_connection([("Host", "a")], "/")
        .unwrap();
    let error = HandshakeError::MissingUpgrade;
    assert_eq!(events(&mut server), [Fail { error }.into()]);
}

#[test]
fn requests_that_are_none_fail_with_an_answer() {
    let without = |out: &str, instead: &[&'static str]| {
        let lines = LINES.iter().filter(|line| !line.starts_with(out));
        lines.chain(instead).copied().collect::<Vec<_>>()
    };
    let rows = [
        (
            "server::connection_request_bad_method",
            "POST",
            without("-", &[]),
            405,
            HandshakeError::MethodNotGet,
        ),
        (
            "server::connection_request_bad_connection_header",
            "GET",
            without("Connection", &["Connection: Keep-Alive, No-Upgrade"]),
            400,
            HandshakeError::MissingConnection,
        ),
        (
            "server::connection_request_bad_upgrade_header",
            "GET",
            without("Upgrade", &["Upgrade: h2c"]),
            400,
            HandshakeError::MissingUpgrade,
        ),
        (
            "bad version",
            "GET",
            without("Sec-WebSocket-Version", &["Sec-WebSocket-Version: 12"]),
            426,
            HandshakeError::UnsupportedVersion,
        ),
        (
            "server::connection_request_key_header",
            "GET",
            without("Sec-WebSocket-Key", &[]),
            400,
            HandshakeError::MissingKey,
        ),
        (
            "handshake::rejected_handshake",
            "GET",
            without("Host", &[]),
            400,
            HandshakeError::MissingHost,
        ),
    ];
    for (name, method, lines, status, error) in rows {
        let (heard, sent) = asks(method, &lines);
        assert_eq!(heard, [Fail { error }.into()], "{name}");
        assert!(
            sent.starts_with(&format!("HTTP/1.1 {status} ")),
            "{name}: {sent}"
        );
        let says_version = sent.contains("\r\nSec-WebSocket-Version: 13\r\n");
        assert_eq!(says_version, status == 426, "{name}");
    }
}

// handshake::h11_multiple_headers_handshake
#[test]
fn lists_in_several_lines_are_one_list_and_a_target_may_be_absolute() {
    let mut server = Connection::server();
    server.receive_bytes("GET wss://api.website.xyz/ws HTTP/1.1\r\n");
    server.receive_bytes("Host: api.website.xyz\r\nOrigin: https://website.xyz\r\n");
    for line in [LINES[1], LINES[2], LINES[3], LINES[4]] {
        server.receive_bytes(format!("{line}\r\n"));
    }
    for line in [
        "Extensions: this-extension; isnt-seen, even-tho, it-should-be",
        "Protocol: there-protocols",
        "Protocol: arent-seen",
        "Extensions: this-extension; were-gonna-see, and-another-extension; were-also; \
         gonna-see=100; percent",
        "Protocol: only-these-protocols, are-seen, from-the-request-object",
    ] {
        server.receive_bytes(format!("Sec-WebSocket-{line}\r\n"));
    }
    server.receive_bytes("\r\n");
    let heard = events(&mut server);
    let [Event::Request(request)] = &heard[..] else {
        panic!("{heard:?}");
    };
    assert_eq!(
        (request.host(), request.target()),
        ("api.website.xyz", "/ws")
    );
    let subprotocols: Vec<_> = request.offered_subprotocols().collect();
    assert_eq!(
        subprotocols,
        [
            "there-protocols",
            "arent-seen",
            "only-these-protocols",
            "are-seen",
            "from-the-request-object"
        ]
    );
    assert_eq!(
        wsproto::ExtensionHeader::from(request.extensions()).as_str(),
        "this-extension; isnt-seen, even-tho, it-should-be, this-extension; were-gonna-see, \
         and-another-extension; were-also; gonna-see=100; percent"
    );
}

/// What a server answers to a request with a line more, as lines.
fn accepts(line: &str, event: AcceptConnection) -> Vec<String> {
    let mut server = Connection::server();
    server.receive_bytes(format!(
        "GET / HTTP/1.1\r\n{}\r\n{line}\r\n",
        LINES.join("\r\n")
    ));
    events(&mut server);
    server.send(event).unwrap();
    let sent = String::from_utf8(server.bytes_to_send(None).to_vec()).unwrap();
    let head = sent.strip_suffix("\r\n\r\n").unwrap();
    head.split("\r\n").map(str::to_owned).collect()
}

// server::handshake
// server::handshake_extra_headers
// server::handshake_with_subprotocol
#[test]
fn an_answer_has_all_lines_that_it_needs_and_those_that_were_asked_for() {
    // RFC 6455 1.3
    let needed = [
        "HTTP/1.1 101 Switching Protocols",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
    ];
    assert_eq!(accepts("", AcceptConnection::default()), needed);
    let extra = AcceptConnection {
        extra_headers: headers(&[("X-Foo", "bar")]),
        ..AcceptConnection::default()
    };
    assert_eq!(accepts("", extra), [&needed[..], &["X-Foo: bar"]].concat());
    for subprotocol in ["one", "two"] {
        let event = AcceptConnection {
            subprotocol: Some(subprotocol.into()),
            ..AcceptConnection::default()
        };
        let line = format!("Sec-WebSocket-Protocol: {subprotocol}");
        let lines = accepts("Sec-WebSocket-Protocol: one, two\r\n", event);
        assert_eq!(lines, [&needed[..], &[&line]].concat());
    }
}

// server::handshake_rejection
#[test]
fn a_refusal_without_a_body_has_a_length_of_0() {
    let mut server = requested();
    server.send(RejectConnection::default()).unwrap();
    let expected = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(server.bytes_to_send(None), expected);
    assert_eq!(server.phase(), Phase::Rejected);
}

#[test]
fn a_refusal_with_a_body_goes_out_in_chunks() {
    let mut server = requested();
    let reject = RejectConnection {
        has_body: true,
        ..RejectConnection::default()
    };
    server.send(reject).unwrap();
    for (data, body_finished) in [("Hel", false), ("lo", true)] {
        let data = data.into();
        server
            .send(RejectData {
                data,
                body_finished,
            })
            .unwrap();
    }
    let expected = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\
        Transfer-Encoding: chunked\r\n\r\n3\r\nHel\r\n2\r\nlo\r\n0\r\n\r\n";
    let sent = server.bytes_to_send(None);
    assert_eq!(sent, expected);

    let mut client = asked();
    client.receive_bytes(sent);
    let heard = events(&mut client);
    assert!(matches!(heard[0], Event::RejectConnection(_)));
    let body = heard[1..].iter().map(|event| match event {
        Event::RejectData(data) => std::str::from_utf8(&data.data).unwrap(),
        other => panic!("{other:?}"),
    });
    assert_eq!(String::from_iter(body), "Hello");
}

// handshake::successful_handshake
#[test]
fn a_client_and_a_server_shake_hands() {
    let (mut client, mut server) = (client(), Connection::server());
    client
        .send(Request::new("localhost", "/").unwrap())
        .unwrap();
    let heard = carry(&mut client, &mut server);
    assert!(matches!(heard[..], [Event::Request(_)]));
    server.send(AcceptConnection::default()).unwrap();
    let heard = carry(&mut server, &mut client);
    assert_eq!(heard, [AcceptConnection::default().into()]);
    assert_eq!((client.phase(), server.phase()), (Phase::Open, Phase::Open));
}

// Frames that arrive.

#[test]
fn frames_are_told_as_they_arrive() {
    let x512 = "x".repeat(512);
    let x64k = "x".repeat(65535);
    let x128k = "x".repeat(128 << 10);
    let long = frame(0x81, &x512);
    let very_long = frame(0x81, &x128k);
    let almost = frame(0x81, &x64k);
    // (name, pieces, what is told)
    type Row<'a> = (&'a str, Vec<&'a [u8]>, Vec<Event>);
    let rows: Vec<Row> = vec![
        (
            "TestFrameDecoder::zero_length_message",
            vec![b"\x81\x00"],
            vec![text("")],
        ),
        (
            "TestFrameDecoder::short_server_message_frame",
            vec![b"\x81\x02xy"],
            vec![text("xy")],
        ),
        (
            "TestMessageDecoder::single_binary_frame",
            vec![b"\x82\x02xy"],
            vec![bytes(b"xy")],
        ),
        (
            "TestMessageDecoder::follow_on_binary_frame",
            vec![b"\x02\x02xy\x00\x01z\x80\x00"],
            vec![
                bytes_piece(b"xy", true, false),
                bytes_piece(b"z", true, false),
                bytes_piece(b"", true, true),
            ],
        ),
        (
            "TestMessageDecoder::single_text_frame",
            vec![b"\x81\x09f\xc3\xb1\xc3\xb6r\xe2\x88\x82"],
            vec![text("fñör∂")],
        ),
        (
            // Cut within characters: what there is of one waits for the next frame.
            "TestMessageDecoder::follow_on_text_frame",
            vec![b"\x01\x04f\xc3\xb1\xc3\x00\x03\xb6r\xe2"],
            vec![text_piece("fñ", true, false), text_piece("ör", true, false)],
        ),
        (
            "TestMessageDecoder::final_text_frame",
            vec![b"\x01\x07f\xc3\xb1\xc3\xb6r\xe2\x80\x02\x88\x82"],
            vec![text_piece("fñör", true, false), text_piece("∂", true, true)],
        ),
        (
            "TestMessageDecoder::split_message",
            vec![&almost[..4 + 32777], &almost[4 + 32777..]],
            vec![
                text_piece(&x64k[..32777], false, false),
                text_piece(&x64k[32777..], true, true),
            ],
        ),
        (
            "TestFrameDecoder::long_message_frame",
            vec![&long],
            vec![text(&x512)],
        ),
        (
            "TestFrameDecoder::very_long_message_frame",
            vec![&very_long],
            vec![text(&x128k)],
        ),
        (
            "TestFrameProtocolReceive::long_text_message",
            vec![&almost],
            vec![text(&x64k)],
        ),
        (
            "TestFrameDecoder::not_enough_for_header",
            vec![b"\x81", b"\x02xy"],
            vec![text("xy")],
        ),
        (
            "TestFrameDecoder::not_enough_for_long_length",
            vec![&long[..3], &long[3..]],
            vec![text(&x512)],
        ),
        (
            "TestFrameDecoder::not_enough_for_very_long_length",
            vec![&very_long[..7], &very_long[7..]],
            vec![text(&x128k)],
        ),
        (
            "TestFrameDecoder::long_message_sliced",
            vec![&almost[..65535], &almost[65535..]],
            vec![
                text_piece(&x64k[..65531], false, false),
                text_piece("xxxx", true, true),
            ],
        ),
        (
            "TestFrameDecoder::partial_control_frame",
            vec![b"\x89\x0cxxxxx", b"xxxxx", b"xx"],
            vec![ping(b"xxxxxxxxxxxx")],
        ),
        (
            "TestFrameProtocolReceive::random_control_frame",
            vec![b"\x89\x17give me one ping vasily"],
            vec![ping(b"give me one ping vasily")],
        ),
    ];
    for (name, pieces, expected) in rows {
        assert_eq!(hears(opened(), &pieces), expected, "{name}");
    }

    // TestFrameDecoder::short_client_message_frame
    // TestFrameDecoder::not_enough_for_mask
    assert_eq!(hears(accepting(), &[b"\x81\x82abcd\x19\x1b"]), [text("xy")]);
    assert_eq!(
        hears(accepting(), &[b"\x81\x82ab", b"cd\x19\x1b"]),
        [text("xy")]
    );
}

// TestFrameDecoder::partial_message_frames
#[test]
fn a_large_frame_is_told_in_the_pieces_that_arrive() {
    let payload = vec![b'x'; 128 << 10];
    let frame = frame(0x81, &payload);
    let mut client = opened();
    client.receive_bytes(&frame[..10]);
    assert_eq!(events(&mut client), []);
    for (index, piece) in frame[10..].chunks(1024).enumerate() {
        client.receive_bytes(piece);
        let last = index == 127;
        let expected = text_piece(std::str::from_utf8(piece).unwrap(), last, last);
        assert_eq!(events(&mut client), [expected]);
    }
}

// TestMessageDecoder::split_unicode_message
#[test]
fn text_is_cut_between_characters() {
    let whole = "∂".repeat(64);
    let frame = frame(0x81, &whole);
    // 64 bytes of the payload are 21 characters and one byte.
    let heard = hears(opened(), &[&frame[..4 + 64], &frame[4 + 64..]]);
    let expected = [
        text_piece(&"∂".repeat(21), false, false),
        text_piece(&"∂".repeat(43), true, true),
    ];
    assert_eq!(heard, expected);
}

#[test]
fn frames_that_are_wrong_fail() {
    let unfinished = b"\x81\x7e\x00\x40";
    // (name, role, bytes, code)
    let rows: [(&str, bool, &[u8], u16); 25] = [
        (
            "TestFrameDecoder::reject_masked_server_frame",
            true,
            b"\x81\x82abcd\x19\x1b",
            1002,
        ),
        (
            "TestFrameDecoder::reject_unmasked_client_frame",
            false,
            b"\x81\x02xy",
            1002,
        ),
        (
            "TestFrameDecoder::reject_bad_opcode",
            true,
            b"\x8e\x02xy",
            1002,
        ),
        (
            "TestFrameDecoder::reject_unfinished_control_frame",
            true,
            b"\x09\x02xy",
            1002,
        ),
        (
            "TestFrameDecoder::reject_reserved_bits",
            true,
            b"\x91\x02xy",
            1002,
        ),
        (
            "TestFrameDecoder::reject_reserved_bits",
            true,
            b"\xa1\x02xy",
            1002,
        ),
        (
            "TestFrameDecoder::reject_reserved_bits",
            true,
            b"\xc1\x02xy",
            1002,
        ),
        (
            "TestFrameDecoder::insufficiently_long_message_frame",
            true,
            unfinished,
            1002,
        ),
        (
            "TestFrameDecoder::insufficiently_very_long_message_frame",
            true,
            b"\x81\x7f\0\0\0\0\0\0\x02\0",
            1002,
        ),
        (
            "TestFrameDecoder::very_insufficiently_very_long_message_frame",
            true,
            b"\x81\x7f\0\0\0\0\0\0\0\x40",
            1002,
        ),
        (
            "TestFrameDecoder::eight_byte_length_with_msb_set",
            true,
            b"\x81\x7f\x80\x80\x80\x80\x80\x80\x80\x80",
            1002,
        ),
        (
            "TestFrameDecoder::overly_long_control_frame",
            true,
            b"\x89\x7e\x00\x80",
            1002,
        ),
        (
            "TestMessageDecoder::start_with_continuation",
            true,
            b"\x80\x02xy",
            1002,
        ),
        (
            "TestMessageDecoder::missing_continuation_1",
            true,
            b"\x02\x00\x82\x02xy",
            1002,
        ),
        (
            "TestMessageDecoder::missing_continuation_2",
            true,
            b"\x01\x00\x82\x02xy",
            1002,
        ),
        (
            "TestMessageDecoder::incomplete_unicode",
            true,
            b"\x81\x04f\xc3\xb1\xc3",
            1007,
        ),
        (
            "TestMessageDecoder::not_even_unicode",
            true,
            b"\x01\x05f\xf1\xf6rd",
            1007,
        ),
        (
            "TestMessageDecoder::bad_unicode",
            true,
            b"\x81\x14\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited",
            1007,
        ),
        (
            "TestFrameProtocolReceive::close_one_byte_code",
            true,
            b"\x88\x01\x0e",
            1002,
        ),
        (
            "TestFrameProtocolReceive::close_bad_code",
            true,
            b"\x88\x02\x00\x7b",
            1002,
        ),
        (
            "TestFrameProtocolReceive::close_unknown_code",
            true,
            b"\x88\x02\x0b\xb6",
            1002,
        ),
        (
            "TestFrameProtocolReceive::close_local_only_code",
            true,
            b"\x88\x02\x03\xed",
            1002,
        ),
        (
            "TestFrameProtocolReceive::close_bad_utf8_payload",
            true,
            b"\x88\x16\x03\xe8\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited",
            1007,
        ),
        (
            "TestFrameProtocolReceive::close_incomplete_utf8_payload",
            true,
            b"\x88\x0a\x03\xe8f\xc3\xb1\xc3\xb8r\xe2\x88",
            1007,
        ),
        // Of an extension that owns RSV3, which is not there.
        ("a reserved bit on a Pong", true, b"\x9a\x00", 1002),
    ];
    for (name, is_client, bytes, code) in rows {
        let heard = match is_client {
            true => hears(opened(), &[bytes]),
            false => hears(accepting(), &[bytes]),
        };
        match heard.last() {
            Some(Event::CloseConnection(close)) => assert_eq!(close.code.get(), code, "{name}"),
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn closes_are_told_with_code_and_reason() {
    let rows: [(&str, &[u8], u16, &str); 4] = [
        ("TestFrameProtocolReceive::close_no_code", b"", 1005, ""),
        (
            "TestFrameProtocolReceive::close_no_payload",
            b"\x03\xe8",
            1000,
            "",
        ),
        (
            "TestFrameProtocolReceive::close_easy_payload",
            b"\x03\xe8tarah old chap",
            1000,
            "tarah old chap",
        ),
        (
            "TestFrameProtocolReceive::close_utf8_payload",
            b"\x03\xe8f\xc3\xb1\xc3\xb8r\xe2\x88\x82",
            1000,
            "fñør∂",
        ),
    ];
    for (name, payload, code, reason) in rows {
        let heard = hears(opened(), &[&frame(0x88, payload)]);
        assert_eq!(heard, [close(status(code), reason)], "{name}");
    }
}

// Frames that are sent.

#[test]
fn events_are_sent_as_these_frames() {
    let shrug = r"¯\_(ツ)_/¯";
    let faces = "😃😄🙃😉";
    let ascii = b"it's all just ascii, right?";
    let reasoned = [b"\x03\xe8", shrug.as_bytes()].concat();
    let x = |len: usize| vec![b'x'; len];
    let rows: Vec<(&str, Vec<Event>, Vec<u8>)> = vec![
        (
            "TestFrameProtocolSend::simplest_possible_close",
            vec![close(CloseStatus::NONE, "")],
            b"\x88\x00".to_vec(),
        ),
        (
            "TestFrameProtocolSend::no_status_rcvd_close_reason",
            vec![close(CloseStatus::NO_STATUS_RCVD, "")],
            b"\x88\x00".to_vec(),
        ),
        (
            "TestFrameProtocolSend::unreasoning_close",
            vec![close(CloseStatus::NORMAL_CLOSURE, "")],
            b"\x88\x02\x03\xe8".to_vec(),
        ),
        (
            "TestFrameProtocolSend::reasoned_close",
            vec![close(CloseStatus::NORMAL_CLOSURE, shrug)],
            frame(0x88, reasoned),
        ),
        (
            "TestFrameProtocolSend::ping_without_payload",
            vec![ping(b"")],
            b"\x89\x00".to_vec(),
        ),
        (
            "TestFrameProtocolSend::ping_with_payload",
            vec![ping(shrug.as_bytes())],
            frame(0x89, shrug),
        ),
        (
            "TestFrameProtocolSend::pong_without_payload",
            vec![pong(b"")],
            b"\x8a\x00".to_vec(),
        ),
        (
            "TestFrameProtocolSend::pong_with_payload",
            vec![pong(shrug.as_bytes())],
            frame(0x8a, shrug),
        ),
        (
            "TestFrameProtocolSend::single_short_binary_data",
            vec![bytes(ascii)],
            frame(0x82, ascii),
        ),
        (
            "TestFrameProtocolSend::single_short_text_data",
            vec![text(faces)],
            frame(0x81, faces),
        ),
        (
            "TestFrameProtocolSend::multiple_short_binary_data",
            vec![bytes_piece(ascii, true, false), bytes(b"sure no worries")],
            [frame(0x02, ascii), frame(0x80, "sure no worries")].concat(),
        ),
        (
            "TestFrameProtocolSend::multiple_short_text_data",
            vec![text_piece(faces, true, false), text("🙈🙉🙊")],
            [frame(0x01, faces), frame(0x80, "🙈🙉🙊")].concat(),
        ),
        (
            "TestFrameProtocolSend::message_length_max_short",
            vec![bytes(&x(125))],
            [&b"\x82\x7d"[..], &x(125)].concat(),
        ),
        (
            "TestFrameProtocolSend::message_length_min_two_byte",
            vec![bytes(&x(126))],
            [&b"\x82\x7e\x00\x7e"[..], &x(126)].concat(),
        ),
        (
            "TestFrameProtocolSend::message_length_max_two_byte",
            vec![bytes(&x(65535))],
            [&b"\x82\x7e\xff\xff"[..], &x(65535)].concat(),
        ),
        (
            "TestFrameProtocolSend::message_length_min_eight_byte",
            vec![bytes(&x(65536))],
            [&b"\x82\x7f\0\0\0\0\0\x01\0\0"[..], &x(65536)].concat(),
        ),
    ];
    for (name, sent, expected) in rows {
        let mut server = accepting();
        for event in sent {
            server.send(event).unwrap();
        }
        assert!(server.bytes_to_send(None) == expected, "{name}");
    }
}

#[test]
fn a_client_masks_what_it_sends() {
    let rows: [(&str, usize, &[u8]); 3] = [
        (
            "TestFrameProtocolSend::client_side_masking_short_frame",
            125,
            b"\x82\xfd",
        ),
        (
            "TestFrameProtocolSend::client_side_masking_two_byte_frame",
            126,
            b"\x82\xfe\x00\x7e",
        ),
        (
            "TestFrameProtocolSend::client_side_masking_eight_byte_frame",
            65536,
            b"\x82\xff\0\0\0\0\0\x01\0\0",
        ),
    ];
    for (name, len, header) in rows {
        let mut client = opened();
        client.send(bytes(&vec![b'x'; len])).unwrap();
        let sent = client.bytes_to_send(None);
        let (head, masked) = sent.split_at(header.len());
        let (key, masked) = masked.split_at(4);
        assert_eq!(head, header, "{name}");
        let unmasked = masked
            .iter()
            .zip(key.iter().cycle())
            .map(|(byte, key)| byte ^ key);
        assert!(unmasked.eq(std::iter::repeat_n(b'x', len)), "{name}");
    }
}

// TestFrameProtocolSend::mismatched_data_messages1
// TestFrameProtocolSend::mismatched_data_messages2
#[test]
fn a_message_goes_on_in_its_own_kind() {
    for (first, other, phase) in [
        (
            text_piece("😃", true, false),
            bytes(b"seriously, all ascii"),
            Phase::StreamingText,
        ),
        (
            bytes_piece(b"ascii", true, false),
            text("✔️☑️✅✔︎☑"),
            Phase::StreamingBinary,
        ),
    ] {
        let mut server = accepting();
        server.send(first).unwrap();
        let sent = server.bytes_to_send(None);
        assert!(sent[0] < 0x80);
        let error = server.send(other.clone()).unwrap_err();
        assert_eq!((error.phase(), error.reason()), (phase, LocalReason::Phase));
        assert_eq!(error.into_event(), Some(other));
        assert!(server.bytes_to_send(None).is_empty());
    }
}

// TestFrameProtocolSend::reasoned_but_uncoded_close
#[test]
fn a_reason_needs_a_code() {
    let error = accepting()
        .send(close(CloseStatus::NONE, "termites"))
        .unwrap_err();
    assert_eq!(error.reason(), LocalReason::CloseCode);
}

#[path = "wsproto_suite/extensions.rs"]
mod extensions;
