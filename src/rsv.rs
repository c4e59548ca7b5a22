//! The reserved bits of a frame, which extensions own (RFC 6455 5.2).

use core::fmt;

/// Reserved bits of a frame's first byte (RFC 6455 5.2), as a set.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Rsv(u8);

impl Rsv {
    /// No bit.
    pub const NONE: Self = Self(0);
    /// RSV1, which permessage-deflate owns.
    pub const RSV1: Self = Self(0x40);
    /// RSV2.
    pub const RSV2: Self = Self(0x20);
    /// RSV3.
    pub const RSV3: Self = Self(0x10);

    #[inline(always)]
    pub(crate) const fn bits(self) -> u8 {
        self.0
    }

    /// Whether it has no bit.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether it has every bit of `other`.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    /// The bits that are in both.
    #[must_use]
    pub const fn intersection(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The bits that are in either, unless there is one in both.
    pub(crate) const fn disjoint_union(self, other: Self) -> Option<Self> {
        match self.intersection(other).is_empty() {
            true => Some(self.union(other)),
            false => None,
        }
    }

    /// The bits that are in either.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// The reserved bits of a frame whose first byte this is.
#[inline(always)]
pub(crate) const fn of(first_byte: u8) -> Rsv {
    Rsv(first_byte & 0x70)
}

impl fmt::Debug for Rsv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [
            (Self::RSV1, "RSV1"),
            (Self::RSV2, "RSV2"),
            (Self::RSV3, "RSV3"),
        ];
        f.debug_set()
            .entries(
                names
                    .iter()
                    .filter(|(bit, _)| self.contains(*bit))
                    .map(|(_, name)| name),
            )
            .finish()
    }
}
