//! How bytes arrive: whole, or in pieces.

use core::fmt;
use std::vec::Vec;

use proptest::collection::vec;
use proptest::prelude::*;

/// How a transport cuts the bytes that it carries.
///
/// The default is not to cut them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Cuts {
    /// Bytes of the pieces; none is 0.
    sizes: Vec<usize>,
    /// Whether the sizes come over and over; otherwise what is behind them is one piece.
    again: bool,
}

impl Cuts {
    /// Pieces after which cutting more finds nothing more.
    const MOST: usize = 1000;

    /// `bytes` in pieces, of which none is empty. What is behind the first thousand is one piece.
    ///
    /// ```
    /// use proptest::prelude::*;
    /// use wsproto::strategies::cuts;
    ///
    /// proptest!(|(cuts in cuts())| {
    ///     let pieces: Vec<&[u8]> = cuts.pieces(b"any bytes").collect();
    ///     prop_assert_eq!(pieces.concat(), b"any bytes");
    /// });
    /// ```
    pub fn pieces<'b>(&self, bytes: &'b [u8]) -> impl Iterator<Item = &'b [u8]> {
        let mut rest = bytes;
        let mut at = 0;
        core::iter::from_fn(move || {
            let turn = match self.sizes.len() {
                0 => 0,
                len if self.again && at < Self::MOST => at % len,
                _ => at,
            };
            let size = self.sizes.get(turn).copied().unwrap_or(rest.len());
            at += 1;
            let (piece, after) = rest.split_at(rest.len().min(size));
            rest = after;
            (!piece.is_empty()).then_some(piece)
        })
    }
}

impl fmt::Debug for Cuts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.sizes[..], self.again) {
            ([], _) => f.write_str("whole"),
            (sizes, true) => write!(f, "pieces of {sizes:?} bytes, over and over"),
            (sizes, false) => write!(f, "pieces of {sizes:?} bytes, and the rest"),
        }
    }
}

/// Any way to cut bytes: nowhere, in some places, into pieces of a few sizes, or at every byte.
pub fn cuts() -> impl Strategy<Value = Cuts> {
    let size = prop_oneof![4 => 1..16usize, 2 => 1..300usize, 1 => 1..70_000usize];
    let sizes = prop_oneof![4 => vec(size, 0..8), 1 => Just([1].into())];
    (any::<bool>(), sizes).prop_map(|(again, sizes)| Cuts { sizes, again })
}
