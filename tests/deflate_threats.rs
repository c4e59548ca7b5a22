//! What has hurt others in permessage-deflate and its negotiation: each test is named after what
//! it forbids. Bombs are in `deflate_memory.rs`, where memory is counted.
#![cfg(feature = "deflate")]

mod common;

use std::time::{Duration, Instant};

use common::deflate::*;
use common::handshake::*;
use common::*;
use wsproto::{DeflateOffer, HandshakeError, Limits, Messages, Server, Violation, WindowBits};

fn all() -> DeflateOffer {
    DeflateOffer::default()
}

fn fixed(data: &[u8]) -> Vec<u8> {
    Bits::new().fixed_block(false, data).message()
}

#[test]
fn a_small_frame_does_not_inflate_without_end() {
    // CVE-2018-1000518, CVE-2026-1526, GHSA-hxp9-w8x3-p566, netty#15005.
    fn law<R: DeflateEnd, D: Mode>() {
        let mut peer = Peer::<_, D>::new(R::agree(Terms::default()));
        // 1100 bytes that stand for 1.1 MB, at a limit of 1 MiB.
        peer.hear(&[frame(0xc2, Bits::new().bomb(1100).message())]);
        assert_eq!(peer.violation, Some(Violation::MessageTooBig));
        let (outcome, _) = peer.end();
        assert_eq!(outcome.heard, []);
        assert_eq!(outcome.sent.0, hex("88 02 03f1"));
    }
    in_every_way!(law);
}

#[test]
fn a_window_that_is_no_number_from_8_to_15_does_not_pass_and_does_not_panic() {
    // CVE-2026-2229 (undici), wsproto 1.3.2.
    for name in ["server_max_window_bits", "client_max_window_bits"] {
        for value in [
            "abc",
            "7",
            "16",
            "08",
            "+9",
            "0",
            "-1",
            "256",
            "1e1",
            "10.0",
            "4294967305",
        ] {
            let params = format!("permessage-deflate; {name}={value}");
            assert_eq!(
                serve(all(), &[&params], Limits::default()).1,
                None,
                "{params}"
            );
            let (_, got) = connect(all(), &[&params], Limits::default());
            let expected = Some(HandshakeError::InvalidExtensionAnswer);
            assert_eq!(got.err(), expected, "{params}");
        }
        let twice = format!("permessage-deflate; {name}=9; {name}=9");
        assert_eq!(serve(all(), &[&twice], Limits::default()).1, None);
        assert!(connect(all(), &[&twice], Limits::default()).1.is_err());
        let empty = format!("permessage-deflate; {name}=");
        let got = requested(&request(&[&empty]), Limits::default());
        assert_eq!(got.err(), Some(HandshakeError::InvalidExtensions));
        assert!(connect(all(), &[&empty], Limits::default()).1.is_err());
    }
}

#[test]
fn rsv1_without_negotiation_is_not_taken_for_compression() {
    // CVE-2026-59881 (aiohttp).
    let frames = [frame(0xc1, fixed(b"Hello"))];
    let violation = Violation::ReservedBit;
    fails(
        "plain",
        Limits::default(),
        &frames,
        &[],
        "",
        violation,
        1002,
    );
    let declined = || serve(all(), &["permessage-deflate; unknown"], Limits::default()).0;
    end_fails("declined", &declined, &frames, &[], "", violation, 1002);
}

#[test]
fn window_bits_8_do_not_crash_and_are_not_broken() {
    // zlib#171, netty#4794, bun#38632.
    fn law<R: DeflateEnd, D: Mode>() {
        for terms in [Terms::default(), Terms::default().no_takeover()] {
            let mut peer = Peer::<_, D>::new(R::agree(terms.windows(8)));
            // The whole window: a copy from 256 back.
            let data: Vec<u8> = (0..=255).collect();
            let far = Bits::new()
                .stored(false, &data)
                .block(false, 1)
                .copy(258, 256)
                .end();
            peer.hear(&[frame(0xc2, far.message())]);
            let expected: Vec<u8> = (0..=255).chain(0..=255).chain([0, 1]).collect();
            assert_eq!(peer.news(), [binary(expected)]);
            let mut inflate = Inflate::new();
            for period in [200, 250, 251, 255, 256, 257, 300, 506, 512] {
                let mut numbers = Numbers(period);
                let noise: Vec<u8> = (0..period).map(|_| numbers.below(256) as u8).collect();
                let message = noise.repeat(5);
                peer.phase.send_binary(&message, &mut peer.outbox);
                let sent = parse_with::<R>(0x40, &drain(&mut peer.outbox));
                assert_eq!(inflate.message(&sent[0].payload), Ok(message));
            }
            assert!(inflate.farthest <= 256, "{}", inflate.farthest);
        }
    }
    in_every_way!(law);
    assert_eq!(WindowBits::MIN.get(), 8);
    assert_eq!(WindowBits::new(7), None);
    assert_eq!(WindowBits::new(16), None);
}

#[test]
fn crafted_streams_do_not_panic_and_end_in_an_event_or_an_error() {
    // RUSTSEC-2024-0401 (zlib-rs): each bit of a few streams flipped, and noise.
    fn law<R: DeflateEnd, D: Mode>() {
        let words = b"Hello, Hello, and some more";
        let sample = Bits::new()
            .dynamic_block(false, words)
            .block(false, 1)
            .literals(words)
            .copy(20, 27)
            .end()
            .stored(false, words)
            .message();
        let run = |payload: &[u8], terms: Terms| {
            let mut peer = Peer::<_, D>::new(R::agree(terms));
            peer.hear(&[frame(0xc2, payload), frame(0xc1, fixed(b"Hello"))]);
            match peer.violation {
                None => assert_eq!(peer.heard.len(), 2),
                Some(Violation::InvalidCoding | Violation::InvalidUtf8) => {}
                Some(other) => panic!("{other}"),
            }
        };
        for bit in 0..8 * sample.len() {
            let mut payload = sample.clone();
            payload[bit / 8] ^= 1 << (bit % 8);
            run(&payload, Terms::default().windows(8 + bit as u8 % 8));
        }
        let mut numbers = Numbers(42);
        for len in 0..500 {
            let noise: Vec<u8> = (0..len).map(|_| numbers.below(256) as u8).collect();
            run(&noise, Terms::default().no_takeover());
        }
    }
    law::<Server, Messages>();
    law::<wsproto::Client, wsproto::Chunks>();
}

#[test]
fn an_uncompressed_message_after_negotiation_is_not_refused() {
    // libwebsockets#2794.
    let open = || Server::agree(Terms::default());
    let frames = [frame(0x81, "as it is"), frame(0xc1, fixed(b"Hello"))];
    end_hears(
        "plain",
        &open,
        &frames,
        &[text("as it is"), text("Hello")],
        "",
    );
}

#[test]
fn a_ping_between_two_fragments_of_a_compressed_message_is_not_refused() {
    // wsproto 1.3.2.
    let payload = fixed(b"Hello");
    let frames = [
        frame(0x41, &payload[..3]),
        frame(0x89, ""),
        frame(0x80, &payload[3..]),
    ];
    let heard = [ping(""), text("Hello")];
    end_hears(
        "ping",
        &|| Server::agree(Terms::default()),
        &frames,
        &heard,
        "8a 00",
    );
}

#[test]
fn a_small_compressed_message_is_not_refused() {
    // soketto 0.8.
    for data in [&b""[..], b"a", b"ab", b"Hello"] {
        let frames = [
            frame(0xc2, fixed(data)),
            frame(0xc2, Bits::new().stored(false, data).message()),
        ];
        let heard = [binary(data), binary(data)];
        end_hears(
            "small",
            &|| Server::agree(Terms::default()),
            &frames,
            &heard,
            "",
        );
    }
}

#[test]
fn a_header_of_backslashes_or_spaces_does_not_take_quadratic_time() {
    // CVE-2020-7662, CVE-2020-7663 (websocket-extensions), CVE-2021-32640 (ws). A quadratic pass
    // over 2 MiB takes hours; one pass takes a moment, also on a slow and busy machine.
    let size = 2 << 20;
    let limits = Limits::default().head_bytes(2 * size + 1000);
    let started = Instant::now();
    for line in [
        format!("a; b=\"{}", "\\c".repeat(size / 2)),
        format!("a; b=\"{}\"x", "\\c".repeat(size / 2)),
        format!("a{}b", " ".repeat(size)),
        format!("a;{}=", "\t".repeat(size)),
        format!("a{}", "; b=\"".repeat(size / 5)),
    ] {
        let got = requested(&request(&[&line]), limits);
        assert_eq!(
            got.err(),
            Some(HandshakeError::InvalidExtensions),
            "{line:.20}"
        );
        let (_, got) = connect(all(), &[&line[..8000]], Limits::default());
        assert!(got.is_err());
    }
    // And many good offers, of which the last can be accepted.
    let bad = "permessage-deflate; server_max_window_bits=\"\\7\", ".repeat(size / 50);
    let line = format!("{bad} permessage-deflate; server_max_window_bits=9");
    let (_, answer) = serve(all(), &[&line], limits);
    assert_eq!(
        answer.as_deref(),
        Some("permessage-deflate; server_max_window_bits=9")
    );
    assert!(started.elapsed() < Duration::from_secs(60));
}

#[test]
fn a_quoted_comma_does_not_split_a_parameter() {
    // wsproto 1.3.2. A value is a token, quoted or not (RFC 6455 9.1), so this is malformed, and
    // no list of two.
    for line in [
        "x; y=\"a, permessage-deflate\"",
        "permessage-deflate; server_max_window_bits=\"1,0\"",
        "x; y=\"a; server_max_window_bits=9\", permessage-deflate",
    ] {
        let got = requested(&request(&[line]), Limits::default());
        assert_eq!(got.err(), Some(HandshakeError::InvalidExtensions), "{line}");
        let (_, got) = connect(all(), &[line], Limits::default());
        assert_eq!(got.err(), Some(HandshakeError::InvalidExtensions), "{line}");
    }
}

#[test]
fn an_extension_twice_or_an_unknown_parameter_is_not_agreed_to() {
    // wsproto 1.3.2.
    let twice = "permessage-deflate, permessage-deflate";
    let (_, answer) = serve(all(), &[twice], Limits::default());
    assert_eq!(
        answer.as_deref(),
        Some("permessage-deflate"),
        "offers are alternatives"
    );
    assert!(connect(all(), &[twice], Limits::default()).1.is_err());
    let unknown = "permessage-deflate; unknown";
    assert_eq!(serve(all(), &[unknown], Limits::default()).1, None);
    assert!(connect(all(), &[unknown], Limits::default()).1.is_err());
}
