//! What an end may send, checked to the letter: written by RFC 6455 5 and 7.4 and RFC 7692 6
//! alone.

use crate::common::{End, mask};

/// What an end of role `R` sent since it was opened, by frame: first byte and payload, without
/// masks.
///
/// # Panics
///
/// If it may not send that. With `deflate`, permessage-deflate was agreed.
pub fn check<R: End>(mut bytes: &[u8], deflate: bool) -> Vec<(u8, Vec<u8>)> {
    let is_client = R::KEY.is_none();
    let mut frames = Vec::new();
    let mut message: Option<Message> = None;
    let mut closed = false;
    while !bytes.is_empty() {
        assert!(bytes.len() >= 2, "half a header was sent");
        let (first, second) = (bytes[0], bytes[1]);
        let (fin, rsv, opcode) = (first & 0x80 != 0, first & 0x70, first & 0x0f);
        assert_eq!(
            second & 0x80 != 0,
            is_client,
            "5.1 clients mask, servers do not"
        );
        let (len, rest) = match second & 0x7f {
            126 => {
                let len = u64::from(bytes[2]) << 8 | u64::from(bytes[3]);
                assert!(len > 125, "5.2 a length that is not minimal was sent");
                (len, &bytes[4..])
            }
            127 => {
                let len = bytes[2..10]
                    .iter()
                    .fold(0, |len, byte| len << 8 | u64::from(*byte));
                assert!(len > 0xffff, "5.2 a length that is not minimal was sent");
                assert!(len >> 63 == 0, "5.2 the top bit of a length was sent");
                (len, &bytes[10..])
            }
            len => (u64::from(len), &bytes[2..]),
        };
        let (key, rest) = if is_client {
            rest.split_at(4)
        } else {
            (&[][..], rest)
        };
        let len = usize::try_from(len).unwrap();
        assert!(rest.len() >= len, "half a frame was sent");
        let (payload, rest) = rest.split_at(len);
        let payload = match key.try_into() {
            Ok(key) => mask(key, payload),
            Err(_) => payload.to_vec(),
        };
        match opcode {
            0..=2 => {
                assert!(!closed, "5.5.1 data after Close was sent");
                let current = match (opcode, message.take()) {
                    (0, None) => panic!("5.4 a continuation of nothing was sent"),
                    (0, Some(message)) => {
                        assert_eq!(rsv, 0, "RFC 7692 6.1 a reserved bit on a continuation");
                        message
                    }
                    (_, Some(_)) => panic!("5.4 a message inside another was sent"),
                    (_, None) => {
                        let may = rsv == 0 || deflate && rsv == 0x40;
                        assert!(may, "5.2 a reserved bit was sent");
                        Message {
                            is_text: opcode == 1,
                            is_compressed: rsv != 0,
                            payload: Vec::new(),
                        }
                    }
                };
                message = current.with(&payload, fin);
            }
            8..=10 => {
                assert!(fin, "5.5 a control frame in fragments was sent");
                assert_eq!(rsv, 0, "5.2 a reserved bit on a control frame was sent");
                assert!(
                    len <= 125,
                    "5.5 a control frame of more than 125 bytes was sent"
                );
                assert!(!closed || opcode == 10, "5.5.1 more than pongs after Close");
                if opcode == 8 {
                    check_close(&payload);
                    closed = true;
                }
            }
            _ => panic!("5.2 a reserved opcode was sent"),
        }
        frames.push((first, payload));
        bytes = rest;
    }
    frames
}

/// The message that is being sent.
struct Message {
    is_text: bool,
    is_compressed: bool,
    payload: Vec<u8>,
}

impl Message {
    /// The message with more of its payload; nothing if that ends it.
    fn with(mut self, payload: &[u8], fin: bool) -> Option<Self> {
        self.payload.extend_from_slice(payload);
        if !fin {
            return Some(self);
        }
        if self.is_compressed {
            let tail = self.payload.ends_with(&[0, 0, 0xff, 0xff]);
            assert!(!tail, "RFC 7692 7.2.1 the end that is not sent was sent");
            assert!(
                !self.payload.is_empty(),
                "RFC 7692 7.2.3.6 no block was sent"
            );
        } else if self.is_text {
            let text = std::str::from_utf8(&self.payload);
            assert!(text.is_ok(), "5.6 text that is not UTF-8 was sent");
        }
        None
    }
}

fn check_close(payload: &[u8]) {
    let Some((code, reason)) = payload.split_first_chunk() else {
        assert!(payload.is_empty(), "5.5.1 half a code was sent");
        return;
    };
    let code = u16::from_be_bytes(*code);
    let may = matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999);
    assert!(may, "7.4 the code {code} was sent");
    let reason = std::str::from_utf8(reason);
    assert!(reason.is_ok(), "5.5.1 a reason that is not UTF-8 was sent");
}
