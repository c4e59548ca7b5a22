//! Messages that are sent from where they lie: the bytes are those of a message that is copied, and
//! nothing is lost, whatever the transport takes.

mod common;

use std::io::IoSlice;

use bytes::{Buf, Bytes};
use common::*;
use wsproto::{Broadcast, Client, ControlPayload, Inbox, Limits, Open, Outbox, Server, Unsent};

fn open() -> Open<Server> {
    Server::open(Limits::default())
}

/// Has a transport take `len` bytes, at most `step` at once and no more than lie together.
fn take(unsent: &mut Unsent<'_>, mut len: usize, step: usize) -> Vec<u8> {
    let mut taken = Vec::new();
    while len > 0 {
        let some = unsent.chunk().len().min(step).min(len);
        assert!(some > 0, "{len} bytes are left, it says");
        taken.extend_from_slice(&unsent.chunk()[..some]);
        unsent.advance(some);
        len -= some;
    }
    taken
}

/// Has a transport take `len` bytes at once, out of all pieces that there are.
fn take_vectored(unsent: &mut Unsent<'_>, len: usize) -> Vec<u8> {
    let mut slices = [IoSlice::new(&[]); 16];
    let used = unsent.chunks_vectored(&mut slices);
    if !cfg!(feature = "std") {
        // Then there is the first piece alone, whatever is asked.
        return take(unsent, len, usize::MAX);
    }
    let all: Vec<u8> = slices[..used].iter().flat_map(|it| it.to_vec()).collect();
    assert_eq!(all.len(), unsent.remaining());
    unsent.advance(len);
    all[..len].to_vec()
}

/// What waits, sends, and is the whole of what goes out, whatever part of it is taken before the rest
/// is left to the outbox.
fn at_every_cut(
    expected: &[u8],
    mut prepare: impl FnMut(&mut Open<Server>, &mut Outbox),
    mut send: impl FnMut(&mut Open<Server>, &mut Outbox, &mut dyn FnMut(&mut Unsent<'_>)),
) {
    let cuts: Vec<usize> = match expected.len() {
        len @ ..300 => (0..=len).collect(),
        len => (0..30)
            .chain(len / 2..len / 2 + 9)
            .chain(len - 9..=len)
            .collect(),
    };
    for cut in cuts {
        for step in [1, 2, usize::MAX, 0] {
            let (mut open, mut outbox) = (open(), Outbox::new());
            prepare(&mut open, &mut outbox);
            let mut out = Vec::new();
            send(&mut open, &mut outbox, &mut |unsent| {
                // What is owed is not in it yet.
                let cut = cut.min(unsent.remaining());
                out = match step {
                    0 => take_vectored(unsent, cut),
                    step => take(unsent, cut, step),
                };
            });
            out.extend_from_slice(&outbox.bytes_to_send(None));
            assert_eq!(Wire(out), Wire(expected.to_vec()), "{cut} by {step}");
        }
    }
}

#[test]
fn a_message_is_the_frame_that_would_have_been_copied() {
    at_every_cut(
        &hex("81 05 48656c6c6f"),
        |_, _| {},
        |open, outbox, taken| {
            taken(&mut open.send_text_in_place("Hello", outbox));
        },
    );
    at_every_cut(
        &hex("82 00"),
        |_, _| {},
        |open, outbox, taken| {
            taken(&mut open.send_binary_in_place(b"", outbox));
        },
    );
    let payload = vec![7; 256];
    let frame = [hex("82 7e 0100"), payload.clone()].concat();
    at_every_cut(
        &frame,
        |_, _| {},
        |open, outbox, taken| {
            taken(&mut open.send_binary_in_place(&payload, outbox));
        },
    );
    let payload = vec![7; 65_536];
    let frame = [hex("82 7f 0000000000010000"), payload.clone()].concat();
    at_every_cut(
        &frame,
        |_, _| {},
        |open, outbox, taken| {
            taken(&mut open.send_binary_in_place(&payload, outbox));
        },
    );
}

#[test]
fn what_waits_goes_out_before() {
    let large = Bytes::from(vec![8; 5000]);
    let expected = [
        hex("89 01 70"),
        hex("82 7e 1388"),
        large.to_vec(),
        hex("81 02 6869"),
        hex("81 05 48656c6c6f"),
    ]
    .concat();
    at_every_cut(
        &expected,
        |open, outbox| {
            open.ping(ControlPayload::literal(b"p"), outbox);
            open.send_bytes(large.clone(), outbox);
            open.send_text("hi", outbox);
        },
        |open, outbox, taken| taken(&mut open.send_text_in_place("Hello", outbox)),
    );
}

#[test]
fn of_what_is_taken_nothing_is_copied() {
    let payload = vec![7; 100_000];
    let (mut open, mut outbox) = (open(), Outbox::new());
    let mut unsent = open.send_binary_in_place(&payload, &mut outbox);
    if cfg!(feature = "std") {
        let mut slices = [IoSlice::new(&[]); 4];
        assert_eq!(unsent.chunks_vectored(&mut slices), 2);
        assert_eq!(&slices[0][..], hex("82 7f 00000000000186a0"));
        assert_eq!(slices[1].as_ptr(), payload.as_ptr());
        assert_eq!(unsent.chunks_vectored(&mut slices[..1]), 1);
    }
    unsent.advance(10 + 100_000 - 20);
    assert_eq!(
        unsent.chunk().as_ptr_range().end,
        payload.as_ptr_range().end
    );
    drop(unsent);
    assert_eq!(outbox.len(), 20);
    assert!(outbox.capacity() < 200);
    let mut unsent = open.send_binary_in_place(&payload, &mut outbox);
    unsent.advance(20 + 10 + 100_000);
    assert!(!unsent.has_remaining());
    drop(unsent);
    assert_eq!((outbox.len(), outbox.capacity() < 200), (0, true));
}

/// The newest pong waits for room while the other is in the outbox; room comes when that is taken, and the
/// message may be cut then.
#[test]
fn a_pong_that_waits_for_room_does_not_come_into_the_middle_of_a_message() {
    for cut in 0..=10 {
        for vectored in [false, true] {
            let mut open = Server::open(Limits::default().pending_pongs(1));
            let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
            for payload in ["1", "2", "3"] {
                inbox.extend(&frame(0x89, payload).bytes(Some(KEY)));
                assert!(open.receive(&mut inbox, &mut outbox).unwrap().is_some());
            }
            let mut unsent = open.send_text_in_place("Hello", &mut outbox);
            assert_eq!(unsent.remaining(), 10);
            let mut out = match vectored {
                true => take_vectored(&mut unsent, cut),
                false => take(&mut unsent, cut, usize::MAX),
            };
            drop(unsent);
            // Asking for everything makes room by itself; once the first was taken there is some.
            let amount = if cut < 3 { None } else { Some(100) };
            out.extend(outbox.bytes_to_send(amount));
            let expected = hex("8a 01 31 81 05 48656c6c6f 8a 01 33");
            assert_eq!(Wire(out), Wire(expected), "{cut}");
            assert_eq!(outbox.pending_pongs(), 0);
        }
    }
}

#[test]
fn a_broadcast_is_sent_from_where_all_connections_have_it() {
    let news = Broadcast::text("Hello");
    at_every_cut(
        &hex("81 05 48656c6c6f"),
        |_, _| {},
        |open, outbox, taken| {
            taken(&mut open.send_broadcast_in_place(&news, outbox));
        },
    );
    let payload = vec![7; 70_000];
    let news = Broadcast::binary(&payload);
    let frame = [hex("82 7f 0000000000011170"), payload].concat();
    at_every_cut(
        &frame,
        |_, _| {},
        |open, outbox, taken| {
            taken(&mut open.send_broadcast_in_place(&news, outbox));
        },
    );
    // What is large and was not taken is shared, as by `send_broadcast`.
    let (mut open, mut outbox) = (open(), Outbox::new());
    let mut unsent = open.send_broadcast_in_place(&news, &mut outbox);
    unsent.advance(10_000);
    let place = unsent.chunk().as_ptr();
    drop(unsent);
    assert_eq!((outbox.len(), outbox.chunk().as_ptr()), (60_010, place));
}

#[test]
fn a_client_sends_a_frame_with_a_mask_as_ever() {
    let mut copied = Outbox::new();
    Client::open(Limits::default()).send_text("Hello", &mut copied);
    let mut open = Client::open(Limits::default());
    let mut outbox = Outbox::new();
    let mut unsent = open.send_text_in_place("Hello", &mut outbox);
    assert_eq!(unsent.remaining(), 11);
    assert_eq!(take(&mut unsent, 3, 1), copied.bytes_to_send(Some(3)));
    drop(unsent);
    assert_eq!(outbox.bytes_to_send(None), copied.bytes_to_send(None));
    drop(open.send_binary_in_place(b"abc", &mut outbox));
    assert_eq!(
        unmasked::<Client>(&outbox.bytes_to_send(None)),
        Wire(hex("82 03 616263"))
    );
}

#[test]
fn a_sending_half_does_the_same() {
    let (mut sender, _) = open().split();
    let mut outbox = Outbox::new();
    let news = Broadcast::text("c");
    for (cut, expected) in [(0, "81 01 61"), (1, "82 01 62"), (2, "81 01 63")] {
        let mut unsent = match cut {
            0 => sender.send_text_in_place("a", &mut outbox),
            1 => sender.send_binary_in_place(b"b", &mut outbox),
            _ => sender.send_broadcast_in_place(&news, &mut outbox),
        };
        let mut out = take(&mut unsent, cut, 1);
        drop(unsent);
        out.extend_from_slice(&outbox.bytes_to_send(None));
        assert_eq!(out, hex(expected));
    }
}

#[cfg(feature = "deflate")]
#[test]
fn what_an_extension_encodes_is_written_to_the_outbox() {
    use wsproto::{Acceptance, DeflateOffer, Narrowed};

    let text = "Hello, Hello, Hello, Hello, Hello, Hello, Hello, Hello, Hello, Hello";
    let news = Broadcast::text(text).deflated(&DeflateOffer::default());
    let lines = ["permessage-deflate"];
    let (mut copied, mut in_place) = (Outbox::new(), Outbox::new());
    let [mut one, mut other] = [&mut copied, &mut in_place].map(|outbox| {
        let requested =
            common::handshake::requested(&common::handshake::request(&lines), Limits::default());
        let accepted =
            requested
                .unwrap()
                .accept_with(DeflateOffer::default(), Acceptance::default(), outbox);
        outbox.clear();
        match accepted.narrow() {
            Narrowed::With(open) => open,
            Narrowed::Without(_) => panic!("it was offered"),
        }
    });
    for round in 0..3 {
        one.send_text(text, &mut copied);
        one.send_broadcast(&news, &mut copied);
        // Below the threshold of what is compressed.
        one.send_binary(b"abc", &mut copied);
        let mut out = Vec::new();
        for kind in 0..3 {
            let mut unsent = match kind {
                0 => other.send_text_in_place(text, &mut in_place),
                1 => other.send_broadcast_in_place(&news, &mut in_place),
                _ => other.send_binary_in_place(b"abc", &mut in_place),
            };
            out.extend(take(&mut unsent, round, 1));
            drop(unsent);
            out.extend_from_slice(&in_place.bytes_to_send(None));
        }
        assert_eq!(Wire(out), Wire(copied.bytes_to_send(None).to_vec()));
    }
}

#[test]
#[should_panic(expected = "more was sent than there was")]
fn no_more_is_taken_than_there_is() {
    let mut outbox = Outbox::new();
    open().send_text_in_place("Hello", &mut outbox).advance(8);
}
