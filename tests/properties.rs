//! What always holds, on inputs that are made up and then made as small as they can be.
//!
//! Each property is a law by name; the laws are in `tests/laws`, which the fuzz targets share.
//! `PROPTEST_CASES=10000 cargo test --all-features --test properties` looks longer.

mod common;
mod laws;

use common::{End, Frame, Step, frame};
use laws::conversation::{Act, Ending, converse_in};
use laws::input::cut;
use laws::listener::{Listener, Side, shake};
use laws::receiving::{Bounds, Outcome, cuts_are_invisible, outcome};
use laws::reference::is_read_by_the_rfc;
use laws::{extension_header, handshakes};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use wsproto::{Chunks, Client, Limits, Messages, Negotiate, Server};

#[cfg(feature = "deflate")]
use wsproto::{DeflateOffer, WindowBits};

/// As many cases as fit into a second or two, unless more are asked for.
fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases: std::env::var("PROPTEST_CASES").map_or(cases, |it| it.parse().unwrap()),
        ..ProptestConfig::default()
    }
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => vec(select(vec!['a', '\u{e9}', '\u{20ac}', '\u{1f600}', '\0']), 0..12)
            .prop_map(String::from_iter),
        // Around the lengths where the header grows.
        1 => select(vec![124, 125, 126, 127, 65_535, 65_536]).prop_map(|len| "x".repeat(len)),
    ]
}

fn data() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        3 => vec(any::<u8>(), 0..40),
        1 => (select(vec![125, 126, 4095, 4096, 65_535, 65_536]), any::<u8>())
            .prop_map(|(len, byte)| vec![byte; len]),
    ]
}

fn control() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![4 => vec(any::<u8>(), 0..8), 1 => vec(any::<u8>(), 120..=125)]
}

fn code() -> impl Strategy<Value = u16> {
    prop_oneof![3 => 1000..1016u16, 1 => 3000..5001u16, 1 => any::<u16>()]
}

/// A frame as a peer may send it, or as it may not.
fn any_frame() -> impl Strategy<Value = Frame> {
    let close = (code(), vec(any::<char>(), 0..4)).prop_map(|(code, reason)| {
        let reason = String::from_iter(reason);
        [&code.to_be_bytes()[..], reason.as_bytes()].concat()
    });
    let length = select(vec![
        "7e 0001",
        "7e 007d",
        "7f 0000000000000001",
        "7f 8000000000000000",
    ]);
    prop_oneof![
        6 => (select(vec![0x81, 0x01, 0x00, 0x80]), text()).prop_map(|(first, it)| frame(first, it)),
        4 => (select(vec![0x82, 0x02, 0x00, 0x80]), data()).prop_map(|(first, it)| frame(first, it)),
        3 => (select(vec![0x89, 0x8a]), control()).prop_map(|(first, it)| frame(first, it)),
        2 => close.prop_map(|payload| frame(0x88, payload)),
        // Any first byte.
        1 => (any::<u8>(), vec(any::<u8>(), 0..130)).prop_map(|(first, it)| frame(first, it)),
        // A length that is not the payload's, or not in its shortest form.
        1 => (any::<u8>(), data(), length).prop_map(|(first, it, len)| frame(first, it).length(len)),
    ]
}

/// What is done to a stream on its way.
#[derive(Clone, Debug)]
enum Damage {
    Change(Index, u8),
    Insert(Index, u8),
    Remove(Index),
    CutOff(Index),
}

fn damage() -> impl Strategy<Value = Vec<Damage>> {
    let one = prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Damage::Change(at, byte)),
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Damage::Insert(at, byte)),
        any::<Index>().prop_map(Damage::Remove),
        any::<Index>().prop_map(Damage::CutOff),
    ];
    prop_oneof![1 => Just(Vec::new()), 1 => vec(one, 1..4)]
}

fn damaged(mut bytes: Vec<u8>, damage: &[Damage]) -> Vec<u8> {
    for damage in damage {
        let len = bytes.len();
        match damage {
            Damage::Insert(at, byte) => bytes.insert(at.index(len + 1), *byte),
            _ if len == 0 => {}
            Damage::Change(at, byte) => bytes[at.index(len)] ^= byte,
            Damage::Remove(at) => drop(bytes.remove(at.index(len))),
            Damage::CutOff(at) => bytes.truncate(at.index(len)),
        }
    }
    bytes
}

/// Sizes of the pieces that arrive, over and over.
fn sizes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![1 => Just(vec![1]), 4 => vec(0..=255u8, 1..6), 1 => vec(0..4u8, 1..4)]
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        2 => text().prop_map(Act::SendText),
        1 => data().prop_map(Act::SendBinary),
        1 => data().prop_map(Act::SendBytes),
        2 => control().prop_map(Act::Ping),
        1 => control().prop_map(Act::Pong),
        1 => Just(Act::StartText),
        1 => Just(Act::StartBinary),
        2 => text().prop_map(Act::Write),
        2 => text().prop_map(Act::Finish),
        6 => prop_oneof![4 => 0..20usize, 1 => Just(usize::MAX)].prop_map(Act::Carry),
        5 => (0..5usize).prop_map(Act::Listen),
        1 => Just(Act::Answer),
    ]
}

/// Acts of both ends, with a Close here and there.
fn talk() -> impl Strategy<Value = Vec<(bool, Act)>> {
    let close = prop_oneof![
        3 => (code(), "[a\u{e9}]{0,70}").prop_map(|(code, reason)| Act::Close(code, reason)),
        1 => Just(Act::CloseWithoutCode),
    ];
    vec((any::<bool>(), prop_oneof![30 => act(), 1 => close]), 0..60)
}

fn ending() -> impl Strategy<Value = Ending> {
    select(vec![
        Ending::ClientCloses,
        Ending::ServerCloses,
        Ending::Vanishes,
    ])
}

/// The end of a line, right or wrong.
fn line_end() -> impl Strategy<Value = &'static str> {
    let wrong = vec!["\n", "\r", "\n\r", "\r\r\n", "\r\n ", " \r\n", "\0\r\n"];
    prop_oneof![30 => Just("\r\n"), 1 => select(wrong)]
}

fn bounds() -> impl Strategy<Value = Bounds> {
    let large = Bounds::new(1 << 20, 1 << 20, 2 << 20, 1 << 17, 1024);
    let small = (0..200usize, 0..200usize, 0..300usize, 0..6u32, 0..4u16);
    let small = small.prop_map(|(a, b, c, d, e)| Bounds::new(a, b, c, d, e));
    prop_oneof![3 => Just(large), 1 => small]
}

/// Cuts are invisible: the same events, the same answers and the same error come out of any bytes,
/// however they arrive and are delivered. The end is final, memory bounded, output legal.
fn cuts<R: Side, N: Negotiate + Clone>(
    proposal: &N,
    bounds: Bounds,
    stream: &[u8],
    sizes: &[u8],
) -> Outcome {
    let pieces = cut(stream, sizes);
    cuts_are_invisible::<R, N>(proposal, bounds, stream, &[&pieces])
}

fn read_by_the_rfc<R: Side>(bounds: Bounds, stream: &[u8]) {
    let outcome = outcome::<R, (), Messages>(&(), bounds, Step::Receive, &[stream]);
    is_read_by_the_rfc::<R>(stream, bounds, &outcome);
}

proptest! {
    #![proptest_config(cases(250))]

    /// Cuts are invisible: of any frames, right or wrong, whole or damaged.
    #[test]
    fn cuts_are_invisible_in_any_stream(
        frames in vec(any_frame(), 0..8), damage in damage(), sizes in sizes(), bounds in bounds(),
    ) {
        let stream = damaged(Server::from_peer(&frames), &damage);
        cuts::<Server, _>(&(), bounds, &stream, &sizes);
        let stream = damaged(Client::from_peer(&frames), &damage);
        cuts::<Client, _>(&(), bounds, &stream, &sizes);
    }

    /// What is heard, and what is wrong, is what the RFC says: of any frames.
    #[test]
    fn any_stream_is_read_by_the_rfc(
        frames in vec(any_frame(), 0..12), damage in damage(), message in 0..400usize,
        is_small in any::<bool>(),
    ) {
        let message = if is_small { message } else { 1 << 20 };
        let bounds = Bounds::new(message, usize::MAX, usize::MAX, 1 << 17, 1024);
        read_by_the_rfc::<Server>(bounds, &damaged(Server::from_peer(&frames), &damage));
        read_by_the_rfc::<Client>(bounds, &damaged(Client::from_peer(&frames), &damage));
    }

    /// Cuts are invisible: of bytes of no meaning.
    #[test]
    fn cuts_are_invisible_in_noise(noise in vec(any::<u8>(), 0..300), sizes in sizes()) {
        let bounds = Bounds::new(4096, 4096, 8192, 100, 10);
        cuts::<Server, _>(&(), bounds, &noise, &sizes);
        cuts::<Client, _>(&(), bounds, &noise, &sizes);
    }

    /// What is sent is what is heard: whatever both ends do, in any order, over a wire that
    /// delays and cuts. Closing always ends, and output is always legal.
    #[test]
    fn what_is_sent_is_what_is_heard(talk in talk(), modes in 0..16u8, ending in ending()) {
        converse_in(modes, &(), &(), false, &talk, ending);
    }

    /// Cuts of a handshake are invisible, and nothing opens a connection that may not.
    #[test]
    fn cuts_are_invisible_in_handshakes(
        lines in vec(select(LINES.to_vec()), 0..6), damage in damage(), sizes in sizes(),
        small in any::<bool>(), ends in vec(line_end(), 13),
    ) {
        let limits = match small {
            true => Limits::default().head_bytes(250).head_headers(8),
            false => Limits::default(),
        };
        let head = |right: &[&str]| {
            let lines = [right, &lines[..], &["", "rest"]].concat();
            let head = lines.iter().zip(&ends).flat_map(|(line, end)| [*line, *end]);
            damaged(String::from_iter(head).into_bytes(), &damage)
        };
        let request = head(REQUEST);
        handshakes::server(&(), limits, &request, &[&cut(&request, &sizes)]);
        let answer = head(ANSWER);
        handshakes::client(&(), limits, &answer, &[&cut(&answer, &sizes)]);
        let refusal = head(&["HTTP/1.1 403 no"]);
        handshakes::client(&(), limits, &refusal, &[&cut(&refusal, &sizes)]);
    }

    /// A list of extensions is accepted if it is by the grammar, and seen as it is.
    #[test]
    fn extension_lists_are_seen_as_they_are(parts in vec(select(EXTENSIONS.to_vec()), 0..16)) {
        let value = parts.concat();
        extension_header::offer(value.as_bytes());
        extension_header::answer(value.as_bytes());
    }

    /// Every ping is answered, in order, as far as pongs find room; beyond that the newest is.
    #[test]
    fn pongs_answer_pings(
        pings in vec(control(), 0..30), limit in 0..5u16, drains in vec(any::<bool>(), 30),
        sizes in vec(1..200usize, 30),
    ) {
        pongs_answer::<Server>(&pings, limit, &drains, &sizes);
        pongs_answer::<Client>(&pings, limit, &drains, &sizes);
    }
}

/// The answers to `pings` are those and their order; with a limit, all as far as there is room,
/// and the newest.
fn pongs_answer<R: Side>(pings: &[Vec<u8>], limit: u16, drains: &[bool], sizes: &[usize]) {
    let limits = Limits::default().pending_pongs(limit);
    let mut end = Listener::<R, (), Messages>::new(R::of(shake((), (), limits)), Step::Receive);
    let room = usize::from(limit.max(1));
    // What is expected of the outbox: pongs that wait and how much of the first was taken; one
    // that found no room.
    let (mut waiting, mut owed) = (Vec::<Vec<u8>>::new(), None);
    let (mut sent, mut expected) = (Vec::new(), Vec::new());
    let mut taken = 0;
    let size = |payload: &Vec<u8>| payload.len() + if R::KEY.is_none() { 6 } else { 2 };
    for ((ping, drain), amount) in pings
        .iter()
        .zip(drains.iter().cycle())
        .zip(sizes.iter().cycle())
    {
        end.take_in(&R::from_peer(&[frame(0x89, ping)]));
        end.listen();
        if waiting.len() < room && owed.is_none() {
            waiting.push(ping.clone());
        } else {
            owed = Some(ping.clone());
        }
        if *drain {
            let bytes = end.outbox.bytes_to_send(Some(*amount));
            taken += bytes.len();
            sent.extend_from_slice(&bytes);
            while waiting.first().is_some_and(|first| size(first) <= taken) {
                let first = waiting.remove(0);
                taken -= size(&first);
                expected.push(first);
                waiting.extend(owed.take());
            }
        }
        assert_eq!(end.outbox.pending_pongs(), waiting.len(), "pongs that wait");
    }
    sent.extend(common::drain(&mut end.outbox));
    expected.extend(waiting);
    expected.extend(owed);
    let pongs = laws::legal::check::<R>(&sent, false);
    let expected: Vec<_> = expected.into_iter().map(|it| (0x8a, it)).collect();
    assert_eq!(pongs, expected, "the answers");
}

const LINES: &[&str] = &[
    "HTTP/1.1 101 Switching Protocols",
    "HTTP/1.1 100 ",
    "HTTP/1.1 403 no",
    "",
    "Host: a",
    "Host: b:80",
    "Upgrade: websocket",
    "upgrade: h2c, WebSocket",
    "Connection: Upgrade",
    "connection: keep-alive, upgrade",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Version: 8",
    handshakes::ACCEPT,
    "Sec-WebSocket-Protocol: chat",
    "Sec-WebSocket-Protocol: chat, superchat",
    "Sec-WebSocket-Extensions: foo; a=b",
    "Origin: https://a",
    "Content-Length: 4",
    "Content-Length: 0",
    "Transfer-Encoding: chunked",
    "4",
    "0",
    "Cookie: a=b",
];

/// What a request needs.
const REQUEST: &[&str] = &[
    "GET /chat HTTP/1.1",
    "Host: example.com",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13",
];

/// What an answer needs.
const ANSWER: &[&str] = &[
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    handshakes::ACCEPT,
];

const EXTENSIONS: &[&str] = &[
    "permessage-deflate",
    "server_no_context_takeover",
    "client_no_context_takeover",
    "server_max_window_bits",
    "client_max_window_bits",
    "a",
    ";",
    ";",
    ";",
    ",",
    "=",
    "=8",
    "=15",
    "=\"10\"",
    "=\"1\\0\"",
    "\"",
    "\\",
    " ",
    "\t",
    "0",
];

/// Memory is bounded by limits: of any input, over and over, no more is held than the limits and
/// one read allow, in either mode; [`outcome`] looks after each read.
fn memory_is_bounded<N: Negotiate + Clone>(proposal: &N, bounds: Bounds, stream: &[u8]) {
    let stream = stream.repeat(1 + (200 << 10) / stream.len().max(1));
    let stream = &stream[..stream.len().min(300 << 10)];
    let pieces: Vec<&[u8]> = stream.chunks(512).collect();
    outcome::<Server, N, Messages>(proposal, bounds, Step::Receive, &pieces);
    outcome::<Server, N, Chunks>(proposal, bounds, Step::HasEvent, &pieces);
}

proptest! {
    #![proptest_config(cases(40))]

    /// Memory is bounded by limits, for any input.
    #[test]
    fn memory_is_bounded_by_limits(
        frames in vec(any_frame(), 1..6), message in 0..70_000usize, pongs in 0..9u16,
    ) {
        let bounds = Bounds::new(message, message, message + 1000, 1 << 17, pongs);
        memory_is_bounded(&(), bounds, &Server::from_peer(&frames));
        // A message that never ends.
        let endless = Server::from_peer(&[frame(0x00, "a")]);
        let endless = [Server::from_peer(&[frame(0x01, "")]), endless.repeat(2000)].concat();
        memory_is_bounded(&(), bounds, &endless);
    }
}

/// The same laws where permessage-deflate was agreed.
#[cfg(feature = "deflate")]
mod deflate {
    use super::*;
    use laws::conversation::speech;
    use laws::deflate::{decodes_alike, round_trip};

    fn offer() -> impl Strategy<Value = DeflateOffer> {
        let bits = || (8..=15u8).prop_map(|bits| WindowBits::new(bits).unwrap());
        let flags = (any::<bool>(), any::<bool>(), any::<bool>());
        (bits(), bits(), flags, 0..=9u8).prop_map(|(server, client, (one, two, all), level)| {
            let mut offer = DeflateOffer::default()
                .server_max_window_bits(server)
                .client_max_window_bits(client)
                .level(level);
            if one {
                offer = offer.server_no_context_takeover();
            }
            if two {
                offer = offer.client_no_context_takeover();
            }
            if all { offer.threshold(0) } else { offer }
        })
    }

    proptest! {
        #![proptest_config(cases(100))]

        /// Cuts are invisible: of what a peer says in compressed messages, damaged or not.
        #[test]
        fn cuts_are_invisible_in_compressed_messages(
            acts in vec(act(), 1..10), damage in damage(), sizes in sizes(), bounds in bounds(),
            offer in offer(),
        ) {
            let stream = damaged(speech::<Client, _>(&offer, &acts), &damage);
            cuts::<Server, _>(&offer, bounds, &stream, &sizes);
            let stream = damaged(speech::<Server, _>(&offer, &acts), &damage);
            cuts::<Client, _>(&offer, bounds, &stream, &sizes);
        }

        /// What is sent is what is heard, closing always ends and output is always legal, with
        /// whatever was agreed.
        #[test]
        fn what_is_sent_is_what_is_heard(
            talk in talk(), modes in 0..16u8, ending in ending(), client in offer(),
            server in offer(),
        ) {
            converse_in(modes, &client, &server, true, &talk, ending);
        }

        /// A payload decodes alike in any cut and any frames, to what RFC 1951 says.
        #[test]
        fn payloads_decode_alike(
            text in text(), damage in damage(), sizes in sizes(), bounds in bounds(),
        ) {
            let mut sender = common::deflate::Bits::new();
            sender = sender.fixed_block(false, text.as_bytes()).stored(false, text.as_bytes());
            let payload = damaged(sender.message(), &damage);
            decodes_alike(bounds, &payload, &sizes);
        }

        /// What is compressed is what is heard, by every way of sending.
        #[test]
        fn what_is_compressed_is_what_is_heard(program in vec(any::<u8>(), 6..80)) {
            round_trip(&program);
        }
    }

    /// Memory is bounded by limits, for input that decodes to far more than it is.
    #[test]
    fn memory_is_bounded_where_little_decodes_to_much() {
        let acts = [
            Act::SendBinary(vec![0; 1 << 20]),
            Act::SendText("x".repeat(1 << 20)),
        ];
        let offer = DeflateOffer::default();
        let stream = speech::<Client, _>(&offer, &acts);
        for message in [0, 1, 1000, 100_000, (1 << 20) - 1, 1 << 20] {
            let bounds = Bounds::new(message, 1 << 20, 1 << 20, 1 << 17, 1);
            memory_is_bounded(&offer, bounds, &stream);
        }
    }
}
