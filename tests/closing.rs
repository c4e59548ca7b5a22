//! The closing handshake (RFC 6455 5.5.1, 7), and every other way to end.

mod common;

use common::*;
use wsproto::{
    Client, CloseCode, CloseReason, CloseStatus, Closed, Limits, Messages, Open, PeerClose, Server,
    Shutdown, Side, Violation,
};

/// The payload of a Close frame.
fn said(code: u16, reason: impl AsRef<[u8]>) -> Vec<u8> {
    [&code.to_be_bytes(), reason.as_ref()].concat()
}

fn reason(text: &str) -> CloseReason {
    text.try_into().unwrap()
}

/// All that `Closed` says.
#[derive(Debug, PartialEq, Eq)]
struct Ending<'a> {
    clean: bool,
    heard: (u16, &'a str),
    sent: (u16, &'a str),
    first: Option<Side>,
    violation: Option<Violation>,
}

fn ended<R: End>(closed: &Closed<R>) -> Ending<'_> {
    let shutdown = match R::KEY {
        Some(_) => Shutdown::CloseNow,
        None => Shutdown::AwaitEof,
    };
    assert_eq!(closed.shutdown(), shutdown, "5.16");
    Ending {
        clean: closed.is_clean(),
        heard: (closed.code().get(), closed.reason()),
        sent: (closed.sent_code().get(), closed.sent_reason()),
        first: closed.initiator(),
        violation: closed.violation(),
    }
}

const NOTHING: (u16, &str) = (1006, "");

/// An end without a closing handshake.
const ABNORMAL: Ending<'_> = Ending {
    clean: false,
    heard: NOTHING,
    sent: NOTHING,
    first: None,
    violation: None,
};

fn fails_to_close(row: &str, payload: &[u8], violation: Violation, code: u16) {
    let frames = [frame(0x88, payload)];
    fails(row, Limits::default(), &frames, &[], "", violation, code);
    let inside = [frame(0x01, "a"), frame(0x88, payload)];
    fails(row, Limits::default(), &inside, &[], "", violation, code);
}

fn closes(row: &str, payload: &[u8], heard: Heard) {
    // The answer is the code alone (5.20).
    let code = &payload[..payload.len().min(2)];
    let answer = match code {
        [high, low] => format!("88 02 {high:02x}{low:02x}"),
        _ => "88 00".to_owned(),
    };
    let frames = [frame(0x88, payload)];
    hears(row, Limits::default(), &frames, &[heard], &answer);
}

#[test]
fn row_5_1_reserved_codes() {
    for code in [1004, 1005, 1006, 1015, 1016] {
        for reason in ["", "reason"] {
            let row = format!("5.1 {code}");
            let violation = Violation::ReservedCloseCode;
            fails_to_close(&row, &said(code, reason), violation, 1002);
        }
    }
}

#[test]
fn row_5_2_unassigned_codes() {
    for code in [
        0, 1, 500, 998, 999, 1017, 1099, 1100, 1101, 1999, 2000, 2001, 2998, 2999,
    ] {
        let row = format!("5.2 {code}");
        let violation = Violation::ReservedCloseCode;
        fails_to_close(&row, &said(code, "reason"), violation, 1002);
    }
}

#[test]
fn row_5_3_codes_of_the_registry() {
    for code in [1012, 1013, 1014] {
        closes("5.3", &said(code, ""), close(code, ""));
        closes("5.3", &said(code, "later"), close(code, "later"));
    }
}

#[test]
fn row_5_4_codes_of_libraries_and_applications() {
    for code in [3000, 3001, 3999, 4000, 4001, 4999] {
        closes("5.4", &said(code, "reason"), close(code, "reason"));
    }
}

#[test]
fn row_5_5_codes_above_4999() {
    for code in [5000, 32768, 65535] {
        let row = format!("5.5 {code}");
        let violation = Violation::ReservedCloseCode;
        fails_to_close(&row, &said(code, ""), violation, 1002);
    }
}

/// RFC 6455 7.4 and the registry, as a list.
fn may_be_sent(code: u16) -> bool {
    [
        1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014,
    ]
    .contains(&code)
        || (3000..5000).contains(&code)
}

#[test]
fn rows_5_1_to_5_5_every_code_there_is() {
    fn law<R: End, D: Mode>() {
        for code in 0..=u16::MAX {
            let mut peer = Peer::<Open<R>, D>::open(Limits::default());
            peer.hear(&[frame(0x88, said(code, "why"))]);
            let (outcome, closed) = peer.end();
            if may_be_sent(code) {
                assert_eq!(outcome.heard, [close(code, "why")]);
                assert_eq!(outcome.sent, Wire(frame(0x88, said(code, "")).bytes(None)));
                let echoed = Ending {
                    clean: true,
                    heard: (code, "why"),
                    sent: (code, ""),
                    first: Some(Side::Peer),
                    violation: None,
                };
                assert_eq!(ended(&closed), echoed);
            } else {
                assert_eq!(outcome.violation, Some(Violation::ReservedCloseCode));
                assert_eq!(outcome.sent, Wire(hex("88 02 03ea")), "{code}");
            }
        }
    }
    in_every_way!(law);
}

#[test]
fn row_5_6_reasons_that_are_not_utf8() {
    for (row, reason) in [
        ("5.6 cut inside 2 octets", "c3"),
        ("5.6 cut inside 3 octets", "61 e282"),
        ("5.6 cut inside 4 octets", "f09fa6"),
        ("5.6 overlong", "c080"),
        ("5.6 overlong", "61 e08080 61"),
        ("5.6 surrogate", "eda080"),
        ("5.6 above U+10FFFF", "f4908080"),
        ("5.6 a lone ff", "ff"),
        ("5.6 a lone continuation", "61 80 61"),
    ] {
        let violation = Violation::InvalidCloseReason;
        fails_to_close(row, &said(1000, hex(reason)), violation, 1007);
        fails_to_close(row, &said(4999, hex(reason)), violation, 1007);
    }
    // A reserved code is the worse of the two.
    let row = "5.6 and a reserved code";
    let violation = Violation::ReservedCloseCode;
    fails_to_close(row, &said(1005, [0xff]), violation, 1002);
}

#[test]
fn row_5_7_the_longest_reasons() {
    for end in ["é", "€", "🦀", "\0", "!"] {
        let mut longest = "x".repeat(123 - end.len());
        longest.push_str(end);
        let row = format!("5.7 ending with {end:?}");
        closes(&row, &said(1000, &longest), close(1000, &longest));
    }
    closes("5.7 NUL inside", &said(1000, "a\0b"), close(1000, "a\0b"));
    closes("5.7 none", &said(1000, ""), close(1000, ""));
}

#[test]
fn row_5_8_a_payload_of_one_octet() {
    for value in 0..=255 {
        let violation = Violation::TruncatedCloseCode;
        fails_to_close("5.8", &[value], violation, 1002);
    }
}

#[test]
fn row_5_9_an_empty_close() {
    closes("5.9", b"", close(1005, ""));
    fn law<R: End, D: Mode>() {
        let mut peer = Peer::<Open<R>, D>::open(Limits::default());
        peer.hear(&[frame(0x88, "")]);
        assert_eq!(peer.close.as_ref().unwrap().code(), CloseStatus::NONE);
        let (outcome, closed) = peer.end();
        assert_eq!(outcome.sent, Wire(hex("88 00")), "5.9");
        let expected = Ending {
            clean: true,
            heard: (1005, ""),
            sent: (1005, ""),
            first: Some(Side::Peer),
            violation: None,
        };
        assert_eq!(ended(&closed), expected);
    }
    in_every_way!(law);
}

#[test]
fn row_5_9_an_empty_close_of_our_own() {
    fn law<R: End, D: Mode>() {
        let mut peer = Peer::<Open<R>, D>::open(Limits::default())
            .then(|open, outbox| open.close_without_code(outbox));
        assert_eq!(peer.sent(), Wire(hex("88 00")), "5.9");
        peer.hear(&[frame(0x88, "")]);
        let closed = peer.phase.finish(peer.close.unwrap());
        let expected = Ending {
            clean: true,
            heard: (1005, ""),
            sent: (1005, ""),
            first: Some(Side::Us),
            violation: None,
        };
        assert_eq!(ended(&closed), expected);
    }
    in_every_way!(law);
}

#[test]
fn row_5_10_what_a_close_cannot_say_cannot_be_built() {
    for code in 0..=u16::MAX {
        let built = CloseCode::new(code);
        assert_eq!(built.is_some(), may_be_sent(code), "5.10 {code}");
        assert_eq!(CloseCode::try_from(code).ok(), built);
        assert_eq!(built.map_or(code, CloseCode::get), code);
        assert_eq!(built.map_or(code, u16::from), code);
    }
    assert_eq!(
        CloseCode::try_from(1005).unwrap_err().to_string(),
        "1005 may not stand in a Close frame"
    );
    assert!(CloseReason::try_from("x".repeat(123).as_str()).is_ok());
    assert!(CloseReason::try_from("x".repeat(124).as_str()).is_err());
    // In characters it would fit.
    assert!(CloseReason::try_from("é".repeat(62).as_str()).is_err());

    // Cut to what fits, never inside a character.
    for character in ["x", "é", "€", "🦀"] {
        for before in ["", "a", "ab", "abc"] {
            let text = format!("{before}{}", character.repeat(200));
            let truncated = CloseReason::truncated(&text);
            assert!(text.starts_with(truncated.as_str()));
            assert!((120..=123).contains(&truncated.len()), "5.10");
        }
    }
    assert_eq!(CloseReason::truncated("short").as_str(), "short");
}

#[test]
fn the_named_codes_are_those_of_the_rfc_and_the_registry() {
    for (named, number) in [
        (CloseCode::NORMAL, 1000),
        (CloseCode::GOING_AWAY, 1001),
        (CloseCode::PROTOCOL_ERROR, 1002),
        (CloseCode::UNSUPPORTED_DATA, 1003),
        (CloseCode::INVALID_PAYLOAD, 1007),
        (CloseCode::POLICY_VIOLATION, 1008),
        (CloseCode::MESSAGE_TOO_BIG, 1009),
        (CloseCode::MANDATORY_EXTENSION, 1010),
        (CloseCode::INTERNAL_ERROR, 1011),
        (CloseCode::SERVICE_RESTART, 1012),
        (CloseCode::TRY_AGAIN_LATER, 1013),
        (CloseCode::BAD_GATEWAY, 1014),
    ] {
        assert_eq!(named.get(), number);
        assert_eq!(CloseStatus::from(named).get(), number);
        assert_eq!(CloseStatus::from(named).code(), Some(named));
    }
    assert_eq!(
        (CloseStatus::NONE.get(), CloseStatus::NONE.code()),
        (1005, None)
    );
    assert_eq!(
        (CloseStatus::ABNORMAL.get(), CloseStatus::ABNORMAL.code()),
        (1006, None)
    );
}

#[test]
fn row_5_11_codes_meant_for_the_other_role_are_accepted() {
    fn law<R: End, D: Mode>() {
        for code in [CloseCode::MANDATORY_EXTENSION, CloseCode::INTERNAL_ERROR] {
            let mut peer = Peer::<Open<R>, D>::open(Limits::default())
                .then(|open, outbox| open.close(code, CloseReason::default(), outbox));
            let expected = frame(0x88, said(code.get(), "")).bytes(None);
            assert_eq!(peer.sent(), Wire(expected), "5.11");
        }
    }
    in_every_way!(law);
    for code in [1010, 1011] {
        closes("5.11", &said(code, ""), close(code, ""));
    }
}

#[test]
fn row_5_12_what_arrives_between_our_close_and_the_answer() {
    fn law<R: End, D: Mode>(fragment_first: bool) {
        let mut peer = Peer::<Open<R>, D>::open(Limits::default());
        let mut frames = vec![
            frame(0x01, "Hel"),
            frame(0x89, "still there?"),
            frame(0x80, "lo"),
            frame(0x82, [1, 2]),
            frame(0x8a, ""),
        ];
        if fragment_first {
            peer.hear(&[frames.remove(0)]);
        }
        let mut peer =
            peer.then(|open, outbox| open.close(CloseCode::GOING_AWAY, reason("restart"), outbox));
        assert_eq!(
            peer.sent(),
            Wire(hex("88 09 03e9 72657374617274")),
            "5.12 our Close"
        );
        peer.hear(&frames);
        let heard = [
            ping("still there?"),
            text("Hello"),
            binary([1, 2]),
            pong(""),
        ];
        assert_eq!(peer.news(), heard, "5.12");
        assert_eq!(
            peer.sent(),
            Wire(hex("8a 0c 7374696c6c2074686572653f")),
            "5.12 a Ping is answered"
        );
        peer.hear(&[frame(0x88, said(4000, "my own")), frame(0x89, "late")]);
        assert_eq!(peer.news(), [close(4000, "my own")], "5.12");
        assert_eq!(peer.sent(), Wire(vec![]), "5.12 no second Close");
        let closed = peer.phase.finish(peer.close.unwrap());
        let expected = Ending {
            clean: true,
            heard: (4000, "my own"),
            sent: (1001, "restart"),
            first: Some(Side::Us),
            violation: None,
        };
        assert_eq!(ended(&closed), expected, "5.12");
    }
    in_every_way!(law, false);
    in_every_way!(law, true);
}

#[test]
fn row_5_12_a_violation_after_our_close_sends_no_second_one() {
    fn law<R: End, D: Mode>() {
        let mut peer = Peer::<Open<R>, D>::open(Limits::default())
            .then(|open, outbox| open.close(CloseCode::NORMAL, reason("bye"), outbox));
        assert_eq!(peer.sent(), Wire(hex("88 05 03e8 627965")));
        peer.hear(&[frame(0x89, "p"), frame(0x83, ""), frame(0x88, "")]);
        assert_eq!(peer.violation, Some(Violation::ReservedOpcode));
        assert_eq!(peer.sent(), Wire(hex("8a 01 70")));
        let closed = peer.phase.fail(Violation::ReservedOpcode);
        let expected = Ending {
            clean: false,
            heard: NOTHING,
            sent: (1000, "bye"),
            first: Some(Side::Us),
            violation: Some(Violation::ReservedOpcode),
        };
        assert_eq!(ended(&closed), expected);
        assert!(peer.outbox.is_empty());
    }
    in_every_way!(law);
}

#[test]
fn row_5_13_both_say_close_at_once() {
    for cut in [1, 2, 3, 100] {
        let mut pair = Pair::new(cut)
            .client(|open, outbox| open.close(CloseCode::NORMAL, reason("client"), outbox))
            .server(|open, outbox| open.close(CloseCode::GOING_AWAY, reason("server"), outbox));
        pair.carry();
        assert_eq!(pair.client.news(), [close(1001, "server")], "5.13");
        assert_eq!(pair.server.news(), [close(1000, "client")], "5.13");
        assert!(pair.client.outbox.is_empty() && pair.server.outbox.is_empty());
        let client = pair.client.phase.finish(pair.client.close.unwrap());
        let server = pair.server.phase.finish(pair.server.close.unwrap());
        let expected = Ending {
            clean: true,
            heard: (1001, "server"),
            sent: (1000, "client"),
            first: Some(Side::Us),
            violation: None,
        };
        assert_eq!(ended(&client), expected, "5.13");
        let expected = Ending {
            clean: true,
            heard: (1000, "client"),
            sent: (1001, "server"),
            first: Some(Side::Us),
            violation: None,
        };
        assert_eq!(ended(&server), expected, "5.13");
    }
}

#[test]
fn a_close_from_either_end_reaches_the_other_and_comes_back() {
    for cut in [1, 4, 100] {
        let mut pair = Pair::new(cut).client(|open, outbox| {
            open.close(CloseCode::literal::<3000>(), reason("done é"), outbox)
        });
        pair.carry_to_server();
        let heard = pair.server.close.take().unwrap();
        assert_eq!((heard.code().get(), heard.reason()), (3000, "done é"));
        let server = pair
            .server
            .phase
            .acknowledge(heard, &mut pair.server.outbox);
        let mut client = pair.client;
        client.read(&drain(&mut pair.server.outbox));
        let client = client.phase.finish(client.close.unwrap());
        let expected = Ending {
            clean: true,
            heard: (3000, "done é"),
            sent: (3000, ""),
            first: Some(Side::Peer),
            violation: None,
        };
        assert_eq!(ended(&server), expected);
        let expected = Ending {
            clean: true,
            heard: (3000, ""),
            sent: (3000, "done é"),
            first: Some(Side::Us),
            violation: None,
        };
        assert_eq!(ended(&client), expected);
    }
}

#[test]
fn row_5_14_after_the_peers_close_nothing_counts() {
    fn law<R: End, D: Mode>() {
        let after = [
            (
                "5.14 valid frames",
                R::from_peer(&[frame(0x81, "late"), frame(0x89, "late")]),
            ),
            (
                "5.14 a second Close",
                R::from_peer(&[frame(0x88, said(4000, ""))]),
            ),
            ("5.14 an illegal frame", R::from_peer(&[frame(0xff, "")])),
            ("5.14 garbage", vec![0xa5; 1000]),
        ];
        for (row, after) in after {
            for together in [true, false] {
                let mut peer = Peer::<Open<R>, D>::open(Limits::default());
                let mut bytes = R::from_peer(&[frame(0x88, said(1000, "bye"))]);
                if together {
                    bytes.extend(&after);
                }
                peer.read(&bytes);
                // The harness refuses whatever is heard or answered after the Close.
                peer.read(&after);
                peer.read(&after[..1]);
                assert_eq!(peer.heard, [close(1000, "bye")], "{row}");
                assert_eq!(peer.violation, None, "{row}");
                let (outcome, closed) = peer.end();
                assert_eq!(outcome.sent, Wire(hex("88 02 03e8")), "{row}");
                assert!(closed.is_clean(), "{row}");
            }
        }
    }
    in_every_way!(law);
}

#[test]
fn row_5_15_after_our_fail_one_close_was_sent() {
    fn law<R: End, D: Mode>() {
        let mut peer = Peer::<Open<R>, D>::open(Limits::default());
        peer.hear(&[frame(0x89, "p"), frame(0x80, ""), frame(0x88, "")]);
        for _ in 0..3 {
            peer.hear(&[frame(0x81, "late"), frame(0x89, "late"), frame(0x83, "")]);
        }
        assert_eq!(peer.heard, [ping("p")], "5.15");
        let (outcome, closed) = peer.end();
        assert_eq!(outcome.sent, Wire(hex("8a 01 70 88 02 03ea")), "5.15");
        let expected = Ending {
            clean: false,
            heard: NOTHING,
            sent: (1002, ""),
            first: Some(Side::Us),
            violation: Some(Violation::UnexpectedContinuation),
        };
        assert_eq!(ended(&closed), expected);
    }
    in_every_way!(law);
}

#[test]
fn row_5_15_what_we_sent_before_failing_goes_out_before_the_close() {
    fn law<R: End, D: Mode>() {
        let mut peer = Peer::<Open<R>, D>::open(Limits::default())
            .then(|open, _| open.start_text())
            .then(|mut streaming, outbox| {
                streaming.write("half", outbox);
                streaming
            });
        peer.hear(&[frame(0x83, "")]);
        let violation = peer.violation.unwrap();
        let closed = peer.phase.fail(violation, &mut peer.outbox);
        let wire = sent::<R>(&mut peer.outbox);
        assert_eq!(wire, Wire(hex("01 04 68616c66 88 02 03ea")));
        assert_eq!(closed.violation(), Some(Violation::ReservedOpcode));
    }
    in_every_way!(law);
}

#[test]
fn row_5_16_what_to_do_with_the_transport() {
    let server = Server::open(Limits::default()).eof();
    assert_eq!(server.shutdown(), Shutdown::CloseNow, "5.16");
    let client = Client::open(Limits::default()).eof();
    assert_eq!(client.shutdown(), Shutdown::AwaitEof, "5.16");
}

#[test]
fn row_5_17_the_transport_ends_without_an_answer_to_our_close() {
    fn law<R: End, D: Mode>() {
        let expected = Ending {
            sent: (1000, "bye"),
            first: Some(Side::Us),
            ..ABNORMAL
        };
        let closing = || {
            Peer::<Open<R>, D>::open(Limits::default())
                .then(|open, outbox| open.close(CloseCode::NORMAL, reason("bye"), outbox))
        };
        assert_eq!(ended(&closing().phase.eof()), expected, "5.17");
        // Data is no answer, and neither is half a Close.
        let mut peer = closing();
        peer.hear(&[frame(0x81, "data")]);
        let answer = R::from_peer(&[frame(0x88, said(1000, "bye"))]);
        peer.read(&answer[..answer.len() - 1]);
        assert_eq!(peer.heard, [text("data")]);
        assert_eq!(ended(&peer.phase.eof()), expected, "5.17");
    }
    in_every_way!(law);
}

#[test]
fn the_transport_ends_without_any_close() {
    fn law<R: End, D: Mode>() {
        assert_eq!(ended(&R::open(Limits::default()).eof()), ABNORMAL);
        let streaming = R::open(Limits::default()).start_text();
        assert_eq!(ended(&streaming.eof()), ABNORMAL);
        let streaming = R::open(Limits::default()).start_binary();
        assert_eq!(ended(&streaming.eof()), ABNORMAL);
        let mut peer = Peer::<Open<R>, D>::open(Limits::default());
        peer.hear(&[frame(0x01, "half")]);
        assert_eq!(ended(&peer.phase.eof()), ABNORMAL);
    }
    in_every_way!(law);
}

#[test]
fn row_5_18_a_close_that_is_split_anywhere() {
    // Every cut of every row of `closes`; here with a message before it.
    hears(
        "5.18",
        Limits::default(),
        &[frame(0x81, "before"), frame(0x88, said(4321, "é€🦀"))],
        &[text("before"), close(4321, "é€🦀")],
        "88 02 10e1",
    );
}

#[test]
fn row_5_19_a_close_between_fragments() {
    for opcode in [0x01, 0x02] {
        hears(
            "5.19",
            Limits::default(),
            &[
                frame(opcode, "partial"),
                frame(0x00, ""),
                frame(0x88, said(1000, "")),
            ],
            &[close(1000, "")],
            "88 02 03e8",
        );
    }
    // Also inside a character.
    let frames = [frame(0x01, [0xe2, 0x82]), frame(0x88, said(1000, ""))];
    let heard = [close(1000, "")];
    hears("5.19", Limits::default(), &frames, &heard, "88 02 03e8");

    fn law<R: End, D: Mode>() {
        let mut peer = Peer::<Open<R>, D>::open(Limits::default());
        peer.hear(&[frame(0x01, "partial"), frame(0x88, said(1000, "bye"))]);
        let expected = Ending {
            clean: true,
            heard: (1000, ""),
            first: Some(Side::Peer),
            ..ABNORMAL
        };
        // The peer's reason went away with its witness.
        drop(peer.close);
        assert_eq!(ended(&peer.phase.eof()), expected, "5.19");
    }
    in_every_way!(law);
}

#[test]
fn row_5_20_the_code_is_echoed_and_the_reason_is_not() {
    closes("5.20", &said(1001, "leaving"), close(1001, "leaving"));
}

/// A connection that has heard Close 1001 "leaving".
fn closed_by_peer<R: End, D: Mode>() -> Peer<Open<R>, D> {
    let mut peer = Peer::open(Limits::default());
    peer.hear(&[frame(0x88, said(1001, "leaving"))]);
    assert_eq!(peer.news(), [close(1001, "leaving")]);
    peer
}

#[test]
fn a_witness_is_kept_while_a_message_is_finished() {
    fn law<R: End, D: Mode>() {
        let mut peer =
            Peer::<Open<R>, D>::open(Limits::default()).then(|open, _| open.start_text());
        peer.hear(&[frame(0x88, said(1001, "leaving"))]);
        let witness = peer.close.take().unwrap();
        let mut open = peer.phase.finish("last words", &mut peer.outbox);
        open.send_text("and more", &mut peer.outbox);
        let closed = open.acknowledge(witness, &mut peer.outbox);
        let wire = sent::<R>(&mut peer.outbox);
        let expected = "81 0a 6c61737420776f726473 81 08 616e64206d6f7265 88 02 03e9";
        assert_eq!(wire, Wire(hex(expected)));
        let expected = Ending {
            clean: true,
            heard: (1001, "leaving"),
            sent: (1001, ""),
            first: Some(Side::Peer),
            violation: None,
        };
        assert_eq!(ended(&closed), expected);
    }
    in_every_way!(law);
}

#[test]
fn a_witness_is_acknowledged_in_the_middle_of_our_message() {
    fn law<R: End, D: Mode>() {
        let mut peer = Peer::<Open<R>, D>::open(Limits::default())
            .then(|open, _| open.start_text())
            .then(|mut streaming, outbox| {
                streaming.write("half", outbox);
                streaming
            });
        peer.hear(&[frame(0x88, said(1001, "leaving"))]);
        let closed = peer
            .phase
            .acknowledge(peer.close.unwrap(), &mut peer.outbox);
        let wire = sent::<R>(&mut peer.outbox);
        assert_eq!(wire, Wire(hex("01 04 68616c66 88 02 03e9")));
        assert!(closed.is_clean());
    }
    in_every_way!(law);
}

#[test]
fn a_witness_that_was_dropped_is_no_trap() {
    fn law<R: End, D: Mode>() {
        let heard_first = Ending {
            clean: true,
            heard: (1001, ""),
            sent: NOTHING,
            first: Some(Side::Peer),
            violation: None,
        };

        // The transport ends.
        let peer = closed_by_peer::<R, D>();
        drop(peer.close);
        assert_eq!(ended(&peer.phase.eof()), heard_first);

        // We say Close all the same, with a code of our own.
        let answered = Ending {
            sent: (1000, "mine"),
            ..heard_first
        };
        let mut peer = closed_by_peer::<R, D>()
            .then(|open, outbox| open.close(CloseCode::NORMAL, reason("mine"), outbox));
        peer.close = None;
        assert_eq!(peer.sent(), Wire(hex("88 06 03e8 6d696e65")));
        peer.hear(&[frame(0x81, "late"), frame(0x89, "late")]);
        assert_eq!((peer.news(), peer.sent()), (vec![], Wire(vec![])));
        assert_eq!(ended(&peer.phase.eof()), answered);

        // The same, from the middle of a message.
        let mut peer =
            Peer::<Open<R>, D>::open(Limits::default()).then(|open, _| open.start_text());
        peer.hear(&[frame(0x88, said(1001, "leaving"))]);
        peer.close = None;
        let peer = peer.then(|open, outbox| open.close(CloseCode::NORMAL, reason("mine"), outbox));
        assert_eq!(ended(&peer.phase.eof()), answered);
    }
    in_every_way!(law);
}

#[test]
fn a_witness_that_was_kept_finishes_what_close_began() {
    fn law<R: End, D: Mode>() {
        let peer = closed_by_peer::<R, D>()
            .then(|open, outbox| open.close(CloseCode::NORMAL, reason("mine"), outbox));
        let closed = peer.phase.finish(peer.close.unwrap());
        let expected = Ending {
            clean: true,
            heard: (1001, "leaving"),
            sent: (1000, "mine"),
            first: Some(Side::Peer),
            violation: None,
        };
        assert_eq!(ended(&closed), expected);
    }
    in_every_way!(law);
}

#[test]
fn a_witness_of_another_connection_ends_unclean() {
    fn foreign() -> PeerClose {
        closed_by_peer::<Server, Messages>().close.unwrap()
    }

    fn law<R: End, D: Mode>() {
        let mut outbox = wsproto::Outbox::new();
        let closed = R::open(Limits::default()).acknowledge(foreign(), &mut outbox);
        assert!(!closed.is_clean());
        let streaming = R::open(Limits::default()).start_text();
        assert!(!streaming.acknowledge(foreign(), &mut outbox).is_clean());
        let closing = R::open(Limits::default()).close_without_code(&mut outbox);
        assert!(!closing.finish(foreign()).is_clean());
    }
    in_every_way!(law);
}

#[test]
fn a_failure_after_the_peers_close_is_told_as_it_was() {
    // Nothing that arrives can bring this about; a program's own checks can.
    fn law<R: End, D: Mode>() {
        let mut peer = closed_by_peer::<R, D>();
        let closed = peer.phase.fail(Violation::InvalidCoding, &mut peer.outbox);
        assert_eq!(sent::<R>(&mut peer.outbox), Wire(hex("88 02 03ef")));
        assert!(!closed.is_clean());
        assert_eq!(closed.violation(), Some(Violation::InvalidCoding));
    }
    in_every_way!(law);
}

#[test]
fn each_violation_has_the_code_of_its_rule() {
    use Violation::*;
    let rows = [
        (
            1002,
            &[
                ReservedOpcode,
                ReservedBit,
                Unmasked,
                Masked,
                FragmentedControl,
                OversizedControl,
                NonMinimalLength,
                LengthTopBit,
                UnexpectedContinuation,
                UnfinishedMessage,
                TruncatedCloseCode,
                ReservedCloseCode,
            ][..],
        ),
        (1007, &[InvalidUtf8, InvalidCloseReason, InvalidCoding]),
        (
            1009,
            &[
                MessageTooBig,
                FrameTooBig,
                TooManyWireBytes,
                TooManyFragments,
            ],
        ),
    ];
    for (code, violations) in rows {
        for violation in violations {
            assert_eq!(violation.close_code().get(), code, "{violation}");
            let mut outbox = wsproto::Outbox::new();
            let closed = Server::open(Limits::default()).fail(*violation, &mut outbox);
            let expected = [&[0x88, 0x02][..], &u16::to_be_bytes(code)].concat();
            assert_eq!(drain(&mut outbox), expected);
            let expected = Ending {
                sent: (code, ""),
                first: Some(Side::Us),
                violation: Some(*violation),
                ..ABNORMAL
            };
            assert_eq!(ended(&closed), expected);
        }
    }
}

#[test]
fn a_reason_is_not_printed_and_a_literal_can_be_a_payload() {
    let reason = wsproto::CloseReason::from_static("secret");
    assert_eq!(format!("{reason:?}"), "CloseReason(6 bytes)");
    assert_eq!(
        *wsproto::ControlPayload::try_from(b"ping").unwrap(),
        *b"ping"
    );
    assert!(wsproto::ControlPayload::try_from(&[0; 126]).is_err());
}

#[test]
fn codes_reasons_and_payloads_are_values() {
    use wsproto::{CloseCode, CloseReason, CloseStatus, ControlPayload};

    let status = CloseStatus::from(CloseCode::GOING_AWAY);
    assert_eq!(status, CloseCode::GOING_AWAY);
    assert_eq!(CloseCode::GOING_AWAY, status);
    assert_ne!(status, CloseCode::NORMAL);
    assert_ne!(CloseCode::NORMAL, status);

    let reason = CloseReason::try_from("going to bed").unwrap();
    assert_eq!(reason.into_string(), "going to bed");

    let literal = ControlPayload::literal(b"are you there?");
    assert_eq!(literal.as_bytes(), b"are you there?");
    assert!(literal == ControlPayload::try_from("are you there?").unwrap());
    assert!(literal != ControlPayload::try_from("are you there!").unwrap());
    assert!(literal != ControlPayload::default());
    assert_eq!(ControlPayload::literal(b"").as_bytes(), b"");
    assert_eq!(ControlPayload::literal(&[7; 125]).as_bytes(), [7; 125]);
}
