//! What was read: how it gets in, what events lend of it, and whose it is.

mod common;

use common::*;
use wsproto::{Chunks, Client, Event, Inbox, Limits, Messages, Open, Outbox, Remainder, Server};

fn server_bytes(frames: &[Frame]) -> Vec<u8> {
    Server::from_peer(frames)
}

#[test]
fn bytes_go_in_through_space_and_filled_or_extend() {
    let bytes = server_bytes(&[frame(0x81, "Hello"), frame(0x82, "abc")]);
    let mut open = Server::open(Limits::default());
    let mut outbox = Outbox::new();
    let mut inbox = Inbox::new();
    // More space than is filled, and none of it filled.
    for piece in bytes.chunks(3) {
        inbox.space(100).fill(0xee);
        let space = inbox.space(5);
        assert_eq!(space.len(), 5);
        space[..piece.len()].copy_from_slice(piece);
        inbox.filled(piece.len());
        inbox.filled(0);
        inbox.extend(&[]);
    }
    assert_eq!(inbox.unread(), bytes);
    match open.receive(&mut inbox, &mut outbox) {
        Ok(Some(Event::Text(text))) => assert_eq!(&*text, "Hello"),
        other => panic!("{other:?}"),
    }
    assert_eq!(inbox.unread(), &bytes[11..]);
    match open.receive(&mut inbox, &mut outbox) {
        Ok(Some(Event::Binary(data))) => assert_eq!(&*data, b"abc"),
        other => panic!("{other:?}"),
    }
    assert_eq!(inbox.unread(), []);
    assert!(open.receive(&mut inbox, &mut outbox).unwrap().is_none());
}

#[test]
#[should_panic(expected = "more was filled than there was space")]
fn filling_more_than_there_is_space_panics() {
    let mut inbox = Inbox::new();
    let space = inbox.space(10).len();
    inbox.filled(space);
    inbox.filled(usize::MAX - 100);
}

#[test]
fn an_inbox_holds_no_memory_until_something_is_read() {
    assert_eq!(Inbox::new().capacity(), 0);
    assert_eq!(Inbox::chunks().capacity(), 0);
    assert_eq!(Inbox::default().capacity(), 0);
    assert!(Inbox::new().is_idle());
}

#[test]
fn an_inbox_is_idle_between_messages_and_nowhere_else() {
    fn law<R: End, D: Mode>() {
        let mut peer = Peer::<Open<R>, D>::open(Limits::default());
        let frames = [
            frame(0x81, "Hello"),
            frame(0x02, "a"),
            frame(0x89, "ping"),
            frame(0x80, ""),
            frame(0x8a, ""),
        ];
        assert!(peer.inbox.is_idle());
        let mut inside_message = false;
        for frame in frames {
            let bytes = frame.bytes(R::KEY);
            for (index, byte) in bytes.iter().enumerate() {
                peer.read(&[*byte]);
                let inside_frame = index + 1 < bytes.len();
                if !inside_frame && frame.first & 8 == 0 {
                    inside_message = frame.first & 0x80 == 0;
                }
                let idle = !inside_frame && !inside_message;
                assert_eq!(peer.inbox.is_idle(), idle, "{frame:?} {index}");
                assert_eq!(peer.inbox.detach_and_attach(), !idle);
            }
        }
        assert_eq!(
            peer.heard,
            [text("Hello"), ping("ping"), binary("a"), pong("")]
        );
    }
    in_every_way!(law);
}

trait DetachAndAttach {
    fn detach_and_attach(&mut self) -> bool;
}

impl<D: Mode> DetachAndAttach for Inbox<D> {
    /// Whether there was something to detach.
    fn detach_and_attach(&mut self) -> bool {
        let Some(remainder) = self.detach() else {
            return false;
        };
        assert!(self.is_idle());
        assert!(self.detach().is_none());
        self.attach(remainder);
        assert!(!self.is_idle());
        true
    }
}

/// The session of one of many connections: what its peer sends, and what is heard of it.
fn session<R: End>(name: &str) -> (Vec<u8>, Vec<Heard>) {
    let frames = [
        frame(0x81, format!("{name} é")),
        frame(0x01, format!("{name} \u{20ac}")),
        frame(0x89, name),
        frame(0x00, [0xf0, 0x9f]),
        frame(0x80, [0xa6, 0x80]),
        frame(0x82, name.repeat(100)),
        frame(0x02, name.repeat(30)),
        frame(0x80, name.repeat(30)),
        frame(0x88, ""),
    ];
    let heard = vec![
        text(format!("{name} é")),
        ping(name),
        text(format!("{name} €🦀")),
        binary(name.repeat(100)),
        binary(name.repeat(60)),
        close(1005, ""),
    ];
    (R::from_peer(&frames), heard)
}

/// Many connections on one thread read what arrives for each into one inbox.
fn one_inbox_for_many<R: End, D: Mode>(step: Step) {
    let names = ["a", "bb", "ccc", "dddd", "🦀"];
    let sessions: Vec<_> = names.iter().map(|name| session::<R>(name)).collect();
    let mut peers: Vec<_> = names
        .iter()
        .map(|_| Peer::<Open<R>, D>::open(Limits::default()))
        .collect();
    let mut remainders: Vec<Option<Remainder<D>>> = names.iter().map(|_| None).collect();
    let mut read = [0; 5];
    let mut inbox = D::inbox();
    let mut numbers = Numbers(11);
    while (0..5).any(|who| read[who] < sessions[who].0.len()) {
        let who = numbers.below(5);
        let peer = &mut peers[who];
        if let Some(remainder) = remainders[who].take() {
            inbox.attach(remainder);
        }
        let rest = &sessions[who].0[read[who]..];
        let len = (1 + numbers.below(40)).min(rest.len());
        std::mem::swap(&mut peer.inbox, &mut inbox);
        peer.step = step;
        peer.read(&rest[..len]);
        std::mem::swap(&mut peer.inbox, &mut inbox);
        read[who] += len;
        remainders[who] = inbox.detach();
        assert!(inbox.is_idle());
    }
    for (peer, (_, heard)) in peers.into_iter().zip(sessions) {
        assert_eq!(peer.violation, None);
        assert_eq!(peer.heard, heard);
    }
}

#[test]
fn one_inbox_serves_many_connections() {
    in_every_way!(one_inbox_for_many, Step::Receive);
    in_every_way!(one_inbox_for_many, Step::HasEvent);
}

#[test]
fn what_follows_a_failure_or_a_close_is_detached_and_dropped() {
    fn law<R: End, D: Mode>() {
        for last in [frame(0x83, ""), frame(0x88, ""), frame(0x81, [0xff])] {
            let mut peer = Peer::<Open<R>, D>::open(Limits::default());
            peer.hear(&[frame(0x01, "half"), frame(0x89, "")]);
            peer.hear(&[last, frame(0x82, "late")]);
            assert!(peer.violation.is_some() || peer.close.is_some());
            let mut inbox = peer.inbox;
            drop(inbox.detach());
            let mut next = Peer::<Open<R>, D>::open(Limits::default());
            next.inbox = inbox;
            next.hear(&[frame(0x82, "whole"), frame(0x01, "a"), frame(0x80, "b")]);
            assert_eq!(next.heard, [binary("whole"), text("ab")]);
        }
    }
    in_every_way!(law);
}

#[test]
fn an_idle_inbox_may_serve_either_role_and_its_successor() {
    let mut inbox = Inbox::new();
    let mut outbox = Outbox::new();
    let mut server = Server::open(Limits::default());
    let mut client = Client::open(Limits::default());
    for _ in 0..3 {
        inbox.extend(&Server::from_peer(&[
            frame(0x01, "from a "),
            frame(0x80, "client"),
        ]));
        match server.receive(&mut inbox, &mut outbox) {
            Ok(Some(Event::Text(text))) => assert_eq!(&*text, "from a client"),
            other => panic!("{other:?}"),
        }
        inbox.extend(&Client::from_peer(&[
            frame(0x02, "from a "),
            frame(0x80, "server"),
        ]));
        match client.receive(&mut inbox, &mut outbox) {
            Ok(Some(Event::Binary(data))) => assert_eq!(&*data, b"from a server"),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_connection_may_change_its_mode_between_messages() {
    let mut outbox = Outbox::new();
    let mut open = Server::open(Limits::default());
    let mut messages = Inbox::new();
    let mut chunks = Inbox::chunks();
    let bytes = server_bytes(&[frame(0x01, "a"), frame(0x80, "b")]);
    for _ in 0..2 {
        messages.extend(&bytes);
        match open.receive(&mut messages, &mut outbox) {
            Ok(Some(Event::Text(text))) => assert_eq!(&*text, "ab"),
            other => panic!("{other:?}"),
        }
        assert!(messages.is_idle());
        chunks.extend(&bytes);
        for (piece, finished) in [("a", false), ("b", true)] {
            match open.receive(&mut chunks, &mut outbox) {
                Ok(Some(Event::Text(text))) => {
                    assert_eq!(&*text, piece);
                    assert!(text.frame_finished());
                    assert_eq!(text.message_finished(), finished);
                }
                other => panic!("{other:?}"),
            }
        }
        assert!(chunks.is_idle());
    }
}

/// A connection in the middle of a message, and the inbox in the middle of it.
fn midway<D: Mode>() -> (Open<Server>, Inbox<D>) {
    let mut open = Server::open(Limits::default());
    let mut inbox = D::inbox();
    inbox.extend(&server_bytes(&[frame(0x02, "half")]));
    while open
        .receive(&mut inbox, &mut Outbox::new())
        .unwrap()
        .is_some()
    {}
    assert!(!inbox.is_idle());
    (open, inbox)
}

#[test]
#[should_panic(expected = "the inbox does not hold what this connection left in it")]
fn another_inbox_in_the_middle_of_a_message_panics() {
    let (mut open, _) = midway::<Messages>();
    let mut other = Inbox::new();
    other.extend(&server_bytes(&[frame(0x80, "rest")]));
    let _ = open.receive(&mut other, &mut Outbox::new());
}

#[test]
#[should_panic(expected = "the inbox does not hold what this connection left in it")]
fn another_mode_in_the_middle_of_a_message_panics() {
    let (mut open, _) = midway::<Messages>();
    let mut other = Inbox::chunks();
    other.extend(&server_bytes(&[frame(0x80, "rest")]));
    let _ = open.receive(&mut other, &mut Outbox::new());
}

#[test]
#[should_panic(expected = "the inbox holds part of another connection's message")]
fn another_connections_message_in_the_inbox_panics() {
    let (_, mut inbox) = midway::<Messages>();
    let mut other = Server::open(Limits::default());
    inbox.extend(&server_bytes(&[frame(0x02, "mine")]));
    let _ = other.receive(&mut inbox, &mut Outbox::new());
}

#[test]
#[should_panic(expected = "the inbox does not hold what this connection left in it")]
fn two_connections_midway_that_exchange_their_inboxes_panic() {
    let (mut open, _) = midway::<Chunks>();
    let mut other = Server::open(Limits::default());
    let mut inbox = Inbox::chunks();
    inbox.extend(&server_bytes(&[frame(0x02, "other length")]));
    while other
        .receive(&mut inbox, &mut Outbox::new())
        .unwrap()
        .is_some()
    {}
    inbox.extend(&server_bytes(&[frame(0x80, "rest")]));
    let _ = open.receive(&mut inbox, &mut Outbox::new());
}

#[test]
#[should_panic(expected = "an inbox that is not idle cannot take a remainder")]
fn attaching_to_an_inbox_that_is_not_idle_panics() {
    let (_, mut one) = midway::<Messages>();
    let (_, mut other) = midway::<Messages>();
    other.attach(one.detach().unwrap());
}

/// The only event in `inbox`, given to `look`.
fn the_event<D: Mode, T>(inbox: &mut Inbox<D>, look: impl FnOnce(Event<'_, D>) -> T) -> T {
    let mut open = Server::open(Limits::default());
    let event = open.receive(inbox, &mut Outbox::new());
    look(event.unwrap().unwrap())
}

#[test]
fn a_message_in_one_frame_is_delivered_where_it_was_read() {
    let mut inbox = Inbox::new();
    let bytes = server_bytes(&[frame(0x82, "in place")]);
    let space = inbox.space(1000);
    let place = space[6..].as_ptr();
    space[..bytes.len()].copy_from_slice(&bytes);
    inbox.filled(bytes.len());
    the_event(&mut inbox, |event| match event {
        Event::Binary(data) => {
            assert_eq!(data.as_ptr(), place, "copied");
            let owned = data.into_vec();
            assert_ne!(owned.as_ptr(), place);
            assert_eq!(owned, b"in place");
        }
        other => panic!("{other:?}"),
    });

    let mut inbox = Inbox::new();
    let bytes = server_bytes(&[frame(0x81, "in place")]);
    let space = inbox.space(1000);
    let place = space[6..].as_ptr();
    space[..bytes.len()].copy_from_slice(&bytes);
    inbox.filled(bytes.len());
    the_event(&mut inbox, |event| match event {
        Event::Text(text) => {
            assert_eq!(text.as_ptr(), place, "copied");
            assert_eq!(text.as_ref(), "in place");
            assert_eq!(text.into_string(), "in place");
        }
        other => panic!("{other:?}"),
    });
}

#[test]
fn a_message_that_was_assembled_is_owned_without_a_copy() {
    let mut inbox = Inbox::new();
    inbox.extend(&server_bytes(&[frame(0x01, "assem"), frame(0x80, "bled")]));
    the_event(&mut inbox, |event| match event {
        Event::Text(text) => {
            let place = text.as_ptr();
            let owned = text.into_string();
            assert_eq!(owned.as_ptr(), place, "copied");
            assert_eq!(owned, "assembled");
        }
        other => panic!("{other:?}"),
    });

    let mut inbox = Inbox::new();
    inbox.extend(&server_bytes(&[frame(0x02, "assem"), frame(0x80, "bled")]));
    the_event(&mut inbox, |event| match event {
        Event::Binary(data) => {
            let place = data.as_ptr();
            let owned = data.into_vec();
            assert_eq!(owned.as_ptr(), place, "copied");
            assert_eq!(owned, b"assembled");
        }
        other => panic!("{other:?}"),
    });
    // What was taken is gone from the inbox, which goes on as before.
    inbox.extend(&server_bytes(&[frame(0x02, "a"), frame(0x80, "b")]));
    the_event(&mut inbox, |event| match event {
        Event::Binary(data) => assert_eq!(data.into_vec(), b"ab"),
        other => panic!("{other:?}"),
    });
}

#[test]
fn chunks_are_delivered_where_they_were_read() {
    let mut inbox = Inbox::chunks();
    let bytes = server_bytes(&[frame(0x82, [0x55; 100])]);
    let space = inbox.space(1000);
    let place = space[6..].as_ptr();
    space[..50].copy_from_slice(&bytes[..50]);
    inbox.filled(50);
    the_event(&mut inbox, |event| match event {
        Event::Binary(data) => {
            assert_eq!((data.as_ptr(), data.len()), (place, 44), "copied");
            assert!(!data.frame_finished() && !data.message_finished());
        }
        other => panic!("{other:?}"),
    });
}

#[test]
fn chunks_know_what_ends_with_them() {
    fn law<R: End>(opcode: u8) {
        let mut open = R::open(Limits::default());
        let mut inbox = Inbox::chunks();
        let mut outbox = Outbox::new();
        let mut seen = Vec::new();
        let bytes = R::from_peer(&[
            frame(opcode, "abcd"),
            frame(0x00, ""),
            frame(0x00, "ef"),
            frame(0x80, "gh"),
            frame(opcode | 0x80, ""),
        ]);
        // The first two reads end inside the first frame.
        let header = R::from_peer(&[frame(opcode, "")]).len();
        for piece in [
            &bytes[..header + 1],
            &bytes[header + 1..header + 3],
            &bytes[header + 3..],
        ] {
            inbox.extend(piece);
            while let Some(event) = open.receive(&mut inbox, &mut outbox).unwrap() {
                seen.push(match event {
                    Event::Text(text) => {
                        let ends = (text.frame_finished(), text.message_finished());
                        (text.into_string(), ends)
                    }
                    Event::Binary(data) => {
                        let ends = (data.frame_finished(), data.message_finished());
                        (String::from_utf8(data.into_vec()).unwrap(), ends)
                    }
                    other => panic!("{other:?}"),
                });
            }
        }
        let expected = [
            ("a", (false, false)),
            ("bc", (false, false)),
            ("d", (true, false)),
            ("", (true, false)),
            ("ef", (true, false)),
            ("gh", (true, true)),
            ("", (true, true)),
        ];
        assert_eq!(seen, expected.map(|(piece, ends)| (piece.to_owned(), ends)));
    }
    for opcode in [0x01, 0x02] {
        law::<Server>(opcode);
        law::<Client>(opcode);
    }
}

/// `has_event` says that there is one; then this is done to the inbox; then it is received.
fn between_has_event_and_receive<R: End, D: Mode>(
    row: &str,
    frames: &[Frame],
    expected: &Heard,
    between: &dyn Fn(&mut Inbox<D>),
) {
    let mut peer = Peer::<Open<R>, D>::open(Limits::default());
    let bytes = R::from_peer(frames);
    peer.inbox.extend(&bytes);
    let found = peer.phase.has_event(&mut peer.inbox, &mut peer.outbox);
    assert_eq!(found, Ok(true), "{row}");
    assert!(!peer.inbox.is_idle(), "{row}");
    between(&mut peer.inbox);
    let found = peer.phase.has_event(&mut peer.inbox, &mut peer.outbox);
    assert_eq!(found, Ok(true), "{row}");
    // Another message follows.
    peer.hear(&[frame(0x82, "next")]);
    assert_eq!(peer.heard[0], *expected, "{row}");
    if !matches!(expected, Heard::Close(..)) {
        assert_eq!(peer.heard[1..], [binary("next")], "{row}");
    }
}

#[test]
fn an_event_that_was_found_is_received_whatever_is_done_to_the_inbox_before() {
    fn law<R: End, D: Mode>() {
        let long = "x".repeat(3000);
        let rows = [
            (vec![frame(0x82, "found")], binary("found")),
            (vec![frame(0x81, "found")], text("found")),
            (vec![frame(0x81, &long)], text(&long)),
            (vec![frame(0x89, "found")], ping("found")),
            (vec![frame(0x8a, "found")], pong("found")),
            (vec![frame(0x88, [0x0f, 0xa0])], close(4000, "")),
            (vec![frame(0x81, "")], text("")),
        ];
        for (frames, heard) in rows {
            let check = |row: &str, between: &dyn Fn(&mut Inbox<D>)| {
                between_has_event_and_receive::<R, D>(row, &frames, &heard, between);
            };
            check("nothing", &|_| {});
            check("space", &|inbox| inbox.space(10).fill(0xee));
            check("much space", &|inbox| inbox.space(100_000).fill(0xee));
            check("space again and again", &|inbox| {
                for len in 0..200 {
                    inbox.space(len * 100).fill(0xee);
                    inbox.extend(&[]);
                }
            });
            check("shrink", &|inbox| inbox.shrink());
            check("detach and attach", &|inbox| {
                let remainder = inbox.detach().unwrap();
                inbox.space(100).fill(0xee);
                inbox.attach(remainder);
            });
            check("another connection", &|inbox| {
                let remainder = inbox.detach().unwrap();
                inbox.extend(&R::from_peer(&[frame(0x82, "other"), frame(0x02, "more")]));
                let mut other = R::open(Limits::default());
                let mut outbox = Outbox::new();
                assert!(other.receive(inbox, &mut outbox).unwrap().is_some());
                drop(inbox.detach());
                inbox.attach(remainder);
            });
        }
    }
    in_every_way!(law);
}

#[test]
fn a_message_goes_on_after_its_memory_was_shrunk() {
    fn law<R: End, D: Mode>() {
        let mut peer = Peer::<Open<R>, D>::open(Limits::default());
        peer.hear(&[frame(0x01, "a"), frame(0x00, [0xe2, 0x82])]);
        peer.inbox.shrink();
        let bytes = R::from_peer(&[frame(0x80, [0xac, b'z'])]);
        for byte in bytes {
            peer.read(&[byte]);
            peer.inbox.shrink();
        }
        assert_eq!(peer.heard, [text("a€z")]);
        peer.inbox.shrink();
        assert_eq!(peer.inbox.capacity(), 0);
    }
    in_every_way!(law);
}

#[test]
fn debug_says_how_much_and_not_what() {
    let mut inbox = Inbox::new();
    inbox.extend(b"secret");
    let shown = "Inbox { unread: 6, inside_message: false, .. }";
    assert_eq!(format!("{inbox:?}"), shown);
    let remainder = inbox.detach().unwrap();
    assert_eq!(format!("{remainder:?}"), "Remainder { unread: 6, .. }");

    let mut inbox = Inbox::new();
    for (frame, shown) in [
        (frame(0x81, "secret"), "Text(6 bytes)"),
        (frame(0x82, "secret"), "Binary(6 bytes)"),
        (frame(0x89, "secret"), "Ping(6 bytes)"),
        (frame(0x8a, "secret"), "Pong(6 bytes)"),
    ] {
        inbox.extend(&server_bytes(&[frame]));
        let got = the_event(&mut inbox, |event| format!("{event:?}"));
        assert_eq!(got, shown);
    }
}

#[test]
fn what_is_cleared_is_forgotten_and_the_inbox_serves_another() {
    fn law<R: End, D: Mode>() {
        let after = [frame(0x88, ""), frame(0x81, "behind the Close")];
        let rest = frame(0x81, "half a frame").bytes(R::KEY);
        let inside = [frame(0x01, "half a message")];
        for left in [
            R::from_peer(&after),
            rest[..4].into(),
            R::from_peer(&inside),
        ] {
            let (mut inbox, mut outbox) = (D::inbox(), Outbox::new());
            inbox.extend(&left);
            let mut open = R::open(Limits::default());
            while open.receive(&mut inbox, &mut outbox).unwrap().is_some() {}
            assert!(!inbox.is_idle());
            inbox.clear();
            assert!(inbox.is_idle());
            assert_eq!(inbox.unread(), b"");
            inbox.extend(&R::from_peer(&[frame(0x81, "Hello")]));
            let mut open = R::open(Limits::default());
            match open.receive(&mut inbox, &mut outbox) {
                Ok(Some(Event::Text(text))) => assert_eq!(&*text, "Hello"),
                other => panic!("{other:?}"),
            }
        }
    }
    in_every_way!(law);
}

#[test]
fn no_more_is_to_be_read_than_a_large_message_lacks_and_a_little() {
    let mut open = Server::open(Limits::default());
    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    let wire = Server::from_peer(&[frame(0x82, vec![1; 70_000])]);
    assert_eq!(inbox.suggested_read(65_536), 65_536);
    for (arrived, suggested) in [
        // A header of 14 bytes, then 70 000 bytes, of which so many are missing.
        (14, 65_536),
        (14 + 10_000, 60_000 + 1024),
        (14 + 69_999, 1 + 1024),
        (14 + 70_000, 65_536),
    ] {
        let before = wire.len().min(arrived);
        let mut open = Server::open(Limits::default());
        let mut inbox = Inbox::new();
        inbox.extend(&wire[..before]);
        while let Some(event) = open.receive(&mut inbox, &mut outbox).unwrap() {
            assert!(matches!(event, Event::Binary(_)));
        }
        assert_eq!(inbox.suggested_read(65_536), suggested, "{arrived}");
        assert_eq!(inbox.suggested_read(1000), 1000);
    }
    inbox.extend(&wire);
    assert!(open.receive(&mut inbox, &mut outbox).unwrap().is_some());
}

#[test]
fn as_much_as_there_is_may_be_read_behind_a_small_message() {
    for (opcode, len) in [(0x81, 2000), (0x82, 2000), (0x82, 10_000), (0x81, 10_000)] {
        let mut open = Server::open(Limits::default());
        let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
        let wire = Server::from_peer(&[frame(opcode, vec![b'a'; len])]);
        inbox.extend(&wire[..wire.len() / 2]);
        assert!(open.receive(&mut inbox, &mut outbox).unwrap().is_none());
        assert_eq!(inbox.suggested_read(65_536), 65_536, "{opcode} {len}");
    }
}
