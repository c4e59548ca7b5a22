//! Masking: the XOR of a payload with a 4-byte key (RFC 6455 5.3).
//!
//! Knows nothing of frames. Its one idea: a direction that is not masked has the key `()`, whose
//! operations are nothing, so that no role branches on whether it masks.

use core::fmt;

/// The masking key of a frame, or `()` where frames are not masked.
pub trait Mask: Copy + Default + Send + Sync + 'static {
    /// The bytes of the key in the frame's header.
    const SIZE: usize;

    /// The key that stands at the start of `header`, which has at least `SIZE` bytes.
    fn read(header: &[u8]) -> Self;

    /// Writes the key to the start of `header`, which has at least `SIZE` bytes.
    fn write(self, header: &mut [u8]);

    /// Masks or unmasks in place.
    fn apply(self, payload: &mut [u8]);

    /// Masks or unmasks `from` into `to`, which has the same length, in one pass.
    fn copy(self, from: &[u8], to: &mut [u8]);

    /// The key for what follows after `len` bytes.
    #[must_use]
    fn after(self, len: usize) -> Self;
}

impl Mask for () {
    const SIZE: usize = 0;

    #[inline(always)]
    fn read(_: &[u8]) -> Self {}

    #[inline(always)]
    fn write(self, _: &mut [u8]) {}

    #[inline(always)]
    fn apply(self, _: &mut [u8]) {}

    #[inline(always)]
    fn copy(self, from: &[u8], to: &mut [u8]) {
        to.copy_from_slice(from);
    }

    #[inline(always)]
    fn after(self, _: usize) -> Self {}
}

/// A masking key.
#[derive(Clone, Copy, Default)]
pub struct Key(pub(crate) [u8; 4]);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

/// Bytes per step of the vectorised loops.
const BLOCK: usize = 64;

impl Key {
    /// The key, repeated over `N` bytes, a multiple of 4.
    #[inline(always)]
    fn repeated<const N: usize>(self) -> [u8; N] {
        let mut block = [0; N];
        for part in block.chunks_exact_mut(4) {
            part.copy_from_slice(&self.0);
        }
        block
    }
}

#[inline(always)]
fn xor(bytes: &mut [u8], key: &[u8]) {
    for (byte, key) in bytes.iter_mut().zip(key) {
        *byte ^= key;
    }
}

impl Mask for Key {
    const SIZE: usize = 4;

    #[inline(always)]
    fn read(header: &[u8]) -> Self {
        Self([header[0], header[1], header[2], header[3]])
    }

    #[inline(always)]
    fn write(self, header: &mut [u8]) {
        header[..4].copy_from_slice(&self.0);
    }

    #[inline(always)]
    fn apply(self, payload: &mut [u8]) {
        let block = self.repeated::<BLOCK>();
        let mut blocks = payload.chunks_exact_mut(BLOCK);
        for bytes in &mut blocks {
            xor(bytes, &block);
        }
        let mut quarters = blocks.into_remainder().chunks_exact_mut(16);
        let block = self.repeated::<16>();
        for bytes in &mut quarters {
            xor(bytes, &block);
        }
        let mut words = quarters.into_remainder().chunks_exact_mut(4);
        for bytes in &mut words {
            xor(bytes, &self.0);
        }
        xor(words.into_remainder(), &self.0);
    }

    #[inline(always)]
    fn copy(self, from: &[u8], to: &mut [u8]) {
        let block = self.repeated::<BLOCK>();
        let mut sources = from.chunks_exact(BLOCK);
        let mut targets = to.chunks_exact_mut(BLOCK);
        for (source, target) in (&mut sources).zip(&mut targets) {
            for ((target, source), key) in target.iter_mut().zip(source).zip(&block) {
                *target = source ^ key;
            }
        }
        let rest = targets.into_remainder();
        rest.copy_from_slice(sources.remainder());
        self.apply(rest);
    }

    #[inline(always)]
    fn after(self, len: usize) -> Self {
        let mut key = self.0;
        key.rotate_left(len % 4);
        Self(key)
    }
}

#[cfg(test)]
mod tests {
    use super::{Key, Mask};

    /// RFC 6455 5.3, as it stands there: octet i XOR key octet i modulo 4.
    fn by_the_rfc(key: Key, payload: &[u8]) -> alloc::vec::Vec<u8> {
        payload
            .iter()
            .enumerate()
            .map(|(i, byte)| byte ^ key.0[i % 4])
            .collect()
    }

    #[test]
    fn every_length_is_masked_as_the_rfc_says_in_place_copied_and_in_two_parts() {
        let key = Key([0x37, 0xfa, 0x21, 0x3d]);
        let payload: alloc::vec::Vec<u8> = (0..300).map(|i| (i * 7 % 251) as u8).collect();
        for len in 0..payload.len() {
            let expected = by_the_rfc(key, &payload[..len]);
            let mut in_place = payload[..len].to_vec();
            key.apply(&mut in_place);
            assert_eq!(in_place, expected);
            let mut copied = alloc::vec![0; len];
            key.copy(&payload[..len], &mut copied);
            assert_eq!(copied, expected);
            let mut parts = payload[..len].to_vec();
            let (first, second) = parts.split_at_mut(len / 3);
            key.apply(first);
            key.after(first.len()).apply(second);
            assert_eq!(parts, expected);
        }
    }
}
