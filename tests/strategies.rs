//! The public strategies are what they say: legal where they are to be, wrong in the way they say,
//! of every kind, and small where they find something.
//!
//! The folder `src/strategies` is compiled here by its path, as a user's code, so that these tests
//! need no feature.

mod common;
mod laws;
#[path = "../src/strategies/mod.rs"]
#[allow(dead_code, unused_imports, unreachable_pub)] // Each caller uses its part.
mod strategies;

use std::collections::BTreeSet;
use std::fmt::Debug;

use common::End as Role_;
use laws::legal;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{TestError, TestRng, TestRunner};
use strategies::*;
use wsproto::{
    Client, CloseCode, CloseReason, CloseStatus, Closed, ControlPayload, Delivery, Established,
    Event, Inbox, Limits, Negotiate, Opcode, Open, Outbox, Role, Server, Violation,
};

/// What an end hears of `pieces`, and what it finds wrong.
fn hear<R: Role_>(pieces: &[&[u8]]) -> (Vec<Heard>, Option<Violation>) {
    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    let (mut open, mut heard) = (R::open(Limits::default()), Vec::new());
    for piece in pieces {
        inbox.extend(piece);
        loop {
            match open.receive(&mut inbox, &mut outbox) {
                Ok(Some(event)) => heard.push((&event).into()),
                Ok(None) => break,
                Err(violation) => return (heard, Some(violation)),
            }
        }
    }
    (heard, None)
}

proptest! {
    /// A speech is legal, and is heard as it says.
    #[test]
    fn a_speech_is_legal_and_heard(
        of_client in speech::<Client>(message()), of_server in speech::<Server>(message()),
    ) {
        legal::check::<Client>(of_client.bytes(), false);
        prop_assert_eq!(hear::<Server>(&[of_client.bytes()]), (of_client.heard(), None));
        legal::check::<Server>(of_server.bytes(), false);
        prop_assert_eq!(hear::<Client>(&[of_server.bytes()]), (of_server.heard(), None));
    }

    /// A broken speech is heard up to what is wrong, which is what it says.
    #[test]
    fn a_broken_speech_is_wrong_as_it_says(
        of_client in broken_speech::<Client>(message()),
        of_server in broken_speech::<Server>(message()), cuts in cuts(),
    ) {
        let pieces: Vec<_> = cuts.pieces(of_client.bytes()).collect();
        let expected = (of_client.heard(), of_client.violation());
        prop_assert!(of_client.violation().is_some());
        prop_assert_eq!(hear::<Server>(&pieces), expected);
        let expected = (of_server.heard(), of_server.violation());
        prop_assert_eq!(hear::<Client>(&[of_server.bytes()]), expected);
    }

    /// Fragments are the message, and nothing but pings and pongs is between them.
    #[test]
    fn fragments_are_the_message((message, frames) in message_in_fragments()) {
        let data = frames.iter().filter(|frame| !frame.opcode.is_control());
        let whole: Vec<u8> = data.flat_map(|frame| frame.payload.clone()).collect();
        prop_assert_eq!(whole, message.as_bytes());
        prop_assert!(frames.last().unwrap().fin && !frames.last().unwrap().opcode.is_control());
        prop_assert!(frames.iter().all(|frame| frame.opcode != Opcode::Close));
    }

    /// Cuts lose nothing, and give no piece of nothing.
    #[test]
    fn cuts_lose_nothing(bytes in binary(), cuts in cuts()) {
        let pieces: Vec<_> = cuts.pieces(&bytes).collect();
        prop_assert!(pieces.iter().all(|piece| !piece.is_empty()));
        prop_assert_eq!(pieces.concat(), bytes);
    }

    /// Two plain ends hear what a conversation says, end if it does, and agree that it was clean.
    #[test]
    fn a_conversation_is_heard(conversation in conversation(message())) {
        let (mut client, mut server) = (End::<Client>::default(), End::<Server>::default());
        conversation.run(&mut client, &mut server);
        prop_assert_eq!(client.heard(), conversation.client_hears());
        prop_assert_eq!(server.heard(), conversation.server_hears());
        let closes = matches!(client.heard().last(), Some(Heard::Close(..)));
        prop_assert_eq!(client.closed().map(Closed::is_clean), closes.then_some(true));
        prop_assert_eq!(server.closed().map(Closed::is_clean), closes.then_some(true));
        let pings = |heard: &[Heard]| -> Vec<_> {
            let ping = |heard: &Heard| match heard {
                Heard::Ping(payload) => Some(payload.clone()),
                _ => None,
            };
            heard.iter().filter_map(ping).collect()
        };
        // A pong that comes after a Close is not heard.
        prop_assert!(pings(server.heard()).starts_with(client.pongs()));
        prop_assert!(pings(client.heard()).starts_with(server.pongs()));
        prop_assert!(closes || pings(server.heard()) == client.pongs());
    }
}

fn message_in_fragments() -> impl Strategy<Value = (Message, Vec<Frame>)> {
    message().prop_flat_map(|message| (Just(message.clone()), fragments(Just(message))))
}

/// What came up in many values of `strategy`.
fn seen<S: Strategy, T: Ord>(strategy: S, kinds: impl Fn(S::Value) -> Vec<T>) -> BTreeSet<T> {
    let mut runner = TestRunner::deterministic();
    let value = |_| strategy.new_tree(&mut runner).unwrap().current();
    (0..2000).map(value).flat_map(kinds).collect()
}

#[test]
fn every_violation_that_needs_no_limit_comes() {
    let kind = |frame: BrokenFrame| vec![frame.violation().to_string()];
    let all = [
        Violation::ReservedOpcode,
        Violation::ReservedBit,
        Violation::Unmasked,
        Violation::FragmentedControl,
        Violation::OversizedControl,
        Violation::NonMinimalLength,
        Violation::LengthTopBit,
        Violation::UnexpectedContinuation,
        Violation::UnfinishedMessage,
        Violation::InvalidUtf8,
        Violation::TruncatedCloseCode,
        Violation::ReservedCloseCode,
        Violation::InvalidCloseReason,
    ];
    let mut all = BTreeSet::from(all.map(|it| it.to_string()));
    assert_eq!(seen(broken_frame::<Client>(), kind), all);
    all.remove(Violation::Unmasked.as_str());
    all.insert(Violation::Masked.to_string());
    assert_eq!(seen(broken_frame::<Server>(), kind), all);
}

#[test]
fn both_sides_of_each_limit_come() {
    let lengths = seen(message(), |message| vec![message.as_bytes().len()]);
    for len in [0, 1, 125, 126, 65_535, 65_536] {
        assert!(lengths.contains(&len), "a message of {len} bytes");
    }
    let lengths = seen(control_payload(), |payload| vec![payload.len()]);
    assert!(
        lengths.contains(&0) && lengths.contains(&125),
        "{lengths:?}"
    );
    let lengths = seen(close_reason(), |reason| vec![reason.len()]);
    assert!(
        lengths.contains(&0) && lengths.contains(&123),
        "{lengths:?}"
    );
    let codes = seen(close_code(), |code| vec![code.get()]);
    for code in (1000..=1003).chain(1007..=1014) {
        assert!(codes.contains(&code), "{code}");
    }
    assert!(codes.last().is_some_and(|last| *last > 3000), "{codes:?}");
    let ways = seen(cuts(), |cuts| match cuts.pieces(&[0; 5]).count() {
        1 => vec!["whole"],
        5 => vec!["each byte"],
        _ => vec!["some"],
    });
    assert_eq!(ways, BTreeSet::from(["whole", "some", "each byte"]));
}

#[test]
fn every_frame_and_every_end_of_a_speech_comes() {
    let frames = seen(frame(), |frame| vec![format!("{:?}", frame.opcode)]);
    assert_eq!(
        frames,
        BTreeSet::from(["Binary", "Close", "Ping", "Pong", "Text"].map(String::from))
    );
    let ends = seen(speech::<Client>(message()), |speech| {
        let mut open = false;
        let mut kinds = Vec::new();
        for frame in speech.frames() {
            match frame.opcode {
                Opcode::Close if open => kinds.push("Close inside a message"),
                Opcode::Close => kinds.push("Close between messages"),
                Opcode::Ping if open => kinds.push("Ping inside a message"),
                Opcode::Pong if open => kinds.push("Pong inside a message"),
                opcode if !opcode.is_control() => open = !frame.fin,
                _ => {}
            }
            if frame.payload.is_empty() && !frame.fin {
                kinds.push("a fragment of nothing");
            }
        }
        if kinds.iter().all(|kind| !kind.starts_with("Close")) {
            kinds.push("no Close");
        }
        kinds
    });
    assert_eq!(ends.len(), 6, "{ends:?}");
}

#[test]
fn hostile_bytes_are_heard_refused_and_waited_for() {
    fn outcomes<R: Role_, S: Role>() -> BTreeSet<&'static str> {
        seen(hostile_bytes::<S>(), |bytes| match hear::<R>(&[&bytes]) {
            (heard, None) if heard.is_empty() => vec!["nothing is heard"],
            (_, None) => vec!["heard"],
            (heard, Some(_)) if heard.is_empty() => vec!["refused"],
            (_, Some(_)) => vec!["heard and refused"],
        })
    }
    assert_eq!(outcomes::<Server, Client>().len(), 4);
    assert_eq!(outcomes::<Client, Server>().len(), 4);
}

#[test]
fn every_kind_of_conversation_comes() {
    let kinds = seen(conversation(message()), |conversation| {
        let acts = conversation.steps().iter().filter_map(|step| match step {
            Step::Client(act) => Some(("client", act)),
            Step::Server(act) => Some(("server", act)),
            Step::Carry(_) => None,
        });
        let mut closes = 0;
        let mut kinds = Vec::new();
        for (who, act) in acts {
            let what = match act {
                Act::Send(_) => "sends",
                Act::Write(_) => "writes",
                Act::Finish(_) => "finishes",
                Act::Ping(_) => "pings",
                Act::Close(..) => {
                    closes += 1;
                    "closes"
                }
            };
            kinds.push(format!("the {who} {what}"));
        }
        kinds.push(format!("{closes} of them close"));
        kinds
    });
    assert_eq!(kinds.len(), 2 * 5 + 3, "{kinds:?}");
}

/// The smallest value that breaks `law`.
fn counterexample<S: Strategy<Value: Clone + Debug>>(
    strategy: S,
    law: impl Fn(&S::Value) -> bool,
) -> S::Value {
    let mut runner = TestRunner::new_with_rng(
        ProptestConfig {
            cases: 5000,
            failure_persistence: None,
            ..Default::default()
        },
        TestRng::deterministic_rng(Default::default()),
    );
    let found = runner.run(&strategy, |value| {
        prop_assert!(law(&value));
        Ok(())
    });
    match found {
        Err(TestError::Fail(_, value)) => value,
        other => panic!("nothing was found: {other:?}"),
    }
}

#[test]
fn what_is_wrong_with_text_in_pieces_shrinks_to_a_character_or_two_in_two_pieces() {
    // Each piece is to be text by itself.
    let law = |(cuts, text): &(Cuts, String)| {
        cuts.pieces(text.as_bytes())
            .all(|piece| std::str::from_utf8(piece).is_ok())
    };
    let (cuts, text) = counterexample((cuts(), text()), law);
    // Two where the cut is far inside the second: which it is differs with the size of `usize`.
    assert!(text.chars().count() <= 2, "{text:?} {cuts:?}");
    assert_eq!(cuts.pieces(text.as_bytes()).count(), 2, "{text:?} {cuts:?}");
}

#[test]
fn what_is_wrong_with_long_messages_shrinks_to_the_first_that_is_long() {
    let message = counterexample(message(), |message| message.as_bytes().len() < 126);
    assert_eq!(message.as_bytes().len(), 126);
}

#[test]
fn what_is_wrong_with_fragments_shrinks_to_two_of_one_message() {
    // Whoever takes a fragment for a message.
    let law = |speech: &Speech| speech.frames().iter().all(|frame| frame.fin);
    let speech = counterexample(speech::<Client>(message()), law);
    assert_eq!(format!("{speech:?}"), r#"[Text(""..), Continuation("")]"#);
    // Whoever forgets a message that was begun when a Ping comes.
    let law = |speech: &Speech| {
        let frames = speech.frames();
        !frames
            .windows(2)
            .any(|pair| !pair[0].fin && pair[1].opcode == Opcode::Ping)
    };
    let speech = counterexample(strategies::speech::<Client>(message()), law);
    assert_eq!(
        format!("{speech:?}"),
        r#"[Text(""..), Ping(""), Continuation("")]"#
    );
}

#[test]
fn what_is_wrong_with_a_wire_shrinks_to_one_turn() {
    /// Takes each read for all that the peer has said.
    #[derive(Default)]
    struct Hasty {
        reads: Vec<usize>,
        outbox: Outbox,
    }
    impl Endpoint for Hasty {
        fn read(&mut self, bytes: &[u8]) {
            self.reads.push(bytes.len());
        }
        fn outbox(&mut self) -> &mut Outbox {
            &mut self.outbox
        }
    }
    let law = |schedule: &Schedule| {
        let (mut client, mut server) = (End::<Client>::default(), Hasty::default());
        client.act(&Act::Send("hi".into()));
        schedule.run(&mut client, &mut server);
        server.reads == [8]
    };
    let schedule = counterexample(schedule(), law);
    assert_eq!(schedule.turns(), [Turn::ToServer(1)]);
}

#[test]
fn what_is_wrong_in_a_conversation_shrinks_to_what_it_is_about() {
    // A server that forgets a Close that it heard while a message of its own is unfinished.
    let law = |conversation: &Conversation| {
        let closes = conversation
            .client_hears()
            .iter()
            .any(|it| matches!(it, Heard::Close(..)));
        let unfinished = conversation
            .steps()
            .iter()
            .any(|it| matches!(it, Step::Server(Act::Write(_))));
        !closes || !unfinished
    };
    let conversation = counterexample(conversation(message()), law);
    assert!(conversation.steps().len() <= 3, "{conversation:?}");
}

#[test]
#[should_panic(expected = "still answer each other")]
fn ends_that_answer_each_other_forever_are_found() {
    /// Sends back what it hears.
    struct Echo<R: Role>(Open<R>, Inbox, Outbox);
    impl<R: Role> Endpoint for Echo<R> {
        fn read(&mut self, bytes: &[u8]) {
            self.1.extend(bytes);
            while let Ok(Some(event)) = self.0.receive(&mut self.1, &mut self.2) {
                if let Event::Text(text) = event {
                    self.0.send_text(&text, &mut self.2);
                }
            }
        }
        fn outbox(&mut self) -> &mut Outbox {
            &mut self.2
        }
    }
    let mut client = Echo(
        <Client as Role_>::open(Limits::default()),
        Inbox::new(),
        Outbox::new(),
    );
    let mut server = Echo(
        <Server as Role_>::open(Limits::default()),
        Inbox::new(),
        Outbox::new(),
    );
    client.0.send_text("hello", &mut client.2);
    Schedule::default().run(&mut client, &mut server);
}
