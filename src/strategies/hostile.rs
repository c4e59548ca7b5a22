//! Bytes of a peer that means harm, or of a wire that does.

use std::vec::Vec;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::broken::{BrokenFrame, broken_frame};
use super::frames::{Frame, fragments, frame};
use super::values::message;
use crate::{Opcode, Role};

/// What happens to bytes on their way.
#[derive(Clone, Copy, Debug)]
enum Damage {
    Change(Index, u8),
    Insert(Index, u8),
    Remove(Index),
    CutOff(Index),
}

impl Damage {
    fn apply(self, bytes: &mut Vec<u8>) {
        let len = bytes.len();
        match self {
            Self::Insert(at, byte) => bytes.insert(at.index(len + 1), byte),
            _ if len == 0 => {}
            Self::Change(at, byte) => bytes[at.index(len)] ^= byte,
            Self::Remove(at) => drop(bytes.remove(at.index(len))),
            Self::CutOff(at) => bytes.truncate(at.index(len)),
        }
    }
}

/// `bytes`, in half of all cases with some of them changed, put in, taken out, or cut off.
pub fn damaged(bytes: impl Strategy<Value = Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let one = prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Damage::Change(at, byte)),
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Damage::Insert(at, byte)),
        any::<Index>().prop_map(Damage::Remove),
        any::<Index>().prop_map(Damage::CutOff),
    ];
    let damage = prop_oneof![1 => Just(Vec::new()), 1 => vec(one, 1..4)];
    (bytes, damage).prop_map(|(mut bytes, damage)| {
        for damage in damage {
            damage.apply(&mut bytes);
        }
        bytes
    })
}

/// Any bytes that look like those of an end of role `R`, and some that do not: frames right and
/// wrong in any order, [`damaged`] or not, and noise.
///
/// What is to be heard of them nobody knows; what is to hold is that we neither panic nor take more
/// memory than our limits, and that what is heard does not depend on [`cuts`](super::cuts).
pub fn hostile_bytes<R: Role>() -> impl Strategy<Value = Vec<u8>> {
    let whole = frame().prop_map(|frame| [frame].to_vec());
    // A fragment, as if it were in its place.
    let part = (frame(), any::<bool>(), any::<bool>()).prop_map(|(frame, begins, fin)| {
        let opcode = match frame.opcode {
            data if begins && !data.is_control() => data,
            _ => Opcode::Continuation,
        };
        [Frame {
            fin,
            opcode,
            ..frame
        }]
        .to_vec()
    });
    let right = prop_oneof![4 => whole, 2 => fragments(message()), 3 => part].prop_map(|frames| {
        frames
            .iter()
            .flat_map(Frame::to_bytes::<R>)
            .collect::<Vec<_>>()
    });
    let wrong = broken_frame::<R>().prop_map(|frame: BrokenFrame| frame.bytes().into());
    let frames = vec(prop_oneof![9 => right, 1 => wrong], 0..8);
    let frames = damaged(frames.prop_map(|frames| frames.concat()));
    prop_oneof![5 => frames, 1 => vec(any::<u8>(), 0..300)]
}
