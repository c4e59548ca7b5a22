//! Fragmentation (RFC 6455 5.4), and what bounds it (10.4).

mod common;

use common::*;
use wsproto::{CloseReason, ControlPayload, Limits, Open, Server, Violation};

#[test]
fn row_4_1_a_new_message_inside_a_fragmented_one() {
    let rows = [
        ("4.1 text, then binary FIN 1", 0x01, 0x82),
        ("4.1 text, then binary FIN 0", 0x01, 0x02),
        ("4.1 text, then text FIN 1", 0x01, 0x81),
        ("4.1 text, then text FIN 0", 0x01, 0x01),
        ("4.1 binary, then text FIN 1", 0x02, 0x81),
        ("4.1 binary, then text FIN 0", 0x02, 0x01),
        ("4.1 binary, then binary FIN 1", 0x02, 0x82),
    ];
    for (row, first, second) in rows {
        let violation = Violation::UnfinishedMessage;
        let limits = Limits::default();
        let frames = [frame(first, "a"), frame(second, "b"), frame(0x80, "c")];
        fails(row, limits, &frames, &[], "", violation, 1002);
        let frames = [
            frame(first, ""),
            frame(0x00, ""),
            frame(0x89, "p"),
            frame(second, ""),
        ];
        fails(
            row,
            limits,
            &frames,
            &[ping("p")],
            "8a 01 70",
            violation,
            1002,
        );
    }
}

#[test]
fn row_4_2_a_continuation_of_nothing() {
    for opcode in [0x80, 0x00] {
        for payload in ["", "Hello"] {
            let continuation = frame(opcode, payload);
            let violation = Violation::UnexpectedContinuation;
            let limits = Limits::default();
            let rows: [(_, &[Frame], &[Heard], _); 5] = [
                ("4.2 as the very first frame", &[], &[], ""),
                (
                    "4.2 after a whole message",
                    &[frame(0x81, "a")],
                    &[text("a")],
                    "",
                ),
                (
                    "4.2 after a fragmented message",
                    &[frame(0x02, "a"), frame(0x80, "b")],
                    &[binary("ab")],
                    "",
                ),
                (
                    "4.2 after a Ping",
                    &[frame(0x89, "p")],
                    &[ping("p")],
                    "8a 01 70",
                ),
                ("4.2 after a Pong", &[frame(0x8a, "")], &[pong("")], ""),
            ];
            for (row, before, heard, sent) in rows {
                let frames = [before, std::slice::from_ref(&continuation)].concat();
                fails(row, limits, &frames, heard, sent, violation, 1002);
            }
        }
    }
}

#[test]
fn row_4_3_control_frames_between_fragments() {
    hears(
        "4.3 Ping and Pong between fragments",
        Limits::default(),
        &[
            frame(0x01, "Hel"),
            frame(0x89, "1"),
            frame(0x00, ""),
            frame(0x8a, "2"),
            frame(0x89, "3"),
            frame(0x80, "lo"),
        ],
        &[ping("1"), pong("2"), ping("3"), text("Hello")],
        "8a 01 31 8a 01 33",
    );
}

#[test]
fn row_4_3_a_thousand_pings_between_fragments_are_answered_before_the_message_ends() {
    fn law<R: End, D: Mode>() {
        let mut peer = Peer::<Open<R>, D>::open(Limits::default());
        peer.hear(&[frame(0x02, "Hel")]);
        let mut expected = Vec::new();
        for number in 0..1000_u16 {
            let number = number.to_be_bytes();
            peer.hear(&[frame(0x89, number)]);
            expected.extend(frame(0x8a, number).bytes(None));
        }
        assert_eq!(peer.sent(), Wire(expected), "4.3");
        assert_eq!(peer.news().len(), 1000);
        peer.hear(&[frame(0x80, "lo")]);
        assert_eq!(peer.news(), [binary("Hello")], "4.3");
        assert_eq!(peer.sent(), Wire(vec![]), "4.3");
    }
    in_every_way!(law);
}

#[test]
fn row_4_4_control_frames_without_fin() {
    for (row, opcode) in [("4.4 Close", 0x08), ("4.4 Ping", 0x09), ("4.4 Pong", 0x0a)] {
        for payload in [&b""[..], &[0x03, 0xe8]] {
            let violation = Violation::FragmentedControl;
            let limits = Limits::default();
            let alone = [frame(opcode, payload)];
            fails(row, limits, &alone, &[], "", violation, 1002);
            let inside = [frame(0x01, "a"), frame(opcode, payload), frame(0x80, "b")];
            fails(row, limits, &inside, &[], "", violation, 1002);
        }
    }
}

#[test]
fn row_4_5_one_frame_at_the_message_limit_and_above() {
    for opcode in [0x81, 0x82] {
        let whole = |len| match opcode {
            0x81 => text("a".repeat(len)),
            _ => binary("a".repeat(len)),
        };
        for limit in [0, 1, 125, 126, 200] {
            let limits = Limits::default().message_payload(limit);
            let at = frame(opcode, "a".repeat(limit));
            let above = frame(opcode, "a".repeat(limit + 1));
            if limit >= 4 {
                // The harness appends four bytes.
                let at = std::slice::from_ref(&at);
                hears("4.5 at the limit", limits, at, &[whole(limit)], "");
            }
            fails(
                "4.5 above, after one at the limit",
                limits,
                &[at, above.clone()],
                &[whole(limit)],
                "",
                Violation::MessageTooBig,
                1009,
            );
            let row = "4.5 on the header";
            let violation = Violation::MessageTooBig;
            let header = header_of::<Server>(&above);
            fails_at_the_last_byte::<Server>(row, limits, &header, violation);
            let header = header_of::<wsproto::Client>(&above);
            fails_at_the_last_byte::<wsproto::Client>(row, limits, &header, violation);
        }
    }
}

/// Up to the payload.
fn header_of<R: End>(frame: &Frame) -> Vec<u8> {
    let mut bytes = frame.bytes(R::KEY);
    bytes.truncate(bytes.len() - frame.payload.len());
    bytes
}

#[test]
fn row_4_6_fragments_that_together_are_above_the_limit() {
    let limits = Limits::default().message_payload(10);
    hears(
        "4.6 at the limit",
        limits,
        &[
            frame(0x01, "aaaa"),
            frame(0x00, "bbbb"),
            frame(0x89, "pppppppppppp"),
            frame(0x00, "cc"),
            frame(0x80, ""),
        ],
        &[ping("pppppppppppp"), text("aaaabbbbcc")],
        "8a 0c 707070707070707070707070",
    );
    let rows: [(_, &[_]); 4] = [
        ("4.6 by one", &["aaaa", "bbbb", "ccc"]),
        ("4.6 after the limit", &["aaaaaaaaaa", "b"]),
        ("4.6 after an empty one", &["aaaaaaaaaa", "", "b"]),
        ("4.6 by the first", &["aaaaaaaaaaa"]),
    ];
    for (row, fragments) in rows {
        for fin in [0x80, 0x00] {
            let mut frames: Vec<_> = fragments.iter().map(|it| frame(0x00, it)).collect();
            frames.last_mut().unwrap().first |= fin;
            frames[0].first |= 0x02;
            let violation = Violation::MessageTooBig;
            fails(row, limits, &frames, &[], "", violation, 1009);

            fn on_the_header<R: End>(row: &str, limits: Limits, frames: &[Frame]) {
                let (last, before) = frames.split_last().unwrap();
                let mut bytes = R::from_peer(before);
                bytes.extend(header_of::<R>(last));
                fails_at_the_last_byte::<R>(row, limits, &bytes, Violation::MessageTooBig);
            }
            on_the_header::<Server>(row, limits, &frames);
            on_the_header::<wsproto::Client>(row, limits, &frames);
        }
    }
    hears(
        "4.6 the budget is each message's own",
        limits,
        &[
            frame(0x01, "aaaaa"),
            frame(0x80, "bbbbb"),
            frame(0x01, "ccccc"),
            frame(0x80, "ddddd"),
            frame(0x81, "eeeeeeeeee"),
        ],
        &[text("aaaaabbbbb"), text("cccccddddd"), text("eeeeeeeeee")],
        "",
    );
}

#[test]
fn row_4_7_fragments_without_end() {
    fn law<R: End, D: Mode>(payload: &str) {
        let mut peer = Peer::<Open<R>, D>::open(Limits::default());
        peer.hear(&[frame(0x02, payload)]);
        let fragments = R::from_peer(&vec![frame(0x00, payload); 1 << 10]);
        for _ in 0..127 {
            peer.read(&fragments);
        }
        peer.hear(&vec![frame(0x00, payload); 1023]);
        assert_eq!(peer.violation, None, "4.7 131072 are allowed");
        peer.hear(&[frame(0x00, payload)]);
        assert_eq!(peer.violation, Some(Violation::TooManyFragments), "4.7");
        assert_eq!(peer.heard, []);
        let (outcome, _) = peer.end();
        assert_eq!(outcome.sent, Wire(hex("88 02 03f1")), "4.7");
    }
    in_every_way!(law, "");
    in_every_way!(law, "a");
}

#[test]
fn row_4_7_as_many_fragments_as_autobahn_9_3_1_sends() {
    fn law<R: End, D: Mode>() {
        let limits = Limits::default().message_payload(4 << 20);
        let mut peer = Peer::<Open<R>, D>::open(limits);
        let fragment = |number: u32| number.to_be_bytes().repeat(16);
        for number in 0..65536 {
            let opcode = if number == 0 { 0x02 } else { 0x00 };
            peer.hear(&[frame(opcode, fragment(number))]);
        }
        peer.hear(&[frame(0x80, "")]);
        assert_eq!(peer.violation, None, "4.7");
        let whole: Vec<u8> = (0..65536).flat_map(fragment).collect();
        assert!(peer.news() == [binary(whole)], "4.7");
    }
    in_every_way!(law);
}

#[test]
fn row_4_8_a_flood_of_pings_that_is_not_drained() {
    fn law<R: End, D: Mode>() {
        let mut peer = Peer::<Open<R>, D>::open(Limits::default());
        for number in 0..20_000_u16 {
            peer.hear(&[frame(0x89, number.to_be_bytes())]);
        }
        // Each Ping is heard; of the answers, the first 1024 and the newest are kept.
        assert_eq!(peer.news().len(), 20_000);
        let expected: Vec<u8> = (0..1024)
            .chain([19_999])
            .flat_map(|number: u16| frame(0x8a, number.to_be_bytes()).bytes(None))
            .collect();
        assert_eq!(peer.sent(), Wire(expected), "4.8");
        peer.hear(&[frame(0x89, "again")]);
        assert_eq!(peer.sent(), Wire(hex("8a 05 616761696e")), "4.8");
    }
    in_every_way!(law);
}

/// Some of everything, and what is heard of it.
fn session() -> (Vec<Frame>, Vec<Heard>) {
    let long = "aé€🦀".repeat(30);
    let frames = vec![
        frame(0x81, "Hello"),
        frame(0x82, [0xff, 0x00]),
        frame(0x01, "caf"),
        frame(0x89, "1"),
        frame(0x00, [0xc3]),
        frame(0x8a, ""),
        frame(0x00, ""),
        frame(0x80, [0xa9]),
        frame(0x82, ""),
        frame(0x81, &long),
        frame(0x02, [1; 130]),
        frame(0x89, [2; 125]),
        frame(0x80, [3; 130]),
        frame(0x01, ""),
        frame(0x80, ""),
        frame(0x88, [&[0x0f, 0xa1], "bye é".as_bytes()].concat()),
    ];
    let heard = vec![
        text("Hello"),
        binary([0xff, 0x00]),
        ping("1"),
        pong(""),
        text("café"),
        binary(""),
        text(long),
        ping([2; 125]),
        binary([[1; 130], [3; 130]].concat()),
        text(""),
        close(4001, "bye é"),
    ];
    (frames, heard)
}

fn session_answers() -> String {
    format!("8a 01 31 8a 7d {} 88 02 0fa1", "02".repeat(125))
}

#[test]
fn row_4_9_cuts_are_invisible() {
    let (frames, heard) = session();
    let limits = Limits::default();
    hears(
        "4.9 every split",
        limits,
        &frames,
        &heard,
        &session_answers(),
    );

    fn law<R: End, D: Mode>() {
        let (frames, heard) = session();
        let bytes = R::from_peer(&frames);
        let mut numbers = Numbers(4);
        for run in 0..300 {
            // Small pieces, large ones, and empty ones.
            let most = 1 + numbers.below(60);
            let mut pieces = Vec::new();
            let mut rest = &bytes[..];
            while !rest.is_empty() {
                let (piece, after) = rest.split_at(numbers.below(most + 1).min(rest.len()));
                pieces.push(piece);
                rest = after;
            }
            let step = [Step::Receive, Step::HasEvent][run % 2];
            let (outcome, closed) = outcome::<R, D>(Limits::default(), step, &pieces);
            assert_eq!(outcome.heard, heard, "4.9 run {run}");
            assert_eq!(outcome.sent, Wire(hex(&session_answers())), "4.9 run {run}");
            assert!(closed.is_clean());
        }
    }
    in_every_way!(law);
}

#[test]
fn row_4_10_the_transport_ends_after_any_byte() {
    fn law<R: End, D: Mode>() {
        let (frames, heard) = session();
        let bytes = R::from_peer(&frames);
        for len in 0..bytes.len() {
            let mut peer = Peer::<Open<R>, D>::open(Limits::default());
            peer.read(&bytes[..len]);
            assert_eq!(peer.heard, heard[..peer.heard.len()], "4.10 after {len}");
            assert_eq!(peer.violation, None);
            let unfinished = frames_before(&frames, len, R::KEY.is_some());
            assert_eq!(peer.heard.len(), unfinished, "4.10 after {len}");
            let closed = peer.phase.eof();
            assert!(!closed.is_clean(), "4.10 after {len}");
            assert_eq!(closed.code().get(), 1006, "4.10 after {len}");
            assert_eq!(closed.initiator(), None, "4.10 after {len}");
        }
    }

    /// How many events have come whole with the first `len` bytes.
    fn frames_before(frames: &[Frame], len: usize, masked: bool) -> usize {
        let mut end = 0;
        let mut events = 0;
        for frame in frames {
            end += 1 + frame.length.len() + frame.payload.len() + if masked { 4 } else { 0 };
            if end > len {
                break;
            }
            events += usize::from(frame.first & 0x80 != 0);
        }
        events
    }

    in_every_way!(law);
}

#[test]
fn row_4_11_a_ping_is_answered_between_our_own_fragments() {
    fn law<R: End, D: Mode>() {
        for payload in [&[][..], &[0x55; 125]] {
            let mut peer =
                Peer::<Open<R>, D>::open(Limits::default()).then(|open, _| open.start_text());
            peer.hear(&[frame(0x89, payload)]);
            peer = peer.then(|mut streaming, outbox| {
                streaming.write("Hel", outbox);
                streaming
            });
            peer.hear(&[frame(0x89, payload), frame(0x81, "meanwhile")]);
            let mut peer = peer.then(|streaming, outbox| streaming.finish("lo", outbox));
            peer.hear(&[frame(0x89, "")]);
            let pong = frame(0x8a, payload).bytes(None);
            let expected = [
                pong.clone(),
                hex("01 03 48656c"),
                pong,
                hex("80 02 6c6f"),
                hex("8a 00"),
            ];
            assert_eq!(peer.sent(), Wire(expected.concat()), "4.11");
            let heard = [ping(payload), ping(payload), text("meanwhile"), ping("")];
            assert_eq!(peer.heard, heard, "4.11");
        }
    }
    in_every_way!(law);
}

#[test]
fn our_own_fragments_are_heard_as_one_message() {
    fn law<R: End, D: Mode>() {
        let mut peer = Peer::<Open<R>, D>::open(Limits::default())
            .then(|open, _| open.start_binary())
            .then(|mut streaming, outbox| {
                streaming.write(b"", outbox);
                streaming.write(b"a", outbox);
                streaming.ping("p".try_into().unwrap(), outbox);
                streaming.write(b"b", outbox);
                streaming.pong("q".try_into().unwrap(), outbox);
                streaming.finish(b"", outbox)
            })
            .then(|open, outbox| open.start_text().finish("only", outbox));
        assert_eq!(
            peer.sent(),
            Wire(hex(
                "02 00  00 01 61  89 01 70  00 01 62  8a 01 71  80 00  81 04 6f6e6c79"
            ))
        );
    }
    in_every_way!(law);

    let mut pair = Pair::new(3)
        .client(|open, _| open.start_text())
        .server(|open, _| open.start_binary());
    for piece in ["a", "", "é", "€🦀"] {
        pair.client.phase.write(piece, &mut pair.client.outbox);
        pair.server
            .phase
            .write(piece.as_bytes(), &mut pair.server.outbox);
        pair.carry();
    }
    let mut pair = pair
        .client(|streaming, outbox| streaming.finish("!", outbox))
        .server(|streaming, outbox| streaming.finish(b"!", outbox));
    pair.carry();
    assert_eq!(pair.server.news(), [text("aé€🦀!")]);
    assert_eq!(pair.client.news(), [binary("aé€🦀!")]);
}

#[test]
fn row_4_12_what_cannot_be_sent_cannot_be_built() {
    assert!(ControlPayload::try_from(&[0; 125][..]).is_ok());
    let error = ControlPayload::try_from(&[0; 126][..]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "126 bytes, where a control frame holds at most 125"
    );
    assert!(ControlPayload::try_from("é".repeat(62).as_str()).is_ok());
    assert!(ControlPayload::try_from("é".repeat(63).as_str()).is_err());
    assert!(CloseReason::try_from("a".repeat(123).as_str()).is_ok());
    assert!(CloseReason::try_from("a".repeat(124).as_str()).is_err());
    assert_eq!(ControlPayload::default().as_bytes(), b"");
    assert_eq!(CloseReason::default().as_str(), "");
}
