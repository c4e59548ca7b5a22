//! wsproto's interface, row by row, through the erased connection, beside what `wsproto_suite` has
//! of it.

mod common;
mod erased;

use common::every_cut;
use erased::{REQUEST, SEED, accepting, answer, asked, carry, events, opened, requested, shaken};
use wsproto::events::{
    AcceptConnection, BytesMessage, CloseConnection, Event, Fail, Ping, RejectConnection,
    RejectData, TextMessage,
};
use wsproto::{
    Client, CloseCode, CloseReason, CloseStatus, Closed, Closing, Connection, ControlPayload,
    Established, HandshakeError, Handshaking, Inbox, Limits, Opcode, Open, Outbox, Parts, Phase,
    Rejected, Rejecting, Request, Requested, Server, Settings, Shutdown, Side, Streaming, Text,
    Violation,
};

fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    [&[first, payload.len() as u8][..], payload].concat()
}

// WSConnection(CLIENT / SERVER)

#[test]
fn a_connection_is_made_without_an_argument_or_with_settings() {
    let (client, server) = (Connection::client(), Connection::server());
    assert_eq!(
        (client.phase(), server.phase()),
        (Phase::Initial, Phase::Handshaking)
    );
    let limits = Limits::default().message_payload(4);
    let settings = Settings::new().limits(limits).whole_messages();
    let mut client: Connection<Client> = settings.client_with(SEED);
    client.send(Request::new("a", "/").unwrap()).unwrap();
    client.receive_bytes([answer("").as_bytes(), b"\x81\x05"].concat());
    let heard = events(&mut client);
    let too_big = CloseConnection {
        code: CloseStatus::MESSAGE_TOO_BIG,
        reason: CloseReason::from_static("message too big"),
    };
    assert_eq!(heard, [AcceptConnection::default().into(), too_big.into()]);
}

#[cfg(feature = "getrandom")]
#[test]
fn the_entropy_of_a_client_is_drawn_for_each() {
    let key = || {
        let mut client = Connection::client();
        client.send(Request::new("a", "/").unwrap()).unwrap();
        client.bytes_to_send(None)
    };
    assert_ne!(key(), key());
}

#[cfg(not(feature = "getrandom"))]
#[test]
fn without_entropy_a_client_does_not_ask() {
    let mut client = Connection::client();
    let request = Request::new("a", "/").unwrap();
    let error = client.send(request.clone()).unwrap_err();
    assert_eq!(error.reason(), wsproto::LocalReason::NoEntropy);
    assert_eq!(error.into_event(), Some(request.into()));
    assert_eq!(client.phase(), Phase::Initial);
}

// receive_bytes(data), and None for the end

/// A conversation of a client: what it hears, whole messages joined, however it is cut.
fn client_hears(settings: Settings, pieces: &[&[u8]]) -> (Vec<Event>, Phase, Vec<u8>) {
    let mut client = settings.client_with(SEED);
    client.send(Request::new("a", "/").unwrap()).unwrap();
    client.bytes_to_send(None);
    let mut heard = Vec::new();
    for piece in pieces {
        client.receive_bytes(piece);
        heard.extend(events(&mut client));
    }
    client.receive_eof();
    heard.extend(events(&mut client));
    assert_eq!(client.next_event(), None);
    let sent = client.bytes_to_send(None).to_vec();
    (joined(heard), client.phase(), sent)
}

/// The pieces of each message joined, and those of a body.
fn joined(heard: Vec<Event>) -> Vec<Event> {
    let mut joined: Vec<Event> = Vec::new();
    for event in heard {
        match (joined.last_mut(), event) {
            (Some(Event::TextMessage(whole)), Event::TextMessage(piece))
                if !whole.message_finished =>
            {
                whole.data.push_str(&piece.data);
                whole.frame_finished = piece.frame_finished;
                whole.message_finished = piece.message_finished;
            }
            (Some(Event::BytesMessage(whole)), Event::BytesMessage(piece))
                if !whole.message_finished =>
            {
                whole.data = [&whole.data[..], &piece.data].concat().into();
                whole.frame_finished = piece.frame_finished;
                whole.message_finished = piece.message_finished;
            }
            (Some(Event::RejectData(whole)), Event::RejectData(piece)) => {
                assert!(!whole.body_finished);
                whole.data = [&whole.data[..], &piece.data].concat().into();
                whole.body_finished = piece.body_finished;
            }
            (_, event) => joined.push(event),
        }
    }
    joined
}

#[test]
fn cuts_are_invisible_from_the_handshake_to_the_end() {
    let accepted = || -> Event { AcceptConnection::default().into() };
    let close = |code: u16, reason: &'static str| -> Event {
        let code = match CloseCode::new(code) {
            Some(code) => code.into(),
            None => CloseStatus::ABNORMAL,
        };
        let reason = CloseReason::from_static(reason);
        CloseConnection { code, reason }.into()
    };
    let refusal = |has_body| -> Event {
        RejectConnection {
            status_code: 403,
            has_body,
            ..RejectConnection::default()
        }
        .into()
    };
    let open = answer("").into_bytes();
    let text = [frame(0x01, "aé€".as_bytes()), frame(0x80, "🦀".as_bytes())].concat();
    let rows: Vec<(&str, Vec<u8>, Vec<Event>, Phase)> = vec![
        (
            "the transport ends",
            [&open[..], &text, &frame(0x82, b"bytes")].concat(),
            vec![
                accepted(),
                TextMessage::from("aé€🦀").into(),
                BytesMessage::from(&b"bytes"[..]).into(),
                close(1006, ""),
            ],
            Phase::Closed,
        ),
        (
            "the peer closes, and what follows is nobody's",
            [&open[..], &frame(0x88, b"\x03\xe9bye"), &text].concat(),
            vec![accepted(), close(1001, "bye")],
            Phase::Closed,
        ),
        (
            "the peer is wrong",
            [&open[..], &frame(0x89, b"!"), &frame(0x81, b"\xff")].concat(),
            vec![
                accepted(),
                Ping::from(ControlPayload::literal(b"!")).into(),
                close(1007, "text is not UTF-8"),
            ],
            Phase::Closed,
        ),
        (
            "refused, with a body in chunks",
            b"HTTP/1.1 403 no\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nnot\r\n5\r\n here\r\n0\r\n\r\n".to_vec(),
            vec![refusal(true), RejectData::from(bytes::Bytes::from("not here")).into()],
            Phase::Rejected,
        ),
        (
            "refused, with a body up to the end",
            b"HTTP/1.1 403 no\r\n\r\nnot here".to_vec(),
            vec![refusal(true), RejectData::from(bytes::Bytes::from("not here")).into()],
            Phase::Rejected,
        ),
        (
            "refused, without a body",
            b"HTTP/1.1 403 no\r\nContent-Length: 0\r\n\r\nmore".to_vec(),
            vec![refusal(false)],
            Phase::Rejected,
        ),
        (
            "refused, with less of a body than announced",
            b"HTTP/1.1 403 no\r\nContent-Length: 9\r\n\r\n".to_vec(),
            vec![refusal(true), Fail { error: HandshakeError::EarlyEof }.into()],
            Phase::Failed,
        ),
        (
            "half an answer",
            open[..open.len() - 1].to_vec(),
            vec![Fail { error: HandshakeError::EarlyEof }.into()],
            Phase::Failed,
        ),
    ];
    for (name, bytes, expected, phase) in rows {
        let (_, _, sent) = client_hears(Settings::new(), &[&bytes]);
        every_cut(&bytes, |pieces| {
            for settings in [Settings::new(), Settings::new().whole_messages()] {
                let heard = client_hears(settings, pieces);
                assert_eq!(heard, (expected.clone(), phase, sent.clone()), "{name}");
            }
        });
    }
}

#[test]
fn a_server_hears_a_request_however_it_is_cut() {
    every_cut(REQUEST.as_bytes(), |pieces| {
        let mut server = Connection::server();
        let mut heard = Vec::new();
        for piece in pieces {
            server.receive_bytes(piece);
            heard.extend(events(&mut server));
        }
        let [Event::Request(request)] = &heard[..] else {
            panic!("{heard:?}");
        };
        assert_eq!(
            (request.host(), request.target()),
            ("server.example.com", "/chat")
        );
    });
    let mut server = Connection::server();
    server.receive_bytes("GET / HT");
    server.receive_eof();
    let error = HandshakeError::EarlyEof;
    assert_eq!(events(&mut server), [Fail { error }.into()]);
    assert_eq!(server.shutdown(), Some(Shutdown::CloseNow));
}

#[test]
fn the_end_of_the_transport_waits_for_what_came_before() {
    let mut server = requested();
    server.receive_eof();
    // A client may end its side and still want an answer.
    assert_eq!(events(&mut server), []);
    assert_eq!(server.phase(), Phase::Requested);
    server.send(AcceptConnection::default()).unwrap();
    let heard = events(&mut server);
    assert!(matches!(&heard[..], [Event::CloseConnection(it)] if it.code == CloseStatus::ABNORMAL));

    // One that was heard already is the end.
    let (mut client, mut server) = shaken();
    client
        .send(CloseConnection::from(CloseCode::NORMAL))
        .unwrap();
    carry(&mut client, &mut server);
    server.receive_eof();
    assert_eq!(events(&mut server), []);
    assert!(server.closed().unwrap().is_clean());

    let mut client = Connection::client();
    client.receive_eof();
    assert_eq!(
        events(&mut client),
        [Fail {
            error: HandshakeError::EarlyEof
        }
        .into()]
    );
}

// events(), one of which is answered before the next

#[test]
fn one_can_send_between_two_events() {
    let mut client = opened();
    client.receive_bytes([frame(0x81, b"one"), frame(0x89, b"?"), frame(0x81, b"two")].concat());
    let mut server = accepting();
    while let Some(event) = client.next_event() {
        if let Event::TextMessage(text) = event {
            client.send(text).unwrap();
        }
    }
    let heard = carry(&mut client, &mut server);
    let names: Vec<_> = heard.iter().map(Event::name).collect();
    assert_eq!(names, ["TextMessage", "Pong", "TextMessage"]);
}

// bytes_to_send(amount)

#[test]
fn bytes_are_taken_out_by_the_amount() {
    let mut server = accepting();
    server.send(TextMessage::from("hello")).unwrap();
    assert_eq!(server.bytes_to_send(Some(3)), b"\x81\x05h"[..]);
    assert_eq!(server.bytes_to_send(Some(0)), b""[..]);
    assert_eq!(server.bytes_to_send(Some(100)), b"ello"[..]);
    assert_eq!(server.bytes_to_send(None), b""[..]);
}

// Request, AcceptConnection

#[test]
fn a_request_and_its_answer_have_all_their_fields_at_the_other_end() {
    let (mut client, mut server) = (erased::client(), Connection::server());
    let request = Request::from_uri("ws://example.com:8080/chat?room=1").unwrap();
    let request = request.subprotocols(&["superchat", "chat"]).unwrap();
    let request = request.origin("https://example.com").unwrap();
    let request = request.header("Authorization", "Bearer 1").unwrap();
    client.send(request.clone()).unwrap();
    let heard = carry(&mut client, &mut server);
    assert_eq!(heard, [request.into()], "what is asked is what is heard");
    let requested = server.requested().unwrap();
    assert!(requested.origin_is(&["https://example.com"]));

    let accept = AcceptConnection {
        subprotocol: Some("chat".into()),
        extra_headers: wsproto::ExtraHeaders::new()
            .with("Set-Cookie", "a=b")
            .unwrap(),
        ..AcceptConnection::default()
    };
    server.send(accept.clone()).unwrap();
    assert_eq!(carry(&mut server, &mut client), [accept.into()]);
    assert!(server.requested().is_none());
}

// Data

#[test]
fn messages_come_in_pieces_or_whole() {
    let wire = [&b"\x01\x05Hel"[..], b"lo", &frame(0x80, b" you")].concat();
    let pieces = [&wire[..5], &wire[5..]];
    let hear = |mut client: Connection<Client>| {
        let mut heard = Vec::new();
        for piece in pieces {
            client.receive_bytes(piece);
            heard.extend(events(&mut client));
        }
        let data = |event: Event| match event {
            Event::TextMessage(it) => (it.data, it.frame_finished, it.message_finished),
            other => panic!("{other:?}"),
        };
        heard.into_iter().map(data).collect::<Vec<_>>()
    };
    let expected = [
        ("Hel".to_owned(), false, false),
        ("lo".to_owned(), true, false),
        (" you".to_owned(), true, true),
    ];
    assert_eq!(hear(opened()), expected);

    let mut client = Settings::new().whole_messages().client_with(SEED);
    client.send(Request::new("a", "/").unwrap()).unwrap();
    client.receive_bytes(answer(""));
    client.next_event();
    assert_eq!(hear(client), [("Hello you".to_owned(), true, true)]);
}

// CloseConnection

#[test]
fn how_it_ended_is_known_beside_the_event() {
    let mut client = opened();
    assert!(client.closed().is_none() && client.shutdown().is_none());
    client.receive_bytes(b"\x83");
    let heard = events(&mut client);
    assert!(matches!(&heard[..], [Event::CloseConnection(it)] if it.code.get() == 1002));
    let closed = client.closed().unwrap();
    assert_eq!(closed.violation(), Some(Violation::ReservedOpcode));
    assert_eq!(
        (closed.code().get(), closed.initiator()),
        (1006, Some(Side::Us))
    );
    assert_eq!(client.shutdown(), Some(Shutdown::AwaitEof));

    // While we wait for the peer's Close, what it says before is told, and pings are answered.
    let mut client = opened();
    client
        .send(CloseConnection::from(CloseCode::GOING_AWAY))
        .unwrap();
    client.bytes_to_send(None);
    client.receive_bytes([frame(0x82, b"late"), frame(0x89, b"?")].concat());
    assert_eq!(events(&mut client).len(), 2);
    assert_eq!(client.bytes_to_send(None).len(), 7, "a Pong");
    client.receive_bytes(frame(0x88, b"\x03\xe9"));
    assert_eq!(
        events(&mut client),
        [CloseConnection::from(CloseCode::GOING_AWAY).into()]
    );
    assert!(client.bytes_to_send(None).is_empty(), "one Close each");
    assert_eq!(client.closed().unwrap().initiator(), Some(Side::Us));
}

// Opcode, CloseReason

#[test]
fn opcodes_and_codes_have_the_names_and_numbers_of_the_reference() {
    let opcodes = [
        (Opcode::Continuation, 0),
        (Opcode::Text, 1),
        (Opcode::Binary, 2),
        (Opcode::Close, 8),
        (Opcode::Ping, 9),
        (Opcode::Pong, 10),
    ];
    for (opcode, number) in opcodes {
        assert_eq!(opcode as u8, number);
    }
    let codes = [
        (CloseStatus::NORMAL_CLOSURE, 1000),
        (CloseStatus::GOING_AWAY, 1001),
        (CloseStatus::PROTOCOL_ERROR, 1002),
        (CloseStatus::UNSUPPORTED_DATA, 1003),
        (CloseStatus::NO_STATUS_RCVD, 1005),
        (CloseStatus::ABNORMAL_CLOSURE, 1006),
        (CloseStatus::INVALID_FRAME_PAYLOAD_DATA, 1007),
        (CloseStatus::POLICY_VIOLATION, 1008),
        (CloseStatus::MESSAGE_TOO_BIG, 1009),
        (CloseStatus::MANDATORY_EXT, 1010),
        (CloseStatus::INTERNAL_ERROR, 1011),
        (CloseStatus::SERVICE_RESTART, 1012),
        (CloseStatus::TRY_AGAIN_LATER, 1013),
        (CloseStatus::TLS_HANDSHAKE_FAILED, 1015),
    ];
    for (code, number) in codes {
        assert_eq!(code.get(), number);
        let on_the_wire = !matches!(number, 1005 | 1006 | 1015);
        assert_eq!(code.code().is_some(), on_the_wire, "{number}");
    }
}

// The typed phases, from and into

#[test]
fn a_phase_goes_in_and_comes_out_with_its_buffers() {
    let (mut inbox, mut outbox) = (Inbox::chunks(), Outbox::new());
    inbox.extend(b"\x81\x85");
    let mut open = Open::<Server>::after_upgrade((), Limits::default());
    assert!(open.receive(&mut inbox, &mut outbox).unwrap().is_none());
    open.send_text("unsent", &mut outbox);
    let parts = Parts {
        phase: open,
        inbox: inbox.into(),
        outbox,
    };
    let mut connection: Connection<Server> = parts.into();
    connection.receive_bytes(b"\0\0\0\0hello");
    assert_eq!(events(&mut connection), [TextMessage::from("hello").into()]);
    assert_eq!(connection.bytes_to_send(None), b"\x81\x06unsent"[..]);
    connection.send(TextMessage::from("again")).unwrap();

    // It is in no other phase, and is given back.
    let connection = Parts::<Closing<Server>>::try_from(connection).unwrap_err();
    let connection = Parts::<Closed<Server>>::try_from(connection).unwrap_err();
    let connection = Parts::<Streaming<Server, (), Text>>::try_from(connection).unwrap_err();
    let connection = Parts::<(Requested, ())>::try_from(connection).unwrap_err();
    let parts = Parts::<Open<Server>>::try_from(connection).unwrap();
    let mut outbox = parts.outbox;
    assert_eq!(outbox.bytes_to_send(None), b"\x81\x05again"[..]);
    let streaming = Connection::<Server>::from(parts.phase.start_text());
    let parts = Parts::<Streaming<Server, (), Text>>::try_from(streaming).unwrap();
    let closing = Connection::<Server>::from(parts.phase.close_without_code(&mut outbox));
    assert_eq!(closing.phase(), Phase::Closing);
    let parts = Parts::<Established<Server>>::try_from(closing).unwrap();
    let Ok(closing) = Closing::<Server>::try_from(parts.phase) else {
        panic!("it is closing");
    };
    let closed = Connection::<Server>::from(closing.eof());
    assert_eq!(closed.closed().unwrap().sent_code().get(), 1005);
}

#[test]
fn the_phases_of_a_handshake_go_in_and_come_out() {
    let parts = Parts::<Handshaking<Client>>::try_from(asked()).unwrap();
    let mut client = Connection::from(parts);
    client.receive_bytes(answer(""));
    assert_eq!(events(&mut client), [AcceptConnection::default().into()]);

    let server = Connection::server();
    let parts = Parts::<(Handshaking<Server>, ())>::try_from(server).unwrap();
    let mut server = Connection::from(parts);
    server.receive_bytes(REQUEST);
    assert!(matches!(events(&mut server)[..], [Event::Request(_)]));
    let parts = Parts::<(Requested, ())>::try_from(server).unwrap();
    assert_eq!(parts.phase.0.target(), "/chat");
    let mut server = Connection::from(parts);
    let reject = RejectConnection {
        has_body: true,
        ..RejectConnection::default()
    };
    server.send(reject).unwrap();
    let parts = Parts::<Rejecting>::try_from(server).unwrap();
    let mut server = Connection::<Server>::from(parts);
    server.send(RejectData::from(bytes::Bytes::new())).unwrap();
    let parts = Parts::<Rejected<Server>>::try_from(server).unwrap();
    assert_eq!(Connection::<Server>::from(parts).phase(), Phase::Rejected);

    let mut client = asked();
    client.receive_bytes("HTTP/1.1 403 no\r\nContent-Length: 4\r\n\r\nbo");
    events(&mut client);
    let parts = Parts::<Rejected>::try_from(client).unwrap();
    assert!(!parts.phase.is_finished());
    let mut client = Connection::<Client>::from(parts);
    client.receive_bytes("dy");
    assert_eq!(
        events(&mut client),
        [RejectData::from(bytes::Bytes::from("dy")).into()]
    );
}
