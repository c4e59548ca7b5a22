//! How permessage-deflate is agreed on (RFC 7692 5, 7.1): CONFORMANCE 6, row by row.
#![cfg(feature = "deflate")]

mod common;

use common::deflate::*;
use common::handshake::*;
use common::*;
use wsproto::{
    Chunks, Client, Deflate, DeflateOffer, HandshakeError, Limits, Messages, Open, Outbox, Server,
    Violation, WindowBits,
};

fn bits(bits: u8) -> WindowBits {
    WindowBits::new(bits).expect("8 to 15")
}

/// The answer of a server with everything allowed.
fn answer(offers: &[&str]) -> Option<String> {
    answer_of(DeflateOffer::default(), offers)
}

fn answer_of(proposal: DeflateOffer, offers: &[&str]) -> Option<String> {
    serve(proposal, offers, Limits::default()).1
}

/// Checks that each row's offers get the row's answer.
fn answers(proposal: &DeflateOffer, rows: &[(&str, &[&str], Option<&str>)]) {
    for (row, offers, expected) in rows {
        let answer = answer_of(proposal.clone(), offers);
        assert_eq!(answer.as_deref(), *expected, "{row}: {offers:?}");
    }
}

/// `"Hello"` in a fixed block (RFC 7692 7.2.3.1).
const HELLO: [u8; 7] = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];

/// Whether a compressed message from the peer is heard.
fn is_in_force<R: End>(open: Open<R, Option<Deflate>>) -> bool {
    let mut peer = Peer::<_>::new(open);
    peer.hear(&[frame(0xc1, HELLO)]);
    match peer.violation {
        None => {
            assert_eq!(peer.news(), [text("Hello")]);
            true
        }
        Some(violation) => {
            assert_eq!(violation, Violation::ReservedBit);
            false
        }
    }
}

/// The payload of the one frame that was sent, a compressed message.
fn compressed<R: End>(outbox: &mut Outbox) -> Vec<u8> {
    let mut frames = parse_with::<R>(0x40, &drain(outbox));
    assert_eq!(frames.len(), 1);
    let frame = frames.remove(0);
    assert!(matches!(frame.first, 0xc1 | 0xc2), "{:#x}", frame.first);
    frame.payload
}

/// What each message that `open` sends becomes, decoded in one context, and the greatest distance.
fn reach<R: End>(open: &mut Open<R, Option<Deflate>>, messages: &[Vec<u8>]) -> usize {
    let mut inflate = Inflate::new();
    let mut outbox = Outbox::new();
    for message in messages {
        open.send_binary(message, &mut outbox);
        let payload = compressed::<R>(&mut outbox);
        assert_eq!(inflate.message(&payload).as_ref(), Ok(message));
    }
    inflate.farthest
}

/// Bytes that look random and are the same each time, which no compressor can make smaller.
fn noise(len: usize) -> Vec<u8> {
    let mut numbers = Numbers(1);
    (0..len).map(|_| numbers.below(256) as u8).collect()
}

/// Noise that comes again after 150, 500, 1000, .. bytes, up to twice a window of so many bits:
/// there is much to find in it, and more beyond it.
fn echoes(bits: u8) -> Vec<u8> {
    let noise = noise(33_000);
    let mut echoes = Vec::new();
    for distance in [150, 500, 1000, 2000, 4000, 8000, 16_000, 32_000] {
        if distance < 2 << bits {
            echoes.extend_from_slice(&noise[..distance]);
            echoes.extend_from_slice(&noise[..distance.min(300)]);
        }
    }
    echoes
}

#[test]
fn row_6_1_each_server_window_is_agreed_and_never_more() {
    for ours in 8..=15 {
        for theirs in 8..=15 {
            let proposal = DeflateOffer::default().server_max_window_bits(bits(ours));
            let offer = format!("permessage-deflate; server_max_window_bits={theirs}");
            let least = ours.min(theirs);
            let expected = format!("permessage-deflate; server_max_window_bits={least}");
            assert_eq!(answer_of(proposal, &[&offer]), Some(expected));
        }
        // A server may say less unasked (7.1.2.1).
        let proposal = DeflateOffer::default().server_max_window_bits(bits(ours));
        let expected = match ours {
            15 => "permessage-deflate".into(),
            _ => format!("permessage-deflate; server_max_window_bits={ours}"),
        };
        assert_eq!(answer_of(proposal, &["permessage-deflate"]), Some(expected));
    }
}

const BAD_BITS: [&str; 24] = [
    "0",
    "1",
    "7",
    "16",
    "17",
    "80",
    "99",
    "100",
    "015",
    "08",
    "09",
    "010",
    "+9",
    "-9",
    "9.0",
    "9e0",
    "0x9",
    "abc",
    "1o",
    "o9",
    "9a",
    "\"7\"",
    "\"08\"",
    "88888888888888888888888888888888",
];

#[test]
fn row_6_2_an_illegal_server_window_declines_that_offer_only() {
    let mut illegal: Vec<String> = BAD_BITS
        .map(|it| format!("server_max_window_bits={it}"))
        .into();
    illegal.push("server_max_window_bits".into());
    illegal.push(format!("server_max_window_bits={}", "9".repeat(8000)));
    for params in illegal {
        let bad = format!("permessage-deflate; {params}");
        let (open, none) = serve(DeflateOffer::default(), &[&bad], Limits::default());
        assert_eq!(none, None, "{bad:.80}");
        assert!(!is_in_force(open), "{bad:.80}");
        let next = format!("{bad}, permessage-deflate; server_max_window_bits=10");
        let (open, second) = serve(DeflateOffer::default(), &[&next], Limits::default());
        let expected = "permessage-deflate; server_max_window_bits=10";
        assert_eq!(second.as_deref(), Some(expected), "{bad:.80}");
        assert!(is_in_force(open));
    }
}

#[test]
fn row_6_2_a_value_of_nothing_is_no_value() {
    for offer in [
        "permessage-deflate; server_max_window_bits=",
        "permessage-deflate; server_max_window_bits=\"\"",
    ] {
        let got = requested(&request(&[offer]), Limits::default());
        assert_eq!(
            got.err(),
            Some(HandshakeError::InvalidExtensions),
            "{offer}"
        );
    }
}

#[test]
fn row_6_3_each_form_of_a_client_window() {
    let all = DeflateOffer::default();
    let ten = all.clone().client_max_window_bits(bits(10));
    // Without a value: the client can be told one (7.1.2.2).
    let flag = "permessage-deflate; client_max_window_bits";
    assert_eq!(answer(&[flag]).as_deref(), Some("permessage-deflate"));
    let expected = Some("permessage-deflate; client_max_window_bits=10");
    assert_eq!(answer_of(ten.clone(), &[flag]).as_deref(), expected);
    for asked in 8..=15 {
        let offer = format!("permessage-deflate; client_max_window_bits={asked}");
        let expected = |bits: u8| match bits {
            15 => "permessage-deflate".into(),
            _ => format!("permessage-deflate; client_max_window_bits={bits}"),
        };
        assert_eq!(answer(&[&offer]), Some(expected(asked)));
        assert_eq!(
            answer_of(ten.clone(), &[&offer]),
            Some(expected(asked.min(10)))
        );
    }
    for value in BAD_BITS {
        let offer = format!("permessage-deflate; client_max_window_bits={value}");
        assert_eq!(answer(&[&offer]), None, "{offer}");
    }
}

#[test]
fn row_6_4_a_client_that_does_not_ask_is_told_no_window() {
    for ours in 8..=15 {
        let proposal = DeflateOffer::default().client_max_window_bits(bits(ours));
        let (open, answer) = serve(proposal, &["permessage-deflate"], Limits::default());
        assert_eq!(answer.as_deref(), Some("permessage-deflate"));
        // So it may use all of 32 KiB, and is understood.
        uses_all_of_32_kib(open);
    }
}

/// The peer refers to what is 32 768 bytes back, and is understood.
fn uses_all_of_32_kib<R: End>(open: Open<R, Option<Deflate>>) {
    let mut peer = Peer::<_>::new(open);
    let far = noise(32_768);
    let first = Bits::new().stored(false, &far).message();
    let second = Bits::new()
        .block(false, 1)
        .copy(258, 32_768)
        .end()
        .message();
    peer.hear(&[frame(0xc2, first), frame(0xc2, second)]);
    assert_eq!(peer.violation, None);
    assert_eq!(peer.news(), [binary(&far), binary(&far[..258])]);
}

#[test]
fn a_server_that_says_no_window_may_use_all_of_it() {
    // RFC 7692 7.2.2.
    for proposal in [
        DeflateOffer::default(),
        DeflateOffer::default().client_max_window_bits(bits(8)),
    ] {
        uses_all_of_32_kib(client_opens(&proposal, "permessage-deflate"));
    }
}

#[test]
fn row_6_5_a_takeover_parameter_with_a_value_declines_that_offer() {
    for name in ["server_no_context_takeover", "client_no_context_takeover"] {
        for value in ["1", "0", "true", "15", "\"true\""] {
            let bad = format!("permessage-deflate; {name}={value}");
            assert_eq!(answer(&[&bad]), None, "{bad}");
            let next = format!("{bad}, permessage-deflate");
            assert_eq!(answer(&[&next]).as_deref(), Some("permessage-deflate"));
        }
        let good = format!("permessage-deflate; {name}");
        assert_eq!(answer(&[&good]), Some(good));
    }
}

#[test]
fn row_6_6_a_parameter_twice_or_unknown_declines_that_offer_and_others_still_count() {
    for params in [
        "server_no_context_takeover; server_no_context_takeover",
        "client_no_context_takeover; client_no_context_takeover",
        "server_max_window_bits=10; server_max_window_bits=10",
        "server_max_window_bits=10; server_max_window_bits=11",
        "client_max_window_bits; client_max_window_bits",
        "client_max_window_bits=10; client_max_window_bits",
        "client_max_window_bits; client_max_window_bits=10",
        "unknown",
        "unknown=1",
        "server_max_window_bits=10; unknown",
        "server-no-context-takeover",
        "mem_level=9",
    ] {
        let bad = format!("permessage-deflate; {params}");
        assert_eq!(answer(&[&bad]), None, "{bad}");
        let good = "permessage-deflate; server_max_window_bits=12";
        for offers in [
            format!("{bad}, {good}"),
            format!("{good}, {bad}"),
            format!("x-unknown; a=b, {bad}, x-unknown, {good}, x-unknown; q=\"1\""),
        ] {
            assert_eq!(answer(&[&offers]).as_deref(), Some(good), "{offers}");
        }
    }
    answers(
        &DeflateOffer::default(),
        &[
            ("unknown alone", &["x-unknown"], None),
            (
                "unknown before",
                &["x-unknown, permessage-deflate"],
                Some("permessage-deflate"),
            ),
            (
                "unknown after",
                &["permessage-deflate, x-unknown"],
                Some("permessage-deflate"),
            ),
            (
                "other names",
                &["permessage-deflatee, x-webkit-deflate-frame, deflate"],
                None,
            ),
            (
                "all four",
                &[
                    "permessage-deflate; client_max_window_bits=9; server_max_window_bits=10; \
               client_no_context_takeover; server_no_context_takeover",
                ],
                Some(
                    "permessage-deflate; server_no_context_takeover; client_no_context_takeover; \
                   server_max_window_bits=10; client_max_window_bits=9",
                ),
            ),
        ],
    );
}

#[test]
fn row_6_7_the_first_acceptable_offer_in_one_line_or_in_several() {
    let bad = "permessage-deflate; server_max_window_bits=16";
    let nine = "permessage-deflate; server_max_window_bits=9";
    let ten = "permessage-deflate; server_max_window_bits=10";
    answers(
        &DeflateOffer::default(),
        &[
            ("one line", &[&format!("{nine}, {ten}")], Some(nine)),
            ("the other order", &[&format!("{ten}, {nine}")], Some(ten)),
            ("lines", &[nine, ten], Some(nine)),
            ("lines, the other order", &[ten, nine], Some(ten)),
            ("fall back", &[&format!("{bad}, {ten}, {nine}")], Some(ten)),
            ("fall back to a line", &[bad, nine, ten], Some(nine)),
            (
                "three lines",
                &[bad, &format!("x, {bad}"), &format!(" {ten} ")],
                Some(ten),
            ),
            ("in the end none", &[bad, &format!("x, {bad}")], None),
        ],
    );
}

#[test]
fn row_6_8_quotes_and_space_are_grammar_and_names_are_as_they_are_spelt() {
    let ten = Some("permessage-deflate; server_max_window_bits=10");
    answers(
        &DeflateOffer::default(),
        &[
            (
                "quoted",
                &["permessage-deflate; server_max_window_bits=\"10\""],
                ten,
            ),
            (
                "escaped",
                &["permessage-deflate; server_max_window_bits=\"1\\0\""],
                ten,
            ),
            (
                "no space",
                &["permessage-deflate;server_max_window_bits=10"],
                ten,
            ),
            (
                "space",
                &["permessage-deflate  ;  server_max_window_bits = 10 "],
                ten,
            ),
            (
                "tabs",
                &["permessage-deflate\t;\tserver_max_window_bits\t=\t10\t"],
                ten,
            ),
            (
                "tabs and quotes",
                &["\tpermessage-deflate ;\tserver_max_window_bits= \"10\" ,x"],
                ten,
            ),
            // RFC 7230 4.1 makes no names of another case the same ones; neither do we.
            ("case of the name", &["Permessage-Deflate"], None),
            (
                "case of a parameter",
                &["permessage-deflate; Server_Max_Window_Bits=10"],
                None,
            ),
        ],
    );
}

#[test]
fn row_6_9_a_malformed_header_is_refused() {
    let long = ",".repeat(64 << 10);
    let spaces = " ".repeat(64 << 10);
    for malformed in [
        "permessage-deflate;;",
        "permessage-deflate;",
        "permessage-deflate; =",
        "permessage-deflate; =10",
        "permessage-deflate; server_max_window_bits=",
        "permessage-deflate; server_max_window_bits=\"10",
        "permessage-deflate; server_max_window_bits=10\"",
        "permessage-deflate; server_max_window_bits=\"10\\\"",
        "permessage-deflate; server_max_window_bits=\"1,0\"",
        "permessage-deflate; server_max_window_bits=1 0",
        "permessage-deflate server_max_window_bits=10",
        "permessage-deflate=10",
        "=",
        ";",
        "\"permessage-deflate\"",
        "",
        &long,
        &format!("permessage-deflate{spaces}x"),
    ] {
        let limits = Limits::default().head_bytes(100 << 10);
        let got = requested(&request(&[malformed]), limits);
        let refused = got.expect_err(&malformed[..malformed.len().min(80)]);
        assert_eq!(
            refused,
            HandshakeError::InvalidExtensions,
            "{malformed:.80}"
        );
        assert_eq!(refused.status(), 400);
        // Also behind one that is right: the header is one list.
        let got = requested(&request(&["permessage-deflate", malformed]), limits);
        if !malformed.chars().all(|char| char == ',') {
            assert_eq!(
                got.err(),
                Some(HandshakeError::InvalidExtensions),
                "{malformed:.80}"
            );
        }
    }
    // By default so much of a head is not even looked at.
    let got = requested(&request(&[&long]), Limits::default());
    assert_eq!(got.err(), Some(HandshakeError::HeadTooLong));
}

#[track_caller]
fn client_fails(row: &str, proposal: &DeflateOffer, answers: &[&str], error: HandshakeError) {
    let (_, got) = connect(proposal.clone(), answers, Limits::default());
    assert_eq!(got.err(), Some(error), "{row}: {answers:?}");
}

#[track_caller]
fn client_opens(proposal: &DeflateOffer, answer: &str) -> Open<Client, Option<Deflate>> {
    let (_, got) = connect(proposal.clone(), &[answer], Limits::default());
    got.unwrap_or_else(|error| panic!("{answer}: {error}"))
}

#[test]
fn what_a_client_offers_is_what_it_was_told_to() {
    let all = DeflateOffer::default;
    for (proposal, expected) in [
        (all(), "permessage-deflate; client_max_window_bits"),
        (
            all().client_max_window_bits(bits(9)),
            "permessage-deflate; client_max_window_bits=9",
        ),
        (
            all().server_max_window_bits(bits(8)),
            "permessage-deflate; server_max_window_bits=8; client_max_window_bits",
        ),
        (
            all().server_no_context_takeover(),
            "permessage-deflate; server_no_context_takeover; client_max_window_bits",
        ),
        (
            all()
                .server_max_window_bits(bits(11))
                .client_max_window_bits(bits(12))
                .client_no_context_takeover()
                .server_no_context_takeover(),
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover; \
             server_max_window_bits=11; client_max_window_bits=12",
        ),
    ] {
        let (offer, open) = connect(proposal, &[], Limits::default());
        assert_eq!(offer.as_deref(), Some(expected));
        // Not answered is declined.
        assert!(!is_in_force(open.expect("no answer is one")));
    }
    let (offer, _) = connect((), &[], Limits::default());
    assert_eq!(offer, None);
}

const INVALID: HandshakeError = HandshakeError::InvalidExtensionAnswer;
const UNOFFERED: HandshakeError = HandshakeError::UnofferedExtension;

#[test]
fn row_6_10_a_server_window_above_what_was_asked_fails() {
    for asked in 8..15 {
        let proposal = DeflateOffer::default().server_max_window_bits(bits(asked));
        for answered in 8..=15 {
            let answer = format!("permessage-deflate; server_max_window_bits={answered}");
            if answered > asked {
                client_fails("6.10 greater", &proposal, &[&answer], INVALID);
            } else {
                assert!(is_in_force(client_opens(&proposal, &answer)));
            }
        }
        client_fails("6.10 missing", &proposal, &["permessage-deflate"], INVALID);
    }
    // Where nothing was asked a server may still say less, and 15 says nothing.
    for answered in 8..=15 {
        let answer = format!("permessage-deflate; server_max_window_bits={answered}");
        assert!(is_in_force(client_opens(&DeflateOffer::default(), &answer)));
    }
    for value in BAD_BITS {
        let answer = format!("permessage-deflate; server_max_window_bits={value}");
        client_fails(
            "6.10 illegal",
            &DeflateOffer::default(),
            &[&answer],
            INVALID,
        );
    }
    let answer = "permessage-deflate; server_max_window_bits";
    client_fails(
        "6.10 no value",
        &DeflateOffer::default(),
        &[answer],
        INVALID,
    );
}

#[test]
fn row_6_11_a_client_window_is_honoured_where_it_is_legal() {
    let all = DeflateOffer::default();
    let answer = "permessage-deflate; client_max_window_bits";
    client_fails("6.11 no value", &all, &[answer], INVALID);
    for value in BAD_BITS {
        let answer = format!("permessage-deflate; client_max_window_bits={value}");
        client_fails("6.11 illegal", &all, &[&answer], INVALID);
    }
    for offered in 8..=15 {
        let proposal = all
            .clone()
            .client_max_window_bits(bits(offered))
            .threshold(0);
        for answered in 8..=15 {
            let answer = format!("permessage-deflate; client_max_window_bits={answered}");
            if answered > offered {
                client_fails("6.11 greater", &proposal, &[&answer], INVALID);
                continue;
            }
            let mut open = client_opens(&proposal, &answer);
            let farthest = reach(&mut open, &[echoes(answered)]);
            assert!(farthest <= 1 << answered, "{farthest} at {answered}");
        }
        // What is not answered is what was offered.
        let farthest = reach(
            &mut client_opens(&proposal, "permessage-deflate"),
            &[echoes(offered)],
        );
        assert!(farthest <= 1 << offered, "{farthest} at {offered}");
    }
}

#[test]
fn row_6_12_no_takeover_that_was_asked_for_and_not_answered_fails() {
    let asks = DeflateOffer::default().server_no_context_takeover();
    client_fails("6.12", &asks, &["permessage-deflate"], INVALID);
    let other = "permessage-deflate; client_no_context_takeover";
    client_fails("6.12", &asks, &[other], INVALID);
    let answer = "permessage-deflate; server_no_context_takeover";
    assert!(is_in_force(client_opens(&asks, answer)));
    // Of itself a client has only promised it (7.1.1.2): a server need not say it again.
    let promises = DeflateOffer::default()
        .client_no_context_takeover()
        .threshold(0);
    let mut open = client_opens(&promises, "permessage-deflate");
    assert!(stands_alone::<Client>(&mut open));
}

#[test]
fn row_6_13_what_no_offer_allows_fails() {
    let all = DeflateOffer::default();
    for (row, answers, error) in [
        (
            "6.13 unknown",
            &["permessage-deflate; unknown"][..],
            INVALID,
        ),
        ("6.13 unknown", &["permessage-deflate; unknown=1"], INVALID),
        (
            "6.13 a value",
            &["permessage-deflate; server_no_context_takeover=1"],
            INVALID,
        ),
        (
            "6.13 a value",
            &["permessage-deflate; client_no_context_takeover=1"],
            INVALID,
        ),
        (
            "6.13 doubled",
            &["permessage-deflate; server_no_context_takeover; server_no_context_takeover"],
            INVALID,
        ),
        (
            "6.13 doubled",
            &["permessage-deflate; client_no_context_takeover; client_no_context_takeover"],
            INVALID,
        ),
        (
            "6.13 doubled",
            &["permessage-deflate; server_max_window_bits=9; server_max_window_bits=9"],
            INVALID,
        ),
        (
            "6.13 doubled",
            &["permessage-deflate; client_max_window_bits=9; client_max_window_bits=9"],
            INVALID,
        ),
        (
            "6.13 twice",
            &["permessage-deflate, permessage-deflate"],
            UNOFFERED,
        ),
        (
            "6.13 twice",
            &["permessage-deflate", "permessage-deflate"],
            UNOFFERED,
        ),
        ("6.13 another", &["permessage-deflate, x-rsv1"], UNOFFERED),
        ("6.13 another", &["x-rsv1, permessage-deflate"], UNOFFERED),
        ("6.13 another", &["x-webkit-deflate-frame"], UNOFFERED),
        ("6.13 another case", &["Permessage-Deflate"], UNOFFERED),
        (
            "6.13 malformed",
            &["permessage-deflate;"],
            HandshakeError::InvalidExtensions,
        ),
        ("6.13 malformed", &[""], HandshakeError::InvalidExtensions),
        (
            "6.13 malformed",
            &["permessage-deflate", "="],
            HandshakeError::InvalidExtensions,
        ),
    ] {
        client_fails(row, &all, answers, error);
    }
    // And nothing was offered at all (1.25).
    let (_, got) = connect((), &["permessage-deflate"], Limits::default());
    assert_eq!(got.err(), Some(UNOFFERED));
}

/// Sends the same message twice: whether the second refers to the first.
fn stands_alone<R: End>(open: &mut Open<R, Option<Deflate>>) -> bool {
    let message = noise(400);
    let mut outbox = Outbox::new();
    open.send_binary(&message, &mut outbox);
    let first = compressed::<R>(&mut outbox);
    open.send_binary(&message, &mut outbox);
    let second = compressed::<R>(&mut outbox);
    let mut inflate = Inflate::new();
    assert_eq!(inflate.message(&first).as_ref(), Ok(&message));
    let fresh = Inflate::new().message(&second) == Ok(message.clone());
    // With the context it is right in either case.
    assert_eq!(inflate.message(&second), Ok(message));
    assert_eq!(
        fresh,
        first == second,
        "a message that stands alone is as it always is"
    );
    fresh
}

/// Whether a message that refers to the one before is understood.
fn remembers<R: End>(open: Open<R, Option<Deflate>>) -> bool {
    let mut peer = Peer::<_>::new(open);
    // RFC 7692 7.2.3.2: the second "Hello" in one context.
    peer.hear(&[frame(0xc1, HELLO), frame(0xc1, hex("f2 00 11 00 00"))]);
    match peer.violation {
        None => assert_eq!(peer.news(), [text("Hello"), text("Hello")]),
        Some(violation) => {
            assert_eq!(peer.news(), [text("Hello")]);
            assert_eq!(violation, Violation::InvalidCoding);
        }
    }
    peer.violation.is_none()
}

#[test]
fn row_6_14_no_takeover_is_honoured_unasked() {
    for ours in [true, false] {
        for theirs in [true, false] {
            let mut params = String::from("permessage-deflate");
            params += if theirs {
                ""
            } else {
                "; server_no_context_takeover"
            };
            params += if ours {
                ""
            } else {
                "; client_no_context_takeover"
            };
            let proposal = DeflateOffer::default().threshold(0);
            assert_eq!(stands_alone(&mut client_opens(&proposal, &params)), !ours);
            assert_eq!(remembers(client_opens(&proposal, &params)), theirs);

            // A server is asked, or says so unasked.
            let mut says = proposal.clone();
            if !theirs {
                says = says.server_no_context_takeover();
            }
            if !ours {
                says = says.client_no_context_takeover();
            }
            for (proposal, offer) in [(proposal, &*params), (says, "permessage-deflate")] {
                let serve = || serve(proposal.clone(), &[offer], Limits::default());
                let (mut open, answer) = serve();
                assert_eq!(answer.as_ref(), Some(&params));
                assert_eq!(stands_alone(&mut open), !theirs);
                assert_eq!(remembers(serve().0), ours);
            }
        }
    }
}

#[test]
fn row_6_15_no_distance_is_beyond_the_window() {
    fn law<R: DeflateEnd>() {
        for bits in 8..=15 {
            for level in [1, 6, 9] {
                let terms = Terms {
                    level,
                    ..Terms::default().windows(bits)
                };
                let echoes = echoes(bits);
                let farthest = reach(&mut R::agree(terms), &[echoes.clone(), echoes.clone()]);
                assert!(farthest <= 1 << bits, "{farthest} at {bits}, level {level}");
                // And it does use the window: half of it at least.
                let least = if bits == 8 { 100 } else { 1 << (bits - 2) };
                assert!(farthest >= least, "{farthest} at {bits}, level {level}");
            }
        }
    }
    law::<Server>();
    law::<Client>();
}

#[test]
fn row_6_15_a_run_of_one_byte_stays_within_the_smallest_window() {
    fn law<R: DeflateEnd>() {
        for level in 0..=9 {
            let terms = Terms {
                level,
                ..Terms::default().windows(8)
            };
            let mut messages: Vec<Vec<u8>> = vec![vec![0; 5000], b"abc".repeat(3000)];
            // Each period around the window's size.
            messages.extend((240..270).map(|period| noise(period).repeat(4)));
            let farthest = reach(&mut R::agree(terms), &messages);
            assert!(farthest <= 256, "{farthest}, level {level}");
        }
    }
    law::<Server>();
    law::<Client>();
}

#[test]
fn row_6_16_without_takeover_each_message_decodes_by_itself() {
    fn law<R: DeflateEnd>() {
        for bits in 8..=15 {
            let mut open = R::agree(Terms::default().windows(bits).no_takeover());
            let mut outbox = Outbox::new();
            let mut numbers = Numbers(5);
            for round in 0..50 {
                let message = echoes(11)[..numbers.below(3000)].to_vec();
                open.send_binary(&message, &mut outbox);
                let payload = compressed::<R>(&mut outbox);
                let decoded = Inflate::new().message(&payload);
                assert_eq!(decoded, Ok(message), "{bits}, {round}");
            }
            assert!(stands_alone(&mut open));
        }
    }
    law::<Server>();
    law::<Client>();
}

#[test]
fn row_6_17_rsv1_that_was_not_agreed_to_fails() {
    fn law<R: DeflateEnd>(open: &dyn Fn() -> Open<R, Option<Deflate>>) {
        let expected = Violation::ReservedBit;
        let rows: [(&str, &[Frame], &[Heard]); 4] = [
            ("the first", &[frame(0xc1, HELLO)], &[]),
            (
                "after a message",
                &[frame(0x81, "a"), frame(0xc2, HELLO)],
                &[text("a")],
            ),
            ("empty", &[frame(0xc1, "")], &[]),
            ("a fragment", &[frame(0x41, HELLO), frame(0x80, "")], &[]),
        ];
        for (row, frames, heard) in rows {
            let row = format!("6.17 {row}");
            end_fails(&row, open, frames, heard, "", expected, 1002);
        }
        // Messages of ours go without it as well.
        let (mut open, mut outbox) = (open(), Outbox::new());
        open.send_binary(&[7; 3], &mut outbox);
        assert_eq!(sent::<R>(&mut outbox).0, hex("82 03 07 07 07"));
    }
    let declined = || serve(DeflateOffer::default(), &["x-other"], Limits::default()).0;
    law::<Server>(&declined);
    let declined = || {
        connect(DeflateOffer::default(), &[], Limits::default())
            .1
            .unwrap()
    };
    law::<Client>(&declined);
    // And where none was proposed.
    fails(
        "6.17",
        Limits::default(),
        &[frame(0xc1, HELLO)],
        &[],
        "",
        Violation::ReservedBit,
        1002,
    );
}

#[test]
fn the_answer_that_is_sent_is_the_one_that_is_honoured() {
    // The windows and takeovers of both directions, by answer and by what is then sent and heard.
    for server in [8, 11, 15] {
        for client in [8, 11, 15] {
            let proposal = DeflateOffer::default()
                .server_max_window_bits(bits(server))
                .client_max_window_bits(bits(client))
                .threshold(0);
            let offer = "permessage-deflate; client_max_window_bits";
            let (mut open, answer) = serve(proposal, &[offer], Limits::default());
            let says = |name: &str, bits: u8| match bits {
                15 => String::new(),
                _ => format!("; {name}_max_window_bits={bits}"),
            };
            let expected = says("server", server) + &says("client", client);
            let answer = answer.expect("an answer");
            assert_eq!(answer, format!("permessage-deflate{expected}"));
            assert!(reach(&mut open, &[echoes(server)]) <= 1 << server);
            // The client of that answer keeps to it too.
            let mut open = client_opens(&DeflateOffer::default().threshold(0), &answer);
            assert!(reach(&mut open, &[echoes(client)]) <= 1 << client);
            let far = noise(1 << server);
            let messages = [
                frame(0xc2, Bits::new().stored(false, &far).message()),
                frame(
                    0xc2,
                    Bits::new()
                        .block(false, 1)
                        .copy(3, 1 << server)
                        .end()
                        .message(),
                ),
            ];
            fn hears<D: Mode>(
                open: Open<Client, Option<Deflate>>,
                messages: &[Frame],
            ) -> Vec<Heard> {
                let mut peer = Peer::<_, D>::new(open);
                peer.hear(messages);
                assert_eq!(peer.violation, None);
                peer.news()
            }
            let expected = [binary(&far), binary(&far[..3])];
            let open = || client_opens(&DeflateOffer::default(), &answer);
            assert_eq!(hears::<Messages>(open(), &messages), expected);
            assert_eq!(hears::<Chunks>(open(), &messages), expected);
        }
    }
}
