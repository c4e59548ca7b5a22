//! What compression takes of the heap, counted: codecs are made when they are needed, lent where
//! they can be, and what inflates without end is stopped at the limit.
#![cfg(feature = "deflate")]

mod common;
mod counting;

use common::deflate::*;
use common::*;
use counting::{heap, live};
use wsproto::{
    Chunks, Client, Deflate, Event, Inbox, Limits, Messages, Open, Outbox, Server, Violation,
};

/// An inflater is less than this.
const INFLATER: isize = 48 << 10;

/// And a compressor less than this.
const COMPRESSOR: isize = 384 << 10;

type Agreed<R> = Open<R, Option<Deflate>>;

/// Receives all there is, and forgets it: the bytes of messages.
fn receive_all<R: End, D: Mode>(
    open: &mut Agreed<R>,
    inbox: &mut Inbox<D>,
    outbox: &mut Outbox,
) -> Result<usize, Violation> {
    let mut bytes = 0;
    loop {
        match open.receive(inbox, outbox)? {
            None => return Ok(bytes),
            Some(Event::Text(text)) => bytes += text.len(),
            Some(Event::Binary(data)) => bytes += data.len(),
            Some(_) => {}
        }
    }
}

/// What came of `bytes`, which are read as from a socket, and how many of them were read.
fn read<R: End, D: Mode>(
    open: &mut Agreed<R>,
    inbox: &mut Inbox<D>,
    outbox: &mut Outbox,
    bytes: &[u8],
) -> (Result<usize, Violation>, usize) {
    let (mut heard, mut read) = (0, 0);
    for piece in bytes.chunks(4096) {
        inbox.extend(piece);
        read += piece.len();
        match receive_all(open, inbox, outbox) {
            Ok(more) => heard += more,
            Err(violation) => return (Err(violation), read),
        }
    }
    (Ok(heard), read)
}

fn compressed<R: End>(data: &[u8]) -> Vec<u8> {
    let payload = Bits::new().fixed_block(false, data).message();
    R::from_peer(&[frame(0xc2, payload)])
}

/// Measured, and said in the documentation of `DeflateOffer`.
#[test]
fn a_codec_takes_what_the_documentation_says() {
    println!("bytes of heap: window bits, compressor, inflater");
    let mut takes = Vec::new();
    for bits in 8..=15 {
        let terms = Terms::default().windows(bits);
        let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
        let mut warm = Server::agree(terms);
        let hello = compressed::<Server>(b"Hello");
        inbox.extend(&hello);
        receive_all(&mut warm, &mut inbox, &mut outbox).unwrap();
        warm.send_text("Hello", &mut outbox);
        outbox.bytes_to_send(None);

        let mut open = Server::agree(terms);
        let deflate = heap(|| {
            open.send_text("Hello", &mut outbox);
            assert!(!outbox.is_empty());
        });
        let inflate = heap(|| {
            inbox.extend(&hello);
            receive_all(&mut open, &mut inbox, &mut outbox).unwrap();
        });
        println!("{bits}, {}, {}", deflate.kept, inflate.kept);
        assert_eq!(heap(|| drop(open)).kept, -(deflate.kept + inflate.kept));
        takes.push((deflate.kept, inflate.kept));
    }
    // In KiB, as the documentation has it.
    let said = [245, 245, 247, 251, 259, 275, 307, 371];
    for ((compressor, inflater), said) in takes.into_iter().zip(said) {
        let near = |taken: isize, said: isize| (taken - (said << 10)).abs() < said << 6;
        assert!(near(compressor, said), "{compressor} against {said} KiB");
        assert!(near(inflater, 47), "{inflater} against 47 KiB");
    }
}

#[test]
fn what_is_agreed_and_not_used_takes_nothing() {
    fn law<R: DeflateEnd, D: Mode>() {
        for terms in [Terms::default(), Terms::default().no_takeover()] {
            let terms = Terms {
                threshold: 1000,
                ..terms
            };
            let mut open = R::agree(terms);
            let (mut inbox, mut outbox) = (D::inbox(), Outbox::new());
            let bytes = R::from_peer(&[
                frame(0x81, "plain"),
                frame(0x02, [0; 300]),
                frame(0x89, "ping"),
                frame(0x80, [0; 300]),
            ]);
            let mut pass = || {
                let (heard, _) = read(&mut open, &mut inbox, &mut outbox, &bytes);
                assert_eq!(heard, Ok(605));
                open.send_binary(&[0; 999], &mut outbox);
                outbox.bytes_to_send(None);
            };
            let first = heap(&mut pass);
            assert!(first.peak < 8 << 10, "{first:?}: no codec");
            pass();
            let later = heap(pass);
            // `bytes_to_send` gives an owned copy.
            assert_eq!(later.kept, 0, "{later:?}");
            // Compressed, it takes one.
            let inflated = heap(|| {
                read(
                    &mut open,
                    &mut inbox,
                    &mut outbox,
                    &compressed::<R>(b"Hello"),
                )
                .0
                .unwrap();
            });
            assert!(inflated.kept > 32 << 10, "{inflated:?}: an inflater");
        }
    }
    in_every_way!(law);
}

#[test]
fn with_takeover_each_connection_keeps_its_codecs_and_gives_them_back() {
    let mut kept = 0;
    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    let hello = compressed::<Server>(b"Hello");
    let mut connections = Vec::with_capacity(10);
    for number in 0..10 {
        let used = heap(|| {
            let mut open = Server::agree(Terms::default());
            read(&mut open, &mut inbox, &mut outbox, &hello).0.unwrap();
            open.send_text("Hello", &mut outbox);
            outbox.bytes_to_send(None);
            connections.push(open);
        });
        if number > 0 {
            assert_eq!(
                used.kept,
                *[kept, used.kept].iter().find(|it| **it > 0).unwrap()
            );
            kept = used.kept;
        }
    }
    let freed = heap(|| connections.clear()).kept;
    assert_eq!(freed, -10 * kept);
}

#[test]
fn ten_thousand_connections_without_takeover_own_one_codec_in_all() {
    fn law<R: DeflateEnd, D: Mode>() {
        let terms = Terms::default().no_takeover();
        let (mut inbox, mut outbox) = (D::inbox(), Outbox::new());
        // Of another content and length each, so that a state that was not reset would show.
        let message = |number: usize| format!("Hello, {number}").repeat(1 + number % 5);
        let mut use_it = |open: &mut Agreed<R>, number: usize| {
            let message = message(number);
            let bytes = compressed::<R>(message.as_bytes());
            let heard = read(open, &mut inbox, &mut outbox, &bytes).0;
            assert_eq!(heard, Ok(message.len()));
            open.send_text(&message, &mut outbox);
            outbox.bytes_to_send(None).len()
        };
        let mut first = R::agree(terms);
        let one = heap(|| {
            use_it(&mut first, 4);
        });
        assert!(one.kept < INFLATER + COMPRESSOR + 4096, "{one:?}");
        let mut connections = Vec::with_capacity(10_000);
        let agreed = heap(|| connections.extend((0..10_000).map(|_| R::agree(terms))));
        assert_eq!(agreed.kept, 0, "{agreed:?}");
        let all = heap(|| {
            for (number, open) in connections.iter_mut().enumerate() {
                assert!(use_it(open, number) > 0);
            }
        });
        // The message of 14 bytes is followed by some of 60 at most.
        assert!(all.kept <= 1024, "{all:?}: a codec of its own");
        assert!(all.peak <= 4096, "{all:?}: a codec was made");
        drop(connections);
        // What is lent is the memory of the inbox and the outbox, and can be given back.
        let freed = heap(|| {
            inbox.shrink();
            outbox.shrink();
        });
        assert!(freed.kept <= -(one.kept - 4096), "{freed:?}, {one:?}");
    }
    law::<Server, Messages>();
    law::<Client, Chunks>();
}

#[test]
fn codecs_are_made_for_messages_at_the_same_time_and_few_of_them_kept() {
    let terms = Terms::default().no_takeover();
    let mut outbox = Outbox::new();
    let mut inbox = Inbox::new();
    let hello = compressed::<Server>(b"Hello");
    let (one, two) = hello.split_at(hello.len() - 2);
    let mut ends: Vec<_> = (0..20).map(|_| (Server::agree(terms), None)).collect();
    let twenty = heap(|| {
        for (open, remainder) in &mut ends {
            read(open, &mut inbox, &mut outbox, one).0.unwrap();
            *remainder = inbox.detach();
        }
    });
    assert!(
        twenty.kept > 20 * (32 << 10),
        "{twenty:?}: one each, while the message arrives"
    );
    let rest = heap(|| {
        for (open, remainder) in &mut ends {
            inbox.attach(remainder.take().unwrap());
            assert_eq!(read(open, &mut inbox, &mut outbox, two).0, Ok(5));
        }
    });
    assert!(rest.kept < -15 * (32 << 10), "{rest:?}: four are kept");
    // A connection that fails or is dropped takes its own with it.
    let failed = heap(|| {
        for (mut open, _) in ends {
            let bytes = Server::from_peer(&[frame(0xc2, [7])]);
            let mut inbox = Inbox::new();
            inbox.extend(&bytes);
            assert!(receive_all(&mut open, &mut inbox, &mut outbox).is_err());
        }
    });
    assert!(failed.kept <= 0, "{failed:?}");
}

/// Bombs: so many bytes, in frames of at most so many.
fn bomb<R: End>(first: u8, len: usize, most: usize) -> Vec<u8> {
    let payload = Bits::new().bomb(len).message();
    fragments::<R>(first, &payload, most)
}

fn fragments<R: End>(first: u8, payload: &[u8], most: usize) -> Vec<u8> {
    let count = payload.len().div_ceil(most);
    let frames: Vec<Frame> = payload
        .chunks(most)
        .enumerate()
        .map(|(at, piece)| {
            let first = if at == 0 { first } else { 0 };
            frame(first | if at + 1 == count { 0x80 } else { 0 }, piece)
        })
        .collect();
    R::from_peer(&frames)
}

const WIRE: usize = 4 << 20;

#[test]
fn row_7_13_a_bomb_is_stopped_at_the_limit() {
    fn law<R: DeflateEnd, D: Mode>() {
        // 1 KiB to 1 MiB, 100 KiB to 100 MiB, 1 MiB to 1 GiB.
        for (wire, limit) in [
            (1 << 10, 100_000),
            (1 << 10, 1 << 19),
            (100 << 10, 100_000),
            (100 << 10, 1 << 20),
            (100 << 10, (1 << 20) + 100_000),
            (1 << 20, 100_000),
            (1 << 20, 1 << 20),
        ] {
            for first in [0x41, 0x42] {
                for most in [usize::MAX, 200] {
                    let row = format!("{wire} bytes, {first:#x}, {limit}, frames of {most}");
                    let bytes = bomb::<R>(first, wire, most);
                    let limits = Limits::default().message_payload(limit);
                    let limits = limits.frame_payload(WIRE).message_wire(WIRE);
                    let terms = Terms {
                        limits,
                        ..Terms::default()
                    };
                    let mut open = R::agree(terms);
                    let (mut inbox, mut outbox) = (D::inbox(), Outbox::new());
                    let mut used = 0;
                    let heap = heap(|| {
                        let got = read(&mut open, &mut inbox, &mut outbox, &bytes);
                        assert_eq!(got.0, Err(Violation::MessageTooBig), "{row}");
                        used = got.1 - inbox.unread().len();
                    });
                    // One byte of it stands for 1032, so that this many had to be looked at.
                    let needed = limit / 1032 * 5 / 4 + 500;
                    assert!(used <= needed, "{row}: {used} bytes of input were used");
                    let most = match D::NAME {
                        "messages" => limit as isize + INFLATER + (32 << 10),
                        _ => INFLATER + (64 << 10),
                    };
                    assert!(heap.peak <= most, "{row}, {}: {heap:?}", D::NAME);
                    let closed = open.fail(Violation::MessageTooBig, &mut outbox);
                    assert_eq!(closed.sent_code().get(), 1009);
                }
            }
        }
    }
    in_every_way!(law);
}

#[test]
fn row_7_13_a_bomb_of_many_blocks_is_stopped_at_the_limit() {
    fn law<R: DeflateEnd, D: Mode>() {
        let blocks = (0..2000).fold(Bits::new(), |bits, _| {
            bits.block(false, 1)
                .literals(&[0])
                .copy(258, 1)
                .copy(258, 1)
                .end()
        });
        let payload = blocks.message();
        for most in [usize::MAX, 1, 100] {
            let limits = Limits::default()
                .message_payload(300_000)
                .frame_payload(WIRE);
            let mut open = R::agree(Terms {
                limits,
                ..Terms::default()
            });
            let (mut inbox, mut outbox) = (D::inbox(), Outbox::new());
            let bytes = fragments::<R>(0x42, &payload, most);
            let heap = heap(|| {
                let got = read(&mut open, &mut inbox, &mut outbox, &bytes).0;
                assert_eq!(got, Err(Violation::MessageTooBig));
            });
            assert!(heap.peak <= 300_000 + INFLATER + (32 << 10), "{heap:?}");
        }
    }
    in_every_way!(law);
}

#[test]
fn a_bomb_below_the_limit_in_chunks_takes_no_more_than_a_small_one() {
    fn law<R: DeflateEnd>() {
        let limits = Limits::default()
            .message_payload(16 << 20)
            .frame_payload(WIRE);
        let mut open = R::agree(Terms {
            limits,
            ..Terms::default()
        });
        let (mut inbox, mut outbox) = (Chunks::inbox(), Outbox::new());
        for first in [0x41, 0x42] {
            let bytes = bomb::<R>(first, 10_000, 5000);
            let heap = heap(|| {
                let heard = read(&mut open, &mut inbox, &mut outbox, &bytes).0;
                assert_eq!(heard, Ok(1 + 10_000 * 1032));
            });
            assert!(heap.peak <= INFLATER + (64 << 10), "{heap:?}");
        }
    }
    law::<Server>();
    law::<Client>();
}

#[test]
fn row_7_13_what_is_allocated_in_all_is_in_proportion_to_what_is_heard() {
    // Growing by doubling: at most about twice what there is in the end, and the blocks between.
    fn law<R: DeflateEnd>(first: u8) {
        let total = |len: usize| {
            let limits = Limits::default()
                .message_payload(64 << 20)
                .frame_payload(WIRE);
            let mut open = R::agree(Terms {
                limits,
                ..Terms::default()
            });
            let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
            let bytes = bomb::<R>(first, len, usize::MAX);
            let mut heard = 0;
            let heap = heap(|| {
                heard = read(&mut open, &mut inbox, &mut outbox, &bytes).0.unwrap();
            });
            // The copy that the test itself makes of it is one more.
            assert!(
                heap.total <= 4 * heard + (128 << 10),
                "{heap:?} for {heard}"
            );
            heap.calls
        };
        let (one, four) = (total(1000), total(4000));
        assert!(
            four <= one + 8,
            "{one} allocations, and {four} for four times as much"
        );
    }
    law::<Server>(0x42);
    law::<Client>(0x41);
}

#[test]
fn row_7_15_what_decodes_to_nothing_is_bounded_by_its_bytes_on_the_wire() {
    fn law<R: DeflateEnd, D: Mode>() {
        let stored = [0, 0, 0, 0xff, 0xff].repeat(400);
        let fixed = (0..4 * 500).fold(Bits::new(), |bits, _| bits.block(false, 1).end());
        for nothing in [stored, fixed.bytes()] {
            let terms = Terms::default().limit(10_000);
            let mut open = R::agree(terms);
            let (mut inbox, mut outbox) = (D::inbox(), Outbox::new());
            let first = R::from_peer(&[frame(0x41, &nothing)]);
            let next = R::from_peer(&[frame(0x00, &nothing)]);
            let mut wire = nothing.len();
            let heap = heap(|| {
                read(&mut open, &mut inbox, &mut outbox, &first).0.unwrap();
                let violation = loop {
                    match read(&mut open, &mut inbox, &mut outbox, &next).0 {
                        Ok(0) => wire += nothing.len(),
                        Ok(_) => panic!("there is nothing in it"),
                        Err(violation) => break violation,
                    }
                };
                assert_eq!(violation, Violation::TooManyWireBytes);
                assert_eq!(violation.close_code().get(), 1009);
            });
            // By default the limit of a message and 64 KiB.
            let most = 10_000 + (64 << 10);
            assert!(wire <= most && wire + nothing.len() > most, "{wire}");
            assert!(heap.peak <= INFLATER + (32 << 10), "{heap:?}");
        }
    }
    in_every_way!(law);
}

#[test]
fn a_message_that_announces_much_and_brings_little_takes_little() {
    fn law<R: DeflateEnd, D: Mode>() {
        let limits = Limits::default()
            .message_payload(1 << 30)
            .frame_payload(1 << 30);
        let mut open = R::agree(Terms {
            limits,
            ..Terms::default()
        });
        let (mut inbox, mut outbox) = (D::inbox(), Outbox::new());
        let payload = Bits::new().fixed_block(false, b"Hello").message();
        let announced = frame(0xc2, payload).length("7f 00000000 3fffffff");
        let bytes = R::from_peer(&[announced]);
        let heap = heap(|| {
            read(&mut open, &mut inbox, &mut outbox, &bytes).0.unwrap();
        });
        assert!(heap.peak <= INFLATER + (16 << 10), "{heap:?}");
    }
    in_every_way!(law);
}

#[test]
fn what_a_large_compressed_message_took_is_given_back() {
    fn law<R: DeflateEnd>() {
        let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
        let limits = Limits::default().message_payload(8 << 20);
        let mut open = R::agree(Terms {
            limits,
            ..Terms::default()
        });
        let small = compressed::<R>(b"Hello");
        let large = bomb::<R>(0x41, 4000, usize::MAX);
        let mut numbers = Numbers(1);
        let noise: Vec<u8> = (0..2 << 20).map(|_| numbers.below(256) as u8).collect();
        let mut pass = |bytes: &[u8], message: &[u8]| {
            read(&mut open, &mut inbox, &mut outbox, bytes).0.unwrap();
            open.send_binary(message, &mut outbox);
            outbox.bytes_to_send(None);
            inbox.capacity() + outbox.capacity()
        };
        pass(&small, b"Hello");
        let before = live();
        assert!(pass(&large, &noise) > 2 << 20);
        let capacity = (0..200).map(|_| pass(&small, b"Hello")).last().unwrap();
        assert!(capacity <= 192 << 10, "{capacity}");
        let kept = live() - before;
        assert!(kept <= 192 << 10, "{kept}");
    }
    law::<Server>();
    law::<Client>();
}

#[test]
fn shrinking_gives_back_the_codecs_that_are_lent() {
    fn law<R: DeflateEnd>() {
        let mut open = R::agree(Terms::default().no_takeover());
        let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
        let hello = compressed::<R>(b"Hello");
        read(&mut open, &mut inbox, &mut outbox, &hello).0.unwrap();
        open.send_text("Hello", &mut outbox);
        outbox.bytes_to_send(None);
        let freed = heap(|| inbox.shrink()).kept;
        assert!(freed <= -(32 << 10), "{freed}: the inflater");
        let freed = heap(|| outbox.shrink()).kept;
        assert!(freed <= -(128 << 10), "{freed}: the compressor");
    }
    law::<Server>();
    law::<Client>();
}
