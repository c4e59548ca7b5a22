//! What is allocated, counted: nothing for idle connections, and never what a peer announces.

mod common;
mod counting;

use bytes::{Buf, Bytes};
use common::*;
use counting::heap;
use wsproto::{
    Broadcast, Chunks, Client, CloseCode, CloseReason, Closed, Closing, Established, Event,
    Handshaking, Inbox, Limits, Messages, Open, Outbox, PeerClose, Rejected, Rejecting, Remainder,
    Requested, Server, Streaming, Violation,
};

/// Receives all there is, and forgets it.
fn receive_all<P: Phase, D: Mode>(
    phase: &mut P,
    inbox: &mut Inbox<D>,
    outbox: &mut Outbox,
) -> Result<usize, Violation> {
    let mut events = 0;
    while phase.receive(inbox, outbox)?.is_some() {
        events += 1;
    }
    Ok(events)
}

/// Some of everything but a Close.
fn traffic<R: End>() -> Vec<u8> {
    R::from_peer(&[
        frame(0x81, "text"),
        frame(0x82, [0; 300]),
        frame(0x01, "frag"),
        frame(0x89, "ping"),
        frame(0x80, "ments"),
        frame(0x8a, "pong"),
    ])
}

#[test]
fn what_is_new_holds_no_heap() {
    let heap = heap(|| {
        let _ = (Inbox::new(), Inbox::chunks(), Outbox::new());
        let server = Server::open(Limits::default());
        let client = Client::open(Limits::default());
        assert!(!server.start_text().eof().is_clean());
        assert!(!client.eof().is_clean());
    });
    assert_eq!(heap.calls, 0, "{heap:?}");
}

#[test]
fn an_idle_connection_holds_no_heap() {
    fn law<R: End, D: Mode>() {
        let bytes = traffic::<R>();
        let mut inbox = D::inbox();
        let mut outbox = Outbox::new();
        let mut pass = |open: &mut Open<R>| {
            for piece in bytes.chunks(10) {
                inbox.extend(piece);
                receive_all(open, &mut inbox, &mut outbox).unwrap();
            }
            open.send_text("text", &mut outbox);
            open.ping("ping".try_into().unwrap(), &mut outbox);
            outbox.advance(outbox.len());
            assert!(inbox.is_idle() && outbox.is_empty());
        };
        for _ in 0..3 {
            pass(&mut R::open(Limits::default()));
        }
        let mut connections: Vec<_> = (0..100).map(|_| R::open(Limits::default())).collect();
        let heap = heap(|| connections.iter_mut().for_each(&mut pass));
        assert_eq!((heap.kept, heap.calls), (0, 0), "{} {}", R::NAME, D::NAME);
    }
    in_every_way!(law);
}

#[test]
fn a_declared_length_is_never_allocated() {
    fn law<R: End, D: Mode>() {
        let unlimited = Limits::default()
            .message_payload(usize::MAX)
            .message_wire(usize::MAX);
        for (length, limits) in [
            ("7f 4000000000000000", Limits::default()),
            ("7f 7fffffffffffffff", Limits::default()),
            ("7f 4000000000000000", unlimited),
            ("7f 7fffffffffffffff", unlimited),
            ("7f 0000000000100000", Limits::default()),
            ("7e ffff", Limits::default()),
        ] {
            for opcode in [0x81, 0x82, 0x01, 0x02] {
                let bytes = R::from_peer(&[frame(opcode, "arrived").length(length)]);
                let heap = heap(|| {
                    let mut inbox = D::inbox();
                    let mut outbox = Outbox::new();
                    let mut open = R::open(limits);
                    for byte in &bytes {
                        inbox.extend(&[*byte]);
                        if let Err(violation) = receive_all(&mut open, &mut inbox, &mut outbox) {
                            assert_eq!(violation, Violation::MessageTooBig);
                            let _ = open.fail(violation, &mut outbox);
                            break;
                        }
                    }
                });
                assert!(heap.peak <= 256, "{length} {}: {heap:?}", D::NAME);
            }
        }
    }
    in_every_way!(law);
}

#[test]
fn small_fragments_take_at_most_twice_their_payload() {
    fn law<R: End>(opcode: u8) {
        let count = 131_000;
        let first = frame(opcode, "a").bytes(R::KEY);
        let hundred = R::from_peer(&vec![frame(0x00, "a"); 100]);
        let mut open = R::open(Limits::default());
        let mut inbox = Inbox::new();
        let mut outbox = Outbox::new();
        inbox.extend(&hundred);
        inbox = Inbox::new();
        let heap = heap(|| {
            inbox.extend(&first);
            for _ in 0..count / 100 {
                inbox.extend(&hundred);
                assert_eq!(receive_all(&mut open, &mut inbox, &mut outbox), Ok(0));
            }
        });
        // Beside the bytes of one read.
        let read = 2 * hundred.len() as isize;
        assert!(heap.peak <= 2 * count as isize + read, "{heap:?}");
        assert!(heap.calls < 100, "{heap:?}");
    }
    law::<Server>(0x01);
    law::<Server>(0x02);
    law::<Client>(0x01);
    law::<Client>(0x02);
}

#[test]
fn a_message_that_arrives_byte_by_byte_costs_memory_in_proportion() {
    fn law<R: End, D: Mode>(opcode: u8) {
        let cost = |len: usize| {
            let limits = Limits::default().message_payload(usize::MAX);
            let bytes = R::from_peer(&[frame(opcode, vec![b'a'; len])]);
            let mut open = R::open(limits);
            let mut inbox = D::inbox();
            let mut outbox = Outbox::new();
            heap(|| {
                for byte in &bytes {
                    inbox.extend(&[*byte]);
                    receive_all(&mut open, &mut inbox, &mut outbox).unwrap();
                }
            })
        };
        let (once, four) = (cost(20_000), cost(80_000));
        assert!(
            four.total as f64 <= 4.5 * once.total as f64,
            "{once:?} {four:?}"
        );
        assert!(four.peak <= 2 * 80_000 + 256, "{four:?}");
    }
    in_every_way!(law, 0x81);
    in_every_way!(law, 0x82);
}

#[test]
fn bytes_that_wait_cost_memory_in_proportion() {
    let unread = |count: usize| {
        let mut inbox = Inbox::new();
        heap(|| (0..count).for_each(|_| inbox.extend(b"a")))
    };
    let unsent = |count: usize| {
        let mut open = Server::open(Limits::default());
        let mut outbox = Outbox::new();
        heap(|| (0..count).for_each(|_| open.send_text("a", &mut outbox)))
    };
    for (once, four) in [
        (unread(10_000), unread(40_000)),
        (unsent(10_000), unsent(40_000)),
    ] {
        assert!(
            four.total as f64 <= 4.5 * once.total as f64,
            "{once:?} {four:?}"
        );
    }
}

#[test]
fn chunks_take_memory_that_does_not_depend_on_the_message() {
    fn law<R: End>(opcode: u8) {
        let limits = Limits::default().message_payload(usize::MAX);
        let payload = "aé€🦀".repeat(400_000);
        let bytes = R::from_peer(&[frame(opcode, &payload)]);
        let mut open = R::open(limits);
        let mut inbox = Inbox::chunks();
        let mut outbox = Outbox::new();
        let heap = heap(|| {
            for piece in bytes.chunks(4093) {
                inbox.extend(piece);
                receive_all(&mut open, &mut inbox, &mut outbox).unwrap();
            }
        });
        assert!(heap.peak <= 2 * 4096, "{heap:?}");
    }
    law::<Server>(0x81);
    law::<Server>(0x82);
    law::<Client>(0x81);
    law::<Client>(0x82);
}

#[test]
fn a_million_pings_leave_a_bounded_number_of_pongs() {
    fn law<R: End, D: Mode>(payload: usize, thousands: usize) {
        let thousand = R::from_peer(&vec![frame(0x89, vec![1; payload]); 1000]);
        let mut open = R::open(Limits::default());
        let mut inbox = D::inbox();
        let mut outbox = Outbox::new();
        let mut flood = |times| {
            heap(|| {
                for _ in 0..times {
                    inbox.extend(&thousand);
                    let events = receive_all(&mut open, &mut inbox, &mut outbox);
                    assert_eq!(events, Ok(1000));
                }
            })
        };
        let first = flood(2);
        let rest = flood(thousands - 2);
        let size = 2 + payload + if R::KEY.is_none() { 4 } else { 0 };
        assert_eq!(outbox.pending_pongs(), 1024);
        assert_eq!(outbox.len(), 1024 * size);
        // The pongs, twice for growth, and where each ends; beside what was read.
        let bound = 2 * 1024 * (size + 8) + 2 * thousand.len();
        assert!(first.peak <= bound as isize, "{first:?}");
        assert_eq!((rest.kept, rest.calls), (0, 0), "{rest:?}");
    }
    law::<Server, Messages>(4, 1000);
    law::<Client, Chunks>(4, 100);
    in_every_way!(law, 125, 20);
}

#[test]
fn a_million_pongs_leave_nothing() {
    fn law<R: End, D: Mode>() {
        let thousand = R::from_peer(&vec![frame(0x8a, [1; 4]); 1000]);
        let mut open = R::open(Limits::default());
        let mut inbox = D::inbox();
        let mut outbox = Outbox::new();
        inbox.extend(&thousand);
        receive_all(&mut open, &mut inbox, &mut outbox).unwrap();
        let heap = heap(|| {
            for _ in 0..1000 {
                inbox.extend(&thousand);
                let events = receive_all(&mut open, &mut inbox, &mut outbox);
                assert_eq!(events, Ok(1000));
            }
        });
        assert_eq!((heap.kept, heap.calls), (0, 0), "{heap:?}");
        assert!(outbox.is_empty());
    }
    law::<Server, Chunks>();
    law::<Client, Messages>();
}

/// A message in two fragments, with its memory left in the inbox.
fn after_a_big_message(len: usize) -> (Open<Server>, Inbox, Outbox) {
    let mut open = Server::open(Limits::default());
    let mut inbox = Inbox::new();
    let mut outbox = Outbox::new();
    let half = vec![b'a'; len / 2];
    let bytes = Server::from_peer(&[frame(0x01, &half), frame(0x80, &half)]);
    for piece in bytes.chunks(4096) {
        inbox.extend(piece);
        receive_all(&mut open, &mut inbox, &mut outbox).unwrap();
    }
    assert!(inbox.capacity() >= len);
    (open, inbox, outbox)
}

#[test]
fn the_memory_of_a_big_message_is_given_back() {
    let (mut open, mut inbox, mut outbox) = after_a_big_message(1 << 20);
    let small = Server::from_peer(&[frame(0x81, "small")]);
    let freed = heap(|| {
        for _ in 0..65 {
            inbox.extend(&small);
            receive_all(&mut open, &mut inbox, &mut outbox).unwrap();
        }
    });
    assert!(freed.kept <= -(1 << 20), "{freed:?}");
    assert!(inbox.capacity() <= 64 << 10);

    let (_, mut inbox, _) = after_a_big_message(1 << 20);
    let freed = heap(|| inbox.shrink());
    assert!(freed.kept <= -(1 << 20), "{freed:?}");
    assert_eq!(inbox.capacity(), 0);
}

#[test]
fn the_memory_of_a_big_message_in_one_frame_is_given_back() {
    let mut open = Server::open(Limits::default());
    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    let mut read = |inbox: &mut Inbox, bytes: &[u8]| {
        for piece in bytes.chunks(64 << 10) {
            inbox.extend(piece);
            receive_all(&mut open, inbox, &mut outbox).unwrap();
        }
        inbox.capacity()
    };
    let big = Server::from_peer(&[frame(0x82, vec![b'a'; 1 << 20])]);
    let small = Server::from_peer(&[frame(0x82, "small")]);
    assert!(read(&mut inbox, &big) >= 1 << 20);
    for _ in 0..70 {
        read(&mut inbox, &small);
    }
    assert!(inbox.capacity() <= 64 << 10, "{}", inbox.capacity());

    // One big message now and then keeps it.
    read(&mut inbox, &big);
    let heap = heap(|| {
        for _ in 0..5 {
            (0..50).for_each(|_| _ = read(&mut inbox, &small));
            read(&mut inbox, &big);
        }
    });
    assert!(heap.total < 1 << 20, "{heap:?}");
}

#[test]
fn a_big_message_in_one_frame_takes_no_more_memory_than_it_has_bytes() {
    fn law<R: End>(opcode: u8, read: usize) {
        let mut open = R::open(Limits::default());
        let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
        let big = R::from_peer(&[frame(opcode, vec![b'a'; 1 << 20])]);
        let mut rest = &big[..];
        while !rest.is_empty() {
            let len = inbox.suggested_read(read).min(rest.len());
            let space = inbox.space(inbox.suggested_read(read));
            space[..len].copy_from_slice(&rest[..len]);
            inbox.filled(len);
            rest = &rest[len..];
            receive_all(&mut open, &mut inbox, &mut outbox).unwrap();
        }
        // Text is assembled beside what is read.
        let beside = if opcode == 0x81 { read + 64 } else { 0 };
        let most = (1 << 20) + (2 << 10) + beside;
        assert!(inbox.capacity() <= most, "{} by {read}", inbox.capacity());
    }
    for read in [1000, 8 << 10, 16 << 10, 64 << 10] {
        for opcode in [0x81, 0x82] {
            law::<Server>(opcode, read);
            law::<Client>(opcode, read);
        }
    }
}

#[test]
fn space_for_much_and_reads_of_little_cost_memory_in_proportion() {
    let cost = |len: usize| {
        let mut open = Server::open(Limits::default().message_payload(usize::MAX));
        let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
        let bytes = Server::from_peer(&[frame(0x82, vec![b'a'; len])]);
        heap(|| {
            for piece in bytes.chunks(100) {
                // More than is missing, in the end.
                inbox.space(64 << 10)[..piece.len()].copy_from_slice(piece);
                inbox.filled(piece.len());
                receive_all(&mut open, &mut inbox, &mut outbox).unwrap();
            }
        })
    };
    let (once, four) = (cost(250_000), cost(1_000_000));
    assert!(
        four.total as f64 <= 5.0 * once.total as f64,
        "{once:?} {four:?}"
    );
    assert!(four.total <= 5_000_000, "{four:?}");
}

#[test]
fn what_is_detached_takes_no_memory_but_its_own() {
    // What follows a big message, and what of it stays in the inbox.
    let rows = [
        ("a prefix", hex("81")),
        ("a fragment", frame(0x01, "start").bytes(Some(KEY))),
    ];
    for (row, bytes) in rows {
        let (mut open, mut inbox, mut outbox) = after_a_big_message(1 << 20);
        inbox.extend(&bytes);
        receive_all(&mut open, &mut inbox, &mut outbox).unwrap();
        let mut other = Inbox::new();
        let heap = heap(|| {
            other.attach(inbox.detach().expect(row));
            inbox.shrink();
        });
        assert!(heap.kept < 0, "{row}: {heap:?}");
        assert!(other.capacity() < 1 << 10, "{row}: {}", other.capacity());
    }

    // What is attached leaves the inbox the memory that it has.
    let (_, mut inbox, _) = after_a_big_message(1 << 20);
    inbox.extend(&hex("81"));
    let remainder = inbox.detach().unwrap();
    assert!(inbox.capacity() >= 1 << 20);
    inbox.attach(remainder);
    assert!(inbox.capacity() >= 1 << 20);
}

#[test]
fn the_memory_of_a_message_in_progress_is_not_given_back() {
    let (mut open, mut inbox, mut outbox) = after_a_big_message(1 << 20);
    inbox.extend(&frame(0x02, "start").bytes(Some(KEY)));
    for _ in 0..200 {
        inbox.extend(&Server::from_peer(&[frame(0x00, "a"), frame(0x8a, "")]));
        receive_all(&mut open, &mut inbox, &mut outbox).unwrap();
    }
    inbox.shrink();
    inbox.extend(&frame(0x80, "").bytes(Some(KEY)));
    match open.receive(&mut inbox, &mut outbox) {
        Ok(Some(Event::Binary(data))) => assert_eq!(data.len(), 205),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_message_is_taken_out_of_the_inbox_without_an_allocation() {
    let mut open = Server::open(Limits::default());
    let mut inbox = Inbox::new();
    let mut outbox = Outbox::new();
    let bytes = Server::from_peer(&[frame(0x01, [b'a'; 1000]), frame(0x80, [b'b'; 1000])]);
    inbox.extend(&bytes);
    let event = open.receive(&mut inbox, &mut outbox);
    let Ok(Some(Event::Text(text))) = event else {
        panic!("{event:?}");
    };
    let mut owned = String::new();
    let heap = heap(|| owned = text.into_string());
    assert_eq!(heap.calls, 0, "{heap:?}");
    assert_eq!(owned.len(), 2000);
}

#[test]
fn what_is_sent_and_received_over_and_over_allocates_nothing() {
    fn law<R: End, D: Mode>() {
        let bytes = traffic::<R>();
        let mut open = R::open(Limits::default());
        let mut inbox = D::inbox();
        let mut outbox = Outbox::new();
        let mut pass = || {
            inbox.space(4096)[..bytes.len()].copy_from_slice(&bytes);
            inbox.filled(bytes.len());
            receive_all(&mut open, &mut inbox, &mut outbox).unwrap();
            for _ in 0..10 {
                open.send_text("text", &mut outbox);
                open.send_binary(&[0; 300], &mut outbox);
            }
            outbox.advance(outbox.len());
        };
        pass();
        let heap = heap(|| (0..100).for_each(|_| pass()));
        assert_eq!((heap.kept, heap.calls), (0, 0), "{heap:?}");
    }
    in_every_way!(law);
}

#[test]
fn a_shared_payload_is_not_copied() {
    let payload = Bytes::from(vec![1; 1 << 20]);
    let message = Broadcast::binary(&payload);
    let mut open = Server::open(Limits::default());
    let mut outbox = Outbox::new();
    let heap = heap(|| {
        open.send_bytes(payload.clone(), &mut outbox);
        open.send_broadcast(&message, &mut outbox);
    });
    assert!(heap.total < 1000, "{heap:?}");
    assert_eq!(outbox.len(), 2 * (10 + (1 << 20)));
}

#[test]
fn a_close_without_a_reason_allocates_nothing() {
    fn law<R: End, D: Mode>() {
        for payload in [&[][..], &[0x03, 0xe8]] {
            let bytes = frame(0x88, payload).bytes(R::KEY);
            let mut open = R::open(Limits::default());
            let mut inbox = D::inbox();
            let mut outbox = Outbox::new();
            inbox.extend(&bytes);
            open.pong("".try_into().unwrap(), &mut outbox);
            let mut closed = None;
            let heap = heap(|| {
                let close = match open.receive(&mut inbox, &mut outbox) {
                    Ok(Some(Event::Close(close))) => close,
                    _ => panic!("no Close"),
                };
                closed = Some(open.acknowledge(close, &mut outbox));
            });
            assert_eq!(heap.calls, 0, "{heap:?}");
        }
    }
    in_every_way!(law);
    let heap = heap(|| {
        let mut outbox = Outbox::new();
        let open = Server::open(Limits::default());
        let reason = CloseReason::from_static("a reason that is known");
        let _ = open.close(CloseCode::NORMAL, reason, &mut outbox);
    });
    assert_eq!(heap.calls, 1, "the outbox alone: {heap:?}");
}

#[test]
fn the_memory_of_much_output_is_given_back() {
    let mut open = Server::open(Limits::default());
    let mut outbox = Outbox::new();
    open.send_binary(&vec![1; 1 << 20], &mut outbox);
    assert!(outbox.capacity() >= 1 << 20);
    let mut send = |payload: &[u8]| {
        drain(&mut outbox);
        open.send_binary(payload, &mut outbox);
        outbox.capacity()
    };
    for _ in 0..70 {
        send(b"small");
    }
    assert!(send(b"small") <= 64 << 10);
    outbox.bytes_to_send(None);
    outbox.shrink();
    assert_eq!(outbox.capacity(), 0);
}

#[test]
#[cfg(feature = "deflate")]
fn the_memory_of_a_big_compressed_message_is_not_kept() {
    use common::deflate::{DeflateEnd, Terms};
    let mut open = Server::agree(Terms::default());
    let mut outbox = Outbox::new();
    open.send_binary(&vec![1; 1 << 20], &mut outbox);
    let mut streaming = open.start_binary();
    streaming.write(&vec![2; 1 << 20], &mut outbox);
    let _ = streaming.finish(b"", &mut outbox).eof();
    assert!(outbox.len() < 64 << 10 && outbox.capacity() <= 128 << 10);
}

#[test]
#[cfg(target_pointer_width = "64")]
fn sizes_are_as_published() {
    assert_eq!(size_of::<Open<Server>>(), 64);
    assert_eq!(size_of::<Open<Client>>(), 168);
    assert_eq!(size_of::<Streaming<Server, (), wsproto::Text>>(), 72);
    assert_eq!(size_of::<Closing<Server>>(), 104);
}

#[test]
fn every_phase_and_all_it_works_with_is_send_and_sync() {
    fn law<T: Send + Sync + 'static>() {}
    fn of_a_role<R: End>() {
        law::<Open<R>>();
        law::<Streaming<R, (), wsproto::Text>>();
        law::<Streaming<R, (), wsproto::Binary>>();
        law::<Closing<R>>();
        law::<Closed<R>>();
        law::<wsproto::Sender<R>>();
        law::<wsproto::StreamingSender<R, (), wsproto::Text>>();
        law::<wsproto::ClosingSender<R>>();
        law::<wsproto::Receiver<R>>();
        law::<Established<R>>();
    }
    of_a_role::<Server>();
    of_a_role::<Client>();
    law::<wsproto::Connection<Server, wsproto::Registry>>();
    law::<wsproto::Connection<Client, wsproto::Registry>>();
    law::<wsproto::events::Event>();
    law::<wsproto::LocalError>();
    law::<Handshaking<Server>>();
    law::<Handshaking<Client>>();
    law::<Requested>();
    law::<Rejecting>();
    law::<Rejected<Server>>();
    law::<Rejected<Client>>();
    law::<Inbox>();
    law::<Inbox<Chunks>>();
    law::<Remainder>();
    law::<Outbox>();
    law::<Broadcast>();
    law::<PeerClose>();
    law::<wsproto::OwedPong>();
    law::<Violation>();
    law::<Limits>();
    law::<Event<'static, Messages>>();
    law::<Event<'static, Chunks>>();
}

#[test]
fn capacity_is_what_is_held() {
    let mut open = Open::<Server>::after_upgrade((), Limits::default().pending_pongs(9));
    let pings: Vec<_> = (0..20).map(|number| frame(0x89, [number; 100])).collect();
    let mut inbox = Inbox::new();
    let held = heap(|| inbox.extend(&Server::from_peer(&pings))).kept;
    assert_eq!(inbox.capacity() as isize, held);
    // Frames, pongs, one that waits for room, and payloads that are shared.
    let mut outbox = Outbox::new();
    let held = heap(|| {
        receive_all(&mut open, &mut inbox, &mut outbox).unwrap();
        for _ in 0..20 {
            open.send_bytes(Bytes::from_static(&[0; 1 << 16]), &mut outbox);
        }
    });
    assert_eq!(outbox.capacity() as isize, held.kept);
    // Messages that are put together.
    for first in [0x01, 0x02] {
        let bytes = Server::from_peer(&[frame(first, [b'a'; 3000]), frame(0x80, [b'a'; 9000])]);
        let mut open = Server::open(Limits::default());
        let mut inbox = Inbox::new();
        let held = heap(|| {
            inbox.extend(&bytes);
            receive_all(&mut open, &mut inbox, &mut outbox).unwrap();
        });
        assert_eq!(inbox.capacity() as isize, held.kept);
    }
}

/// The most that is kept for good.
const KEEP: usize = 64 << 10;

/// A text message of `len` bytes in two fragments, so that it is assembled.
fn in_two(len: usize) -> Vec<u8> {
    let half = vec![b'a'; len / 2];
    Server::from_peer(&[frame(0x01, &half), frame(0x80, &half)])
}

#[test]
fn an_inbox_gives_back_after_64_reads_that_needed_no_more_than_it_keeps() {
    for len in [10, KEEP] {
        let (mut open, mut inbox, mut outbox) = after_a_big_message(1 << 20);
        let bytes = in_two(len);
        // Memory to read into is another matter. This is the first of the 64.
        inbox.space(bytes.len());
        let mut read = |times| {
            heap(|| {
                for _ in 0..times {
                    inbox.extend(&bytes);
                    receive_all(&mut open, &mut inbox, &mut outbox).unwrap();
                }
            })
        };
        let before = read(63);
        assert_eq!((before.kept, before.calls), (0, 0), "{len}: {before:?}");
        let after = read(1);
        assert!(after.kept <= -(1 << 20) + KEEP as isize, "{len}: {after:?}");
    }
    // What is needed again and again stays.
    let (mut open, mut inbox, mut outbox) = after_a_big_message(1 << 20);
    let (small, large) = (in_two(10), in_two(KEEP + 2));
    inbox.space(large.len());
    let heap = heap(|| {
        for _ in 0..5 {
            for bytes in [&small; 60].into_iter().chain([&large]) {
                inbox.extend(bytes);
                receive_all(&mut open, &mut inbox, &mut outbox).unwrap();
            }
        }
    });
    assert_eq!((heap.kept, heap.calls), (0, 0), "{heap:?}");
}

#[test]
fn what_an_inbox_keeps_it_keeps_for_good() {
    let mut open = Server::open(Limits::default());
    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    inbox.space(KEEP / 2);
    let pieces =
        [0x01, 0x00, 0x00, 0x80].map(|first| frame(first, [b'a'; KEEP / 4]).bytes(Some(KEY)));
    let message = heap(|| {
        for piece in &pieces {
            inbox.extend(piece);
            receive_all(&mut open, &mut inbox, &mut outbox).unwrap();
        }
    });
    assert_eq!(message.kept, KEEP as isize, "all that is kept, to the byte");
    let bytes = in_two(10);
    let heap = heap(|| {
        for _ in 0..200 {
            inbox.extend(&bytes);
            receive_all(&mut open, &mut inbox, &mut outbox).unwrap();
        }
    });
    assert_eq!((heap.kept, heap.calls), (0, 0), "{heap:?}");
}

#[test]
fn an_outbox_gives_back_after_64_times_that_needed_no_more_than_it_keeps() {
    // With their headers of 4 bytes.
    for len in [10, KEEP - 4] {
        let mut open = Server::open(Limits::default());
        let mut outbox = Outbox::new();
        let payload = vec![1; len];
        open.send_binary(&vec![1; 1 << 20], &mut outbox);
        let mut send = |times| {
            for _ in 0..times {
                outbox.advance(outbox.len());
                open.send_binary(&payload, &mut outbox);
            }
            outbox.capacity()
        };
        assert!(send(65) >= 1 << 20, "{len}");
        assert!(send(1) <= KEEP, "{len}");
        send(1);
        // And that is kept for good.
        let heap = heap(|| _ = send(200));
        assert_eq!((heap.kept, heap.calls), (0, 0), "{len}: {heap:?}");
    }
    // What is needed again and again stays.
    let mut open = Server::open(Limits::default());
    let mut outbox = Outbox::new();
    let mut send = |len| {
        open.send_binary(&[1; 2 * KEEP][..len], &mut outbox);
        outbox.advance(outbox.len());
    };
    send(2 * KEEP);
    let heap = heap(|| {
        for _ in 0..5 {
            (0..60).for_each(|_| send(10));
            send(KEEP + 1);
        }
    });
    assert_eq!((heap.kept, heap.calls), (0, 0), "{heap:?}");
}

#[test]
fn a_message_that_is_detached_at_every_read_costs_in_proportion() {
    for first in [0x01, 0x02] {
        let mut open = Server::open(Limits::default());
        let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
        let pieces: Vec<_> = (0..1024)
            .map(|number| frame(if number == 0 { first } else { 0 }, [b'a'; 1000]))
            .map(|frame| frame.bytes(Some(KEY)))
            .collect();
        let heap = heap(|| {
            let mut remainder = None;
            for piece in &pieces {
                if let Some(remainder) = remainder.take() {
                    inbox.attach(remainder);
                }
                inbox.extend(piece);
                receive_all(&mut open, &mut inbox, &mut outbox).unwrap();
                remainder = inbox.detach();
            }
        });
        assert!(heap.total < 8 << 20, "{heap:?}");
    }
}
