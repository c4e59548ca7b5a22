//! What always holds, on inputs that are made up and then made as small as they can be.
//!
//! Each property is a law by name; the laws are in `tests/laws`, which the fuzz targets share.
//! `PROPTEST_CASES=10000 cargo test --all-features --test properties` looks longer. What fails is
//! written to `properties.regressions`, which is kept: each run begins with it.

mod common;
mod laws;
// By its path, as a user's code: these laws hold without the feature `proptest` too.
#[path = "../src/strategies/mod.rs"]
#[allow(dead_code, unused_imports, unreachable_pub)] // Each caller uses its part.
mod strategies;

use common::{End, Step, frame};
use laws::conversation::{Course, Ending, Errs, an_error_is_final, converse};
use laws::erased::{
    Happens, a_request_is_heard_as_the_typed_one, an_answer_is_heard_as_the_typed_one,
    the_erased_is_the_typed,
};
use laws::handshakes::Heads;
use laws::listener::{Listener, Side, shake};
use laws::receiving::{Bounds, cuts_are_invisible, outcome};
use laws::reference::is_read_by_the_rfc;
use laws::split::{self, Pays, halves_are_the_whole};
use laws::talker::Act;
use laws::{extension_header, handshakes};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::FileFailurePersistence;
use strategies::{
    Cuts, Message, binary, broken_speech, close_code, close_reason, control_payload, cuts, damaged,
    hostile_bytes, message, text,
};
use wsproto::{
    Chunks, Client, CloseCode, CloseReason, CloseStatus, Closed, ControlPayload, Delivery,
    Established, Event, Inbox, Limits, Messages, Negotiate, Opcode, Open, Outbox, Role, Server,
    Violation, events,
};

#[cfg(feature = "deflate")]
use wsproto::{DeflateOffer, WindowBits};

/// As many cases as fit into a second or two, unless more are asked for.
fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases: std::env::var("PROPTEST_CASES").map_or(cases, |it| it.parse().unwrap()),
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        ..ProptestConfig::default()
    }
}

fn control() -> impl Strategy<Value = Vec<u8>> {
    control_payload().prop_map(|payload| payload.to_vec())
}

/// Bytes, also as many as are not copied on their way.
fn data() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![9 => binary(), 1 => vec(0..2u8, 4095..4098)]
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
    vec(
        (any::<bool>(), prop_oneof![30 => act(), 1 => close()]),
        0..60,
    )
}

fn close() -> impl Strategy<Value = Act> {
    let close = (close_code(), close_reason());
    prop_oneof![
        3 => close.prop_map(|(code, reason)| Act::Close(code.get(), reason.into_string())),
        1 => Just(Act::CloseWithoutCode),
    ]
}

/// What may happen on the way from a Close to the end, with more that is said and lost.
fn schedule() -> impl Strategy<Value = Vec<(bool, Act)>> {
    let act = prop_oneof![
        4 => prop_oneof![(1..20usize), (1..5000usize)].prop_map(Act::Carry),
        3 => (1..4usize).prop_map(Act::Listen),
        1 => Just(Act::Answer),
        1 => act(),
        1 => close(),
    ];
    vec((any::<bool>(), act), 0..40)
}

/// What one end does that may be split, with what arrives and what is owed in between.
fn steps() -> impl Strategy<Value = Vec<split::Step>> {
    use split::Step::{Act, Join, Look, Pay, Send, Split};
    let step = prop_oneof![
        20 => act().prop_map(Act),
        1 => close().prop_map(Act),
        4 => Just(Look),
        2 => (1..200usize).prop_map(Send),
        4 => (0..3usize).prop_map(Pay),
        3 => Just(Split),
        3 => Just(Join),
    ];
    vec(step, 0..60).prop_map(|steps| [vec![Split], steps].concat())
}

fn pays() -> impl Strategy<Value = Pays> {
    select(&[Pays::AtOnce, Pays::Later][..])
}

/// What a peer says that is of no harm, or whatever arrives.
fn arriving<R: Side>() -> impl Strategy<Value = Vec<u8>> {
    let legal = strategies::speech::<R::Peer>(message());
    prop_oneof![3 => legal.prop_map(|speech| speech.bytes().to_vec()), 1 => stream::<R>()]
}

/// Limits that are soon reached, in conversations.
fn tight() -> impl Strategy<Value = Limits> {
    (0..40usize, 1..6u32).prop_map(|(message, fragments)| {
        Limits::default()
            .message_payload(message)
            .fragments(fragments)
    })
}

fn step() -> impl Strategy<Value = Step> {
    select(&[Step::Receive, Step::HasEvent][..])
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
    let wrong: &[&str] = &["\n", "\r", "\n\r", "\r\r\n", "\r\n ", " \r\n", "\0\r\n"];
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
fn cut_anyhow<R: Side, N: Negotiate + Clone>(
    proposal: &N,
    bounds: Bounds,
    stream: &[u8],
    cuts: &Cuts,
) {
    // A read may also give nothing.
    let pieces = cuts.pieces(stream).flat_map(|piece| [&[], piece]);
    cuts_are_invisible::<R, N>(proposal, bounds, stream, &[&pieces.collect::<Vec<_>>()]);
}

/// What arrives at an end of role `R`: anything, or legal up to what is wrong.
fn stream<R: Side>() -> impl Strategy<Value = Vec<u8>> {
    let wrong = broken_speech::<R::Peer>(message());
    prop_oneof![
        hostile_bytes::<R::Peer>(),
        wrong.prop_map(|speech| speech.bytes().to_vec()),
    ]
}

fn read_by_the_rfc<R: Side>(bounds: Bounds, stream: &[u8]) {
    let outcome = outcome::<R, (), Messages>(&(), bounds, Step::Receive, &[stream]);
    is_read_by_the_rfc::<R>(stream, bounds, &outcome);
}

proptest! {
    #![proptest_config(cases(600))]

    /// What is heard, and what is wrong, is what the RFC says: of any frames.
    #[test]
    fn any_stream_is_read_by_the_rfc(
        message in 0..400usize, is_small in any::<bool>(), to_server in stream::<Server>(),
        to_client in stream::<Client>(),
    ) {
        let message = if is_small { message } else { 1 << 20 };
        let bounds = Bounds::new(message, usize::MAX, usize::MAX, 1 << 17, 1024);
        read_by_the_rfc::<Server>(bounds, &to_server);
        read_by_the_rfc::<Client>(bounds, &to_client);
    }
}

/// What an erased connection is told to send: what is legal somewhere, and what is not.
fn event() -> impl Strategy<Value = events::Event> {
    let close = (close_code(), close_reason()).prop_map(|(code, reason)| {
        let code = code.into();
        events::CloseConnection { code, reason }
    });
    let silent = events::CloseConnection {
        code: CloseStatus::NONE,
        reason: CloseReason::default(),
    };
    let text = (text(), any::<bool>()).prop_map(|(data, message_finished)| events::TextMessage {
        message_finished,
        ..events::TextMessage::from(data)
    });
    let bytes = (data(), any::<bool>()).prop_map(|(data, message_finished)| events::BytesMessage {
        message_finished,
        ..events::BytesMessage::from(&data[..])
    });
    prop_oneof![
        6 => text.prop_map_into(),
        6 => bytes.prop_map_into(),
        2 => control_payload().prop_map(|it| events::Ping::from(it).into()),
        2 => control_payload().prop_map(|it| events::Pong::from(it).into()),
        1 => close.prop_map_into(),
        1 => Just(silent.into()),
        1 => Just(events::AcceptConnection::default().into()),
        1 => Just(events::RejectConnection::default().into()),
    ]
}

/// A stream that arrives in pieces, with acts in between, and the end of the transport somewhere.
fn happens(stream: impl Strategy<Value = Vec<u8>>) -> impl Strategy<Value = Vec<Happens>> {
    let between = vec(
        prop_oneof![9 => event().prop_map(Happens::Sends), 1 => Just(Happens::Ends)],
        0..3,
    );
    (cuts(), stream, vec(between, 1..8)).prop_map(|(cuts, stream, between)| {
        let mut happens = Vec::new();
        let mut between = between.into_iter();
        for piece in cuts.pieces(&stream) {
            happens.push(Happens::Arrives(piece.to_vec()));
            happens.extend(between.next().into_iter().flatten());
        }
        happens.extend(between.flatten());
        happens
    })
}

proptest! {
    #![proptest_config(cases(250))]

    /// The erased connection is the typed one, whatever arrives and whatever is sent.
    #[test]
    fn the_erased_connection_is_the_typed_one(
        server in happens(stream::<Server>()), client in happens(stream::<Client>()),
        limits in prop_oneof![3 => Just(Limits::default()), 1 => tight()],
    ) {
        the_erased_is_the_typed::<Server, (), Messages>(&(), limits, &server);
        the_erased_is_the_typed::<Server, (), Chunks>(&(), limits, &server);
        the_erased_is_the_typed::<Client, (), Messages>(&(), limits, &client);
        the_erased_is_the_typed::<Client, (), Chunks>(&(), limits, &client);
    }

    /// The handshakes of the erased connection are the typed ones.
    #[test]
    fn handshakes_of_the_erased_connection_are_the_typed_ones(
        cuts in cuts(), small in any::<bool>(), heads in heads(select(LINES)),
    ) {
        let limits = match small {
            true => Limits::default().head_bytes(250).head_headers(8),
            false => Limits::default(),
        };
        let cut = |head| cuts.pieces(head).collect::<Vec<_>>();
        a_request_is_heard_as_the_typed_one(limits, &cut(&heads.0));
        an_answer_is_heard_as_the_typed_one(limits, &cut(&heads.1));
        an_answer_is_heard_as_the_typed_one(limits, &cut(&heads.2));
    }

    /// Cuts are invisible: of any frames, right or wrong, whole or damaged.
    #[test]
    fn cuts_are_invisible_in_any_stream(
        cuts in cuts(), bounds in bounds(), to_server in stream::<Server>(),
        to_client in stream::<Client>(),
    ) {
        cut_anyhow::<Server, _>(&(), bounds, &to_server, &cuts);
        cut_anyhow::<Client, _>(&(), bounds, &to_client, &cuts);
    }

    /// Cuts are invisible: of bytes of no meaning, behind a first one that has some.
    #[test]
    fn cuts_are_invisible_in_noise(
        cuts in cuts(), first in select(&[0x81, 0x01, 0x82, 0x02, 0x88, 0x89, 0x8a][..]),
        noise in vec(any::<u8>(), 0..300),
    ) {
        let bounds = Bounds::new(4096, 4096, 8192, 100, 10);
        let noise = [&[first], &noise[..]].concat();
        cut_anyhow::<Server, _>(&(), bounds, &noise, &cuts);
        cut_anyhow::<Client, _>(&(), bounds, &noise, &cuts);
    }

    /// What is sent is what is heard: whatever both ends do, in any order, over a wire that
    /// delays and cuts. Closing always ends, and output is always legal.
    #[test]
    fn what_is_sent_is_what_is_heard(talk in talk(), modes in 0..16u8, ending in ending()) {
        converse(&(), &(), Course { modes, limits: None, deflate: false, acts: &talk, ending });
    }

    /// Closing always ends: from any reachable state and under every schedule both ends reach
    /// `Closed` and agree on clean or not, also where one fails the other.
    #[test]
    fn closing_always_ends(
        talk in talk(), close in close(), client in any::<bool>(), schedule in schedule(),
        modes in 0..16u8, limits in proptest::option::of(tight()), ending in ending(),
    ) {
        let acts = [&talk[..], &[(client, close)], &schedule].concat();
        converse(&(), &(), Course { modes, limits, deflate: false, acts: &acts, ending });
    }

    /// An error is final: once the peer is wrong, nothing is heard, nothing is answered and the
    /// same error is given, whatever is done and in whatever phase.
    #[test]
    fn an_error_is_final_in_every_phase(
        before in vec(prop_oneof![8 => act(), 1 => close()], 0..4),
        after in vec(prop_oneof![8 => act(), 1 => close()], 0..8), step in step(),
        to_server in broken_speech::<Client>(message()),
        to_client in broken_speech::<Server>(message()),
    ) {
        let errs = Errs { step, deflate: false, before: &before, after: &after };
        an_error_is_final::<Server, (), Messages>(&(), errs, to_server.bytes());
        an_error_is_final::<Server, (), Chunks>(&(), errs, to_server.bytes());
        an_error_is_final::<Client, (), Messages>(&(), errs, to_client.bytes());
        an_error_is_final::<Client, (), Chunks>(&(), errs, to_client.bytes());
    }

    /// Halves are the whole: a connection that is split hears and says what one that is not does,
    /// for any input and in any phase.
    #[test]
    fn halves_are_the_whole_of_any_stream(
        steps in steps(), pays in pays(), pongs in 0..4u16, to_server in arriving::<Server>(),
        to_client in arriving::<Client>(),
    ) {
        let limits = match pays {
            Pays::AtOnce => Limits::default().pending_pongs(pongs),
            // Which pongs find room is a matter of time.
            Pays::Later => Limits::default(),
        };
        halves_are_the_whole::<Server, (), Messages>(&(), limits, false, pays, &to_server, &steps);
        halves_are_the_whole::<Server, (), Chunks>(&(), limits, false, pays, &to_server, &steps);
        halves_are_the_whole::<Client, (), Messages>(&(), limits, false, pays, &to_client, &steps);
        halves_are_the_whole::<Client, (), Chunks>(&(), limits, false, pays, &to_client, &steps);
    }

    /// Cuts of a handshake are invisible, nothing opens a connection that may not, and what is
    /// kept of a head is bounded.
    #[test]
    fn cuts_are_invisible_in_handshakes(
        cuts in cuts(), small in any::<bool>(), heads in heads(select(LINES)),
    ) {
        handshakes_are_cut(&(), small, &heads, &cuts);
    }

    /// A list of extensions is accepted if it is by the grammar, and seen as it is.
    #[test]
    fn extension_lists_are_seen_as_they_are(value in extension_list()) {
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

/// A request, an answer and a refusal, with more lines in their heads, right or wrong.
fn heads(
    lines: impl Strategy<Value = &'static str> + 'static,
) -> impl Strategy<Value = (Vec<u8>, Vec<u8>, Vec<u8>)> {
    let head = |right: &'static [&str]| {
        move |(lines, ends): &(Vec<&str>, Vec<&str>)| {
            let lines = [right, lines, &["", "rest"]].concat();
            let head = lines.iter().zip(ends).flat_map(|(line, end)| [*line, *end]);
            String::from_iter(head).into_bytes()
        }
    };
    let lines = (vec(lines, 0..6), vec(line_end(), 13)).boxed();
    (
        damaged(lines.clone().prop_map(move |lines| head(REQUEST)(&lines))),
        damaged(lines.clone().prop_map(move |lines| head(ANSWER)(&lines))),
        damaged(lines.prop_map(move |lines| head(&["HTTP/1.1 403 no"])(&lines))),
    )
}

/// Both handshakes, and a refusal.
fn handshakes_are_cut<N: Negotiate + Clone>(
    proposal: &N,
    small: bool,
    (request, answer, refusal): &(Vec<u8>, Vec<u8>, Vec<u8>),
    cuts: &Cuts,
) {
    let limits = match small {
        true => Heads::new(250, 8),
        false => Heads::default(),
    };
    let cut = |head| cuts.pieces(head).collect::<Vec<_>>();
    handshakes::server(proposal, limits, request, &[&cut(request)]);
    handshakes::client(proposal, limits, answer, &[&cut(answer)]);
    handshakes::client(proposal, limits, refusal, &[&cut(refusal)]);
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

/// Elements by the grammar or nearly, with what may stand between them and what may not.
fn extension_list() -> impl Strategy<Value = String> {
    let parameter = "(server|client)_(max_window_bits|no_context_takeover)|a";
    let value = r#"(|=8|=15|="10"|="1\\0")"#;
    let element = format!("(permessage-deflate|a)( ?;[ \t]?({parameter}){value}){{0,3}}");
    let element = proptest::string::string_regex(&element).unwrap();
    let stray = select(&[";", "=", "=8", "\"", "\"\"", "\\", " ", "0", "=\"a b\""][..]);
    let between = select(&[",", ", ", " ,\t", ",,", ", ,", ";", " "][..]);
    let part = prop_oneof![9 => element, 1 => stray.prop_map(String::from)];
    vec((part, between), 0..5).prop_map(|parts| {
        let parts = parts.into_iter().map(|(part, between)| part + between);
        String::from_iter(parts)
    })
}

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

/// Limits that refuse much, and that let all pass that the frames here announce.
fn message_limit() -> impl Strategy<Value = usize> {
    prop_oneof![0..300usize, 0..70_000usize, Just(70_000)]
}

/// What arrives at an end of role `R`: anything, or legal messages of which some are large.
fn long_stream<R: Side>() -> impl Strategy<Value = Vec<u8>> {
    let large = (any::<bool>(), 1000..70_000usize).prop_map(|(is_text, len)| match is_text {
        true => Message::from("x".repeat(len)),
        false => Message::from(vec![b'x'; len]),
    });
    let legal = strategies::speech::<R::Peer>(prop_oneof![message(), large]);
    prop_oneof![
        hostile_bytes::<R::Peer>(),
        legal.prop_map(|speech| speech.bytes().to_vec()),
    ]
}

/// Memory is bounded by limits: of any input, over and over, no more is held than the limits and
/// one read allow, in either mode; [`outcome`] looks after each read.
fn memory_is_bounded<R: Side, N: Negotiate + Clone>(proposal: &N, bounds: Bounds, stream: &[u8]) {
    let stream = stream.repeat(1 + (200 << 10) / stream.len().max(1));
    let stream = &stream[..stream.len().min(300 << 10)];
    let pieces: Vec<&[u8]> = stream.chunks(512).collect();
    outcome::<R, N, Messages>(proposal, bounds, Step::Receive, &pieces);
    outcome::<R, N, Chunks>(proposal, bounds, Step::HasEvent, &pieces);
}

proptest! {
    #![proptest_config(cases(40))]

    /// Memory is bounded by limits, for any input.
    #[test]
    fn memory_is_bounded_by_limits(
        message in message_limit(), pongs in 0..9u16, to_server in long_stream::<Server>(),
        to_client in long_stream::<Client>(),
    ) {
        let bounds = Bounds::new(message, message, message + 1000, 1 << 17, pongs);
        memory_is_bounded::<Server, _>(&(), bounds, &to_server);
        memory_is_bounded::<Client, _>(&(), bounds, &to_client);
        // A message that never ends.
        let endless = Server::from_peer(&[frame(0x00, "a")]);
        let endless = [Server::from_peer(&[frame(0x01, "")]), endless.repeat(2000)].concat();
        memory_is_bounded::<Server, _>(&(), bounds, &endless);
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
            cuts in cuts(), bounds in bounds(), (offer, to_server, to_client) in compressed(),
        ) {
            cut_anyhow::<Server, _>(&offer, bounds, &to_server, &cuts);
            cut_anyhow::<Client, _>(&offer, bounds, &to_client, &cuts);
        }

        /// What is sent is what is heard, closing always ends and output is always legal, with
        /// whatever was agreed.
        #[test]
        fn what_is_sent_is_what_is_heard(
            talk in talk(), modes in 0..16u8, ending in ending(), client in offer(),
            server in offer(),
        ) {
            let course = Course { modes, limits: None, deflate: true, acts: &talk, ending };
            converse(&client, &server, course);
        }

        /// Closing always ends, with whatever was agreed, also where one fails the other.
        #[test]
        fn closing_always_ends(
            talk in talk(), close in close(), is_client in any::<bool>(), schedule in schedule(),
            modes in 0..16u8, limits in proptest::option::of(tight()), ending in ending(),
            client in offer(), server in offer(),
        ) {
            let acts = [&talk[..], &[(is_client, close)], &schedule].concat();
            let course = Course { modes, limits, deflate: true, acts: &acts, ending };
            converse(&client, &server, course);
        }

        /// An error is final, of compressed messages.
        #[test]
        fn an_error_is_final_in_every_phase(
            before in vec(act(), 0..3), after in vec(prop_oneof![8 => act(), 1 => close()], 0..8),
            step in step(), offer in offer(), to_server in any_compressed::<Server>(),
            to_client in any_compressed::<Client>(),
        ) {
            let errs = Errs { step, deflate: true, before: &before, after: &after };
            an_error_is_final::<Server, _, Messages>(&offer, errs, &to_server);
            an_error_is_final::<Client, _, Chunks>(&offer, errs, &to_client);
        }

        /// Cuts are invisible: of any frames, right or wrong, compressed or not.
        #[test]
        fn cuts_are_invisible_in_any_stream(
            cuts in cuts(), bounds in bounds(), offer in offer(),
            to_server in any_compressed::<Server>(), to_client in any_compressed::<Client>(),
        ) {
            cut_anyhow::<Server, _>(&offer, bounds, &to_server, &cuts);
            cut_anyhow::<Client, _>(&offer, bounds, &to_client, &cuts);
        }

        /// Cuts of a handshake are invisible, where an extension is offered and answered.
        #[test]
        fn cuts_are_invisible_in_handshakes(
            cuts in cuts(), offer in offer(), heads in heads(prop_oneof![select(LINES), select(DEFLATE)]),
        ) {
            handshakes_are_cut(&offer, false, &heads, &cuts);
        }

        /// Halves are the whole, with whatever was agreed.
        #[test]
        fn halves_are_the_whole_of_any_stream(
            steps in steps(), pays in pays(), (offer, to_server, to_client) in compressed(),
        ) {
            let limits = Limits::default();
            halves_are_the_whole::<Server, _, Messages>(&offer, limits, true, pays, &to_server, &steps);
            halves_are_the_whole::<Server, _, Chunks>(&offer, limits, true, pays, &to_server, &steps);
            halves_are_the_whole::<Client, _, Messages>(&offer, limits, true, pays, &to_client, &steps);
            halves_are_the_whole::<Client, _, Chunks>(&offer, limits, true, pays, &to_client, &steps);
        }

        /// A payload decodes alike in any cut and any frames, to what RFC 1951 says.
        #[test]
        fn payloads_decode_alike(
            sizes in vec(0..=255u8, 0..5), bounds in bounds(), payload in damaged(payload()),
        ) {
            decodes_alike(bounds, &payload, &sizes);
        }

        /// What is compressed is what is heard, by every way of sending.
        #[test]
        fn what_is_compressed_is_what_is_heard(
            offers in offers(), messages in vec((0..16u8, words()), 1..10),
        ) {
            let messages = messages.iter().flat_map(|(act, message)| {
                [&[*act][..], message].concat()
            });
            round_trip(&[offers, messages.collect()].concat());
        }
    }

    /// What an end says that has agreed to all, damaged or not.
    fn said<R: Side>() -> impl Strategy<Value = Vec<u8>> {
        let acts = vec(act(), 1..10);
        damaged(acts.prop_map(|acts| speech::<R, _>(&DeflateOffer::default(), &acts)))
    }

    proptest! {
        #![proptest_config(cases(60))]

        /// The erased connection is the typed one, with compression, and through a registry.
        #[test]
        fn the_erased_connection_is_the_typed_one(
            server in happens(said::<Client>()), client in happens(said::<Server>()),
        ) {
            let (limits, offer) = (Limits::default(), DeflateOffer::default());
            the_erased_is_the_typed::<Server, _, Messages>(&offer, limits, &server);
            the_erased_is_the_typed::<Client, _, Chunks>(&offer, limits, &client);
            let registry = wsproto::Registry::supported();
            the_erased_is_the_typed::<Server, _, Chunks>(&registry, limits, &server);
            the_erased_is_the_typed::<Client, _, Messages>(&registry, limits, &client);
        }
    }

    const DEFLATE: &[&str] = &[
        "Sec-WebSocket-Extensions: permessage-deflate",
        "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
        "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=9, permessage-deflate",
        "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover",
        "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=16",
    ];

    /// What both ends say who have agreed on an offer, damaged or not.
    fn compressed() -> impl Strategy<Value = (DeflateOffer, Vec<u8>, Vec<u8>)> {
        (offer(), vec(act(), 1..10)).prop_flat_map(|(offer, acts)| {
            let to_server = damaged(Just(speech::<Client, _>(&offer, &acts)));
            let to_client = damaged(Just(speech::<Server, _>(&offer, &acts)));
            (Just(offer), to_server, to_client)
        })
    }

    /// The payload of a compressed message.
    fn payload() -> impl Strategy<Value = Vec<u8>> {
        (text(), text()).prop_map(|(fixed, stored)| {
            let bits = common::deflate::Bits::new().fixed_block(false, fixed.as_bytes());
            bits.stored(false, stored.as_bytes()).message()
        })
    }

    /// Frames of compressed messages to an end of role `R`, and others.
    fn any_compressed<R: Side>() -> impl Strategy<Value = Vec<u8>> {
        let first = select(&[0xc1, 0xc2, 0x41, 0x42, 0x00, 0x80][..]);
        let compressed = (first, damaged(payload()))
            .prop_map(|(first, payload)| frame(first, payload).bytes(R::KEY));
        let other = strategies::frame().prop_map(|frame| frame.to_bytes::<R::Peer>());
        let frames = vec(prop_oneof![2 => compressed, 1 => other], 0..6);
        prop_oneof![5 => damaged(frames.prop_map(|it| it.concat())), 1 => hostile_bytes::<R::Peer>()]
    }

    /// Three offers as [`round_trip`] reads them. Many refuse nothing, so that there is a context.
    fn offers() -> impl Strategy<Value = Vec<u8>> {
        let plain = vec![0x64, 0xff, 0x64, 0xff, 0x64, 0x00];
        prop_oneof![1 => Just(plain), 1 => vec(any::<u8>(), 6)]
    }

    /// A message as [`round_trip`] reads it: words that come again in others.
    fn words() -> impl Strategy<Value = Vec<u8>> {
        let words = select(vec![
            "words that come again",
            "again words",
            "and others, as they come",
        ]);
        (words, 0..60u8)
            .prop_map(|(words, times)| [&[words.len() as u8, 0, times], words.as_bytes()].concat())
    }

    proptest! {
        #![proptest_config(cases(20))]

        /// Memory is bounded by limits, for any compressed input.
        #[test]
        fn memory_is_bounded_by_limits(
            message in message_limit(), pongs in 0..9u16, offer in offer(),
            to_server in any_compressed::<Server>(), to_client in any_compressed::<Client>(),
        ) {
            let bounds = Bounds::new(message, message + 1000, message + 1000, 1 << 17, pongs);
            memory_is_bounded::<Server, _>(&offer, bounds, &to_server);
            memory_is_bounded::<Client, _>(&offer, bounds, &to_client);
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
            memory_is_bounded::<Server, _>(&offer, bounds, &stream);
        }
    }
}
