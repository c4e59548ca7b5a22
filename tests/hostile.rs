//! What has hurt other implementations, as inputs.
//!
//! A defect that is one row of a table elsewhere has its test there:
//!
//! | forbidden | test |
//! |---|---|
//! | memory from a declared length (RUSTSEC-2022-0035, RUSTSEC-2026-0007) | `memory::a_declared_length_is_never_allocated` |
//! | pongs without bound (RUSTSEC-2020-0043) | `memory::a_million_pings_leave_a_bounded_number_of_pongs` |
//! | memory from pongs (CVE-2021-3690) | `memory::a_million_pongs_leave_nothing` |
//! | memory above twice the payload (CVE-2026-48779, CVE-2026-12151) | `memory::small_fragments_take_at_most_twice_their_payload` |
//! | fragments without end (the same) | `fragmentation::row_4_7_fragments_without_end` |
//! | quadratic reassembly (CVE-2026-65623) | `memory::a_message_that_arrives_byte_by_byte_costs_memory_in_proportion` |
//! | masks used twice or foreseen (CVE-2025-10148) | `masking::row_3_5_*` |
//! | sending while closing (CVE-2022-25762) | the table of programs that do not compile |
//! | a closing handshake that is taken for complete (CVE-2024-23672) | `closing::row_5_17_*` |
//! | text that is not UTF-8 (soketto) | `utf8::*` |

mod common;

use common::*;
use wsproto::{Chunks, Client, Event, Inbox, Limits, Messages, Open, Outbox, Server, Violation};

#[test]
fn no_length_past_usize_or_isize_is_taken_for_a_small_one() {
    // CVE-2020-13935, CVE-2026-43678, CVE-2026-1528.
    let rows = [
        ("7f ffffffffffffffff", Violation::LengthTopBit, 1002),
        ("7f 8000000000000000", Violation::LengthTopBit, 1002),
        ("7f 7fffffffffffffff", Violation::MessageTooBig, 1009),
        ("7f 7ffffffffffffff0", Violation::MessageTooBig, 1009),
        ("7f 0000000180000000", Violation::MessageTooBig, 1009),
        ("7f 0000000100000000", Violation::MessageTooBig, 1009),
        ("7f 00000000ffffffff", Violation::MessageTooBig, 1009),
        ("7f 0000000080000000", Violation::MessageTooBig, 1009),
        ("7f 000000007fffffff", Violation::MessageTooBig, 1009),
    ];
    for (length, violation, code) in rows {
        for opcode in [0x81, 0x02] {
            let frames = [frame(opcode, "Hello").length(length)];
            let limits = Limits::default();
            fails(length, limits, &frames, &[], "", violation, code);
        }
    }
}

#[test]
fn no_sum_of_lengths_overflows() {
    // CVE-2020-27813: lengths of which the sum is small again, with a pong between them.
    for (length, violation, code) in [
        ("7f 7fffffffffffffff", Violation::MessageTooBig, 1009),
        ("7f ffffffffffffffff", Violation::LengthTopBit, 1002),
        ("7f 00000000fffffffe", Violation::MessageTooBig, 1009),
    ] {
        let frames = [
            frame(0x02, "aa"),
            frame(0x8a, "between"),
            frame(0x00, "a").length(length),
        ];
        let limits = Limits::default();
        let heard = [pong("between")];
        fails(length, limits, &frames, &heard, "", violation, code);
    }
}

#[test]
fn no_large_payload_is_waited_for_under_an_unknown_opcode() {
    // CVE-2026-19204.
    for opcode in [0x83, 0x8b, 0x03] {
        let unknown = frame(opcode, "").length("7f 0000000000010000");
        let violation = Violation::ReservedOpcode;
        let limits = Limits::default();
        fails("unknown", limits, &[unknown], &[], "", violation, 1002);
        fails_at_the_last_byte::<Server>("unknown", limits, &[opcode], violation);
        fails_at_the_last_byte::<Client>("unknown", limits, &[opcode], violation);
    }
}

#[test]
fn nothing_is_processed_after_an_unmasked_frame() {
    // facil.io#169.
    let bytes = [
        frame(0x81, "evil").bytes(None),
        frame(0x81, "masked").bytes(Some(KEY)),
        frame(0x89, "masked").bytes(Some(KEY)),
    ];
    let violation = Violation::Unmasked;
    let bytes = bytes.concat();
    fails_bytes::<Server>("", Limits::default(), &bytes, &[], "", violation, 1002);
}

#[test]
fn no_control_frame_is_long_or_in_fragments() {
    // userver#1308, fastwebsockets 0.10.
    for opcode in [0x08, 0x09, 0x0a] {
        let limits = Limits::default();
        for len in [126, 127, 1000, 65_536] {
            let long = [frame(0x80 | opcode, vec![b'a'; len])];
            let violation = Violation::OversizedControl;
            fails("long", limits, &long, &[], "", violation, 1002);
        }
        let fragments = [frame(opcode, "a"), frame(0x80, "b")];
        let violation = Violation::FragmentedControl;
        fails("in fragments", limits, &fragments, &[], "", violation, 1002);
    }
}

#[test]
fn no_limit_counts_the_frame_in_place_of_the_message() {
    // fastwebsockets 0.10: 81 fragments of 1 MiB against a limit of 64 MiB.
    fn count<D: Mode>(fragment: usize, limit: usize) -> usize {
        let limits = Limits::default().message_payload(limit);
        let mut open = Client::open(limits);
        let mut inbox = D::inbox();
        let mut outbox = Outbox::new();
        for number in 0..81 {
            let opcode = if number == 0 { 0x02 } else { 0x00 };
            inbox.extend(&frame(opcode, vec![0; fragment]).bytes(None));
            loop {
                match open.receive(&mut inbox, &mut outbox) {
                    Ok(None) => break,
                    Ok(Some(Event::Binary(_))) => {}
                    Ok(Some(other)) => panic!("{other:?}"),
                    Err(violation) => {
                        assert_eq!(violation, Violation::MessageTooBig);
                        return number;
                    }
                }
            }
        }
        81
    }
    assert_eq!(count::<Chunks>(1 << 20, 64 << 20), 64);
    assert_eq!(count::<Messages>(1 << 14, 1 << 20), 64);
    assert_eq!(count::<Messages>(1 << 14, 81 << 14), 81);
}

#[test]
fn no_violation_ends_without_a_close_frame() {
    // tungstenite 0.30. Of each violation; the tables of the other files have the rest.
    let rows = [
        (frame(0x83, ""), Violation::ReservedOpcode, 1002),
        (frame(0xc1, ""), Violation::ReservedBit, 1002),
        (frame(0x09, ""), Violation::FragmentedControl, 1002),
        (frame(0x89, [0; 126]), Violation::OversizedControl, 1002),
        (
            frame(0x81, "Hello").length("7e 0005"),
            Violation::NonMinimalLength,
            1002,
        ),
        (
            frame(0x81, "Hello").length("7f 0000000000000005"),
            Violation::NonMinimalLength,
            1002,
        ),
        (frame(0x80, ""), Violation::UnexpectedContinuation, 1002),
        (frame(0x88, [3]), Violation::TruncatedCloseCode, 1002),
        (frame(0x88, [3, 0xed]), Violation::ReservedCloseCode, 1002),
        (
            frame(0x88, [3, 0xe8, 0xff]),
            Violation::InvalidCloseReason,
            1007,
        ),
        (frame(0x81, [0xff]), Violation::InvalidUtf8, 1007),
        (
            frame(0x82, "").length("7f 0000000000100001"),
            Violation::MessageTooBig,
            1009,
        ),
    ];
    for (frame, violation, code) in rows {
        let row = violation.as_str();
        fails(row, Limits::default(), &[frame], &[], "", violation, code);
    }
}

#[test]
fn no_step_makes_no_progress() {
    // CVE-2025-5399: each event takes at least one byte, and without one the connection waits.
    fn law<R: End, D: Mode>() {
        let mut numbers = Numbers(21);
        for _ in 0..2_000 {
            let bytes = hostile::<R>(&mut numbers);
            let mut open = R::open(Limits::default());
            let mut inbox = D::inbox();
            let mut outbox = Outbox::new();
            inbox.extend(&bytes);
            let mut unread = bytes.len();
            while matches!(open.receive(&mut inbox, &mut outbox), Ok(Some(_))) {
                assert!(inbox.unread().len() < unread);
                unread = inbox.unread().len();
            }
        }
    }
    in_every_way!(law);
}

/// Frames of which most are legal, from a peer that knows what is not.
fn hostile<R: End>(numbers: &mut Numbers) -> Vec<u8> {
    const PIECES: [&[u8]; 12] = [
        b"",
        b"a",
        b"Hello",
        "é€🦀".as_bytes(),
        &[0xe2],
        &[0x82],
        &[0xac],
        &[0xf0, 0x9f, 0xa6],
        &[0x80],
        &[0x03, 0xe8],
        &[0xff],
        &[b'x'; 140],
    ];
    let mut bytes = Vec::new();
    let mut inside = false;
    for _ in 0..1 + numbers.below(12) {
        let mut payload = Vec::new();
        for _ in 0..numbers.below(4) {
            payload.extend(PIECES[numbers.below(PIECES.len() - 1)]);
        }
        let first = match numbers.below(40) {
            0 => numbers.below(256) as u8,
            1 => 0x88,
            2..=9 => 0x89,
            10..=13 => 0x8a,
            // In order, mostly.
            other => {
                let fin = if other % 2 == 0 { 0x80 } else { 0x00 };
                let opcode = if inside { 0 } else { 1 + (other / 2 % 2) as u8 };
                inside = fin == 0;
                fin | opcode
            }
        };
        if first == 0x88 && numbers.below(4) > 0 {
            payload.splice(..0, [0x03, 0xe8]);
        }
        if first & 8 == 0 && numbers.below(8) == 0 {
            payload.extend(PIECES[11]);
        }
        let mut frame = frame(first, payload);
        if numbers.below(40) == 0 {
            let lengths = [
                "7e 0005",
                "7f 0000000000000100",
                "7f ffffffffffffffff",
                "10",
            ];
            frame = frame.length(lengths[numbers.below(4)]);
        }
        let key = [1, 2, 3, 4].map(|_: u8| numbers.below(256) as u8);
        let masked = R::KEY.is_some() != (numbers.below(60) == 0);
        bytes.extend(frame.bytes(masked.then_some(key)));
    }
    if numbers.below(4) == 0 {
        let len = numbers.below(bytes.len() + 1);
        bytes.truncate(len);
    }
    if numbers.below(10) == 0 && !bytes.is_empty() {
        let at = numbers.below(bytes.len());
        bytes[at] ^= 1 << numbers.below(8);
    }
    bytes
}

#[test]
fn no_bytes_at_all_mean_different_things_at_different_cuts() {
    fn law<R: End>(seed: u64) {
        let limits = Limits::default()
            .message_payload(400)
            .frame_payload(200)
            .fragments(5)
            .pending_pongs(4);
        let mut numbers = Numbers(seed);
        let mut violations = std::collections::HashSet::new();
        let mut closes = 0;
        for run in 0..3_000 {
            let bytes = hostile::<R>(&mut numbers);
            let (whole, closed) = outcome::<R, Messages>(limits, Step::Receive, &[&bytes]);
            violations.extend(whole.violation);
            closes += usize::from(closed.is_clean());
            let check = |pieces: &[&[u8]], step| {
                let (cut, _) = outcome::<R, Messages>(limits, step, pieces);
                assert_eq!(cut, whole, "{run}: {bytes:02x?}");
                let (cut, _) = outcome::<R, Chunks>(limits, step, pieces);
                assert_eq!(cut, whole, "{run}: {bytes:02x?}");
            };
            check(&[&bytes], Step::HasEvent);
            check(&bytes.chunks(1).collect::<Vec<_>>(), Step::Receive);
            check(&bytes.chunks(1).collect::<Vec<_>>(), Step::HasEvent);
            for step in [Step::Receive, Step::HasEvent] {
                let (first, rest) = bytes.split_at(numbers.below(bytes.len() + 1));
                let (second, third) = rest.split_at(numbers.below(rest.len() + 1));
                check(&[first, second, third], step);
            }
        }
        // It was no walk in the park.
        assert!(violations.len() >= 12, "{violations:?}");
        assert!(closes > 50, "{closes}");
    }
    law::<Server>(31);
    law::<Client>(32);
}

#[test]
fn no_noise_makes_it_panic() {
    fn law<R: End, D: Mode>() {
        let mut numbers = Numbers(41);
        for _ in 0..20_000 {
            let bytes: Vec<u8> = (0..numbers.below(40))
                .map(|_| numbers.below(256) as u8)
                .collect();
            let mut open: Open<R> = R::open(Limits::default());
            let mut inbox: Inbox<D> = D::inbox();
            let mut outbox = Outbox::new();
            inbox.extend(&bytes);
            while let Ok(Some(_)) = open.receive(&mut inbox, &mut outbox) {}
        }
    }
    in_every_way!(law);
}
