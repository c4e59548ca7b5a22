//! What `Debug` and `Display` show: in which state something is, what was wrong, and how much
//! there is. Neither payloads nor keys, and of headers the names alone.

mod common;
mod handshake_common;

use common::{End, frame};
use handshake_common::client::{answer, receive as receive_answer, request as our_request};
use handshake_common::server::{request, requested};
use wsproto::{
    Broadcast, Client, ClientProgress, CloseCode, CloseReason, CloseStatus, Closed, ControlPayload,
    Entropy, Established, Event, ExtraHeaders, HandshakeError, Handshaking, Inbox, InvalidAnswer,
    InvalidHeader, InvalidRequest, Limits, Open, Outbox, Pool, RejectStatus, Request, ReservedCode,
    Rsv, Server, Violation,
};

fn server() -> Open<Server> {
    Open::<Server>::after_upgrade((), Limits::default())
}

/// A server that has heard `frames`.
fn after(frames: &[common::Frame]) -> Open<Server> {
    let mut open = server();
    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    inbox.extend(&Server::from_peer(frames));
    while let Ok(Some(_)) = open.receive(&mut inbox, &mut outbox) {}
    open
}

#[test]
fn a_connection_shows_its_phase_and_what_the_peer_is_doing() {
    for (frames, state) in [
        (vec![], "between messages"),
        (vec![frame(0x01, "secret")], "inside a message"),
        (vec![frame(0x81, "secret")], "between messages"),
        (vec![frame(0x88, "")], "peer closed"),
        (vec![frame(0x83, "")], "reserved opcode"),
    ] {
        let shown = |name: &str| format!("{name}({state})");
        let open = || after(&frames);
        assert_eq!(format!("{:?}", open()), shown("Open"));
        let text = open().start_text();
        assert_eq!(format!("{text:?}"), shown("Streaming<Text>"));
        let binary = open().start_binary();
        assert_eq!(format!("{binary:?}"), shown("Streaming<Binary>"));
        let closing = open().close_without_code(&mut Outbox::new());
        assert_eq!(format!("{closing:?}"), shown("Closing"));

        let erased = Established::<Server>::from(open());
        assert_eq!(format!("{erased:?}"), shown("Open"));
        let erased = Established::<Server>::StreamingText(text);
        assert_eq!(format!("{erased:?}"), shown("Streaming<Text>"));
        let erased = Established::<Server>::StreamingBinary(binary);
        assert_eq!(format!("{erased:?}"), shown("Streaming<Binary>"));
        let erased = Established::<Server>::Closing(closing);
        assert_eq!(format!("{erased:?}"), shown("Closing"));
    }
}

#[test]
fn what_is_closed_shows_how_it_ended() {
    let failed = "Closed { clean: false, code: CloseStatus(1006), \
                  sent_code: CloseStatus(1009), initiator: Some(Us), \
                  violation: Some(MessageTooBig), .. }";
    let closed: Closed<Server> = server().fail(Violation::MessageTooBig, &mut Outbox::new());
    assert_eq!(format!("{closed:?}"), failed);
    let erased = Established::<Server>::Closed(closed);
    assert_eq!(format!("{erased:?}"), failed);
}

#[test]
fn numbers_and_lengths_are_shown_and_not_the_text() {
    let code = CloseCode::GOING_AWAY;
    assert_eq!(format!("{code:?} {code}"), "CloseCode(1001) 1001");
    let status = CloseStatus::ABNORMAL;
    assert_eq!(format!("{status:?} {status}"), "CloseStatus(1006) 1006");
    let status = RejectStatus::new(404).unwrap();
    assert_eq!(format!("{status:?} {status}"), "RejectStatus(404) 404");
    let reason = CloseReason::from_static("secret");
    assert_eq!(
        format!("{reason:?} {reason}"),
        "CloseReason(6 bytes) secret"
    );
    let payload = ControlPayload::literal(b"secret");
    assert_eq!(format!("{payload:?}"), "ControlPayload(6 bytes)");
    let broadcast = Broadcast::text("secret");
    assert_eq!(format!("{broadcast:?}"), "Broadcast(6 bytes)");
    assert_eq!(format!("{:?}", Entropy::from([7; 32])), "Entropy(..)");

    let mut inbox = Inbox::new();
    inbox.extend(&Server::from_peer(&[
        frame(0x81, "secret"),
        frame(0x82, "secrets"),
    ]));
    let (mut open, mut outbox) = (server(), Outbox::new());
    match open.receive(&mut inbox, &mut outbox) {
        Ok(Some(Event::Text(text))) => assert_eq!(format!("{text:?}"), "Data(6 bytes)"),
        other => panic!("{other:?}"),
    }
    match open.receive(&mut inbox, &mut outbox) {
        Ok(Some(Event::Binary(data))) => assert_eq!(format!("{data:?}"), "Data(7 bytes)"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn bits_are_shown_by_name() {
    for (rsv, shown) in [
        (Rsv::default(), "{}"),
        (Rsv::RSV1, r#"{"RSV1"}"#),
        (Rsv::RSV2, r#"{"RSV2"}"#),
        (Rsv::RSV3, r#"{"RSV3"}"#),
        (Rsv::RSV1.union(Rsv::RSV3), r#"{"RSV1", "RSV3"}"#),
    ] {
        assert_eq!(format!("{rsv:?}"), shown);
    }
}

#[test]
fn errors_say_what_was_wrong() {
    let too_long = CloseReason::try_from("x".repeat(124).as_str()).unwrap_err();
    for (error, said) in [
        (
            &ReservedCode(1005) as &dyn core::fmt::Display,
            "1005 may not stand in a Close frame",
        ),
        (
            &too_long,
            "124 bytes, where a control frame holds at most 123",
        ),
        (&Violation::MessageTooBig, "message too big"),
        (&HandshakeError::MethodNotGet, "method is not GET"),
        (
            &InvalidAnswer,
            "the answer does not match the extension's offer",
        ),
        (&InvalidHeader::Name, "header name is not a token"),
        (&InvalidHeader::Value, "control character in a header value"),
        (&InvalidHeader::Reserved, "header belongs to the handshake"),
        (&InvalidRequest::Scheme, "not a ws or wss URI"),
        (
            &InvalidRequest::Header(InvalidHeader::Name),
            "header name is not a token",
        ),
    ] {
        assert_eq!(error.to_string(), said);
    }
}

#[test]
fn of_a_handshake_hosts_and_names_are_shown() {
    let ours = Request::new("example.com", "/?token=hidden").unwrap();
    let ours = ours
        .subprotocols(&["chat"])
        .unwrap()
        .header("Cookie", "hidden")
        .unwrap();
    assert_eq!(
        format!("{ours:?}"),
        r#"Request { host: "example.com", subprotocols: "chat", headers: ["Cookie"], .. }"#
    );
    let handshaking = Handshaking::<Client>::start_with(
        &our_request(),
        Limits::default(),
        [0; 32],
        &mut Outbox::new(),
    );
    assert_eq!(format!("{handshaking:?}"), "Handshaking { .. }");
    assert_eq!(
        format!("{:?}", ClientProgress::<()>::Handshaking(handshaking)),
        "Handshaking { .. }"
    );

    let theirs = requested(&request(&[(
        "",
        &[
            "Authorization: hidden",
            "Sec-WebSocket-Extensions: a; b=1, c",
        ],
    )]));
    let names = r#"["Host", "Upgrade", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Version", "Authorization", "Sec-WebSocket-Extensions"]"#;
    assert_eq!(
        format!("{theirs:?}"),
        format!(r#"Requested {{ host: "server.example.com", headers: {names}, .. }}"#)
    );
    assert_eq!(format!("{:?}", theirs.headers().iter()), names);
    let list = r#"[a([("b", Some("1"))]), c([])]"#;
    assert_eq!(format!("{:?}", theirs.extensions()), list);
    assert_eq!(format!("{:?}", theirs.extensions().iter()), list);
    let extra = ExtraHeaders::new().with("Set-Cookie", "hidden").unwrap();
    assert_eq!(format!("{extra:?}"), r#"["Set-Cookie"]"#);
    let status = RejectStatus::new(404).unwrap();
    let rejected = theirs.reject(status, &ExtraHeaders::new(), b"hidden", &mut Outbox::new());
    assert_eq!(format!("{rejected:?}"), "Rejected { status: 404 }");
}

#[test]
fn of_an_answer_the_status_and_names_are_shown() {
    let (accepted, _) = receive_answer(&[&answer(&[])]).unwrap();
    assert_eq!(
        format!("{accepted:?}"),
        r#"Accepted { open: Open(between messages), response: Response { status: 101, reason: "Switching Protocols", headers: ["Upgrade", "Connection", "Sec-WebSocket-Accept"] } }"#
    );
    let refusal = b"HTTP/1.1 403 No\r\nContent-Length: 1\r\n\r\n";
    let (rejected, _) = receive_answer(&[refusal]).unwrap();
    assert_eq!(
        format!("{rejected:?}"),
        r#"Rejected { response: Response { status: 403, reason: "No", headers: ["Content-Length"] }, is_finished: false }"#
    );
}

#[test]
fn a_pool_shows_how_much_is_in_it() {
    let mut pool = Pool::default();
    assert_eq!(format!("{pool:?}"), "Pool(0 codecs)");
    pool.put(Box::new("secret"));
    assert_eq!(format!("{pool:?}"), "Pool(1 codecs)");
}

#[cfg(feature = "deflate")]
#[test]
fn a_codec_shows_what_was_agreed() {
    use wsproto::{DeflateOffer, Extension, ExtensionHeader, Negotiate};

    let offer = "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; \
                 server_max_window_bits=9";
    let theirs = requested(&request(&[("", &[offer])]));
    let agreed =
        DeflateOffer::default().answer(theirs.extensions(), &mut ExtensionHeader::default());
    let (encoder, decoder) = agreed.split();
    assert_eq!(
        format!("{encoder:?}"),
        "Some(DeflateEncoder(Direction { window: WindowBits(9), takeover: false }))"
    );
    assert_eq!(
        format!("{decoder:?}"),
        "Some(DeflateDecoder(Direction { window: WindowBits(15), takeover: true }))"
    );
}
