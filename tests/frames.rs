//! The header of a frame (RFC 6455 5.2).

mod common;

use common::*;
use wsproto::{Client, Limits, Open, Outbox, Server, Violation};

#[test]
fn row_2_1_a_16_bit_length_of_at_most_125() {
    for opcode in [0x82, 0x81, 0x02, 0x01] {
        let rows = [
            ("2.1 0 in 16 bits", frame(opcode, "").length("7e 0000")),
            ("2.1 1 in 16 bits", frame(opcode, "a").length("7e 0001")),
            (
                "2.1 125 in 16 bits",
                frame(opcode, [b'a'; 125]).length("7e 007d"),
            ),
        ];
        for (row, frame) in rows {
            let violation = Violation::NonMinimalLength;
            fails(row, Limits::default(), &[frame], &[], "", violation, 1002);
        }
    }
    fails(
        "2.1 5 in 16 bits, in a continuation",
        Limits::default(),
        &[frame(0x01, "a"), frame(0x80, "Hello").length("7e 0005")],
        &[],
        "",
        Violation::NonMinimalLength,
        1002,
    );
}

#[test]
fn row_2_2_a_64_bit_length_of_at_most_65535() {
    let rows = [
        (
            "2.2 0 in 64 bits",
            frame(0x82, "").length("7f 0000000000000000"),
        ),
        (
            "2.2 125 in 64 bits",
            frame(0x81, [b'a'; 125]).length("7f 000000000000007d"),
        ),
        (
            "2.2 126 in 64 bits",
            frame(0x02, [b'a'; 126]).length("7f 000000000000007e"),
        ),
        // As much of the payload as there is matters to nobody.
        (
            "2.2 65535 in 64 bits",
            frame(0x01, [b'a'; 100]).length("7f 000000000000ffff"),
        ),
    ];
    for (row, frame) in rows {
        let violation = Violation::NonMinimalLength;
        fails(row, Limits::default(), &[frame], &[], "", violation, 1002);
    }
}

#[test]
fn row_2_3_a_64_bit_length_with_its_top_bit_set() {
    for (row, length) in [
        ("2.3 2^63", "7f 8000000000000000"),
        ("2.3 2^63 + 5", "7f 8000000000000005"),
        ("2.3 2^64 - 1", "7f ffffffffffffffff"),
    ] {
        for opcode in [0x81, 0x82, 0x01, 0x02] {
            let frame = frame(opcode, "Hello").length(length);
            let violation = Violation::LengthTopBit;
            fails(row, Limits::default(), &[frame], &[], "", violation, 1002);
        }
    }
    let violation = Violation::LengthTopBit;
    let limits = Limits::default();
    fails_at_the_last_byte::<Server>("2.3 at once", limits, &hex("82 ff 80"), violation);
    fails_at_the_last_byte::<Client>("2.3 at once", limits, &hex("82 7f ff"), violation);
}

#[test]
fn row_2_4_a_length_above_the_limit_on_the_header_alone() {
    for (row, length) in [
        ("2.4 2^63 - 1", "7f 7fffffffffffffff"),
        ("2.4 2^62", "7f 4000000000000000"),
        ("2.4 2^32", "7f 0000000100000000"),
        ("2.4 2^32 + 5", "7f 0000000100000005"),
        ("2.4 2^31", "7f 0000000080000000"),
        ("2.4 one above the default", "7f 0000000000100001"),
    ] {
        for opcode in [0x81, 0x82, 0x01, 0x02] {
            let header = frame(opcode, "").length(length);
            let violation = Violation::MessageTooBig;
            let limits = Limits::default();
            fails(
                row,
                limits,
                std::slice::from_ref(&header),
                &[],
                "",
                violation,
                1009,
            );
            let bytes = header.bytes(Server::KEY);
            fails_at_the_last_byte::<Server>(row, limits, &bytes, violation);
            let bytes = header.bytes(Client::KEY);
            fails_at_the_last_byte::<Client>(row, limits, &bytes, violation);
        }
        // In a continuation, where it must not be added to what came before.
        fails(
            row,
            Limits::default(),
            &[frame(0x01, "a"), frame(0x00, "").length(length)],
            &[],
            "",
            Violation::MessageTooBig,
            1009,
        );
    }
    fails(
        "2.4 above the limit of a frame",
        Limits::default().frame_payload(1 << 10),
        &[frame(0x82, "").length("7e 0401")],
        &[],
        "",
        Violation::FrameTooBig,
        1009,
    );
}

#[test]
fn row_2_4_no_length_overflows_where_there_is_no_limit() {
    fn law<R: End, D: Mode>() {
        let limits = Limits::default()
            .message_payload(usize::MAX)
            .frame_payload(usize::MAX)
            .message_wire(usize::MAX);
        for second in ["7fffffffffffffff", "4000000000000000"] {
            let mut peer = Peer::<Open<R>, D>::open(limits);
            let length = format!("7f {second}");
            peer.hear(&[frame(0x02, "a"), frame(0x80, "bc").length(&length)]);
            assert_eq!(peer.violation, usize_is_smaller());
            assert_eq!(peer.heard, []);
        }
        // The sum of the two is above 2^63.
        let mut peer = Peer::<Open<R>, D>::open(limits);
        peer.hear(&[frame(0x02, "a").length("7f 7fffffffffffffff")]);
        assert_eq!(peer.heard, []);
    }

    fn usize_is_smaller() -> Option<Violation> {
        (usize::BITS < 64).then_some(Violation::MessageTooBig)
    }

    in_every_way!(law);
}

#[test]
fn row_2_5_a_control_frame_with_a_long_length() {
    for opcode in [0x88, 0x89, 0x8a] {
        let rows = [
            ("2.5 5 in 16 bits", frame(opcode, "Hello").length("7e 0005")),
            (
                "2.5 126 in 16 bits",
                frame(opcode, [b'a'; 126]).length("7e 007e"),
            ),
            (
                "2.5 0 in 64 bits",
                frame(opcode, "").length("7f 0000000000000000"),
            ),
            (
                "2.5 2^64 - 1",
                frame(opcode, "").length("7f ffffffffffffffff"),
            ),
        ];
        let violation = Violation::OversizedControl;
        let limits = Limits::default();
        for (row, control) in rows {
            let inside = [frame(0x01, "a"), control.clone()];
            fails(row, limits, &[control], &[], "", violation, 1002);
            fails(row, limits, &inside, &[], "", violation, 1002);
        }
        let row = "2.5 as soon as the second octet is there";
        for second in [126, 127] {
            fails_at_the_last_byte::<Server>(row, limits, &[opcode, second | 0x80], violation);
            fails_at_the_last_byte::<Client>(row, limits, &[opcode, second], violation);
        }
    }
}

#[test]
fn row_2_6_a_header_split_at_every_octet_in_every_form() {
    let mut numbers = Numbers(1);
    for len in [0, 1, 125, 126, 127, 255, 256, 65535, 65536, 65537] {
        let data: Vec<u8> = (0..len).map(|_| numbers.below(256) as u8).collect();
        let words: String = (0..len)
            .map(|i| char::from(b'a' + (i % 23) as u8))
            .collect();
        hears(
            &format!("2.6 a frame of {len} bytes"),
            Limits::default(),
            &[frame(0x82, &data), frame(0x81, &words)],
            &[binary(&data), text(words)],
            "",
        );
    }
    hears(
        "2.6 fragments with each form of length",
        Limits::default(),
        &[
            frame(0x02, [1; 65536]),
            frame(0x00, [2; 126]),
            frame(0x80, [3; 5]),
        ],
        &[binary([&[1; 65536][..], &[2; 126], &[3; 5]].concat())],
        "",
    );
}

#[test]
fn row_2_7_a_reserved_bit_that_nobody_owns() {
    for bit in [0x40, 0x20, 0x10, 0x70] {
        for (row, opcode) in [
            ("2.7 on Close", 0x88),
            ("2.7 on Ping", 0x89),
            ("2.7 on Pong", 0x8a),
            ("2.7 on text", 0x81),
            ("2.7 on binary", 0x82),
            ("2.7 on a first fragment", 0x01),
        ] {
            let reserved = frame(opcode | bit, "");
            let after = [frame(0x81, "before"), reserved.clone()];
            let violation = Violation::ReservedBit;
            let limits = Limits::default();
            fails(row, limits, &[reserved], &[], "", violation, 1002);
            fails(row, limits, &after, &[text("before")], "", violation, 1002);
        }
        for (row, opcode) in [
            ("2.7 on a last continuation", 0x80),
            ("2.7 on a continuation", 0x00),
            ("2.7 on Ping inside a message", 0x89),
            ("2.7 on Pong inside a message", 0x8a),
            ("2.7 on Close inside a message", 0x88),
        ] {
            fails(
                row,
                Limits::default(),
                &[frame(0x01, "a"), frame(opcode | bit, "")],
                &[],
                "",
                Violation::ReservedBit,
                1002,
            );
        }
    }
}

#[test]
fn row_2_9_reserved_opcodes() {
    for opcode in [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] {
        for fin in [0x80, 0x00] {
            let row = format!("2.9 opcode {opcode}, FIN {}", fin >> 7);
            let reserved = frame(fin | opcode, "Hello");
            let violation = Violation::ReservedOpcode;
            let limits = Limits::default();
            let alone = [reserved.clone()];
            fails(&row, limits, &alone, &[], "", violation, 1002);
            let inside = [frame(0x01, "a"), reserved.clone()];
            fails(&row, limits, &inside, &[], "", violation, 1002);
            let behind = [frame(0x89, "p"), reserved];
            fails(
                &row,
                limits,
                &behind,
                &[ping("p")],
                "8a 01 70",
                violation,
                1002,
            );
            fails_at_the_last_byte::<Server>(&row, limits, &[fin | opcode], violation);
            fails_at_the_last_byte::<Client>(&row, limits, &[fin | opcode], violation);
        }
    }
}

#[test]
fn row_2_10_an_error_is_found_at_the_first_octet_that_shows_it() {
    use Violation::*;
    // From a client, then from a server; the last octet is the one.
    let rows = [
        ("2.10 reserved opcode", "83", "83", ReservedOpcode),
        ("2.10 reserved bit", "a1", "a1", ReservedBit),
        ("2.10 reserved bit on Ping", "c9", "c9", ReservedBit),
        ("2.10 Ping without FIN", "09", "09", FragmentedControl),
        ("2.10 Close without FIN", "08", "08", FragmentedControl),
        (
            "2.10 continuation of nothing",
            "80",
            "80",
            UnexpectedContinuation,
        ),
        (
            "2.10 text inside a message",
            "01 80 37fa213d 81",
            "01 00 81",
            UnfinishedMessage,
        ),
        (
            "2.10 reserved bit on a continuation",
            "01 80 37fa213d 90",
            "01 00 90",
            ReservedBit,
        ),
        ("2.10 long Ping", "89 fe", "89 7e", OversizedControl),
        (
            "2.10 Close of one octet",
            "88 81",
            "88 01",
            TruncatedCloseCode,
        ),
        (
            "2.10 length not minimal",
            "82 fe 007d",
            "82 7e 007d",
            NonMinimalLength,
        ),
        (
            "2.10 long length not minimal",
            "82 ff 000000000000ffff",
            "82 7f 000000000000ffff",
            NonMinimalLength,
        ),
        (
            "2.10 top bit of a length",
            "82 ff 80",
            "82 7f 80",
            LengthTopBit,
        ),
        (
            "2.10 above the limit",
            "82 ff 0000000000100001 37fa213d",
            "82 7f 0000000000100001",
            MessageTooBig,
        ),
        // "a", then an octet that begins no character; 10 are announced.
        (
            "2.10 not UTF-8",
            "81 8a 37fa213d 56 05",
            "81 0a 61 ff",
            InvalidUtf8,
        ),
    ];
    for (row, from_client, from_server, violation) in rows {
        let limits = Limits::default();
        fails_at_the_last_byte::<Server>(row, limits, &hex(from_client), violation);
        fails_at_the_last_byte::<Client>(row, limits, &hex(from_server), violation);
        let code = violation.close_code().get();
        fails_bytes::<Server>(row, limits, &hex(from_client), &[], "", violation, code);
        fails_bytes::<Client>(row, limits, &hex(from_server), &[], "", violation, code);
    }
    let limits = Limits::default();
    let row = "2.10 unmasked, from a client";
    fails_at_the_last_byte::<Server>(row, limits, &hex("82 7f"), Unmasked);
    let row = "2.10 masked, from a server";
    fails_at_the_last_byte::<Client>(row, limits, &hex("82 ff"), Masked);
}

#[test]
fn row_2_11_our_lengths_are_in_the_shortest_form() {
    let rows = [
        (0, "82 00"),
        (125, "82 7d"),
        (126, "82 7e 007e"),
        (65535, "82 7e ffff"),
        (65536, "82 7f 0000000000010000"),
    ];
    for (len, header) in rows {
        let payload = vec![b'a'; len];
        let message = String::from_utf8(payload.clone()).unwrap();
        let expected = |first: u8| {
            let mut bytes = hex(header);
            bytes[0] = first;
            bytes.extend(&payload);
            Wire(bytes)
        };

        let mut outbox = Outbox::new();
        let mut open = Open::<Server>::after_upgrade((), Limits::default());
        open.send_binary(&payload, &mut outbox);
        assert_eq!(Wire(drain(&mut outbox)), expected(0x82), "2.11 {len}");
        open.send_bytes(payload.clone().into(), &mut outbox);
        assert_eq!(Wire(drain(&mut outbox)), expected(0x82), "2.11 {len}");
        open.send_text(&message, &mut outbox);
        assert_eq!(Wire(drain(&mut outbox)), expected(0x81), "2.11 {len}");
        let mut streaming = open.start_binary();
        streaming.write(&payload, &mut outbox);
        assert_eq!(Wire(drain(&mut outbox)), expected(0x02), "2.11 {len}");
        let _ = streaming.finish(&payload, &mut outbox);
        assert_eq!(Wire(drain(&mut outbox)), expected(0x80), "2.11 {len}");

        // A client's differ by the mask bit, and by the key between length and payload.
        let mut open = Client::open(Limits::default());
        open.send_binary(&payload, &mut outbox);
        let sent = drain(&mut outbox);
        let mut expected = hex(header);
        expected[1] |= 0x80;
        assert_eq!(sent[..expected.len()], expected, "2.11 {len}");
        assert_eq!(sent.len(), expected.len() + 4 + len, "2.11 {len}");
        assert_eq!(unmasked::<Client>(&sent).0[expected.len()..], payload);
    }
    for (len, header) in [(0, "89 00"), (125, "89 7d")] {
        let payload = vec![b'a'; len];
        let mut outbox = Outbox::new();
        let mut open = Open::<Server>::after_upgrade((), Limits::default());
        open.ping(payload[..].try_into().unwrap(), &mut outbox);
        assert_eq!(drain(&mut outbox), [hex(header), payload].concat());
    }
}

#[test]
fn the_examples_of_5_7() {
    let hello = [text("Hello")];
    hears_bytes::<Client>(
        "5.7 a single-frame unmasked text message",
        &hex("81 05 48 65 6c 6c 6f"),
        &hello,
        "",
    );
    hears_bytes::<Server>(
        "5.7 a single-frame masked text message",
        &hex("81 85 37 fa 21 3d 7f 9f 4d 51 58"),
        &hello,
        "",
    );
    hears_bytes::<Client>(
        "5.7 a fragmented unmasked text message",
        &hex("01 03 48 65 6c 80 02 6c 6f"),
        &hello,
        "",
    );
    hears_bytes::<Client>(
        "5.7 unmasked Ping request",
        &hex("89 05 48 65 6c 6c 6f"),
        &[ping("Hello")],
        "8a 05 48 65 6c 6c 6f",
    );
    hears_bytes::<Server>(
        "5.7 masked Ping response",
        &hex("8a 85 37 fa 21 3d 7f 9f 4d 51 58"),
        &[pong("Hello")],
        "",
    );
    let data: Vec<u8> = (0..=255).collect();
    hears_bytes::<Client>(
        "5.7 256 bytes binary message in a single unmasked frame",
        &[hex("82 7e 01 00"), data.clone()].concat(),
        &[binary(data)],
        "",
    );
    let data: Vec<u8> = (0..65536_u32).map(|i| i as u8).collect();
    hears_bytes::<Client>(
        "5.7 64 KiB binary message in a single unmasked frame",
        &[hex("82 7f 00 00 00 00 00 01 00 00"), data.clone()].concat(),
        &[binary(data)],
        "",
    );
}
