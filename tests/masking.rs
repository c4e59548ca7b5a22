//! Masking (RFC 6455 5.1, 5.3, 10.3).

mod common;

use std::collections::HashSet;

use common::*;
use wsproto::{Client, CloseCode, CloseReason, Limits, Open, Outbox, Server, Violation};

#[test]
fn row_3_1_unmasked_frames_to_a_server() {
    for payload in ["", "Hello"] {
        let rows = [
            ("3.1 text", 0x81),
            ("3.1 binary", 0x82),
            ("3.1 a first fragment", 0x01),
            ("3.1 Ping", 0x89),
            ("3.1 Pong", 0x8a),
            ("3.1 Close", 0x88),
        ];
        let limits = Limits::default();
        let violation = Violation::Unmasked;
        for (row, opcode) in rows {
            let bytes = frame(opcode, payload).bytes(None);
            fails_bytes::<Server>(row, limits, &bytes, &[], "", violation, 1002);
        }
        for (row, opcode) in [
            ("3.1 continuation", 0x00),
            ("3.1 last continuation", 0x80),
            ("3.1 Ping inside a message", 0x89),
        ] {
            let mut bytes = frame(0x01, "a").bytes(Some(KEY));
            bytes.extend(frame(opcode, payload).bytes(None));
            fails_bytes::<Server>(row, limits, &bytes, &[], "", violation, 1002);
        }
        let mut bytes = frame(0x81, "before").bytes(Some(KEY));
        bytes.extend(frame(0x81, payload).bytes(None));
        let before = [text("before")];
        let row = "3.1 after a masked one";
        fails_bytes::<Server>(row, limits, &bytes, &before, "", violation, 1002);
    }
}

#[test]
fn row_3_2_masked_frames_to_a_client() {
    for payload in ["", "Hello"] {
        for key in [[0; 4], KEY] {
            let rows = [
                ("3.2 text", 0x81),
                ("3.2 binary", 0x82),
                ("3.2 a first fragment", 0x02),
                ("3.2 Ping", 0x89),
                ("3.2 Pong", 0x8a),
                ("3.2 Close", 0x88),
            ];
            let limits = Limits::default();
            let violation = Violation::Masked;
            for (row, opcode) in rows {
                let bytes = frame(opcode, payload).bytes(Some(key));
                fails_bytes::<Client>(row, limits, &bytes, &[], "", violation, 1002);
            }
            for (row, opcode) in [
                ("3.2 continuation", 0x00),
                ("3.2 last continuation", 0x80),
                ("3.2 Pong inside a message", 0x8a),
            ] {
                let mut bytes = frame(0x02, "a").bytes(None);
                bytes.extend(frame(opcode, payload).bytes(Some(key)));
                fails_bytes::<Client>(row, limits, &bytes, &[], "", violation, 1002);
            }
        }
    }
}

/// Bytes that differ from their neighbours, at every distance that a wrong key would have.
fn pattern(len: usize) -> Vec<u8> {
    (0..len).map(|i| (i * 7 + i / 4) as u8).collect()
}

#[test]
fn row_3_3_every_key_and_every_length() {
    for key in [[0; 4], [0xff; 4], [1, 2, 3, 4], [0, 0, 0, 0x80], KEY] {
        for len in (0..=66).chain([127, 128, 129, 255, 256, 1000]) {
            let data = pattern(len);
            let mut bytes = frame(0x82, &data).bytes(Some(key));
            // Its successor starts at another offset in memory.
            bytes.extend(frame(0x82, &data).bytes(Some(KEY)));
            let mut peer = Peer::<Open<Server>>::open(Limits::default());
            peer.read(&bytes);
            assert_eq!(peer.heard, [binary(&data), binary(&data)], "3.3 {len}");
        }
    }
    for len in 1..=33 {
        let data = pattern(len);
        let frames = [frame(0x82, &data), frame(0x89, &data), frame(0x82, &data)];
        let heard = [binary(&data), ping(&data), binary(&data)];
        let bytes = Server::from_peer(&frames);
        let pong = [vec![0x8a, len as u8], data].concat();
        let pong: String = pong.iter().map(|byte| format!("{byte:02x}")).collect();
        hears_bytes::<Server>("3.3 at every cut", &bytes, &heard, &pong);
    }
}

#[test]
fn row_3_4_and_3_7_a_masked_payload_cut_at_every_octet() {
    let data = pattern(150);
    let bytes = frame(0x82, &data).bytes(Some([1, 2, 3, 4]));
    hears_bytes::<Server>("3.4 one frame", &bytes, &[binary(&data)], "");

    // The phase of the mask starts anew in each fragment, whatever the length of the one before.
    for first in 0..9 {
        for second in 0..9 {
            let bytes = [
                frame(0x02, &data[..first]).bytes(Some([1, 2, 3, 4])),
                frame(0x00, &data[first..first + second]).bytes(Some([0x50, 0x60, 0x70, 0x80])),
                frame(0x80, &data[first + second..20]).bytes(Some(KEY)),
            ];
            let heard = [binary(&data[..20])];
            hears_bytes::<Server>("3.4 fragments", &bytes.concat(), &heard, "");
        }
    }

    // Long enough for each width of the loops that unmask, with a cut at each phase of each.
    let data = pattern(300);
    let bytes = frame(0x82, &data).bytes(Some(KEY));
    for first in 0..=70 {
        for second in 1..=5 {
            let (head, tail) = bytes.split_at(8 + first);
            let (middle, tail) = tail.split_at(second);
            let pieces = [head, middle, tail];
            for step in [Step::Receive, Step::HasEvent] {
                let limits = Limits::default();
                let (outcome, _) = outcome::<Server, wsproto::Chunks>(limits, step, &pieces);
                assert_eq!(outcome.heard, [binary(&data)], "3.4 {first} {second}");
            }
        }
    }
}

/// The wire after a client said one of everything, some of it empty.
fn client_says(seed: [u8; 32]) -> Vec<u8> {
    let mut outbox = Outbox::new();
    let mut open = Open::<Client>::after_upgrade((), Limits::default(), seed);
    let mut inbox = wsproto::Inbox::new();
    inbox.extend(&hex("89 00 89 02 6869"));
    while open.receive(&mut inbox, &mut outbox).unwrap().is_some() {}
    for message in ["", "Hello", "Hello"] {
        open.send_text(message, &mut outbox);
        open.send_binary(message.as_bytes(), &mut outbox);
        open.send_bytes(message.to_owned().into(), &mut outbox);
        open.ping(message.try_into().unwrap(), &mut outbox);
        open.pong(message.try_into().unwrap(), &mut outbox);
    }
    open.send_bytes(vec![0; 10_000].into(), &mut outbox);
    let mut streaming = open.start_text();
    streaming.write("", &mut outbox);
    streaming.write("Hello", &mut outbox);
    let open = streaming.finish("", &mut outbox);
    let _ = open.close(CloseCode::NORMAL, CloseReason::default(), &mut outbox);
    drain(&mut outbox)
}

#[test]
fn row_3_5_a_client_masks_every_frame_with_a_key_of_its_own() {
    let said = client_says([7; 32]);
    let frames = parse::<Client>(&said);
    assert_eq!(frames.len(), 2 + 15 + 1 + 3 + 1);
    let keys: HashSet<_> = frames.iter().map(|frame| frame.key.unwrap()).collect();
    assert_eq!(keys.len(), frames.len(), "3.5 a key was used twice");

    // Another seed has other keys, and the same seed the same.
    let others = parse::<Client>(&client_says([8; 32]));
    assert!(
        others
            .iter()
            .all(|frame| !keys.contains(&frame.key.unwrap()))
    );
    assert_eq!(client_says([7; 32]), said);

    let payloads = |frames: &[Sent]| -> Vec<_> {
        let content = |frame: &Sent| (frame.first, frame.payload.clone());
        frames.iter().map(content).collect()
    };
    assert_eq!(payloads(&frames), payloads(&others));
}

#[test]
fn row_3_5_no_key_follows_from_those_before_it() {
    let mut outbox = Outbox::new();
    let mut open = Client::open(Limits::default());
    let count = 4096;
    for _ in 0..count {
        open.send_binary(b"", &mut outbox);
    }
    let sent = drain(&mut outbox);
    let keys: Vec<u32> = parse::<Client>(&sent)
        .into_iter()
        .map(|frame| u32::from_be_bytes(frame.key.unwrap()))
        .collect();
    assert_eq!(keys.iter().collect::<HashSet<_>>().len(), count);
    // A counter, a step or a pattern would show in the differences.
    for distance in [1, 2, 15, 16, 17, 64] {
        let differences: HashSet<_> = keys
            .windows(distance + 1)
            .map(|keys| keys[distance].wrapping_sub(keys[0]))
            .collect();
        assert!(differences.len() > count - distance - 4);
        let patterns: HashSet<_> = keys
            .windows(distance + 1)
            .map(|keys| keys[distance] ^ keys[0])
            .collect();
        assert!(patterns.len() > count - distance - 4);
    }
    // Each bit is as often set as not; six standard deviations are 192.
    for bit in 0..32 {
        let set = keys.iter().filter(|key| **key >> bit & 1 == 1).count();
        assert!(set.abs_diff(count / 2) < 192, "bit {bit}: {set}");
    }
}

#[test]
fn row_3_5_the_pongs_of_a_client_are_masked_also_where_they_wait_for_room() {
    let limits = Limits::default().pending_pongs(2);
    let mut peer = Peer::<Open<Client>>::open(limits);
    for number in 0..10 {
        peer.hear(&[frame(0x89, [number])]);
    }
    let sent = parse::<Client>(&drain(&mut peer.outbox));
    let keys: HashSet<_> = sent.iter().map(|frame| frame.key.unwrap()).collect();
    assert_eq!(keys.len(), sent.len());
    let payloads: Vec<_> = sent.into_iter().map(|frame| frame.payload).collect();
    assert_eq!(payloads, [[0], [1], [9]]);
}

#[test]
fn row_3_6_a_server_masks_nothing() {
    let mut peer = Peer::<Open<Server>>::open(Limits::default().pending_pongs(1));
    peer.hear(&[frame(0x89, ""), frame(0x89, "Hello"), frame(0x89, "last")]);
    assert_eq!(
        Wire(drain(&mut peer.outbox)),
        Wire(hex("8a 00 8a 04 6c617374"))
    );
    let mut outbox = Outbox::new();
    let mut open = peer.phase;
    open.send_text("", &mut outbox);
    open.send_text("Hello", &mut outbox);
    open.send_binary(b"", &mut outbox);
    open.send_bytes(b"Hello"[..].into(), &mut outbox);
    open.ping("".try_into().unwrap(), &mut outbox);
    open.pong("Hello".try_into().unwrap(), &mut outbox);
    let mut streaming = open.start_binary();
    streaming.write(b"", &mut outbox);
    let open = streaming.finish(b"Hello", &mut outbox);
    let _ = open.close_without_code(&mut outbox);
    assert_eq!(
        Wire(drain(&mut outbox)),
        Wire(hex("81 00  81 05 48656c6c6f  82 00  82 05 48656c6c6f
            89 00  8a 05 48656c6c6f  02 00  80 05 48656c6c6f  88 00"))
    );
}
