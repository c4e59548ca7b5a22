//! RFC 6455 4 where HTTP/1.1 is parsed and written elsewhere, in the types of the `http` crate. The
//! tables of the two roles (`handshake_server`, `handshake_client`) are put to this form too.
#![cfg(feature = "http")]

mod handshake_common;

use handshake_common::client::{self, SEED};
use handshake_common::parsed::{self, lines};
use handshake_common::server::{self, response_text};
use http::{HeaderValue, Method, Version};
use wsproto::HandshakeError as E;
use wsproto::{
    Acceptance, Accepted, Event, ExtraHeaders, Http, Inbox, InvalidRequest, Limits, Outbox,
    RejectStatus, Request, Requested, Requesting,
};

fn requested(edits: handshake_common::Edits<'_>) -> Requested<Http> {
    let parts = parsed::request(&server::request(edits)).unwrap();
    Requested::from_parts(&parts, Limits::default()).unwrap()
}

#[test]
fn the_tables_of_both_roles_are_put_to_this_form() {
    // Without a request that is parsed, the comparison in them would compare nothing.
    let parts = parsed::request(&server::request(&[])).unwrap();
    let expected = (
        "/chat".into(),
        "server.example.com".into(),
        server::ANSWER.into(),
    );
    assert_eq!(server::parsed_outcome(&parts), Ok(expected));
    let parts = parsed::response(&client::answer(&[])).unwrap();
    assert_eq!(client::parsed_outcome(&parts), Ok(None));
}

#[test]
fn an_acceptance_is_exact() {
    let headers = ExtraHeaders::new().with("Set-Cookie", "a=b").unwrap();
    let headers = headers.with("Set-Cookie", "c=d").unwrap();
    let requested = requested(&[("", &["Sec-WebSocket-Protocol: superchat, chat"])]);
    let chat = requested.choose_subprotocol(&["chat"]);
    let acceptance = Acceptance::default().subprotocol(chat).headers(headers);
    let (response, _open) = requested.accept(acceptance);
    let start = server::ANSWER.strip_suffix("\r\n").unwrap();
    assert_eq!(
        response_text(&response),
        format!(
            "{start}Sec-WebSocket-Protocol: chat\r\nSet-Cookie: a=b\r\nSet-Cookie: c=d\r\n\r\n"
        )
    );
}

#[test]
fn a_request_shows_what_it_shows_as_bytes() {
    let requested = requested(&[
        ("GET", &["GET http://a:81/b?c HTTP/1.1"]),
        (
            "",
            &[
                "Origin: https://a",
                "Cookie: x=y",
                "cookie: \tz ",
                "Sec-WebSocket-Extensions: e; f=1",
            ],
        ),
    ]);
    assert_eq!((requested.target(), requested.host()), ("/b?c", "a:81"));
    assert!(requested.origin_is(&["https://a"]) && !requested.origin_is(&["https://b"]));
    let cookies: Vec<_> = requested.headers().all("Cookie").collect();
    assert_eq!(cookies, [&b"x=y"[..], b"z"]);
    let extensions = requested.extensions();
    assert_eq!(
        extensions.iter().map(|it| it.name()).collect::<Vec<_>>(),
        ["e"]
    );
    assert!(!format!("{requested:?}").contains("x=y"));
}

#[test]
fn a_refusal_of_the_application_ends_the_connection() {
    let headers = ExtraHeaders::new().with("Retry-After", "5").unwrap();
    let status = RejectStatus::SERVICE_UNAVAILABLE;
    let response = requested(&[]).reject(status, &headers, "later");
    assert_eq!(
        (response.status().as_u16(), *response.body()),
        (503, "later")
    );
    assert_eq!(
        lines(response.headers()),
        [("connection", "close"), ("retry-after", "5")]
    );
    // As with bytes, 200 refuses: only 101 would accept.
    let response = requested(&[]).reject(RejectStatus::literal::<200>(), &headers, ());
    assert_eq!(response.status(), 200);
}

#[test]
fn refusals_of_the_library_are_those_that_are_sent_as_bytes() {
    let text = ("content-type", "text/plain");
    let close = ("connection", "close");
    let refusal = |error: E| {
        let response = error.response(Version::HTTP_11);
        assert_eq!(*response.body(), error.as_str());
        let said = lines(response.headers()).into_iter();
        let said: Vec<(String, String)> = said.map(|(a, b)| (a.into(), b.into())).collect();
        (response.status().as_u16(), said)
    };
    let expected = |status: u16, said: &[(&str, &str)]| {
        let said = said.iter().map(|(a, b)| ((*a).into(), (*b).into()));
        (status, said.collect::<Vec<(String, String)>>())
    };
    assert_eq!(refusal(E::MissingKey), expected(400, &[close, text]));
    assert_eq!(refusal(E::HttpVersion), expected(505, &[close, text]));
    assert_eq!(
        refusal(E::MethodNotGet),
        expected(405, &[close, text, ("allow", "GET")])
    );
    assert_eq!(
        refusal(E::MissingVersion),
        expected(400, &[close, text, ("sec-websocket-version", "13")])
    );
    assert_eq!(
        refusal(E::UnsupportedVersion),
        expected(
            426,
            &[
                close,
                ("connection", "Upgrade"),
                text,
                ("sec-websocket-version", "13"),
                ("upgrade", "websocket"),
            ]
        )
    );
}

#[test]
fn the_limits_of_a_head_are_those_of_its_bytes() {
    let request = server::request(&[("", &["A: a"])]);
    let parts = parsed::request(&request).unwrap();
    let from = |limits: Limits| Requested::from_parts(&parts, limits).map(|_| ());
    let limits = Limits::default();
    assert_eq!(from(limits.head_bytes(request.len())), Ok(()));
    assert_eq!(
        from(limits.head_bytes(request.len() - 1)),
        Err(E::HeadTooLong)
    );
    assert_eq!(from(limits.head_headers(6)), Ok(()));
    assert_eq!(from(limits.head_headers(5)), Err(E::TooManyHeaders));

    let parts = parsed::response(&client::answer(&[("", &["A: a"])])).unwrap();
    let confirm = |limits: Limits| {
        let sent = Requesting::upgrade(&client::request(), (), limits, SEED).unwrap();
        sent.1.confirm(&parts).map(|_| ())
    };
    assert_eq!(confirm(limits.head_headers(4)), Ok(()));
    assert_eq!(confirm(limits.head_headers(3)), Err(E::TooManyHeaders));
    assert_eq!(confirm(limits.head_bytes(100)), Err(E::HeadTooLong));
}

#[test]
fn other_versions_of_http_have_no_upgrade() {
    let mut parts = parsed::request(&server::request(&[])).unwrap();
    for version in [
        Version::HTTP_09,
        Version::HTTP_10,
        Version::HTTP_2,
        Version::HTTP_3,
    ] {
        parts.version = version;
        let refused = Requested::from_parts(&parts, Limits::default());
        assert_eq!(refused.map(|_| ()), Err(E::HttpVersion), "{version:?}");
    }
}

#[test]
fn the_request_of_a_client_is_exact_and_has_the_headers_of_the_one_in_bytes() {
    let request = client::request().origin("https://a").unwrap();
    let (sent, _) = Requesting::upgrade(&request, (), Limits::default(), SEED).unwrap();
    assert_eq!(
        (sent.method(), sent.uri().to_string()),
        (&Method::GET, "/chat".into())
    );
    assert_eq!(
        lines(sent.headers()),
        [
            ("host", "server.example.com"),
            ("upgrade", "websocket"),
            ("connection", "Upgrade"),
            ("sec-websocket-key", "PgDvL4lfQNZ/W7joHwmloQ=="),
            ("sec-websocket-version", "13"),
            ("sec-websocket-protocol", "superchat, chat"),
            ("origin", "https://a"),
        ]
    );
}

#[test]
fn what_the_http_crate_cannot_hold_is_no_request() {
    let long = format!("/{}", "a".repeat(1 << 16));
    let name = "a".repeat(1 << 16);
    let request = |target: &str| Request::new("example.com", target).unwrap();
    let upgrade = |request: &Request| {
        let sent = Requesting::upgrade(request, (), Limits::default(), SEED);
        sent.map(|_| ()).unwrap_err()
    };
    let connect = |request: &Request| {
        let sent = Requesting::extended_connect(request, (), Limits::default(), SEED);
        sent.map(|_| ()).unwrap_err()
    };
    assert_eq!(upgrade(&request(&long)), InvalidRequest::Target);
    assert_eq!(connect(&request(&long)), InvalidRequest::Target);
    let named = request("/").header(&name, "a").unwrap();
    assert!(matches!(upgrade(&named), InvalidRequest::Header(_)));
    assert!(matches!(connect(&named), InvalidRequest::Header(_)));
    let escaped = Request::new("a%20b", "/").unwrap();
    assert_eq!(connect(&escaped), InvalidRequest::Host);
}

#[test]
fn headers_that_a_map_has_no_room_for_are_left_out_of_a_response() {
    let mut headers = ExtraHeaders::new();
    headers = headers.with(&"a".repeat(1 << 16), "left out").unwrap();
    for number in 0..40_000 {
        headers = headers.with(&format!("a-{number}"), "").unwrap();
    }
    let (response, _open) = requested(&[]).accept(Acceptance::default().headers(headers));
    assert_eq!(response.headers()["upgrade"], "websocket");
    assert!(response.headers().len() > 20_000);
    assert!(response.headers().values().all(|it| it != "left out"));
}

#[test]
fn two_ends_talk_and_what_the_stack_has_read_already_is_heard() {
    let limits = Limits::default();
    let request = client::request();
    let (sent, requesting) = Requesting::upgrade(&request, (), limits, SEED).unwrap();
    let requested = Requested::from_parts(&sent.into_parts().0, limits).unwrap();
    assert_eq!(
        (requested.target(), requested.host()),
        ("/chat", "server.example.com")
    );
    let chat = requested.choose_subprotocol(&["chat"]);
    let (response, mut server) = requested.accept(Acceptance::default().subprotocol(chat));
    let Accepted { open, response } = requesting.confirm(&response.into_parts().0).unwrap();
    assert_eq!(
        (response.status(), response.subprotocol()),
        (101, Some("chat"))
    );

    let mut client = open;
    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    client.send_text("hello", &mut outbox);
    let read_with_the_head = outbox.bytes_to_send(None);
    assert_eq!(read_with_the_head[..2], [0x81, 0x85], "masked");
    inbox.extend(&read_with_the_head);
    match server.receive(&mut inbox, &mut outbox) {
        Ok(Some(Event::Text(text))) => assert_eq!(&*text, "hello"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_answer_that_is_no_acceptance_is_told_from_a_wrong_one() {
    let confirm = |edit: fn(&mut http::response::Parts)| {
        let mut parts = parsed::response(&client::answer(&[])).unwrap();
        edit(&mut parts);
        client::parsed_outcome(&parts)
    };
    assert_eq!(confirm(|_| {}), Ok(None));
    assert_eq!(
        confirm(|it| it.status = 200.try_into().unwrap()),
        Err(E::Refused)
    );
    assert_eq!(
        confirm(|it| it.status = 403.try_into().unwrap()),
        Err(E::Refused)
    );
    assert_eq!(
        confirm(|it| it.version = Version::HTTP_2),
        Err(E::HttpVersion)
    );
    assert_eq!(
        confirm(|it| {
            it.headers
                .insert("sec-websocket-accept", HeaderValue::from_static("x"));
        }),
        Err(E::WrongAccept)
    );
}
