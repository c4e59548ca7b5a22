//! How much a peer may ask of us: each limit at its edge (RFC 6455 10.4).

mod common;

use common::*;
use wsproto::{Inbox, Limits, Messages, Open, Server, Violation};

/// Fragments of these lengths, of one message that they finish.
fn fragments(lens: &[usize]) -> Vec<Frame> {
    let mut frames: Vec<_> = lens
        .iter()
        .map(|len| frame(0x00, "a".repeat(*len)))
        .collect();
    frames[0].first |= 0x02;
    frames.last_mut().unwrap().first |= 0x80;
    frames
}

fn allows(row: &str, limits: Limits, lens: &[usize]) {
    let whole = "a".repeat(lens.iter().sum());
    // The harness appends a message of its own, of four bytes.
    hears(row, limits, &fragments(lens), &[binary(whole)], "");
}

fn refuses(row: &str, limits: Limits, lens: &[usize], violation: Violation) {
    fails(row, limits, &fragments(lens), &[], "", violation, 1009);
}

#[test]
fn each_limit_is_held_to_the_byte_and_told_apart() {
    use Violation::*;

    let message = Limits::default().message_payload(100);
    allows("message, one frame", message, &[100]);
    refuses("message, one frame", message, &[101], MessageTooBig);
    allows("message, fragments", message, &[60, 40, 0]);
    refuses("message, fragments", message, &[60, 41], MessageTooBig);

    let frames = Limits::default().frame_payload(100);
    allows("frame, alone", frames, &[100]);
    refuses("frame, alone", frames, &[101], FrameTooBig);
    allows("frame, fragments", frames, &[100, 100, 100]);
    refuses("frame, first fragment", frames, &[101, 1], FrameTooBig);
    refuses("frame, last fragment", frames, &[100, 101], FrameTooBig);

    let wire = Limits::default().message_wire(100);
    allows("wire, one frame", wire, &[100]);
    refuses("wire, one frame", wire, &[101], TooManyWireBytes);
    allows("wire, fragments", wire, &[60, 40, 0]);
    refuses("wire, fragments", wire, &[60, 41], TooManyWireBytes);

    let number = Limits::default().fragments(3);
    allows("fragments", number, &[1, 1, 1]);
    refuses("fragments", number, &[1, 1, 1, 1], TooManyFragments);
    refuses("empty fragments", number, &[0, 0, 0, 0], TooManyFragments);
    allows("one fragment", Limits::default().fragments(1), &[4]);
    refuses(
        "two where one is allowed",
        Limits::default().fragments(1),
        &[1, 1],
        TooManyFragments,
    );
    allows("none counts as one", Limits::default().fragments(0), &[4]);
}

#[test]
fn the_defaults_are_as_documented() {
    fn law<R: End, D: Mode>() {
        let header = |len: u64| {
            let mut header = frame(0x82, "");
            header.length = [&[127][..], &len.to_be_bytes()].concat();
            header
        };
        for (len, expected) in [
            (1 << 20, None),
            ((1 << 20) + 1, Some(Violation::MessageTooBig)),
        ] {
            let mut peer = Peer::<Open<R>, D>::open(Limits::default());
            peer.hear(&[header(len)]);
            assert_eq!(peer.violation, expected);
        }
        // A frame may have what a message may have.
        let mut peer = Peer::<Open<R>, D>::open(Limits::default().message_payload(1 << 24));
        peer.hear(&[header(1 << 24)]);
        assert_eq!(peer.violation, None);
    }
    in_every_way!(law);
}

#[test]
fn control_frames_do_not_touch_the_budget_of_a_message() {
    let limits = Limits::default()
        .message_payload(10)
        .frame_payload(10)
        .message_wire(10)
        .fragments(2);
    hears(
        "control frames longer than any limit, and more of them",
        limits,
        &[
            frame(0x8a, [0; 100]),
            frame(0x02, "aaaaa"),
            frame(0x8a, [1; 100]),
            frame(0x8a, [2; 100]),
            frame(0x8a, [3; 100]),
            frame(0x80, "bbbbb"),
        ],
        &[
            pong([0; 100]),
            pong([1; 100]),
            pong([2; 100]),
            pong([3; 100]),
            binary("aaaaabbbbb"),
        ],
        "",
    );
}

#[test]
fn each_message_has_a_budget_of_its_own() {
    let limits = Limits::default()
        .message_payload(10)
        .message_wire(10)
        .fragments(2);
    let mut frames = Vec::new();
    let mut heard = Vec::new();
    for _ in 0..5 {
        frames.extend(fragments(&[5, 5]));
        frames.extend(fragments(&[10]));
        heard.extend([binary("a".repeat(10)), binary("a".repeat(10))]);
    }
    hears("again and again", limits, &frames, &heard, "");
}

#[test]
fn nothing_is_allowed_where_the_limit_is_nothing() {
    let limits = Limits::default().message_payload(0);
    for opcode in [0x81, 0x82, 0x01] {
        let frames = [frame(opcode, "a")];
        let violation = Violation::MessageTooBig;
        fails("one byte", limits, &frames, &[], "", violation, 1009);
    }
    fn law<R: End, D: Mode>(limits: Limits) {
        let mut peer = Peer::<Open<R>, D>::open(limits);
        peer.hear(&[frame(0x81, ""), frame(0x01, ""), frame(0x80, "")]);
        assert_eq!(peer.heard, [text(""), text("")]);
        assert_eq!(peer.violation, None);
    }
    in_every_way!(law, limits);
}

#[test]
fn limits_are_the_connections_and_not_the_inboxs() {
    let mut inbox = Inbox::new();
    for limit in [1, 10, 5] {
        let mut peer =
            Peer::<Open<Server>, Messages>::open(Limits::default().message_payload(limit));
        peer.inbox = inbox;
        peer.hear(&fragments(&[limit]));
        assert_eq!(peer.news(), [binary("a".repeat(limit))]);
        peer.hear(&fragments(&[limit, 1]));
        assert_eq!(peer.violation, Some(Violation::MessageTooBig));
        inbox = peer.inbox;
        drop(inbox.detach());
    }
}
