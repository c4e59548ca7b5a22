//! Laws of permessage-deflate: any payload at all in, and any message out and in again.

use bytes::Bytes;
use wsproto::{
    Broadcast, Client, ControlPayload, DeflateOffer, Established, Limits, Messages, Server,
    Violation, WindowBits,
};

use super::input::{Input, cut};
use super::listener::{Listener, Side, shake};
use super::receiving::{Bounds, Outcome, cuts_are_invisible, outcome};
use crate::common::deflate::Inflate;
use crate::common::{Heard, Step, drain, frame};

/// Binary frames of these payloads, compressed as one message, as a client sends them.
pub fn compressed(fragments: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (index, fragment) in fragments.iter().enumerate() {
        let first = if index == 0 { 0x42 } else { 0 };
        let fin = if index + 1 == fragments.len() {
            0x80
        } else {
            0
        };
        bytes.extend(frame(first | fin, fragment).bytes(Some([0; 4])));
    }
    bytes
}

/// A compressed payload decodes to the same, or to the same error, however it lies in frames,
/// however it is cut, and whether the window is kept or not; and to what a strict inflater of the
/// tests makes of it.
pub fn decodes_alike(bounds: Bounds, payload: &[u8], sizes: &[u8]) -> Outcome {
    let keep = DeflateOffer::default();
    let forget = DeflateOffer::default().client_no_context_takeover();
    let whole = compressed(&[payload]);
    let pieces = cut(&whole, sizes);
    let first = cuts_are_invisible::<Server, _>(&forget, bounds, &whole, &[&pieces]);
    let kept = cuts_are_invisible::<Server, _>(&keep, bounds, &whole, &[&pieces]);
    let strict = match payload {
        // RFC 7692 leaves it open; here no payload is no message, and no error.
        [] => Ok(Vec::new()),
        _ => Inflate::new().message(payload),
    };
    if kept != first {
        // With takeover the inflater may take the end of the message for codes that are missing,
        // and there is no asking it: they show with a later message.
        assert_eq!(first.violation, Some(Violation::InvalidCoding), "{kept:?}");
        assert_eq!(kept.violation, None);
        assert!(strict.is_err(), "with context takeover");
    }
    let fragments = compressed(&cut(payload, sizes));
    let fragments = outcome::<Server, _, Messages>(&forget, bounds, Step::Receive, &[&fragments]);
    // Frames have limits of their own.
    let is_limit = |outcome: &Outcome| {
        let limit = outcome
            .violation
            .map(|violation| violation.close_code().get());
        limit == Some(1009)
    };
    if !is_limit(&first) && !is_limit(&fragments) {
        assert_eq!(fragments, first, "in fragments");
    }
    for heard in &first.heard {
        let Heard::Binary(message) = heard else {
            panic!("{heard:?}")
        };
        assert!(message.len() <= bounds.message, "above the limit");
    }
    match strict {
        _ if is_limit(&first) => {}
        Ok(data) => assert_eq!(first.heard, [Heard::Binary(data)], "by RFC 1951"),
        // What zlib lets pass, on purpose or not; whatever comes of it is the same each time.
        Err(error) if LENIENT.contains(&error) => {}
        Err(error) => {
            assert_eq!(first.violation, Some(Violation::InvalidCoding), "{error}");
        }
    }
    first
}

/// What the strict inflater refuses, and this crate may accept.
const LENIENT: &[&str] = &[
    // RFC 7692 7.2.3.5 allows it.
    "a final block",
    // RFC 1951 3.2.4: ignored.
    "padding that is not zero",
];

/// What a program of messages is made of: see [`round_trip`].
struct Program<'i> {
    input: Input<'i>,
}

impl Program<'_> {
    fn offer(&mut self) -> DeflateOffer {
        let (flags, windows) = (self.input.byte(), self.input.byte());
        let bits = |bits: u8| WindowBits::new(8 + bits % 8).unwrap();
        let mut offer = DeflateOffer::default()
            .level(flags >> 4)
            .server_max_window_bits(bits(windows >> 4))
            .client_max_window_bits(bits(windows));
        if flags & 1 != 0 {
            offer = offer.server_no_context_takeover();
        }
        if flags & 2 != 0 {
            offer = offer.client_no_context_takeover();
        }
        if flags & 4 != 0 {
            offer = offer.threshold(0);
        }
        offer
    }

    /// Some bytes, many times over, with a number between them.
    fn message(&mut self) -> Vec<u8> {
        let (len, times) = (self.input.byte() & 0x3f, self.input.number() & 0xff);
        let part = self.input.bytes(len.into());
        let mut message = Vec::new();
        for time in 0..=times {
            message.extend_from_slice(part);
            if len & 1 != 0 {
                message.extend(time.wrapping_mul(40503).to_be_bytes());
            }
        }
        message
    }
}

/// What is compressed is what is heard: any messages, of both ends by turns, whole, in fragments
/// and by broadcast, whatever was agreed.
pub fn round_trip(data: &[u8]) {
    let mut program = Program { input: Input(data) };
    let (client, server) = (program.offer(), program.offer());
    let limits = Limits::default().message_payload(1 << 20);
    let broadcast = program.offer();
    let ends = shake(client, server, limits);
    let mut client = Listener::<Client, DeflateOffer, Messages>::new(ends.0, Step::Receive);
    let mut server = Listener::<Server, DeflateOffer, Messages>::new(ends.1, Step::HasEvent);
    for _ in 0..16 {
        if program.input.is_empty() {
            break;
        }
        let act = program.input.byte();
        let message = program.message();
        if act & 1 == 0 {
            send(&mut client, act >> 1, &message);
            receive(&mut server, &drain(&mut client.outbox), &message);
        } else {
            let (connection, outbox) = (&mut server.connection, &mut server.outbox);
            match connection {
                Established::Open(open) if act & 6 == 6 => {
                    let message = Broadcast::binary(&message).deflated(&broadcast);
                    open.send_broadcast(&message, outbox);
                }
                _ => send(&mut server, act >> 1, &message),
            }
            receive(&mut client, &drain(&mut server.outbox), &message);
        }
    }
}

fn send<R: Side>(end: &mut Listener<R, DeflateOffer, Messages>, way: u8, message: &[u8]) {
    let Established::Open(mut open) = end.connection.take() else {
        panic!("not open")
    };
    let outbox = &mut end.outbox;
    match way % 4 {
        0 => open.send_binary(message, outbox),
        1 => open.send_bytes(Bytes::copy_from_slice(message), outbox),
        _ => {
            let mut streaming = open.start_binary();
            let most = message.len() / 64 + 1;
            for piece in message.chunks(most.max(way.into())) {
                streaming.write(piece, outbox);
                streaming.ping(ControlPayload::default(), outbox);
            }
            open = streaming.finish(b"", outbox);
        }
    }
    end.connection = open.into();
}

fn receive<R: Side>(end: &mut Listener<R, DeflateOffer, Messages>, bytes: &[u8], message: &[u8]) {
    for piece in bytes.chunks(1021) {
        end.take_in(piece);
        end.listen();
    }
    // The pongs are nobody's matter here.
    drain(&mut end.outbox);
    assert_eq!(end.violation, None);
    let data: Vec<_> = end
        .heard
        .iter()
        .filter(|it| !matches!(it, Heard::Ping(_)))
        .collect();
    assert!(
        data == [&Heard::Binary(message.to_vec())],
        "another message was heard"
    );
    end.heard.clear();
}
