//! Frames that no peer may send, each with the rule it breaks.

use core::fmt;
use std::vec::Vec;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::frames::{is_client, length, to_bytes};
use super::values::{Shown, binary, text};
use crate::{Role, Violation};

/// A frame that breaks one rule, and that rule.
#[derive(Clone, PartialEq, Eq)]
pub struct BrokenFrame {
    bytes: Vec<u8>,
    violation: Violation,
}

impl BrokenFrame {
    /// The frame on the wire; for [`Violation::UnfinishedMessage`], behind the fragment that is to
    /// be finished.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What it does wrong, where it comes between messages and no extension was agreed.
    #[must_use]
    pub fn violation(&self) -> Violation {
        self.violation
    }
}

impl fmt::Debug for BrokenFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}({})", self.violation, Shown(&self.bytes))
    }
}

/// What a frame is made of: its first byte, its length and its payload.
type Parts = (u8, Vec<u8>, Vec<u8>);

fn parts(first: u8, payload: impl Into<Vec<u8>>) -> Parts {
    let payload = payload.into();
    (first, length(payload.len()), payload)
}

/// A frame that an end of role `R` sends, and may not. Every [`Violation`] that does not depend on
/// limits or extensions comes.
///
/// ```
/// use proptest::prelude::*;
/// use wsproto::strategies::broken_frame;
/// use wsproto::{Client, Inbox, Limits, Open, Outbox, Server};
///
/// proptest!(|(frame in broken_frame::<Client>())| {
///     let mut server = Open::<Server>::after_upgrade((), Limits::default());
///     let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
///     inbox.extend(frame.bytes());
///     let found = server.receive(&mut inbox, &mut outbox);
///     prop_assert_eq!(found.unwrap_err(), frame.violation());
/// });
/// ```
pub fn broken_frame<R: Role>() -> impl Strategy<Value = BrokenFrame> {
    let wrong = prop_oneof![header(), order(), length_form(), content()];
    let wrong = (wrong, any::<[u8; 4]>()).prop_map(|((violation, frames), key)| {
        let key = is_client::<R>().then_some(key);
        let bytes = frames
            .iter()
            .map(|(first, length, payload)| to_bytes(*first, length, key, payload));
        BrokenFrame {
            bytes: bytes.collect::<Vec<_>>().concat(),
            violation,
        }
    });
    prop_oneof![8 => wrong, 1 => wrong_mask::<R>()]
}

/// A client masks, a server does not (RFC 6455 5.1).
fn wrong_mask<R: Role>() -> impl Strategy<Value = BrokenFrame> {
    let first = select(&[0x81, 0x01, 0x82, 0x02, 0x88, 0x89, 0x8a][..]);
    (first, any::<[u8; 4]>()).prop_map(|(first, key)| {
        let (key, violation) = match is_client::<R>() {
            true => (None, Violation::Unmasked),
            false => (Some(key), Violation::Masked),
        };
        BrokenFrame {
            bytes: to_bytes(first, &[0], key, &[]),
            violation,
        }
    })
}

/// What the first byte shows, or the size of a control frame (RFC 6455 5.2, 5.5).
fn header() -> impl Strategy<Value = (Violation, Vec<Parts>)> {
    let fin = select(&[0x80, 0][..]);
    let reserved = (
        fin.clone(),
        prop_oneof![3..=7u8, 11..=15u8],
        0..8u8,
        binary(),
    )
        .prop_map(|(fin, opcode, rsv, payload)| {
            (Violation::ReservedOpcode, fin | rsv << 4 | opcode, payload)
        });
    let bits = (
        select(&[0x81, 0x01, 0x82, 0x02, 0x88, 0x89, 0x8a][..]),
        1..8u8,
    )
        .prop_map(|(first, rsv)| (Violation::ReservedBit, first | rsv << 4, Vec::new()));
    let control = select(&[8, 9, 10][..]);
    let fragment = (control.clone(), vec(any::<u8>(), 0..10))
        .prop_map(|(first, payload)| (Violation::FragmentedControl, first, payload));
    let oversized =
        (control, prop_oneof![126..200usize, 65_530..65_540usize]).prop_map(|(first, len)| {
            (
                Violation::OversizedControl,
                0x80 | first,
                std::vec![b'x'; len],
            )
        });
    prop_oneof![reserved, bits, fragment, oversized]
        .prop_map(|(violation, first, payload)| (violation, [parts(first, payload)].into()))
}

/// The order of fragments (RFC 6455 5.4).
fn order() -> impl Strategy<Value = (Violation, Vec<Parts>)> {
    let continuation = (select(&[0x80, 0][..]), binary()).prop_map(|(first, payload)| {
        (
            Violation::UnexpectedContinuation,
            [parts(first, payload)].into(),
        )
    });
    let first = select(&[0x01, 0x02][..]);
    let inside = (first, text(), select(&[0x81, 0x01, 0x82, 0x02][..]), text());
    let inside = inside.prop_map(|(first, begun, second, text)| {
        let frames = [parts(first, begun), parts(second, text)];
        (Violation::UnfinishedMessage, frames.into())
    });
    prop_oneof![continuation, inside]
}

/// The form of a length (RFC 6455 5.2).
fn length_form() -> impl Strategy<Value = (Violation, Vec<Parts>)> {
    let two = (0..126u16).prop_map(|len| (len.into(), [&[126][..], &len.to_be_bytes()].concat()));
    let eight = (0..=0xffffu64).prop_map(|len| (len, [&[127][..], &len.to_be_bytes()].concat()));
    let long = prop_oneof![two, eight].prop_map(|(len, length)| {
        let payload = std::vec![b'x'; len as usize];
        (Violation::NonMinimalLength, length, payload)
    });
    let top = (1 << 63..=u64::MAX).prop_map(|len| {
        let length = [&[127][..], &len.to_be_bytes()].concat();
        (Violation::LengthTopBit, length, Vec::new())
    });
    (
        prop_oneof![long, top],
        select(&[0x81, 0x01, 0x82, 0x02][..]),
    )
        .prop_map(|((violation, length, payload), first)| {
            (violation, [(first, length, payload)].into())
        })
}

/// Text that is not UTF-8, and what a Close may not hold (RFC 6455 5.5.1, 7.4, 8.1).
fn content() -> impl Strategy<Value = (Violation, Vec<Parts>)> {
    let not_text = || {
        let wrong: &[&[u8]] = &[
            b"\xff",
            b"\xc0\x80",
            b"\xed\xa0\x80",
            b"\xf4\x90\x80\x80",
            b"\x80",
        ];
        ("[a\u{e9}]{0,3}", select(wrong))
            .prop_map(|(before, wrong)| [before.as_bytes(), wrong].concat())
    };
    let text = (select(&[0x81, 0x01][..]), not_text())
        .prop_map(|(first, payload)| (Violation::InvalidUtf8, first, payload));
    let cut = Just((Violation::InvalidUtf8, 0x81, b"\xe2\x82".to_vec()));
    let half = any::<u8>().prop_map(|byte| (Violation::TruncatedCloseCode, 0x88, [byte].into()));
    // Most of those that the RFC names.
    let code = prop_oneof![
        3 => 1004..=1006u16,
        1 => 1015..=1016u16,
        1 => 0..1000u16,
        1 => 1016..3000u16,
        1 => 5000..=u16::MAX,
    ];
    let code = (code, text_of_close()).prop_map(|(code, reason)| {
        let payload = [&code.to_be_bytes(), reason.as_bytes()].concat();
        (Violation::ReservedCloseCode, 0x88, payload)
    });
    let reason = not_text().prop_map(|reason| {
        let payload = [&1000u16.to_be_bytes()[..], &reason].concat();
        (Violation::InvalidCloseReason, 0x88, payload)
    });
    prop_oneof![text, cut, half, code, reason]
        .prop_map(|(violation, first, payload)| (violation, [parts(first, payload)].into()))
}

fn text_of_close() -> impl Strategy<Value = std::string::String> {
    "[a\u{e9}]{0,10}"
}
