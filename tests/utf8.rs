//! Text is UTF-8, and what is not fails at its first byte (RFC 6455 8.1).

mod common;

use common::*;
use wsproto::{Client, Limits, Open, Server, Violation};

const WRONG: Violation = Violation::InvalidUtf8;

fn fails_text(row: &str, frames: &[Frame]) {
    fails(row, Limits::default(), frames, &[], "", WRONG, 1007);
}

/// `payload` as the start of a frame that announces 120 bytes; its last byte is the one that
/// cannot be.
fn fails_at_the_last_octet(row: &str, before: &[Frame], opcode: u8, payload: &[u8]) {
    fn law<R: End>(row: &str, frames: &[Frame]) {
        let bytes = R::from_peer(frames);
        fails_at_the_last_byte::<R>(row, Limits::default(), &bytes, WRONG);
    }
    let mut frames = before.to_vec();
    frames.push(frame(opcode, payload).length("78"));
    law::<Server>(row, &frames);
    law::<Client>(row, &frames);
    fails_text(row, &frames);
}

/// What begins no character, up to the octet that shows it.
const IMPOSSIBLE: [(&str, &str); 20] = [
    ("a lone continuation", "80"),
    ("a lone continuation", "bf"),
    ("overlong in 2", "c0"),
    ("overlong in 2", "c1"),
    ("overlong in 3", "e0 80"),
    ("overlong in 3", "e0 9f"),
    ("the first surrogate", "ed a0"),
    ("the last surrogate", "ed bf"),
    ("overlong in 4", "f0 80"),
    ("overlong in 4", "f0 8f"),
    ("above U+10FFFF", "f4 90"),
    ("above U+10FFFF", "f5"),
    ("of 5 octets", "f8"),
    ("of 6 octets", "fc"),
    ("never in UTF-8", "fe"),
    ("never in UTF-8", "ff"),
    ("2 octets, the second ASCII", "c3 28"),
    ("3 octets, the third ASCII", "e2 82 28"),
    ("4 octets, the fourth ASCII", "f0 9f a6 28"),
    ("4 octets, the third a lead", "f0 9f c3"),
];

#[test]
fn rows_8_1_and_8_5_an_impossible_octet_fails_at_once() {
    for (what, octets) in IMPOSSIBLE {
        for before in ["", "a", "κόσμε", "🦀", "0123456789abcdef0123456789abcdef"] {
            let row = format!("8.1 and 8.5 {what}, after {before:?}");
            let payload = [before.as_bytes(), &hex(octets)].concat();
            fails_at_the_last_octet(&row, &[], 0x81, &payload);
            fails_at_the_last_octet(&row, &[], 0x01, &payload);
            let fragment = [frame(0x01, before)];
            fails_at_the_last_octet(&row, &fragment, 0x80, &hex(octets));
            fails_at_the_last_octet(&row, &fragment, 0x00, &hex(octets));
        }
    }
}

#[test]
fn rows_8_1_and_8_5_an_impossible_octet_fails_at_once_across_frames() {
    for (what, octets) in IMPOSSIBLE {
        let octets = hex(octets);
        for at in 1..octets.len() {
            let row = format!("8.5 {what}, cut after {at}");
            let (first, rest) = octets.split_at(at);
            let empty = frame(0x00, "");
            let before = [frame(0x01, first), empty];
            fails_at_the_last_octet(&row, &before, 0x80, rest);
        }
        let row = format!("8.5 {what}, whole");
        let violation = WRONG;
        fails_text(&row, &[frame(0x81, &octets)]);
        fails(
            &row,
            Limits::default(),
            &[frame(0x81, "before"), frame(0x81, &octets)],
            &[text("before")],
            "",
            violation,
            1007,
        );
    }
}

#[test]
fn row_8_2_text_that_ends_inside_a_character() {
    for character in ["é", "€", "🦀"] {
        for len in 1..character.len() {
            let cut = &character.as_bytes()[..len];
            for before in ["", "a", "long enough to be looked at in blocks of 16 or 32"] {
                let cut = [before.as_bytes(), cut].concat();
                fails_text("8.2 in one frame", &[frame(0x81, &cut)]);
                let frames = [frame(0x01, &cut), frame(0x80, "")];
                fails_text("8.2 in a last, empty fragment", &frames);
                let frames = [frame(0x01, ""), frame(0x80, &cut)];
                fails_text("8.2 in the last fragment", &frames);
            }
        }
    }
}

#[test]
fn row_8_3_characters_split_over_fragments() {
    for character in [
        "é",
        "€",
        "🦀",
        "\u{80}",
        "\u{800}",
        "\u{10000}",
        "\u{10ffff}",
    ] {
        let whole = format!("a{character}b");
        let bytes = whole.as_bytes();
        for first in 0..=bytes.len() {
            for second in first..=bytes.len() {
                hears(
                    "8.3",
                    Limits::default(),
                    &[
                        frame(0x01, &bytes[..first]),
                        frame(0x89, [0xff, 0xc3]),
                        frame(0x00, &bytes[first..second]),
                        frame(0x8a, [0xe2, 0x82]),
                        frame(0x80, &bytes[second..]),
                    ],
                    &[ping([0xff, 0xc3]), pong([0xe2, 0x82]), text(&whole)],
                    "8a 02 ffc3",
                );
            }
        }
        let mut octets: Vec<_> = bytes.iter().map(|octet| frame(0x00, [*octet])).collect();
        octets[0].first = 0x01;
        octets.push(frame(0x80, ""));
        let heard = [text(&whole)];
        hears("8.3 octet by octet", Limits::default(), &octets, &heard, "");
    }
}

#[test]
fn row_8_4_a_character_does_not_go_on_in_the_next_message() {
    fails_text(
        "8.4 at message 1",
        &[frame(0x81, [0x61, 0xe2, 0x82]), frame(0x81, [0xac])],
    );
    fails_text(
        "8.4 at message 1, in fragments",
        &[
            frame(0x01, [0xe2]),
            frame(0x80, [0x82]),
            frame(0x81, [0xac]),
        ],
    );
}

#[test]
fn row_8_6_bytes_and_control_frames_need_not_be_utf8() {
    let bad = [0xff, 0xc0, 0x80, 0xed, 0xa0, 0x80, 0xf0];
    hears(
        "8.6 binary",
        Limits::default(),
        &[frame(0x82, bad), frame(0x02, bad), frame(0x80, bad)],
        &[binary(bad), binary([bad, bad].concat())],
        "",
    );
    hears(
        "8.6 Ping and Pong inside a character of a text message",
        Limits::default(),
        &[
            frame(0x01, [0xf0, 0x9f]),
            frame(0x89, bad),
            frame(0x8a, bad),
            frame(0x00, [0xa6]),
            frame(0x89, "x"),
            frame(0x80, [0x80]),
        ],
        &[ping(bad), pong(bad), ping("x"), text("🦀")],
        "8a 07 ffc080eda080f0 8a 01 78",
    );
    hears(
        "8.6 binary after a text, text after a binary",
        Limits::default(),
        &[
            frame(0x01, [0xc3]),
            frame(0x80, [0xa9]),
            frame(0x02, [0xc3]),
            frame(0x80, ""),
            frame(0x81, [0xc3, 0xa9]),
        ],
        &[text("é"), binary([0xc3]), text("é")],
        "",
    );
}

#[test]
fn row_8_7_one_bad_octet_anywhere_in_long_ascii() {
    fn law<R: End, D: Mode>() {
        for len in [
            1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 200,
        ] {
            for at in 0..len {
                for bad in [0x80, 0xc3, 0xe2, 0xf0, 0xff] {
                    let mut payload = vec![b'a'; len];
                    payload[at] = bad;
                    let bytes = R::from_peer(&[frame(0x81, &payload)]);
                    let mut peer = Peer::<Open<R>, D>::open(Limits::default());
                    peer.read(&bytes);
                    assert_eq!(peer.violation, Some(WRONG), "8.7 {len}, {at}, {bad:x}");
                    assert_eq!((peer.heard, peer.unfinished), (vec![], None));

                    // In fragments, and in two reads.
                    let mut peer = Peer::<Open<R>, D>::open(Limits::default());
                    peer.step = Step::HasEvent;
                    let (first, second) = payload.split_at(len / 2);
                    let bytes = R::from_peer(&[frame(0x01, first), frame(0x80, second)]);
                    let (first, second) = bytes.split_at(bytes.len() / 3);
                    peer.read(first);
                    peer.read(second);
                    assert_eq!(peer.violation, Some(WRONG), "8.7 {len}, {at}, {bad:x}");
                    assert_eq!(peer.heard, []);
                }
            }
        }
    }
    in_every_way!(law);
}

#[test]
fn row_8_7_a_bad_octet_late_in_a_large_message() {
    fn law<R: End, D: Mode>() {
        let len = 100_000;
        for at in [0, 16_383, 16_384, 32_767, 65_535, 65_536, len - 1] {
            let mut payload = vec![b'a'; len];
            payload[at] = 0xff;
            let bytes = R::from_peer(&[frame(0x81, &payload)]);
            let header = bytes.len() - len;
            for size in [1000, 16_384, len + 20] {
                let mut peer = Peer::<Open<R>, D>::open(Limits::default());
                let mut read = 0;
                for piece in bytes.chunks(size) {
                    peer.read(piece);
                    read += piece.len();
                    let expected = (read > header + at).then_some(WRONG);
                    assert_eq!(peer.violation, expected, "8.7 {at} {size}");
                }
                assert_eq!(peer.heard, []);
            }
        }
    }
    in_every_way!(law);
}

#[test]
fn row_8_8_nothing_is_taken_away_from_text() {
    for (row, kept) in [
        ("8.8 a byte order mark", "\u{feff}text"),
        ("8.8 a byte order mark alone", "\u{feff}"),
        ("8.8 U+0000", "\0a\0"),
        (
            "8.8 non-characters",
            "\u{fffe}\u{ffff}\u{fdd0}\u{1fffe}\u{10ffff}",
        ),
        ("8.8 line ends", "\r\n\n\r\u{2028}"),
        ("8.8 private use", "\u{e000}\u{f8ff}\u{100000}"),
    ] {
        let limits = Limits::default();
        hears(row, limits, &[frame(0x81, kept)], &[text(kept)], "");
        let fragments = [frame(0x01, kept), frame(0x80, kept)];
        hears(row, limits, &fragments, &[text(kept.repeat(2))], "");
    }
}

#[test]
fn chunks_of_text_are_cut_between_characters_and_withhold_nothing_else() {
    fn law<R: End>() {
        let whole = "aé€🦀z";
        let bytes = R::from_peer(&[frame(0x81, whole)]);
        let mut peer = Peer::<Open<R>, wsproto::Chunks>::open(Limits::default());
        let header = bytes.len() - whole.len();
        peer.read(&bytes[..header]);
        for len in 1..whole.len() {
            peer.read(&bytes[header + len - 1..header + len]);
            let characters = (0..=len).rev().find(|at| whole.is_char_boundary(*at));
            let expected = &whole[..characters.unwrap()];
            let got = match &peer.unfinished {
                Some(Heard::Text(text)) => text.as_str(),
                _ => "",
            };
            assert_eq!(got, expected);
        }
    }
    law::<Server>();
    law::<Client>();
}

#[test]
fn a_chunk_of_text_has_a_character_or_ends_something() {
    // A header of 6 bytes, then c3 a9 e2 82 ac.
    let wire = frame(0x81, "é€").bytes(Some(KEY));
    let mut open = Open::<Server>::after_upgrade((), Limits::default());
    let (mut inbox, mut outbox) = (wsproto::Inbox::chunks(), wsproto::Outbox::new());
    for (from, to, heard) in [
        (0, 6, None),
        (6, 7, None),
        (7, 8, Some("é")),
        (8, 10, None),
        (10, 11, Some("€")),
    ] {
        inbox.extend(&wire[from..to]);
        let mut got = None;
        match open.receive(&mut inbox, &mut outbox).unwrap() {
            Some(wsproto::Event::Text(text)) => got = Some(text.to_string()),
            Some(other) => panic!("{other:?}"),
            None => {}
        }
        assert_eq!(got.as_deref(), heard, "{from}..{to}");
        assert!(open.receive(&mut inbox, &mut outbox).unwrap().is_none());
    }
    assert!(inbox.is_idle());
}
