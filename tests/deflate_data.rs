//! Compressed messages (RFC 7692 6, 7.2): CONFORMANCE 7, row by row.
#![cfg(feature = "deflate")]

mod common;

use common::deflate::*;
use common::handshake::*;
use common::*;
use wsproto::{Client, Deflate, Limits, Messages, Open, Outbox, Server, Violation};

/// Each row in both roles, with and without context takeover, at every cut, in every way.
#[track_caller]
fn hears_with(row: &str, terms: Terms, frames: &[Frame], heard: &[Heard], sent: &str) {
    end_hears::<Server, _>(row, &|| Server::agree(terms), frames, heard, sent);
    end_hears::<Client, _>(row, &|| Client::agree(terms), frames, heard, sent);
}

#[track_caller]
fn fails_with(
    row: &str,
    terms: Terms,
    frames: &[Frame],
    heard: &[Heard],
    sent: &str,
    violation: Violation,
) {
    let code = violation.close_code().get();
    end_fails::<Server, _>(
        row,
        &|| Server::agree(terms),
        frames,
        heard,
        sent,
        violation,
        code,
    );
    end_fails::<Client, _>(
        row,
        &|| Client::agree(terms),
        frames,
        heard,
        sent,
        violation,
        code,
    );
}

/// A payload that cannot be decoded, also after a message: in both roles and modes, whole and byte
/// by byte.
#[track_caller]
fn fails_briefly(row: &str, terms: Terms, payload: &[u8]) {
    #[track_caller]
    fn law<R: DeflateEnd, D: Mode>(row: &str, terms: Terms, payload: &[u8]) {
        let bytes = R::from_peer(&[frame(0xc1, hello()), frame(0xc2, payload)]);
        for size in [1, bytes.len()] {
            let pieces: Vec<_> = bytes.chunks(size).collect();
            let (outcome, _) = outcome_of::<_, _, D>(R::agree(terms), Step::Receive, &pieces);
            assert_eq!(outcome.violation, Some(Violation::InvalidCoding), "{row}");
            assert_eq!(outcome.heard, [text("Hello")], "{row}");
            assert_eq!(outcome.sent.0, hex("88 02 03ef"), "{row}");
        }
    }
    in_every_way!(law, row, terms, payload);
}

/// With context takeover and without.
fn both() -> [Terms; 2] {
    [Terms::default(), Terms::default().no_takeover()]
}

/// What an end of role `R` sent, of which all frames are compressed or go on from those.
fn frames_of<R: End>(outbox: &mut Outbox) -> Vec<Sent> {
    parse_with::<R>(0x40, &drain(outbox))
}

/// The payload of the one frame that was sent.
fn payload_of<R: End>(outbox: &mut Outbox) -> Vec<u8> {
    let mut frames = frames_of::<R>(outbox);
    assert_eq!(frames.len(), 1);
    frames.remove(0).payload
}

const HELLO: &str = "f2 48 cd c9 c9 07 00";

fn hello() -> Vec<u8> {
    hex(HELLO)
}

/// A literal 'a', and a byte that is no UTF-8.
fn not_text() -> Vec<u8> {
    Bits::new().fixed_block(false, b"a\xffb").message()
}

#[test]
fn the_bits_of_these_tests_are_those_of_the_rfc() {
    // RFC 7692 7.2.3.1, 7.2.3.3, 7.2.3.4.
    assert_eq!(Bits::new().fixed_block(false, b"Hello").message(), hello());
    let stored = Bits::new().stored(false, b"Hello").message();
    assert_eq!(stored, hex("00 05 00 fa ff 48 65 6c 6c 6f 00"));
    let last = Bits::new().fixed_block(true, b"Hello").align().message();
    assert_eq!(last, hex("f3 48 cd c9 c9 07 00 00"));
    let again = Bits::new().block(false, 1).literals(b"H").copy(4, 5).end();
    assert_eq!(again.message(), hex("f2 00 11 00 00"));
    // 7.2.3.6.
    assert_eq!(Bits::new().message(), [0x00]);

    let mut inflate = Inflate::new();
    assert_eq!(inflate.message(&hello()), Ok(b"Hello".to_vec()));
    assert_eq!(
        inflate.message(&hex("f2 00 11 00 00")),
        Ok(b"Hello".to_vec())
    );
    assert_eq!(
        (inflate.farthest, &*inflate.blocks),
        (5, &[Block::Fixed][..])
    );
    assert_eq!(inflate.message(&stored), Ok(b"Hello".to_vec()));
    let dynamic = Bits::new().dynamic_block(false, b"Hello").message();
    assert_eq!(inflate.message(&dynamic), Ok(b"Hello".to_vec()));
    assert_eq!(inflate.blocks, [Block::Dynamic]);
    assert!(inflate.message(&last).is_err());
    assert!(inflate.message(&[]).is_err());
    assert!(inflate.message(&hello()[..6]).is_err());
    assert!(
        inflate
            .message(&[hello(), vec![0, 0, 0xff, 0xff]].concat())
            .is_err()
    );
}

#[test]
fn row_7_1_rsv1_on_a_control_frame_fails() {
    for terms in both() {
        for first in [0xc9, 0xca, 0xc8] {
            for payload in ["", "00"] {
                let frame = frame(first, hex(payload));
                fails_with("7.1", terms, &[frame], &[], "", Violation::ReservedBit);
            }
        }
        // Also between the fragments of a compressed message.
        let frames = [frame(0x41, &hello()[..3]), frame(0xc9, "")];
        fails_with(
            "7.1 inside",
            terms,
            &frames,
            &[],
            "",
            Violation::ReservedBit,
        );
    }
}

#[test]
fn row_7_2_rsv1_on_a_continuation_fails() {
    for terms in both() {
        for first in [0x41, 0x01] {
            for next in [0xc0, 0x40] {
                let frames = [frame(first, ""), frame(next, hello())];
                fails_with("7.2", terms, &frames, &[], "", Violation::ReservedBit);
            }
        }
    }
    // The other reserved bits belong to nobody (2.8).
    for first in [0xa1, 0x91, 0xe1, 0xd1, 0xf1, 0xb2] {
        let frames = [frame(first, hello())];
        fails_with(
            "2.8",
            Terms::default(),
            &frames,
            &[],
            "",
            Violation::ReservedBit,
        );
    }
}

#[test]
fn row_7_3_messages_as_they_are_among_compressed_ones() {
    let frames = [
        frame(0x81, "plain"),
        frame(0xc1, hello()),
        frame(0x81, "Hello, not of the context"),
        frame(0x02, "in "),
        frame(0x80, "fragments"),
        frame(0x81, ""),
        frame(0xc1, hex("f2 00 11 00 00")),
    ];
    let heard = [
        text("plain"),
        text("Hello"),
        text("Hello, not of the context"),
        binary("in fragments"),
        text(""),
        text("Hello"),
    ];
    hears_with("7.3", Terms::default(), &frames, &heard, "");
    let violation = Violation::InvalidCoding;
    let terms = Terms::default().no_takeover();
    fails_with("7.3", terms, &frames, &heard[..5], "", violation);
    hears_with("7.3", terms, &frames[..6], &heard[..5], "");
}

#[test]
fn row_7_4_control_frames_inside_a_compressed_message() {
    for terms in both() {
        let hello = hello();
        let frames = [
            frame(0x41, &hello[..2]),
            frame(0x89, "one"),
            frame(0x00, &hello[2..3]),
            frame(0x8a, "two"),
            frame(0x89, ""),
            frame(0x80, &hello[3..]),
        ];
        let heard = [ping("one"), pong("two"), ping(""), text("Hello")];
        hears_with("7.4", terms, &frames, &heard, "8a 03 6f6e65 8a 00");
        // A Close inside it ends all.
        let frames = [frame(0x41, &hello[..2]), frame(0x88, hex("03e8"))];
        hears_with("7.4", terms, &frames, &[close(1000, "")], "88 02 03e8");
    }
}

#[test]
fn row_7_5_fragments_cut_at_every_byte_and_empty_fragments() {
    let message = b"Hello, and some more of Hello; Hello!";
    let payload = Bits::new()
        .fixed_block(false, &message[..20])
        .dynamic_block(false, &message[20..30])
        .stored(false, &message[30..])
        .message();
    for terms in both() {
        for at in 0..=payload.len() {
            let (one, two) = payload.split_at(at);
            for frames in [
                vec![frame(0x42, one), frame(0x80, two)],
                vec![frame(0x42, ""), frame(0x00, one), frame(0x80, two)],
                vec![frame(0x42, one), frame(0x00, ""), frame(0x80, two)],
                vec![frame(0x42, one), frame(0x00, two), frame(0x80, "")],
            ] {
                fn law<R: DeflateEnd, D: Mode>(terms: Terms, frames: &[Frame], message: &[u8]) {
                    for size in [1, 1000] {
                        let mut peer = Peer::<_, D>::new(R::agree(terms));
                        for piece in R::from_peer(frames).chunks(size) {
                            peer.read(piece);
                        }
                        assert_eq!(peer.violation, None, "7.5 {frames:?}");
                        assert_eq!(peer.news(), [binary(message)], "7.5 {frames:?}");
                    }
                }
                in_every_way!(law, terms, &frames, message);
            }
        }
    }
    let frames: Vec<Frame> = payload.iter().map(|byte| frame(0, [*byte])).collect();
    let mut frames = [vec![frame(0x41, "")], frames, vec![frame(0x80, "")]].concat();
    frames[3].first = 0;
    let heard = [text(std::str::from_utf8(message).unwrap())];
    hears_with("7.5 byte by byte", Terms::default(), &frames, &heard, "");
}

#[test]
fn row_7_6_empty_messages() {
    for terms in both() {
        let frames = [
            frame(0xc1, hex("00")),
            frame(0xc2, hex("00")),
            // No payload at all says nothing either: it is taken as empty.
            frame(0xc1, ""),
            frame(0xc2, ""),
            frame(0x41, ""),
            frame(0x80, ""),
            frame(0x41, ""),
            frame(0x80, hex("00")),
            frame(0x41, hex("00")),
            frame(0x80, ""),
            // An empty fixed block, and then the empty stored one.
            frame(0xc1, hex("02 00")),
            frame(0xc1, hello()),
        ];
        let heard = [
            text(""),
            binary(""),
            text(""),
            binary(""),
            text(""),
            text(""),
            text(""),
            text(""),
            text("Hello"),
        ];
        hears_with("7.6", terms, &frames, &heard, "");
    }
}

#[test]
fn row_7_7_each_kind_of_block() {
    let abc = b"abcabcabcabc";
    let rows: [(&str, Vec<u8>, &str); 9] = [
        ("7.2.3.1 fixed", hex("f2 48 cd c9 c9 07 00"), "Hello"),
        (
            "7.2.3.3 stored",
            hex("00 05 00 fa ff 48 65 6c 6c 6f 00"),
            "Hello",
        ),
        ("7.2.3.4 final", hex("f3 48 cd c9 c9 07 00 00"), "Hello"),
        (
            "7.2.3.5 two blocks",
            hex("f2 48 05 00 00 00 ff ff ca c9 c9 07 00"),
            "Hello",
        ),
        (
            "dynamic",
            Bits::new().dynamic_block(false, b"Hello").message(),
            "Hello",
        ),
        (
            "each",
            Bits::new()
                .stored(false, b"H")
                .fixed_block(false, b"e")
                .dynamic_block(false, b"l")
                .stored(false, b"")
                .fixed_block(false, b"")
                .dynamic_block(false, b"")
                .stored(false, b"l")
                .fixed_block(false, b"o")
                .message(),
            "Hello",
        ),
        (
            "copies",
            Bits::new()
                .block(false, 1)
                .literals(&abc[..3])
                .copy(9, 3)
                .end()
                .message(),
            "abcabcabcabc",
        ),
        (
            "a copy over blocks",
            Bits::new()
                .stored(false, &abc[..3])
                .block(false, 1)
                .copy(9, 3)
                .end()
                .message(),
            "abcabcabcabc",
        ),
        (
            "a run",
            Bits::new()
                .block(false, 1)
                .literals(b"a")
                .copy(11, 1)
                .end()
                .message(),
            "aaaaaaaaaaaa",
        ),
    ];
    for terms in both() {
        for (row, payload, expected) in &rows {
            hears_with(row, terms, &[frame(0xc1, payload)], &[text(*expected)], "");
            // And again: each leaves a state that goes on.
            let frames = [
                frame(0xc1, payload),
                frame(0xc1, hello()),
                frame(0xc2, payload),
            ];
            let heard = [text(*expected), text("Hello"), binary(expected)];
            hears_with(row, terms, &frames, &heard, "");
        }
        // 7.2.3.1 in two fragments, and 7.2.3.5 as an intermediary might cut it.
        let frames = [
            frame(0x41, hex("f2 48 cd")),
            frame(0x80, hex("c9 c9 07 00")),
        ];
        hears_with("7.2.3.1", terms, &frames, &[text("Hello")], "");
        let frames = [
            frame(0x41, hex("f2 48 05 00 00 00 ff ff")),
            frame(0x80, hex("ca c9 c9 07 00")),
        ];
        hears_with("7.2.3.5", terms, &frames, &[text("Hello")], "");
    }
    // 7.2.3.2: the second message refers to the first.
    let frames = [frame(0xc1, hello()), frame(0xc1, hex("f2 00 11 00 00"))];
    let heard = [text("Hello"), text("Hello")];
    hears_with("7.2.3.2", Terms::default(), &frames, &heard, "");
}

#[test]
fn row_7_8_a_final_block_ends_what_can_be_referred_to() {
    let last = hex("f3 48 cd c9 c9 07 00 00");
    let again = hex("f2 00 11 00 00");
    for bits in [8, 9, 15] {
        for terms in both().map(|terms| terms.windows(bits)) {
            let hellos = vec![text("Hello"); 4];
            let frames = [
                frame(0xc1, &last),
                frame(0xc1, hello()),
                frame(0xc1, &last),
                frame(0xc1, &last),
            ];
            hears_with("7.8 stand alone", terms, &frames, &hellos, "");
            // Without the byte that begins the block whose end is not sent.
            let frames = [
                frame(0xc1, &last[..7]),
                frame(0xc1, &last[..7]),
                frame(0xc1, hello()),
            ];
            hears_with("7.8 no more", terms, &frames, &hellos[..3], "");
            // A reference to what was before it fails, whatever has been heard since.
            let frames = [frame(0xc1, &last), frame(0xc1, &again)];
            fails_with(
                "7.8",
                terms,
                &frames,
                &hellos[..1],
                "",
                Violation::InvalidCoding,
            );
            let frames = [
                frame(0xc1, hello()),
                frame(0xc1, &last),
                frame(0xc1, &again),
            ];
            fails_with(
                "7.8",
                terms,
                &frames,
                &hellos[..2],
                "",
                Violation::InvalidCoding,
            );
        }
        // And one to what came after it does not.
        let terms = Terms::default().windows(bits);
        let frames = [
            frame(0xc1, &last),
            frame(0xc1, hello()),
            frame(0xc1, &again),
        ];
        let heard = vec![text("Hello"); 3];
        hears_with("7.8 after it", terms, &frames, &heard, "");
    }
}

#[test]
fn row_7_9_what_follows_a_final_block_are_further_blocks() {
    for terms in both() {
        let one = |last| Bits::new().fixed_block(last, b"one").align().bytes();
        for (row, payload, expected) in [
            (
                "fixed",
                [
                    one(true),
                    Bits::new().fixed_block(false, b", two").message(),
                ],
                "one, two",
            ),
            (
                "stored",
                [one(true), Bits::new().stored(false, b", two").message()],
                "one, two",
            ),
            (
                "final",
                [one(true), Bits::new().stored(true, b", two").bytes()],
                "one, two",
            ),
            (
                "final empty",
                [one(true), Bits::new().stored(true, b"").bytes()],
                "one",
            ),
            (
                "final empty, and more",
                [one(true), Bits::new().stored(true, b"").align().message()],
                "one",
            ),
        ] {
            let frames = [frame(0xc1, payload.concat()), frame(0xc1, hello())];
            hears_with(row, terms, &frames, &[text(expected), text("Hello")], "");
        }
        // A reference over it.
        let payload = [
            one(true),
            Bits::new().block(false, 1).copy(3, 3).end().message(),
        ]
        .concat();
        let frames = [frame(0xc1, payload)];
        fails_with("7.9", terms, &frames, &[], "", Violation::InvalidCoding);
        // Nothing is lost that is not a block.
        let payload = [one(true), vec![0x06]].concat();
        let frames = [frame(0xc1, payload)];
        fails_with(
            "7.9 type 3",
            terms,
            &frames,
            &[],
            "",
            Violation::InvalidCoding,
        );
    }
}

#[test]
fn row_7_9_a_final_block_that_ends_where_the_output_is_full_is_no_error() {
    // The symbol that ends the block may be in the byte that was read for the one before it.
    fn law<R: DeflateEnd, D: Mode>() {
        for nines in 0..8 {
            for len in (505..520).chain(1015..1035).chain([2047, 2048, 2049]) {
                // A run of 0xff, the first of them in nine bits each.
                let mut bits = Bits::new()
                    .block(true, 1)
                    .literals(&[0xff].repeat(nines + 1));
                let mut left = len - nines - 1;
                while left > 0 {
                    let next = left.min(if left > 260 { 258 } else { left - left / 2 });
                    bits = match next {
                        1 | 2 => bits.literals(&[0xff].repeat(next)),
                        _ => bits.copy(next as u16, 1),
                    };
                    left -= next;
                }
                let more = Bits::new().fixed_block(false, b"!").message();
                let payload = [bits.end().align().bytes(), more].concat();
                assert!(payload.len() * 4 < len.min(512));
                let expected = binary([vec![0xff; len], b"!".to_vec()].concat());
                let mut peer = Peer::<_, D>::new(R::agree(Terms::default()));
                peer.hear(&[frame(0xc2, payload)]);
                assert_eq!(peer.violation, None, "{len} bytes, {nines} of nine bits");
                assert_eq!(peer.news(), [expected]);
            }
        }
    }
    law::<Server, Messages>();
    law::<Client, wsproto::Chunks>();
}

#[test]
fn row_7_10_a_payload_that_still_has_its_end_fails() {
    for terms in both() {
        for payload in [
            hello(),
            hex("00"),
            Bits::new().dynamic_block(false, b"Hello").message(),
        ] {
            let payload = [payload, hex("00 00 ff ff")].concat();
            let frames = [frame(0xc1, payload)];
            fails_with("7.10", terms, &frames, &[], "", Violation::InvalidCoding);
        }
        // In the middle it is an empty block as any other.
        let payload = [hello(), hex("00 00 ff ff"), hello()].concat();
        hears_with(
            "7.10",
            terms,
            &[frame(0xc1, payload)],
            &[text("HelloHello")],
            "",
        );
    }
}

/// Messages of every kind of block, and their payloads.
fn samples() -> Vec<(&'static str, Vec<u8>)> {
    let mut numbers = Numbers(3);
    let words: Vec<u8> = (0..40).map(|_| 97 + numbers.below(26) as u8).collect();
    vec![
        ("fixed", Bits::new().fixed_block(false, &words).message()),
        ("stored", Bits::new().stored(false, &words).message()),
        (
            "dynamic",
            Bits::new().dynamic_block(false, &words).message(),
        ),
        (
            "copies",
            Bits::new()
                .block(false, 1)
                .literals(&words)
                .copy(258, 40)
                .copy(3, 1)
                .copy(17, 39)
                .end()
                .message(),
        ),
        (
            "all",
            Bits::new()
                .stored(false, &words[..3])
                .dynamic_block(false, &words)
                .fixed_block(false, &words)
                .stored(false, b"")
                .dynamic_block(false, b"")
                .message(),
        ),
        ("zeros", Bits::new().stored(false, &[0; 40]).message()),
        (
            "tails",
            Bits::new()
                .stored(false, &[0, 0, 0, 0xff, 0xff].repeat(6))
                .message(),
        ),
        ("0xff", Bits::new().fixed_block(false, &[0xff; 9]).message()),
    ]
}

#[test]
fn row_7_11_a_message_that_was_cut_short_fails() {
    fn law<R: DeflateEnd, D: Mode>() {
        for terms in both() {
            for (row, payload) in samples() {
                for len in 1..payload.len() {
                    let row = format!("{row} at {len} of {}", payload.len());
                    let short = &payload[..len];
                    let mut peer = Peer::<_, D>::new(R::agree(terms));
                    peer.hear(&[frame(0xc2, short)]);
                    match Inflate::new().message(short) {
                        Ok(data) => {
                            assert_eq!(peer.violation, None, "{row}");
                            assert_eq!(peer.news(), [binary(data)], "{row}");
                        }
                        // With takeover the inflater takes what follows for the rest of the codes,
                        // and there is no asking it. It is the next messages that fail.
                        Err(CUT_IN_CODES) if terms.theirs.takeover => {
                            for _ in 0..100 {
                                if peer.violation.is_none() {
                                    peer.hear(&[frame(0xc2, hello())]);
                                }
                            }
                            assert_eq!(peer.violation, Some(Violation::InvalidCoding), "{row}");
                        }
                        Err(error) => {
                            let expected = Some(Violation::InvalidCoding);
                            assert_eq!(peer.violation, expected, "{row}: {error}");
                            assert_eq!(peer.news(), [], "{row}: {error}");
                        }
                    }
                }
            }
        }
    }
    law::<Server, Messages>();
    law::<Client, wsproto::Chunks>();
}

#[test]
fn row_7_11_blocks_that_are_none_fail() {
    let lengths = |set: &[(usize, u8)]| {
        let mut lengths = [0; 257];
        set.iter().for_each(|(symbol, len)| lengths[*symbol] = *len);
        lengths
    };
    let all_lengths = |count: u32| {
        // 3 bits for each of the code lengths 0 to 18, in their order.
        let bits = Bits::new()
            .block(false, 2)
            .number(0, 5)
            .number(0, 5)
            .number(15, 4);
        (0..19).fold(bits, |bits, _| bits.number(count, 3))
    };
    let rows: Vec<(&str, Vec<u8>)> = vec![
        ("type 3", Bits::new().block(false, 3).message()),
        ("final, type 3", Bits::new().block(true, 3).message()),
        (
            "type 3 after a block",
            Bits::new()
                .fixed_block(false, b"a")
                .block(false, 3)
                .message(),
        ),
        ("a stored length", hex("00 05 00 fb ff 48 65 6c 6c 6f 00")),
        ("a stored length of 0", hex("00 00 00 00 00 00")),
        (
            "more code lengths than there can be",
            all_lengths(1).number(0, 64 - 32).message(),
        ),
        ("no code lengths", {
            let bits = all_lengths(0);
            (0..10).fold(bits, |bits, _| bits.number(0, 32)).message()
        }),
        (
            "fewer code lengths than there must be",
            all_lengths(7).message(),
        ),
        (
            "no code for the end",
            Bits::new()
                .dynamic(false, &lengths(&[(97, 1), (98, 1)]), &[0])
                .code(0, 1)
                .message(),
        ),
        (
            "literals that are too many",
            Bits::new()
                .dynamic(false, &lengths(&[(97, 1), (98, 1), (256, 1)]), &[0])
                .message(),
        ),
        (
            "literals that are too few",
            Bits::new()
                .dynamic(false, &lengths(&[(97, 2), (98, 2), (256, 2)]), &[0])
                .message(),
        ),
        (
            "distances that are too many",
            Bits::new()
                .dynamic(false, &lengths(&[(97, 1), (256, 1)]), &[1, 1, 1])
                .message(),
        ),
        (
            "distances that are too few",
            Bits::new()
                .dynamic(false, &lengths(&[(97, 1), (256, 1)]), &[2, 2])
                .message(),
        ),
        (
            "287 literals",
            Bits::new()
                .block(false, 2)
                .number(30, 5)
                .number(0, 5)
                .number(0, 4)
                .message(),
        ),
        (
            "31 distances",
            Bits::new()
                .block(false, 2)
                .number(0, 5)
                .number(30, 5)
                .number(0, 4)
                .message(),
        ),
        (
            "length 286",
            Bits::new()
                .block(false, 1)
                .literals(b"abc")
                .fixed(286)
                .message(),
        ),
        (
            "length 287",
            Bits::new()
                .block(false, 1)
                .literals(b"abc")
                .fixed(287)
                .message(),
        ),
        (
            "distance 30",
            Bits::new()
                .block(false, 1)
                .literals(b"abc")
                .fixed(257)
                .code(30, 5)
                .end()
                .message(),
        ),
        (
            "distance 31",
            Bits::new()
                .block(false, 1)
                .literals(b"abc")
                .fixed(257)
                .code(31, 5)
                .end()
                .message(),
        ),
        ("a repeat of nothing", {
            let bits = Bits::new()
                .block(false, 2)
                .number(0, 5)
                .number(0, 5)
                .number(0, 4);
            // Codes 16 and 17 of one bit each: 0 repeats the length before the first.
            let bits = bits
                .number(1, 3)
                .number(1, 3)
                .number(0, 6)
                .code(0, 1)
                .number(0, 2);
            bits.message()
        }),
    ];
    for (row, payload) in rows {
        assert!(Inflate::new().message(&payload).is_err(), "{row}");
        for terms in both() {
            fails_briefly(row, terms, &payload);
        }
    }
}

#[test]
fn row_7_12_a_distance_before_the_start_fails() {
    let copy = |data: &[u8], distance| {
        let bits = Bits::new().block(false, 1).literals(data);
        bits.copy(3, distance).end().message()
    };
    for terms in both() {
        for (row, payload) in [
            ("nothing yet", copy(b"", 1)),
            ("one too far", copy(b"abc", 4)),
            ("as far as can be", copy(b"abc", 32_768)),
        ] {
            assert!(Inflate::new().message(&payload).is_err(), "{row}");
            let frames = [frame(0xc2, &payload)];
            fails_with(row, terms, &frames, &[], "", Violation::InvalidCoding);
        }
        hears_with(
            "just so far",
            terms,
            &[frame(0xc1, copy(b"abc", 3))],
            &[text("abcabc")],
            "",
        );
    }
    // Before the message: what is legal with takeover fails without.
    let frames = [
        frame(0xc1, hello()),
        frame(0xc1, copy(b"a", 6)),
        frame(0xc2, copy(b"", 1)),
    ];
    let heard = [text("Hello"), text("aHel"), binary("lll")];
    hears_with("takeover", Terms::default(), &frames, &heard, "");
    let none = Terms::default().no_takeover();
    fails_with(
        "none",
        none,
        &frames,
        &heard[..1],
        "",
        Violation::InvalidCoding,
    );
    // Nor does another message of the thread help: a decoder that was lent forgets.
    let mut inbox = wsproto::Inbox::new();
    let mut outbox = Outbox::new();
    let mut first = Server::agree(none);
    let mut second = Server::agree(none);
    inbox.extend(&Server::from_peer(&[frame(0xc1, hello())]));
    assert!(matches!(
        first.receive(&mut inbox, &mut outbox),
        Ok(Some(_))
    ));
    inbox.extend(&Server::from_peer(&[frame(0xc2, copy(b"a", 6))]));
    let got = second.receive(&mut inbox, &mut outbox);
    assert_eq!(got.err(), Some(Violation::InvalidCoding));
}

#[test]
fn row_7_12_a_distance_beyond_the_window_is_the_same_at_every_cut() {
    // The peer breaks its word: whether that is seen must not depend on the transport.
    fn law<R: DeflateEnd, D: Mode>() {
        for bits in [8, 9, 11, 14] {
            let window = 1 << bits;
            let mut numbers = Numbers(7);
            let data: Vec<u8> = (0..3 * window).map(|_| numbers.below(256) as u8).collect();
            for distance in [window + 1, 2 * window] {
                let payload = Bits::new()
                    .stored(false, &data[..2 * window])
                    .stored(false, &data[2 * window..])
                    .block(false, 1)
                    .copy(258, distance.min(32_768) as u16)
                    .end()
                    .message();
                let bytes = R::from_peer(&[frame(0xc2, payload)]);
                let mut outcomes = Vec::new();
                for size in [1, 300, 5000, bytes.len()] {
                    let mut peer = Peer::<_, D>::new(R::agree(Terms::default().windows(bits)));
                    for piece in bytes.chunks(size) {
                        peer.read(piece);
                    }
                    outcomes.push((peer.violation, peer.heard.len()));
                }
                // It is let pass: what is kept is 32 KiB whatever was agreed.
                assert_eq!(outcomes, [(None, 1); 4], "{distance} at {bits}");
            }
        }
    }
    in_every_way!(law);
}

/// Bytes that compress to next to nothing.
fn zeros_bomb(len: usize) -> Vec<u8> {
    let mut bits = Bits::new().block(false, 1).literals(&[0]);
    for _ in 0..(len - 1) / 258 {
        bits = bits.copy(258, 1);
    }
    let rest = (len - 1) % 258;
    match rest {
        0 => bits,
        1 | 2 => bits.literals(&vec![0; rest]),
        _ => bits.copy(rest as u16, 1),
    }
    .end()
    .message()
}

#[test]
fn row_7_14_the_limit_counts_decoded_bytes_exactly() {
    for terms in both() {
        for limit in [1, 5, 64, 511, 512, 513] {
            let terms = terms.limit(limit);
            let exact = binary(vec![0; limit]);
            let frames = [
                frame(0xc2, zeros_bomb(limit)),
                frame(0xc1, zeros_bomb(limit)),
            ];
            let heard = [exact, text("\0".repeat(limit))];
            let terms = Terms {
                limits: terms.limits.frame_payload(1000),
                ..terms
            };
            hears_with("7.14 exactly", terms, &frames, &heard, "");
            for first in [0xc1, 0xc2] {
                let frames = [
                    frame(0xc2, zeros_bomb(limit)),
                    frame(first, zeros_bomb(limit + 1)),
                ];
                fails_with(
                    "7.14 above",
                    terms,
                    &frames,
                    &heard[..1],
                    "",
                    Violation::MessageTooBig,
                );
            }
            // In fragments, each of them small.
            let payload = zeros_bomb(limit + 1);
            let (one, two) = payload.split_at(payload.len() / 2);
            let frames = [frame(0x42, one), frame(0x80, two)];
            fails_with(
                "7.14 fragments",
                terms,
                &frames,
                &[],
                "",
                Violation::MessageTooBig,
            );
        }
        // A limit of nothing lets nothing pass.
        let none = Terms {
            limits: terms.limits.message_payload(0).frame_payload(10),
            ..terms
        };
        hears_with(
            "7.14 none",
            none,
            &[frame(0xc1, hex("00"))],
            &[text("")],
            "",
        );
        let frames = [frame(0xc1, zeros_bomb(1))];
        fails_with(
            "7.14 none",
            none,
            &frames,
            &[],
            "",
            Violation::MessageTooBig,
        );
    }
}

#[test]
fn row_7_14_more_on_the_wire_than_the_limit_is_bounded_by_its_own_limits() {
    // Stored blocks make of 4 bytes 24.
    let wide = b"wide"
        .iter()
        .fold(Bits::new(), |bits, byte| bits.stored(false, &[*byte]))
        .message();
    assert_eq!(wide.len(), 25);
    for terms in both() {
        let heard = [text("wide")];
        let with = |limits: Limits| Terms { limits, ..terms };
        let limits = Limits::default().message_payload(4);
        // By default a frame may have no more than a message.
        let frames = [frame(0xc1, &wide)];
        fails_with(
            "7.14",
            with(limits),
            &frames,
            &[],
            "",
            Violation::FrameTooBig,
        );
        hears_with("7.14", with(limits.frame_payload(25)), &frames, &heard, "");
        let fragments: Vec<Frame> = [
            vec![frame(0x41, &wide[..1])],
            wide[1..24]
                .iter()
                .map(|byte| frame(0x00, [*byte]))
                .collect(),
            vec![frame(0x80, &wide[24..])],
        ]
        .concat();
        hears_with("7.14", with(limits), &fragments, &heard, "");
        hears_with(
            "7.14",
            with(limits.message_wire(25)),
            &fragments,
            &heard,
            "",
        );
        let wire = with(limits.message_wire(24));
        fails_with(
            "7.14",
            wire,
            &fragments,
            &[],
            "",
            Violation::TooManyWireBytes,
        );
    }
}

#[test]
fn row_7_15_input_that_decodes_to_nothing_is_bounded() {
    let nothing = hex("00 00 00 ff ff");
    for terms in both() {
        let terms = Terms {
            limits: terms.limits.message_wire(99),
            ..terms
        };
        let mut frames = vec![frame(0x42, &nothing)];
        frames.extend(vec![frame(0x00, &nothing); 18]);
        let mut whole = frames.clone();
        whole.push(frame(0x80, "\0"));
        hears_with("7.15", terms, &whole, &[binary("")], "");
        frames.push(frame(0x00, &nothing));
        fails_with("7.15", terms, &frames, &[], "", Violation::TooManyWireBytes);
    }
}

#[test]
fn row_7_16_text_that_is_none_fails_at_once() {
    for terms in both() {
        let cut = |bytes: &[u8]| Bits::new().stored(false, bytes).message();
        let part = |bytes: &[u8]| Bits::new().stored(false, bytes).bytes();
        let rows: [(&str, Vec<Frame>); 8] = [
            ("one frame", vec![frame(0xc1, not_text())]),
            ("the first fragment", vec![frame(0x41, not_text())]),
            (
                "the last fragment",
                vec![frame(0x41, part(b"fine")), frame(0x80, not_text())],
            ),
            ("cut at the end", vec![frame(0xc1, cut(b"a\xe2\x82"))]),
            (
                "cut at an empty end",
                vec![frame(0x41, part(b"a\xe2\x82")), frame(0x80, hex("00"))],
            ),
            (
                "cut at no end",
                vec![frame(0x41, cut(b"a\xe2\x82")), frame(0x80, "")],
            ),
            (
                "goes on wrongly",
                vec![frame(0x41, part(b"\xe2\x82")), frame(0x00, part(b"a"))],
            ),
            (
                "a surrogate",
                vec![frame(0x41, part(b"\xed")), frame(0x00, part(b"\xa0"))],
            ),
        ];
        for (row, frames) in rows {
            let row = format!("7.16 {row}");
            fails_with(&row, terms, &frames, &[], "", Violation::InvalidUtf8);
        }
        // What is cut and goes on is text.
        let euro = "x€y🦀".as_bytes();
        for at in 0..euro.len() {
            let frames = [
                frame(0x41, part(&euro[..at])),
                frame(0x89, hex("ff")),
                frame(0x80, cut(&euro[at..])),
            ];
            let heard = [ping(hex("ff")), text("x€y🦀")];
            hears_with("7.16", terms, &frames, &heard, "8a 01 ff");
        }
        // The end of one message does not go on in the next.
        let frames = [frame(0xc1, cut(b"\xe2\x82")), frame(0xc1, cut(b"\xac"))];
        fails_with("7.16 next", terms, &frames, &[], "", Violation::InvalidUtf8);
        // Bytes may be anything.
        let frames = [frame(0xc2, not_text())];
        hears_with("7.16 binary", terms, &frames, &[binary(b"a\xffb")], "");
    }
}

#[test]
fn row_7_16_the_bad_byte_itself_fails_and_not_a_later_one() {
    fn law<R: DeflateEnd, D: Mode>() {
        // In a stored block each byte of the payload is a byte of the message.
        let payload = Bits::new().stored(false, b"good\xc0 and more").message();
        let bad = payload.iter().position(|byte| *byte == 0xc0).unwrap();
        let bytes = R::from_peer(&[frame(0x41, &payload)]);
        let header = bytes.len() - payload.len();
        let mut peer = Peer::<_, D>::new(R::agree(Terms::default()));
        for (at, byte) in bytes.iter().enumerate() {
            peer.read(&[*byte]);
            let expected = (at >= header + bad).then_some(Violation::InvalidUtf8);
            assert_eq!(peer.violation, expected, "at {at}");
        }
    }
    in_every_way!(law);
}

#[test]
fn the_first_thing_that_is_wrong_is_the_one_reported_at_every_cut() {
    // Bad text, then too much, then bad coding: in each order, close together.
    let text = b"ab\xffcd";
    let bad_text = Bits::new().block(false, 1).literals(text);
    let good = Bits::new().block(false, 1).literals(b"abcde");
    let error = |bits: Bits| bits.fixed(286).message();
    for terms in both() {
        let limit = |bytes| {
            let limits = terms.limits.message_payload(bytes).frame_payload(100);
            Terms { limits, ..terms }
        };
        for (row, first, payload, bytes, violation) in [
            (
                "text, then coding",
                0xc1,
                error(bad_text.clone()),
                9,
                Violation::InvalidUtf8,
            ),
            (
                "text, then the limit",
                0xc1,
                error(bad_text.clone()),
                3,
                Violation::InvalidUtf8,
            ),
            (
                "the limit, then text",
                0xc1,
                error(bad_text.clone()),
                2,
                Violation::MessageTooBig,
            ),
            (
                "the limit, then coding",
                0xc1,
                error(good.clone()),
                4,
                Violation::MessageTooBig,
            ),
            (
                "the limit, then coding",
                0xc2,
                error(good.clone()),
                4,
                Violation::MessageTooBig,
            ),
            (
                "coding at the limit",
                0xc1,
                error(good.clone()),
                5,
                Violation::InvalidCoding,
            ),
            (
                "coding at the limit",
                0xc2,
                error(good.clone()),
                5,
                Violation::InvalidCoding,
            ),
            (
                "a cut character, then coding",
                0xc1,
                error(Bits::new().block(false, 1).literals(b"\xe2\x82")),
                9,
                Violation::InvalidCoding,
            ),
            (
                "a cut character, then cut short",
                0xc1,
                Bits::new().block(false, 1).literals(b"\xe2\x82").bytes(),
                9,
                Violation::InvalidCoding,
            ),
        ] {
            fails_with(
                row,
                limit(bytes),
                &[frame(first, &payload)],
                &[],
                "",
                violation,
            );
            let (one, two) = payload.split_at(payload.len() / 2);
            let frames = [frame(first & 0x7f, one), frame(0x80, two)];
            fails_with(row, limit(bytes), &frames, &[], "", violation);
        }
        // A long run, so that the error is found while there is much to write.
        for before in [511, 512, 513, 16_384] {
            let payload = [
                zeros_bomb(before),
                Bits::new().block(false, 1).literals(b"\xff").message(),
            ];
            // The last byte of the first is the header of a stored block.
            let payload = [&payload[0][..], &hex("00 00 ff ff"), &payload[1]].concat();
            let terms = Terms {
                limits: terms.limits.message_payload(1 << 20),
                ..terms
            };
            let frames = [frame(0xc1, payload)];
            fails_with(
                "a long run",
                terms,
                &frames,
                &[],
                "",
                Violation::InvalidUtf8,
            );
        }
    }
}

#[test]
fn row_7_17_what_is_sent_is_exact() {
    fn law<R: DeflateEnd>() {
        for terms in both() {
            let (mut open, mut outbox) = (R::agree(terms), Outbox::new());
            // Each empty message is one byte (7.2.3.6).
            for _ in 0..3 {
                open.send_text("", &mut outbox);
                open.send_binary(b"", &mut outbox);
                let frames = frames_of::<R>(&mut outbox);
                let firsts: Vec<_> = frames.iter().map(|it| (it.first, &*it.payload)).collect();
                assert_eq!(firsts, [(0xc1, &[0][..]), (0xc2, &[0])]);
            }
            // "Hello" has one shortest form in one block, the RFC's own.
            open.send_text("Hello", &mut outbox);
            let frames = frames_of::<R>(&mut outbox);
            assert_eq!((frames[0].first, &*frames[0].payload), (0xc1, &*hello()));
        }
    }
    law::<Server>();
    law::<Client>();
}

#[test]
fn row_7_17_fragments_are_one_stream() {
    fn law<R: DeflateEnd>(level: u8) {
        for terms in both().map(|terms| Terms { level, ..terms }) {
            let pieces = ["Hello, Hello", "", ", Hello", "", "!", ""];
            let message = pieces.concat();
            let mut inflate = Inflate::new();
            let mut open = R::agree(terms);
            let mut outbox = Outbox::new();
            for round in 0..3 {
                let mut streaming = open.start_text();
                let mut count = 0;
                for piece in pieces {
                    streaming.write(piece, &mut outbox);
                    let frames = parse_with::<R>(0x40, &outbox.bytes_to_send(None));
                    // What was written can be read: a fragment ends where a block does.
                    if !piece.is_empty() {
                        assert_eq!(frames.len(), 1);
                        assert!(frames[0].payload.ends_with(&[0, 0, 0xff, 0xff]));
                    }
                    for frame in frames {
                        let first = if count == 0 { 0x41 } else { 0x00 };
                        assert_eq!(frame.first, first, "RSV1 on the first frame only");
                        count += 1;
                        inflate.gather(&frame.payload);
                    }
                }
                let last = ["", "the end", ""][round];
                open = streaming.finish(last, &mut outbox);
                let frames = parse_with::<R>(0x40, &outbox.bytes_to_send(None));
                assert_eq!(frames.len(), 1);
                assert_eq!(frames[0].first, 0x80);
                inflate.gather(&frames[0].payload);
                let expected = format!("{message}{last}").into_bytes();
                assert_eq!(inflate.gathered(), Ok(expected), "level {level}");
                if !terms.ours.takeover {
                    inflate = Inflate::new();
                }
            }
            // Nothing at all, and whole messages after that.
            open = open.start_binary().finish(b"", &mut outbox);
            let frames = frames_of::<R>(&mut outbox);
            assert_eq!(
                (frames.len(), frames[0].first, &*frames[0].payload),
                (1, 0xc2, &[0][..])
            );
            open.send_text(&message, &mut outbox);
            let payload = payload_of::<R>(&mut outbox);
            assert_eq!(inflate.message(&payload), Ok(message.into_bytes()));
        }
    }
    for level in [0, 1, 6, 9] {
        law::<Server>(level);
        law::<Client>(level);
    }
}

#[test]
fn row_7_17_every_length_is_flushed_whatever_room_there_was() {
    // The end of the output may be anywhere in the memory that it is written to.
    fn law<R: DeflateEnd>(level: u8) {
        let mut numbers = Numbers(11);
        let noise: Vec<u8> = (0..3000).map(|_| numbers.below(256) as u8).collect();
        for terms in both().map(|terms| Terms { level, ..terms }) {
            let (mut open, mut outbox) = (R::agree(terms), Outbox::new());
            let mut inflate = Inflate::new();
            for len in (0..400).chain(990..1010).chain([2999]) {
                open.send_binary(&noise[..len], &mut outbox);
                let payload = payload_of::<R>(&mut outbox);
                assert_eq!(
                    inflate.message(&payload),
                    Ok(noise[..len].to_vec()),
                    "{len} at {level}"
                );
                if !terms.ours.takeover {
                    inflate = Inflate::new();
                }
            }
        }
    }
    for level in 0..=9 {
        law::<Server>(level);
    }
    law::<Client>(6);
}

#[test]
fn row_7_18_messages_below_the_threshold_go_as_they_are() {
    fn law<R: DeflateEnd>() {
        let terms = Terms {
            threshold: 100,
            ..Terms::default()
        };
        let (mut open, mut outbox) = (R::agree(terms), Outbox::new());
        let mut inflate = Inflate::new();
        let mut numbers = Numbers(2);
        for round in 0..300 {
            let len = [0, 99, 100, 101, numbers.below(300)][round % 5];
            let message: Vec<u8> = (0..len).map(|at| (at * round) as u8).collect();
            open.send_binary(&message, &mut outbox);
            let frames = frames_of::<R>(&mut outbox);
            assert_eq!(frames.len(), 1);
            if len < 100 {
                assert_eq!((frames[0].first, &frames[0].payload), (0x82, &message));
            } else {
                assert_eq!(frames[0].first, 0xc2);
                assert_eq!(inflate.message(&frames[0].payload), Ok(message));
            }
        }
        // The length of a message in fragments is not known: it is compressed.
        open = open.start_text().finish("short", &mut outbox);
        let frames = frames_of::<R>(&mut outbox);
        assert_eq!(frames[0].first, 0xc1);
        assert_eq!(inflate.message(&frames[0].payload), Ok(b"short".to_vec()));
        open.send_bytes(vec![9; 99].into(), &mut outbox);
        open.send_bytes(vec![9; 5000].into(), &mut outbox);
        let frames = frames_of::<R>(&mut outbox);
        assert_eq!((frames[0].first, frames[1].first), (0x82, 0xc2));
        assert_eq!(inflate.message(&frames[1].payload), Ok(vec![9; 5000]));
    }
    law::<Server>();
    law::<Client>();
}

#[test]
fn row_7_18_the_default_threshold_is_128() {
    let offer = wsproto::DeflateOffer::default();
    let (mut open, _) = serve(offer, &["permessage-deflate"], Limits::default());
    let mut outbox = Outbox::new();
    open.send_text(&"a".repeat(127), &mut outbox);
    open.send_text(&"a".repeat(128), &mut outbox);
    let frames = frames_of::<Server>(&mut outbox);
    assert_eq!((frames[0].first, frames[1].first), (0x81, 0xc1));
}

#[test]
fn row_7_18_noise_does_not_grow_by_much() {
    fn law<R: DeflateEnd>() {
        let mut numbers = Numbers(4);
        for level in 0..=9 {
            let (mut open, mut outbox) = (
                R::agree(Terms {
                    level,
                    ..Terms::default()
                }),
                Outbox::new(),
            );
            for len in [10, 1000, 65_535, 65_536, 100_000] {
                let noise: Vec<u8> = (0..len).map(|_| numbers.below(256) as u8).collect();
                open.send_binary(&noise, &mut outbox);
                // The fastest level has one fixed code, of up to 9 bits.
                let most = len + len / [500, 8][usize::from(level == 1)] + 16;
                assert!(
                    outbox.len() <= most + 14,
                    "{} for {len} at {level}",
                    outbox.len()
                );
                outbox.bytes_to_send(None);
            }
        }
    }
    law::<Server>();
}

#[test]
fn row_7_19_a_message_that_is_never_finished_is_followed_by_nothing() {
    fn law<R: DeflateEnd>() {
        for terms in both() {
            let (mut open, mut outbox) = (R::agree(terms), Outbox::new());
            open.send_text("before", &mut outbox);
            let mut streaming = open.start_text();
            streaming.write("half of", &mut outbox);
            streaming.ping("still here".try_into().unwrap(), &mut outbox);
            let closing = streaming.close(
                wsproto::CloseCode::GOING_AWAY,
                wsproto::CloseReason::default(),
                &mut outbox,
            );
            assert!(!closing.eof().is_clean());
            let firsts: Vec<_> = frames_of::<R>(&mut outbox)
                .iter()
                .map(|it| it.first)
                .collect();
            assert_eq!(firsts, [0xc1, 0x41, 0x89, 0x88]);
        }
    }
    law::<Server>();
    law::<Client>();
}

#[test]
fn row_7_19_a_lent_compressor_is_whole_again_though_a_message_was_dropped() {
    // Without takeover: one connection is dropped in the middle of a message, another goes on.
    fn law<R: DeflateEnd>() {
        let mut outbox = Outbox::new();
        let agree = || R::agree(Terms::default().no_takeover());
        let mut other = agree();
        for _ in 0..3 {
            let mut streaming = agree().start_text();
            streaming.write("abcabcabcabc", &mut outbox);
            other.send_text("Hello", &mut outbox);
            drop(streaming);
            other.send_text("Hello", &mut outbox);
            let frames = frames_of::<R>(&mut outbox);
            assert_eq!(frames[1].payload, hello());
            assert_eq!(frames[2].payload, hello());
        }
        // Two messages at a time: each has a codec of its own.
        let mut one = agree().start_text();
        let mut two = agree().start_text();
        for piece in ["Hel", "lo, ", "Hel", "lo"] {
            one.write(piece, &mut outbox);
            two.write(&piece.to_uppercase(), &mut outbox);
        }
        drop((one.finish("!", &mut outbox), two.finish("?", &mut outbox)));
        let frames = frames_of::<R>(&mut outbox);
        let (mut one, mut two) = (Inflate::new(), Inflate::new());
        for (at, frame) in frames.iter().enumerate() {
            if at % 2 == 0 { &mut one } else { &mut two }.gather(&frame.payload);
        }
        assert_eq!(one.gathered(), Ok(b"Hello, Hello!".to_vec()));
        assert_eq!(two.gathered(), Ok(b"HELLO, HELLO?".to_vec()));
    }
    law::<Server>();
    law::<Client>();
}

#[test]
fn a_decoded_message_that_was_found_is_received_whatever_is_done_to_the_inbox_before() {
    fn law<R: DeflateEnd, D: Mode>() {
        let payload = Bits::new().fixed_block(false, "found: \u{20ac}".as_bytes());
        for (first, heard) in [
            (0xc1, text("found: \u{20ac}")),
            (0xc2, binary("found: \u{20ac}")),
        ] {
            let mut peer = Peer::<_, D>::new(R::agree(Terms::default()));
            peer.inbox
                .extend(&R::from_peer(&[frame(first, payload.clone().message())]));
            let found = peer.phase.has_event(&mut peer.inbox, &mut peer.outbox);
            assert_eq!(found, Ok(true));
            peer.inbox.shrink();
            let remainder = peer.inbox.detach().unwrap();
            let other = Bits::new().fixed_block(false, b"other").message();
            let mut others = Peer::<_, D>::new(R::agree(Terms::default()));
            std::mem::swap(&mut peer.inbox, &mut others.inbox);
            others.read(&R::from_peer(&[frame(first, other)]));
            std::mem::swap(&mut peer.inbox, &mut others.inbox);
            peer.inbox.attach(remainder);
            peer.hear(&[frame(0x82, "next")]);
            assert_eq!(peer.heard, [heard, binary("next")]);
        }
    }
    in_every_way!(law);
}

#[test]
fn a_decoded_message_may_be_owned_and_the_next_one_is_whole() {
    let mut open = Server::agree(Terms::default());
    let (mut inbox, mut outbox) = (wsproto::Inbox::new(), Outbox::new());
    for _ in 0..3 {
        for first in [0xc1, 0xc2] {
            let payload = Bits::new().fixed_block(false, b"owned").message();
            inbox.extend(&Server::from_peer(&[frame(first, payload)]));
            let owned = match open.receive(&mut inbox, &mut outbox) {
                Ok(Some(wsproto::Event::Text(text))) => {
                    assert!(text.frame_finished() && text.message_finished());
                    text.into_string().into_bytes()
                }
                Ok(Some(wsproto::Event::Binary(data))) => data.into_vec(),
                other => panic!("{other:?}"),
            };
            assert_eq!(owned, b"owned");
        }
    }
}

#[test]
fn row_7_19_messages_of_two_connections_arrive_at_the_same_time() {
    // Without takeover, over one inbox whose remainder is kept for each.
    let agree = || Server::agree(Terms::default().no_takeover());
    let mut ends = [(agree(), None), (agree(), None), (agree(), None)];
    // Of two characters the bytes arrive one by one, with those of others between them.
    let words = ["Hello", "t\u{ea}te", "w\u{1f980}rld"].map(|word| word.repeat(5));
    let bytes = words.clone().map(|word| {
        let payload = Bits::new().fixed_block(false, word.as_bytes()).message();
        Server::from_peer(&[frame(0x41, &payload[..9]), frame(0x80, &payload[9..])])
    });
    let mut inbox = wsproto::Inbox::new();
    let mut outbox = Outbox::new();
    let mut heard = Vec::new();
    for at in 0..bytes.iter().map(Vec::len).max().unwrap() {
        for (which, (open, remainder)) in ends.iter_mut().enumerate() {
            if let Some(remainder) = remainder.take() {
                inbox.attach(remainder);
            }
            inbox.extend(bytes[which].get(at..=at).unwrap_or_default());
            while let Some(event) = open.receive(&mut inbox, &mut outbox).unwrap() {
                match event {
                    wsproto::Event::Text(text) => heard.push(text.to_string()),
                    other => panic!("{other:?}"),
                }
            }
            *remainder = inbox.detach();
        }
    }
    assert_eq!(heard, words);
}

fn conversation<R: DeflateEnd, P: DeflateEnd>(terms: Terms, messages: usize, sizes: &[usize]) {
    let mut numbers = Numbers(u64::from(terms.ours.bits) + 99);
    let source: Vec<u8> = (0..70_000u32)
        .map(|at| match at / 1000 % 3 {
            0 => numbers.below(256) as u8,
            1 => b"The quick brown fox jumps over the lazy dog. "[at as usize % 45],
            _ => (at / 7) as u8,
        })
        .collect();
    // What one sends in its way, the other hears in the same.
    let swapped = Terms {
        ours: terms.theirs,
        theirs: terms.ours,
        ..terms
    };
    let (mut sender, mut outbox) = (R::agree(terms), Outbox::new());
    let mut peer = Peer::<Open<P, Option<Deflate>>>::new(P::agree(swapped));
    for number in 0..messages {
        let most = sizes[number % sizes.len()];
        let len = numbers
            .below(most + 1)
            .max(if number % 997 == 0 { most } else { 0 });
        let from = numbers.below(source.len() - len + 1);
        let message = &source[from..from + len];
        if number % 7 == 0 {
            let (one, two) = message.split_at(len / 3);
            let mut streaming = sender.start_binary();
            streaming.write(one, &mut outbox);
            sender = streaming.finish(two, &mut outbox);
        } else {
            sender.send_binary(message, &mut outbox);
        }
        peer.read(&outbox.bytes_to_send(None));
        assert_eq!(peer.violation, None, "message {number}");
        let news = peer.news();
        assert!(
            matches!(&news[..], [Heard::Binary(data)] if data == message),
            "message {number}"
        );
    }
}

#[test]
fn row_7_20_ten_thousand_messages_with_context_at_the_largest_window() {
    let sizes = [0, 10, 100, 100, 300, 300, 1000, 100, 10, 30, 100, 200];
    conversation::<Server, Client>(Terms::default(), 10_000, &sizes);
    conversation::<Client, Server>(Terms::default(), 60, &[70_000, 1, 20_000]);
}

#[test]
fn row_7_20_ten_thousand_messages_with_context_at_the_smallest_window() {
    let sizes = [0, 10, 100, 100, 300, 300, 1000, 100, 10, 30, 100, 200];
    let terms = Terms::default().windows(8);
    conversation::<Client, Server>(terms, 10_000, &sizes);
    conversation::<Server, Client>(terms, 60, &[70_000, 1, 20_000]);
}

#[test]
fn row_7_20_messages_with_every_pair_of_windows() {
    for ours in 8..=15 {
        for theirs in 8..=15 {
            for takeover in [true, false] {
                let terms = Terms {
                    ours: Way {
                        bits: ours,
                        takeover,
                    },
                    theirs: Way {
                        bits: theirs,
                        takeover: !takeover,
                    },
                    level: ours % 9 + 1,
                    threshold: 20,
                    ..Terms::default()
                };
                conversation::<Server, Client>(terms, 20, &[100, 5000, 0, 300]);
                conversation::<Client, Server>(terms, 20, &[100, 5000, 0, 300]);
            }
        }
    }
}

#[test]
fn connections_that_share_an_outbox_keep_to_what_each_has_agreed() {
    fn law<R: DeflateEnd>() {
        // Noise, and 2 000 bytes behind it the same again.
        let mut numbers = Numbers(1);
        let noise: Vec<u8> = (0..2000).map(|_| numbers.below(256) as u8).collect();
        let data = [&noise[..], &noise].concat();
        let mut outbox = Outbox::new();
        let mut send = |bits: u8, level: u8| {
            let terms = Terms::default().no_takeover().windows(bits);
            let mut open = R::agree(Terms { level, ..terms });
            open.send_binary(&data, &mut outbox);
            let sent = parse_with::<R>(0x40, &drain(&mut outbox));
            let mut inflate = Inflate::new();
            assert!(inflate.message(&sent[0].payload).unwrap() == data);
            (inflate.farthest, sent[0].payload.len())
        };
        for _ in 0..2 {
            let (farthest, len) = send(15, 6);
            assert_eq!(farthest, 2000);
            assert!(len < 2500, "{len}");
            let (farthest, len) = send(9, 6);
            assert!(farthest <= 512, "{farthest}");
            assert!(len < 4100, "{len}");
            // Nothing is compressed.
            let (farthest, len) = send(9, 0);
            assert!(farthest == 0 && len > 4000, "{len}");
            let (farthest, len) = send(15, 0);
            assert!(farthest == 0 && len > 4000, "{len}");
        }
    }
    law::<Server>();
    law::<Client>();
}
