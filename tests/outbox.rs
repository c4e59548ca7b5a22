//! What leaves: frames in order, as one or several slices, with and without copies.

mod common;

use bytes::{Buf, Bytes};
use common::*;
use wsproto::events::TextMessage;
use wsproto::{
    Broadcast, Client, CloseCode, CloseReason, Connection, Limits, Open, Outbox, Server,
};

fn open() -> Open<Server> {
    Server::open(Limits::default())
}

#[test]
fn an_outbox_is_empty_until_something_is_sent() {
    let mut outbox = Outbox::new();
    assert!(outbox.is_empty());
    assert_eq!((outbox.len(), outbox.capacity()), (0, 0));
    assert_eq!(outbox.bytes_to_send(None), Bytes::new());
    assert_eq!(outbox.bytes_to_send(Some(10)), Bytes::new());
    assert_eq!((outbox.remaining(), outbox.chunk()), (0, &[][..]));
    outbox.advance(0);
    open().send_text("", &mut outbox);
    assert_eq!((outbox.len(), outbox.is_empty()), (2, false));
}

#[test]
fn a_large_owned_text_is_sent_from_where_it_lies_and_a_short_one_copied() {
    let mut connection = Connection::<Server>::from(open());
    let large = "x".repeat(4 << 10);
    connection.send(TextMessage::from(large.clone())).unwrap();
    // Not in one piece with its header.
    assert_eq!(connection.outbox().chunk(), b"\x81\x7e\x10\x00");
    connection.outbox().advance(4);
    assert_eq!(connection.outbox().chunk(), large.as_bytes());
    connection.outbox().advance(4 << 10);

    let short = "x".repeat((4 << 10) - 1);
    connection.send(TextMessage::from(short.clone())).unwrap();
    // In one piece with its header.
    let frame = [b"\x81\x7e\x0f\xff", short.as_bytes()].concat();
    assert_eq!(connection.outbox().chunk(), frame);
}

#[test]
fn bytes_to_send_takes_as_many_as_asked_for() {
    for amount in 1..20 {
        let mut outbox = Outbox::new();
        let mut open = open();
        open.send_text("Hello", &mut outbox);
        open.send_binary(b"abc", &mut outbox);
        assert_eq!(outbox.bytes_to_send(Some(0)), Bytes::new());
        let mut all = Vec::new();
        while !outbox.is_empty() {
            let before = outbox.len();
            let some = outbox.bytes_to_send(Some(amount));
            assert_eq!(some.len(), amount.min(before));
            assert_eq!(outbox.len(), before - some.len());
            all.extend_from_slice(&some);
        }
        assert_eq!(all, hex("81 05 48656c6c6f 82 03 616263"));
    }
    let mut outbox = Outbox::new();
    open().send_text("Hello", &mut outbox);
    assert_eq!(outbox.bytes_to_send(None), hex("81 05 48656c6c6f"));
    assert!(outbox.is_empty());
}

/// A payload that is shared, of which every byte tells where it is.
fn large(len: usize) -> Bytes {
    (0..len).map(|i| (i * 31 + i / 256) as u8).collect()
}

/// An outbox with small frames before, between and behind large payloads, and its bytes.
fn mixed() -> (Outbox, Vec<u8>) {
    let mut outbox = Outbox::new();
    let mut open = open();
    let mut expected = Vec::new();
    let (first, second) = (large(5000), large(70_000));
    open.send_text("a", &mut outbox);
    expected.extend(hex("81 01 61"));
    open.send_bytes(first.clone(), &mut outbox);
    expected.extend(hex("82 7e 1388"));
    expected.extend(&first);
    open.send_bytes(second.clone(), &mut outbox);
    expected.extend(hex("82 7f 0000000000011170"));
    expected.extend(&second);
    open.send_text("b", &mut outbox);
    open.ping("p".try_into().unwrap(), &mut outbox);
    expected.extend(hex("81 01 62 89 01 70"));
    (outbox, expected)
}

#[test]
fn a_server_shares_a_large_payload_and_copies_a_small_one() {
    let payload = large(5000);
    let mut outbox = Outbox::new();
    open().send_bytes(payload.clone(), &mut outbox);
    assert_eq!(outbox.chunk(), hex("82 7e 1388"));
    outbox.advance(4);
    assert_eq!(outbox.chunk().as_ptr(), payload.as_ptr(), "copied");
    assert_eq!(outbox.chunk().len(), 5000);
    // Taken out in parts, they are parts of the same memory.
    let part = outbox.bytes_to_send(Some(1000));
    assert_eq!(part.as_ptr(), payload.as_ptr(), "copied");
    let rest = outbox.bytes_to_send(None);
    assert_eq!(rest.as_ptr(), payload[1000..].as_ptr(), "copied");
    assert!(outbox.is_empty());
    // Nothing of it is held any longer.
    drop((part, rest));
    assert!(payload.is_unique());

    let payload = large(100);
    open().send_bytes(payload.clone(), &mut outbox);
    assert!(payload.is_unique());
    assert_eq!(outbox.chunk().len(), 102, "one slice");
}

#[test]
fn a_client_masks_and_so_it_copies() {
    let payload = large(5000);
    let mut outbox = Outbox::new();
    let mut open = Client::open(Limits::default());
    open.send_bytes(payload.clone(), &mut outbox);
    assert!(payload.is_unique());
    assert_eq!(outbox.chunk().len(), 4 + 4 + 5000, "one slice");
    let expected = [hex("82 7e 1388"), payload.to_vec()].concat();
    assert_eq!(sent::<Client>(&mut outbox), Wire(expected));
}

#[test]
fn a_broadcast_is_framed_once_and_shared() {
    let text = "x".repeat(5000);
    let message = Broadcast::text(&text);
    let small = Broadcast::binary(b"small");
    let mut outboxes = [Outbox::new(), Outbox::new()];
    for outbox in &mut outboxes {
        let mut open = open();
        open.send_broadcast(&small, outbox);
        open.send_broadcast(&message.clone(), outbox);
        outbox.advance(7);
    }
    let [first, second] = &mut outboxes;
    assert_eq!(first.chunk().as_ptr(), second.chunk().as_ptr(), "copied");
    let expected = [hex("81 7e 1388"), text.into_bytes()].concat();
    assert_eq!(drain(first), expected);
    assert_eq!(drain(second), expected);

    let mut outbox = Outbox::new();
    let mut open = open();
    open.send_broadcast(&Broadcast::text(""), &mut outbox);
    open.send_broadcast(&small, &mut outbox);
    assert_eq!(drain(&mut outbox), hex("81 00 82 05 736d616c6c"));
}

/// Each message is a reference to the same 16 MiB: 4.25 GiB wait in 16 MiB of memory.
#[cfg(target_pointer_width = "32")]
#[test]
fn more_may_wait_than_an_address_can_count() {
    let payload = large(16 << 20);
    let messages = 272;
    let send = |outbox: &mut Outbox| {
        let mut open = open();
        for _ in 0..messages {
            open.send_bytes(payload.clone(), outbox);
        }
        assert_eq!(outbox.len(), usize::MAX);
    };
    let mut outbox = Outbox::new();
    send(&mut outbox);
    let mut sent = 0;
    while outbox.has_remaining() {
        let step = outbox.chunk().len();
        outbox.advance(step);
        sent += step as u64;
    }
    assert_eq!(sent, messages * (10 + (16 << 20)));

    send(&mut outbox);
    outbox.clear();
    assert!(outbox.is_empty());
    open().send_binary(b"small", &mut outbox);
    assert_eq!(outbox.len(), 7);
}

#[test]
fn advance_goes_over_every_boundary() {
    let (_, expected) = mixed();
    for step in [
        1, 2, 3, 4, 5, 1000, 4999, 5000, 5007, 69_999, 75_000, 80_000,
    ] {
        let (mut outbox, _) = mixed();
        let mut all = Vec::new();
        while outbox.has_remaining() {
            assert!(!outbox.chunk().is_empty());
            assert_eq!(outbox.remaining(), expected.len() - all.len());
            let step = step.min(outbox.remaining());
            // What a transport took: a part of the first slice, or more.
            let mut taken = 0;
            let mut copy = Vec::new();
            if step <= outbox.chunk().len() {
                copy.extend_from_slice(&outbox.chunk()[..step]);
                outbox.advance(step);
                taken = step;
            }
            copy.extend_from_slice(&outbox.copy_to_bytes(step - taken));
            all.extend(copy);
        }
        assert!(all == expected, "in steps of {step}");
    }
    // Over several at once, without looking.
    for at in (0..expected.len())
        .step_by(97)
        .chain([3, 7, 5007, 5017, 75_017])
    {
        let (mut outbox, _) = mixed();
        outbox.advance(at);
        assert!(drain(&mut outbox) == expected[at..], "after {at}");
    }
}

#[cfg(feature = "std")]
fn joined(slices: &[std::io::IoSlice<'_>]) -> Vec<u8> {
    slices.iter().flat_map(|slice| slice.to_vec()).collect()
}

#[cfg(feature = "std")]
#[test]
fn chunks_vectored_shows_everything_in_order() {
    use std::io::IoSlice;

    let (_, expected) = mixed();
    let boundaries = [3 + 4, 5000, 10, 70_000, 6];
    for at in (0..expected.len())
        .step_by(61)
        .chain([3, 7, 5007, 5017, 75_017])
    {
        let (mut outbox, _) = mixed();
        outbox.advance(at);
        let mut slices = [IoSlice::new(&[]); 16];
        let used = outbox.chunks_vectored(&mut slices);
        assert!(used <= boundaries.len());
        assert!(slices[..used].iter().all(|slice| !slice.is_empty()));
        assert!(joined(&slices[..used]) == expected[at..], "after {at}");
        // As many as there is room for.
        for room in 0..=used {
            let mut few = vec![IoSlice::new(&[]); room];
            assert_eq!(outbox.chunks_vectored(&mut few), room);
            for (few, all) in few.iter().zip(&slices) {
                assert_eq!(few.as_ptr(), all.as_ptr());
                assert_eq!(few.len(), all.len());
            }
        }
    }
    let (outbox, _) = mixed();
    let mut slices = [IoSlice::new(&[]); 16];
    assert_eq!(outbox.chunks_vectored(&mut slices), boundaries.len());
    let lens: Vec<_> = slices[..boundaries.len()]
        .iter()
        .map(|slice| slice.len())
        .collect();
    assert_eq!(lens, boundaries);
    assert_eq!(Outbox::new().chunks_vectored(&mut slices), 0);
}

#[cfg(feature = "std")]
#[test]
fn a_transport_that_writes_little_gets_everything_in_order() {
    use std::io::IoSlice;

    let (mut outbox, expected) = mixed();
    let mut open = open();
    let mut numbers = Numbers(9);
    let mut all = Vec::new();
    let mut more = 0;
    while outbox.has_remaining() {
        let mut slices = [IoSlice::new(&[]); 3];
        let used = outbox.chunks_vectored(&mut slices);
        let seen = joined(&slices[..used]);
        let written = numbers.below(seen.len().min(3000)) + 1;
        all.extend_from_slice(&seen[..written]);
        outbox.advance(written);
        if more < 100 {
            more += 1;
            open.send_bytes(large(4096 + more), &mut outbox);
            open.send_binary(&[more as u8], &mut outbox);
        }
    }
    assert!(all.starts_with(&expected));
    let frames = parse::<Server>(&all);
    let expected: Vec<_> = (1..=100)
        .flat_map(|more| [large(4096 + more).to_vec(), vec![more as u8]])
        .collect();
    let got: Vec<_> = frames[5..].iter().map(|it| it.payload.clone()).collect();
    assert!(got == expected);
}

#[test]
#[should_panic(expected = "more was sent than there was")]
fn advance_beyond_the_end_panics() {
    let mut outbox = Outbox::new();
    open().send_text("Hello", &mut outbox);
    outbox.advance(8);
}

#[test]
#[should_panic(expected = "more was asked for than there is")]
fn copy_to_bytes_beyond_the_end_panics() {
    let mut outbox = Outbox::new();
    open().send_text("Hello", &mut outbox);
    let _ = outbox.copy_to_bytes(8);
}

/// A connection that has this much room for pongs.
fn room_for<R: End>(pongs: u16) -> Peer<Open<R>> {
    Peer::open(Limits::default().pending_pongs(pongs))
}

/// Pings of one byte each.
fn pings(numbers: std::ops::Range<u8>) -> Vec<Frame> {
    numbers.map(|number| frame(0x89, [number])).collect()
}

/// What answers them.
fn pongs(numbers: impl IntoIterator<Item = u8>) -> Wire {
    Wire(
        numbers
            .into_iter()
            .flat_map(|number| [0x8a, 1, number])
            .collect(),
    )
}

#[test]
fn pongs_beyond_the_limit_leave_the_newest_only() {
    fn law<R: End>() {
        for limit in [1, 2, 3, 10] {
            let mut peer = room_for::<R>(limit);
            let limit = limit as u8;
            peer.hear(&pings(0..limit));
            assert_eq!(peer.outbox.pending_pongs(), limit.into());
            let full = peer.outbox.len();
            for last in limit..limit + 5 {
                peer.hear(&pings(last..last + 1));
                assert_eq!(peer.outbox.len(), full);
                assert_eq!(peer.outbox.pending_pongs(), limit.into());
            }
            assert_eq!(peer.sent(), pongs((0..limit).chain([limit + 4])));
            assert_eq!(peer.outbox.pending_pongs(), 0);
            // And then it starts anew.
            peer.hear(&pings(50..50 + limit));
            assert_eq!(peer.sent(), pongs(50..50 + limit));
        }
    }
    law::<Server>();
    law::<Client>();
}

#[test]
fn no_room_for_pongs_counts_as_room_for_one() {
    let mut peer = room_for::<Server>(0);
    peer.hear(&pings(0..5));
    assert_eq!(peer.sent(), pongs([0, 4]));
}

#[test]
fn a_pong_that_waits_goes_out_as_soon_as_there_is_room() {
    let mut peer = room_for::<Server>(2);
    peer.hear(&pings(0..5));
    assert_eq!(peer.outbox.len(), 6);
    // Of the first pong, two bytes of three: it still waits.
    assert_eq!(peer.outbox.bytes_to_send(Some(2)), hex("8a 01"));
    assert_eq!((peer.outbox.len(), peer.outbox.pending_pongs()), (4, 2));
    // Its last byte makes room for the newest.
    assert_eq!(peer.outbox.bytes_to_send(Some(1)), hex("00"));
    assert_eq!((peer.outbox.len(), peer.outbox.pending_pongs()), (6, 2));
    // There is none for another, which waits in its place.
    peer.hear(&pings(5..7));
    assert_eq!(peer.outbox.len(), 6);
    // What goes out otherwise does not make room, and keeps its place.
    let open = &mut peer.phase;
    open.send_text("x", &mut peer.outbox);
    assert_eq!(
        Wire(drain(&mut peer.outbox)),
        Wire(hex("8a 01 01  8a 01 04  81 01 78  8a 01 06"))
    );
    assert!(peer.outbox.is_empty());
}

#[test]
fn messages_around_pongs_do_not_count() {
    fn law<R: End>() {
        let mut peer = room_for::<R>(3);
        for number in 0..6 {
            peer.phase.send_binary(&[number], &mut peer.outbox);
            peer.hear(&pings(number..number + 1));
            peer.phase.send_binary(&large(5000), &mut peer.outbox);
        }
        assert_eq!(peer.outbox.pending_pongs(), 3);
        let frames = parse::<R>(&drain(&mut peer.outbox));
        let pongs: Vec<_> = frames
            .iter()
            .filter(|frame| frame.first == 0x8a)
            .map(|frame| frame.payload[0])
            .collect();
        assert_eq!(pongs, [0, 1, 2, 5]);
        let data = frames.iter().filter(|frame| frame.first == 0x82);
        assert_eq!(data.count(), 12);
    }
    law::<Server>();
    law::<Client>();
}

#[test]
fn pongs_of_our_own_are_not_counted_and_not_held_back() {
    let mut peer = room_for::<Server>(1);
    for number in 0..5 {
        let payload = [number][..].try_into().unwrap();
        peer.phase.pong(payload, &mut peer.outbox);
    }
    assert_eq!(peer.outbox.pending_pongs(), 0);
    assert_eq!(peer.sent(), pongs(0..5));
}

#[test]
fn a_pong_that_waits_is_written_before_our_close_and_never_after() {
    fn law<R: End>() {
        let code = CloseCode::NORMAL;
        let expected = |last: &str| {
            let mut wire = pongs([0, 4]).0;
            wire.extend(hex(last));
            Wire(wire)
        };

        let mut peer = room_for::<R>(1);
        peer.hear(&pings(0..5));
        let mut closing =
            peer.then(|open, outbox| open.close(code, CloseReason::default(), outbox));
        assert_eq!(closing.sent(), expected("88 02 03e8"), "close");

        let mut peer = room_for::<R>(1);
        peer.hear(&pings(0..5));
        let mut closing = peer.then(|open, outbox| open.close_without_code(outbox));
        assert_eq!(closing.sent(), expected("88 00"), "close_without_code");

        let mut peer = room_for::<R>(1);
        peer.hear(&pings(0..5));
        peer.hear(&[frame(0x88, [0x0f, 0xa0])]);
        assert_eq!(peer.end().0.sent, expected("88 02 0fa0"), "acknowledge");

        let mut peer = room_for::<R>(1);
        peer.hear(&pings(0..5));
        peer.hear(&[frame(0x83, "")]);
        assert_eq!(peer.end().0.sent, expected("88 02 03ea"), "fail");

        let mut peer = room_for::<R>(1).then(|open, _| open.start_text());
        peer.hear(&pings(0..5));
        let mut closing = peer.then(|streaming, outbox| streaming.close_without_code(outbox));
        assert_eq!(closing.sent(), expected("88 00"), "from a message");
    }
    law::<Server>();
    law::<Client>();
}

#[test]
fn a_pong_that_waits_goes_between_frames() {
    let mut peer = room_for::<Server>(1).then(|open, _| open.start_binary());
    peer.hear(&pings(0..3));
    let payload = large(6000);
    peer.phase.write(&payload, &mut peer.outbox);
    // The room is there while the fragment is on its way.
    let mut all = peer.outbox.bytes_to_send(Some(100)).to_vec();
    peer.phase.write(b"x", &mut peer.outbox);
    all.extend(drain(&mut peer.outbox));
    let frames = parse::<Server>(&all);
    let seen: Vec<_> = frames
        .iter()
        .map(|frame| (frame.first, frame.payload.len()))
        .collect();
    assert_eq!(seen, [(0x8a, 1), (0x02, 6000), (0x8a, 1), (0x00, 1)]);
    assert_eq!(frames[2].payload, [2]);
}

#[test]
fn pongs_find_their_place_among_shared_payloads() {
    let mut peer = room_for::<Server>(2);
    let mut expected = Vec::new();
    for number in 0..4 {
        peer.phase.send_bytes(large(5000), &mut peer.outbox);
        peer.hear(&pings(number..number + 1));
        expected.extend(frame(0x82, large(5000)).bytes(None));
        if number < 2 {
            expected.extend(hex(&format!("8a 01 0{number}")));
        }
    }
    expected.extend(hex("8a 01 03"));
    let mut all = Vec::new();
    while !peer.outbox.is_empty() {
        all.extend_from_slice(&peer.outbox.bytes_to_send(Some(777)));
    }
    assert!(all == expected);
}

#[test]
fn memory_that_is_not_used_can_be_given_back_at_any_time() {
    let (mut outbox, expected) = mixed();
    outbox.advance(5010);
    outbox.shrink();
    assert!(drain(&mut outbox) == expected[5010..]);
    outbox.shrink();
    assert_eq!(outbox.capacity(), 0);

    let mut peer = room_for::<Client>(1);
    peer.hear(&pings(0..3));
    peer.outbox.shrink();
    assert_eq!(peer.sent(), pongs([0, 2]));
}

#[test]
fn debug_says_how_much_and_not_what() {
    let (outbox, _) = mixed();
    let shown = format!("{outbox:?}");
    assert_eq!(shown, "Outbox { len: 75023, pending_pongs: 0, .. }");
}

#[test]
fn what_is_cleared_is_forgotten() {
    let (mut outbox, _) = mixed();
    outbox.clear();
    assert_eq!((outbox.len(), outbox.is_empty()), (0, true));
    assert_eq!(outbox.chunk(), b"");
    open().send_text("Hello", &mut outbox);
    assert_eq!(outbox.bytes_to_send(None), hex("81 05 48656c6c6f"));

    // Pongs that wait, and the one that waits for room.
    let mut peer = room_for::<Client>(2);
    peer.hear(&pings(0..5));
    assert_eq!(peer.outbox.pending_pongs(), 2);
    peer.outbox.clear();
    assert_eq!((peer.outbox.len(), peer.outbox.pending_pongs()), (0, 0));
    assert_eq!(peer.sent(), Wire::default());
    peer.hear(&pings(5..6));
    assert_eq!(peer.sent(), pongs([5]));
}

#[test]
fn no_more_is_taken_than_was_asked_for_over_every_boundary() {
    let (_, expected) = mixed();
    for len in [3, 8, 5008, 5018, 75_018, expected.len()] {
        let (mut outbox, _) = mixed();
        assert!(outbox.bytes_to_send(Some(len)) == expected[..len], "{len}");
        assert_eq!(outbox.len(), expected.len() - len);
    }
}
