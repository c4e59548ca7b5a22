//! Two halves of a connection: each cell of the tables of `Open::split`, and what is owed.

mod common;
mod laws;

use common::*;
use laws::split::{Form, Half, Speaker, join, split};
use laws::talker::Act;
use wsproto::{
    Client, CloseCode, Closed, Established, Event, Inbox, Limits, Messages, Open, Outbox, OwedPong,
    PeerClose, Received, Receiver, Server, Side, Violation,
};

/// The phases of the half that sends, by an act that leads from `Sender` to it.
fn phases() -> [(&'static str, Option<Act>); 4] {
    [
        ("Sender", None),
        ("StreamingSender<Text>", Some(Act::StartText)),
        ("StreamingSender<Binary>", Some(Act::StartBinary)),
        ("ClosingSender", Some(Act::Close(1001, "gone".into()))),
    ]
}

/// A connection in two halves, and their memory. Nothing of what was sent so far is in the outbox.
struct Halves<R: End, D: Mode> {
    sender: Half<R, ()>,
    receiver: Receiver<R>,
    inbox: Inbox<D>,
    outbox: Outbox,
}

impl<R: End, D: Mode> Halves<R, D> {
    fn of(connection: Established<R>) -> Self {
        let Form::Halves(sender, receiver) = split(connection) else {
            panic!("it has ended");
        };
        Self {
            sender,
            receiver,
            inbox: D::inbox(),
            outbox: Outbox::new(),
        }
    }

    /// Split, and then led to a phase.
    fn led_to(act: Option<&Act>) -> Self {
        let mut halves = Self::of(R::open(Limits::default()).into());
        if let Some(act) = act {
            halves.sender = halves.sender.act(act, &mut halves.outbox);
            drain(&mut halves.outbox);
        }
        halves
    }

    fn hear(&mut self, frames: &[Frame]) {
        self.inbox.extend(&R::from_peer(frames));
    }

    fn receive(&mut self) -> Result<Option<Received<'_, D>>, Violation> {
        self.receiver.receive(&mut self.inbox)
    }

    fn receive_close(&mut self) -> PeerClose {
        match self.receive() {
            Ok(Some(Received::Close(close))) => close,
            other => panic!("{other:?}"),
        }
    }

    fn receive_ping(&mut self) -> OwedPong {
        match self.receive() {
            Ok(Some(Received::Ping(owed))) => owed,
            other => panic!("{other:?}"),
        }
    }

    fn join(self) -> (Established<R>, Inbox<D>, Outbox) {
        match join(self.sender, self.receiver) {
            Form::Whole(connection) => (connection, self.inbox, self.outbox),
            _ => panic!("it has ended"),
        }
    }

    fn sent(&mut self) -> Wire {
        sent::<R>(&mut self.outbox)
    }
}

/// Whether it ended cleanly, the peer's code, ours, and who was first.
fn ending<R: End>(closed: &Closed<R>) -> (bool, u16, u16, Option<Side>) {
    let codes = (closed.code().get(), closed.sent_code().get());
    (closed.is_clean(), codes.0, codes.1, closed.initiator())
}

fn bye() -> [Frame; 1] {
    [frame(0x88, b"\x03\xe8bye")]
}

/// A reserved opcode.
fn wrong() -> [Frame; 1] {
    [frame(0x83, "")]
}

#[test]
fn what_a_receiver_gives_is_for_a_sender_in_any_phase() {
    fn law<R: End, D: Mode>() {
        for (name, act) in phases() {
            let is_closing = name == "ClosingSender";
            let new = || Halves::<R, D>::led_to(act.as_ref());
            let row = |row: &str| format!("{row}, {name}, {} {}", R::NAME, D::NAME);

            let mut halves = new();
            halves.hear(&[frame(0x89, "a"), frame(0x89, "b")]);
            for _ in 0..2 {
                let owed = halves.receive_ping();
                halves.sender.answer(owed, &mut halves.outbox);
            }
            assert_eq!(halves.sent().0, hex("8a0161 8a0162"), "{}", row("Ping"));
            assert!(matches!(halves.receive(), Ok(None)));

            let mut halves = new();
            halves.hear(&bye());
            halves.hear(&[frame(0x81, "no more")]);
            let close = halves.receive_close();
            assert_eq!(close.reason(), "bye");
            assert!(
                matches!(halves.receive(), Ok(None)),
                "{}",
                row("after Close")
            );
            let (sender, mut outbox) = (halves.sender, halves.outbox);
            let closed = sender.acknowledge(close, &mut outbox);
            let (wire, sent, first) = match is_closing {
                true => ("", 1001, Side::Us),
                false => ("8802 03e8", 1000, Side::Peer),
            };
            assert_eq!(
                common::sent::<R>(&mut outbox).0,
                hex(wire),
                "{}",
                row("Close")
            );
            let expected = (true, 1000, sent, Some(first));
            assert_eq!(ending(&closed), expected, "{}", row("Close"));
            assert_eq!(closed.reason(), "bye");

            let mut halves = new();
            halves.hear(&wrong());
            for _ in 0..2 {
                let error = halves.receive().err();
                assert_eq!(
                    error,
                    Some(Violation::ReservedOpcode),
                    "{}",
                    row("an error")
                );
            }
            let (sender, mut outbox) = (halves.sender, halves.outbox);
            let closed = sender.fail(Violation::ReservedOpcode, &mut outbox);
            let (wire, sent) = match is_closing {
                true => ("", 1001),
                false => ("8802 03ea", 1002),
            };
            assert_eq!(
                common::sent::<R>(&mut outbox).0,
                hex(wire),
                "{}",
                row("an error")
            );
            let expected = (false, 1006, sent, Some(Side::Us));
            assert_eq!(ending(&closed), expected, "{}", row("an error"));
            assert_eq!(closed.violation(), Some(Violation::ReservedOpcode));

            let mut halves = new();
            assert!(matches!(halves.receive(), Ok(None)));
            let closed = halves.sender.eof();
            let (sent, first) = match is_closing {
                true => (1001, Some(Side::Us)),
                false => (1006, None),
            };
            assert_eq!(
                ending(&closed),
                (false, 1006, sent, first),
                "{}",
                row("eof")
            );
            assert!(halves.outbox.is_empty(), "{}", row("eof"));
        }
    }
    in_every_way!(law);
}

#[test]
fn what_is_joined_depends_on_the_sender_and_on_what_was_heard() {
    fn law<R: End, D: Mode>() {
        for (name, act) in phases() {
            let is_closing = name == "ClosingSender";
            let new = || Halves::<R, D>::led_to(act.as_ref());
            let row = |row: &str| format!("{row}, {name}, {} {}", R::NAME, D::NAME);

            // Not ended: the phase of that name, which goes on with both.
            let (connection, mut inbox, mut outbox) = new().join();
            let phase = format!("{connection:?}");
            let expected = name.replace("Sender", "");
            let expected = if expected.is_empty() {
                "Open"
            } else {
                &expected
            };
            assert!(phase.starts_with(expected), "{phase}: {}", row("not ended"));
            let mut connection = connection;
            inbox.extend(&R::from_peer(&[frame(0x89, "a"), frame(0x82, "b")]));
            let ping = connection.receive(&mut inbox, &mut outbox);
            assert!(
                matches!(ping, Ok(Some(Event::Ping(b"a")))),
                "{}",
                row("not ended")
            );
            let data = connection.receive(&mut inbox, &mut outbox);
            assert!(
                matches!(data, Ok(Some(Event::Binary(_)))),
                "{}",
                row("not ended")
            );
            assert_eq!(common::sent::<R>(&mut outbox).0, hex("8a0161"));
            let connection = connection.act(&Act::Finish("c".into()), &mut outbox);
            let connection = connection.act(&Act::SendText("d".into()), &mut outbox);
            let wire = match name {
                "Sender" => "810164",
                "StreamingSender<Text>" => "010163 810164",
                "StreamingSender<Binary>" => "020163 810164",
                _ => "",
            }
            // The first fragment is the last.
            .replace("010163", "810163")
            .replace("020163", "820163");
            assert_eq!(
                common::sent::<R>(&mut outbox).0,
                hex(&wire),
                "{}",
                row("not ended")
            );
            drop(connection);

            // The peer's Close was heard.
            let (wire, sent, first) = match is_closing {
                true => ("", 1001, Side::Us),
                false => ("8802 03e8", 1000, Side::Peer),
            };
            let mut halves = new();
            halves.hear(&bye());
            let close = halves.receive_close();
            let (mut connection, mut inbox, mut outbox) = halves.join();
            assert!(matches!(
                connection.receive(&mut inbox, &mut outbox),
                Ok(None)
            ));
            let closed = Speaker::acknowledge(connection, close, &mut outbox);
            assert_eq!(
                common::sent::<R>(&mut outbox).0,
                hex(wire),
                "{}",
                row("Close")
            );
            let expected = (true, 1000, sent, Some(first));
            assert_eq!(ending(&closed), expected, "{}", row("Close"));

            // Likewise, and the witness was dropped: `join` knows.
            let mut halves = new();
            halves.hear(&bye());
            drop(halves.receive_close());
            let (connection, ..) = halves.join();
            let sent = if is_closing { 1001 } else { 1006 };
            let closed = Speaker::eof(connection);
            let expected = (true, 1000, sent, Some(first));
            assert_eq!(ending(&closed), expected, "{}", row("Close and eof"));

            // An error was found: it is final.
            let mut halves = new();
            halves.hear(&wrong());
            assert!(halves.receive().is_err());
            let (mut connection, mut inbox, mut outbox) = halves.join();
            let error = connection.receive(&mut inbox, &mut outbox).err();
            assert_eq!(
                error,
                Some(Violation::ReservedOpcode),
                "{}",
                row("an error")
            );
            let closed = Speaker::fail(connection, Violation::ReservedOpcode, &mut outbox);
            let (wire, sent) = match is_closing {
                true => ("", 1001),
                false => ("8802 03ea", 1002),
            };
            assert_eq!(
                common::sent::<R>(&mut outbox).0,
                hex(wire),
                "{}",
                row("an error")
            );
            let expected = (false, 1006, sent, Some(Side::Us));
            assert_eq!(ending(&closed), expected, "{}", row("an error"));
        }
    }
    in_every_way!(law);
}

#[test]
fn a_half_sends_what_one_connection_does() {
    fn law<R: End>() {
        let acts = [
            (Act::SendText("a".into()), "8101 61"),
            (Act::SendBinary(b"b".to_vec()), "8201 62"),
            (Act::SendBytes(b"c".to_vec()), "8201 63"),
            (Act::Ping(b"d".to_vec()), "8901 64"),
            (Act::Pong(b"e".to_vec()), "8a01 65"),
            (Act::StartText, ""),
            (Act::Write("f".into()), "0101 66"),
            (Act::Ping(b"g".to_vec()), "8901 67"),
            (Act::Pong(b"h".to_vec()), "8a01 68"),
            (Act::Finish("i".into()), "8001 69"),
            (Act::StartBinary, ""),
            (Act::Write("j".into()), "0201 6a"),
            (Act::Ping(b"k".to_vec()), "8901 6b"),
            (Act::Pong(b"l".to_vec()), "8a01 6c"),
            (Act::Finish("m".into()), "8001 6d"),
        ];
        let closes = [
            (
                Act::Close(4000, "bye".into()),
                "8805 0fa0 627965",
                4000,
                "bye",
            ),
            (Act::CloseWithoutCode, "8800", 1005, ""),
        ];
        // Closed after as many acts, so that it is from every phase.
        for done in 0..=acts.len() {
            for (close, wire, code, reason) in &closes {
                let (mut outbox, mut expected) = (Outbox::new(), Outbox::new());
                let (mut half, mut whole) = (
                    Halves::<R, Messages>::led_to(None).sender,
                    Established::<R>::from(R::open(Limits::default())),
                );
                for (act, wire) in &acts[..done] {
                    (half, whole) = (half.act(act, &mut outbox), whole.act(act, &mut expected));
                    let (sent, bytes) = (drain(&mut outbox), drain(&mut expected));
                    assert_eq!(unmasked::<R>(&sent).0, hex(wire), "{act:?}, {}", R::NAME);
                    assert_eq!(sent, bytes, "{act:?}, {}", R::NAME);
                }
                half = half.act(close, &mut outbox);
                assert_eq!(
                    sent::<R>(&mut outbox).0,
                    hex(wire),
                    "{close:?} after {done}"
                );
                let closed = half.eof();
                assert_eq!(closed.sent_code().get(), *code);
                assert_eq!(closed.sent_reason(), *reason);
            }
        }
    }
    law::<Server>();
    law::<Client>();
}

#[test]
fn what_is_wrong_is_found_by_looking() {
    fn law<R: End, D: Mode>() {
        for (frame, violation) in [
            (frame(0x81, b"\xff"), Violation::InvalidUtf8),
            (frame(0x83, ""), Violation::ReservedOpcode),
            (frame(0x88, b"\x03\xed"), Violation::ReservedCloseCode),
        ] {
            let mut halves = Halves::<R, D>::led_to(None);
            halves.hear(&[frame]);
            for _ in 0..2 {
                let found = halves.receiver.has_event(&mut halves.inbox);
                assert_eq!(found, Err(violation));
            }
            assert_eq!(halves.receive().err(), Some(violation));
        }
    }
    in_every_way!(law);
}

#[test]
fn a_phase_is_split_as_it_is() {
    fn law<R: End, D: Mode>() {
        // Led to the phase first, and then split: as the other way round.
        for (name, act) in phases() {
            let mut outbox = Outbox::new();
            let mut connection = Established::from(R::open(Limits::default()));
            if let Some(act) = act {
                connection = connection.act(&act, &mut outbox);
                drain(&mut outbox);
            }
            let halves = Halves::<R, D>::of(connection);
            let shown = match &halves.sender {
                Half::Open(it) => format!("{it:?}"),
                Half::StreamingText(it) => format!("{it:?}"),
                Half::StreamingBinary(it) => format!("{it:?}"),
                Half::Closing(it) => format!("{it:?}"),
                Half::Closed(it) => format!("{it:?}"),
            };
            assert_eq!(shown, name);
            let receiver = format!("{:?}", halves.receiver);
            assert_eq!(receiver, "Receiver(between messages)");
        }
    }
    in_every_way!(law);
}

#[test]
fn who_was_first_is_kept_by_a_closing_connection_that_is_split() {
    fn law<R: End, D: Mode>() {
        let mut open = R::open(Limits::default());
        let (mut inbox, mut outbox) = (D::inbox(), Outbox::new());
        inbox.extend(&R::from_peer(&bye()));
        let Ok(Some(Event::Close(close))) = open.receive(&mut inbox, &mut outbox) else {
            panic!("a Close was sent");
        };
        let closing = open.close(CloseCode::GOING_AWAY, Default::default(), &mut outbox);
        let (sender, _receiver) = closing.split();
        let ending = ending(&sender.finish(close));
        assert_eq!(ending, (true, 1000, 1001, Some(Side::Peer)));
    }
    in_every_way!(law);
}

#[test]
fn a_ping_that_was_looked_at_is_answered_once() {
    // RFC 6455 5.5.2, whoever looks and whoever receives.
    fn law<R: End, D: Mode>() {
        let bytes = R::from_peer(&[frame(0x89, "a"), frame(0x82, "b")]);

        // A half looks, and is asked again; one connection receives.
        let mut halves = Halves::<R, D>::led_to(None);
        halves.inbox.extend(&bytes);
        for _ in 0..2 {
            assert_eq!(halves.receiver.has_event(&mut halves.inbox), Ok(true));
        }
        let (mut connection, mut inbox, mut outbox) = halves.join();
        let event = connection.receive(&mut inbox, &mut outbox);
        assert!(matches!(event, Ok(Some(Event::Ping(b"a")))));
        let event = connection.receive(&mut inbox, &mut outbox);
        assert!(matches!(event, Ok(Some(Event::Binary(_)))));
        assert_eq!(sent::<R>(&mut outbox).0, hex("8a0161"), "{}", R::NAME);

        // One connection looks, and answers; a half receives.
        let mut open = R::open(Limits::default());
        let (mut inbox, mut outbox) = (D::inbox(), Outbox::new());
        inbox.extend(&bytes);
        assert_eq!(open.has_event(&mut inbox, &mut outbox), Ok(true));
        let mut halves = Halves::<R, D>::of(open.into());
        (halves.inbox, halves.outbox) = (inbox, outbox);
        let owed = halves.receive_ping();
        assert_eq!(owed.payload(), b"a");
        halves.sender.answer(owed, &mut halves.outbox);
        assert!(matches!(halves.receive(), Ok(Some(Received::Binary(_)))));
        assert_eq!(halves.sent().0, hex("8a0161"), "{}", R::NAME);

        // A half looks and receives, from an inbox that was moved in between.
        let mut halves = Halves::<R, D>::led_to(None);
        halves.inbox.extend(&bytes);
        assert_eq!(halves.receiver.has_event(&mut halves.inbox), Ok(true));
        let remainder = halves.inbox.detach().expect("a Ping");
        assert!(halves.inbox.is_idle());
        halves.inbox.attach(remainder);
        assert_eq!(halves.receive_ping().payload(), b"a");
    }
    in_every_way!(law);
}

#[test]
fn what_was_looked_at_is_received_by_either() {
    fn law<R: End, D: Mode>() {
        let frames = [
            frame(0x81, "text"),
            frame(0x02, "bytes"),
            frame(0x8a, "pong"),
            frame(0x80, ""),
            frame(0x88, ""),
        ];
        let bytes = R::from_peer(&frames);
        let (mut inbox, mut outbox) = (D::inbox(), Outbox::new());
        let mut open = R::open(Limits::default());
        let mut heard = Vec::new();
        for byte in &bytes {
            inbox.extend(&[*byte]);
            loop {
                let (sender, mut receiver) = open.split();
                let found = receiver.has_event(&mut inbox).unwrap();
                open = Open::join(sender, receiver);
                let event = open.receive(&mut inbox, &mut outbox).unwrap();
                assert_eq!(event.is_some(), found, "by one connection");
                heard.extend(event.map(|event| format!("{event:?}")));

                let found = open.has_event(&mut inbox, &mut outbox).unwrap();
                let (sender, mut receiver) = open.split();
                let event = receiver.receive(&mut inbox).unwrap();
                assert_eq!(event.is_some(), found, "by a half");
                heard.extend(event.map(|event| format!("{event:?}")));
                open = Open::join(sender, receiver);
                if !found {
                    break;
                }
            }
        }
        let last = heard.pop().unwrap();
        assert!(last.starts_with("PeerClose"), "{last}");
        heard.retain(|heard| !heard.contains("(0 bytes)"));
        if D::NAME == "messages" {
            assert_eq!(heard, ["Text(4 bytes)", "Pong(4 bytes)", "Binary(5 bytes)"]);
        } else {
            assert!(heard.len() >= 3, "{heard:?}");
        }
    }
    in_every_way!(law);
}

#[test]
fn as_many_pongs_wait_in_the_outbox_as_without_a_split() {
    // `Limits::pending_pongs`, and the newest: RFC 6455 5.5.3.
    fn law<R: End, D: Mode>() {
        let limits = Limits::default().pending_pongs(2);
        let mut halves = Halves::<R, D>::of(R::open(limits).into());
        for payload in ["a", "b", "c", "d", "e"] {
            halves.hear(&[frame(0x89, payload)]);
            let owed = halves.receive_ping();
            halves.sender.answer(owed, &mut halves.outbox);
        }
        assert_eq!(halves.outbox.pending_pongs(), 2);
        assert_eq!(halves.sent().0, hex("8a0161 8a0162 8a0165"));
    }
    in_every_way!(law);
}

#[test]
fn of_pongs_that_wait_the_newest_is_enough() {
    // RFC 6455 5.5.3.
    fn law<R: End, D: Mode>() {
        let mut halves = Halves::<R, D>::led_to(None);
        halves.hear(&[frame(0x89, "a"), frame(0x89, "b"), frame(0x89, "c")]);
        let mut owed = halves.receive_ping();
        owed.supersede(halves.receive_ping());
        owed.supersede(halves.receive_ping());
        halves.sender.answer(owed, &mut halves.outbox);
        assert_eq!(halves.sent().0, hex("8a0163"));
    }
    in_every_way!(law);
}

#[test]
fn a_pong_that_was_paid_does_not_supersede_one_that_is_owed() {
    fn law<R: End, D: Mode>() {
        let mut halves = Halves::<R, D>::led_to(None);
        halves.hear(&[frame(0x89, "a"), frame(0x89, "b")]);
        let mut owed = halves.receive_ping();
        let (mut connection, mut inbox, mut outbox) = halves.join();
        assert_eq!(connection.has_event(&mut inbox, &mut outbox), Ok(true));
        assert_eq!(sent::<R>(&mut outbox).0, hex("8a0162"));
        let mut halves = Halves::<R, D>::of(connection);
        halves.inbox = inbox;
        owed.supersede(halves.receive_ping());
        halves.sender.answer(owed, &mut halves.outbox);
        assert_eq!(halves.sent().0, hex("8a0161"));
    }
    in_every_way!(law);
}

#[test]
fn an_owed_pong_has_the_whole_payload_of_its_ping() {
    fn law<R: End, D: Mode>() {
        for len in [0, 1, 124, 125] {
            let payload: Vec<u8> = (0..len).collect();
            let mut halves = Halves::<R, D>::led_to(None);
            halves.hear(&[frame(0x89, &payload)]);
            assert_eq!(halves.receiver.has_event(&mut halves.inbox), Ok(true));
            let owed = halves.receive_ping();
            assert_eq!(owed.payload(), payload);
            assert_eq!(format!("{owed:?}"), format!("OwedPong({len} bytes)"));
            halves.sender.answer(owed, &mut halves.outbox);
            let pong = frame(0x8a, &payload).bytes(None);
            assert_eq!(halves.sent().0, pong);
        }
    }
    in_every_way!(law);
}

#[test]
fn a_server_broadcasts_with_a_half() {
    let (mut sender, _receiver) = Server::open(Limits::default()).split();
    let mut outbox = Outbox::new();
    sender.send_broadcast(&wsproto::Broadcast::text("all"), &mut outbox);
    assert_eq!(sent::<Server>(&mut outbox).0, hex("8103 616c6c"));
}

#[test]
fn keys_go_on_where_they_were() {
    // RFC 6455 5.3: a client's key is never used twice, however often it is split and joined.
    let mut open = Client::open(Limits::default());
    let mut outbox = Outbox::new();
    let mut keys = std::collections::BTreeSet::new();
    for _ in 0..50 {
        open.send_text("a", &mut outbox);
        let (mut sender, receiver) = open.split();
        sender.send_text("b", &mut outbox);
        open = Open::join(sender, receiver);
    }
    for sent in parse::<Client>(&drain(&mut outbox)) {
        assert!(keys.insert(sent.key.unwrap()), "a key was used twice");
    }
    assert_eq!(keys.len(), 100);
}

#[test]
fn halves_of_two_connections_without_an_extension_are_of_no_harm() {
    // A caller's error, which nothing can tell.
    fn law<R: End, D: Mode>() {
        let (one, _) = R::open(Limits::default()).split();
        let (_, other) = R::open(Limits::default()).split();
        let mut peer = Peer::<Open<R>, D>::new(Open::join(one, other));
        peer.hear(&[frame(0x89, "a"), frame(0x82, "b")]);
        assert_eq!(peer.news(), [ping("a"), binary("b")]);
        assert_eq!(peer.sent().0, hex("8a0161"));
    }
    in_every_way!(law);
}

#[test]
#[cfg(feature = "deflate")]
fn each_half_has_its_own_codec() {
    use common::deflate::{DeflateEnd, Terms};
    let (mut sender, mut receiver) = Server::agree(Terms::default()).split();
    let (mut peer, mut peers_receiver) = Client::agree(Terms::default()).split();
    let (mut to_server, mut to_client) = (Outbox::new(), Outbox::new());
    let (mut server_in, mut client_in) = (Inbox::new(), Inbox::new());
    // With a context that is taken over: each is a reference to the one before.
    let message = "the same words again and again, ".repeat(20);
    let mut sizes = Vec::new();
    for _ in 0..3 {
        sender.send_text(&message, &mut to_client);
        peer.send_text(&message, &mut to_server);
        sizes.push(to_client.len());
        client_in.extend(&drain(&mut to_client));
        server_in.extend(&drain(&mut to_server));
        match receiver.receive(&mut server_in) {
            Ok(Some(Received::Text(text))) => assert_eq!(*text, message),
            other => panic!("{other:?}"),
        }
        match peers_receiver.receive(&mut client_in) {
            Ok(Some(Received::Text(text))) => assert_eq!(*text, message),
            other => panic!("{other:?}"),
        }
    }
    assert!(sizes[0] < message.len() && sizes[1] < sizes[0], "{sizes:?}");
}

#[test]
#[cfg(target_pointer_width = "64")]
fn sizes_of_halves_are_as_published() {
    use wsproto::Sender;

    assert_eq!(size_of::<Sender<Server>>(), 0);
    assert_eq!(size_of::<Sender<Client>>(), 104);
    assert_eq!(size_of::<Receiver<Server>>(), 64);
    assert_eq!(size_of::<Receiver<Client>>(), 64);
    assert_eq!(size_of::<OwedPong>(), 128);
}
