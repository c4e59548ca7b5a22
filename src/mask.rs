//! Masking: the XOR of a payload with a 4-byte key (RFC 6455 5.3).
//!
//! Knows nothing of frames. Its one idea: a direction that is not masked has the key `()`, whose
//! operations are nothing, so that no role branches on whether it masks.

use core::fmt;

/// The masking key of a frame, or `()` where frames are not masked.
pub trait Mask: Copy + Default + Send + Sync + 'static {
    /// The bytes of the key in the frame's header.
    const SIZE: usize;

    /// The key that stands at the start of `header`.
    ///
    /// # Panics
    ///
    /// If that has fewer than `SIZE` bytes: whoever reads a header cuts it out before.
    fn read(header: &[u8]) -> Self;

    /// Writes the key to the start of `header`, which has at least `SIZE` bytes.
    fn write(self, header: &mut [u8]);

    /// Masks or unmasks in place.
    fn apply(self, payload: &mut [u8]);

    /// Masks or unmasks `from` into `to`, which has the same length, in one pass.
    fn copy(self, from: &[u8], to: &mut [u8]);

    /// The masked `bytes`, a multiple of 4, without the mask.
    fn unmasked<const N: usize>(self, bytes: &[u8; N]) -> [u8; N];

    /// Whether the masked `payload` is ASCII.
    fn is_ascii(self, payload: &[u8]) -> bool;

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
    fn unmasked<const N: usize>(self, bytes: &[u8; N]) -> [u8; N] {
        *bytes
    }

    #[inline(always)]
    fn is_ascii(self, payload: &[u8]) -> bool {
        payload.is_ascii()
    }

    #[inline(always)]
    fn after(self, _: usize) -> Self {}
}

/// A masking key.
#[derive(Clone, Copy, Default)]
pub struct Key(
    /// Its first byte is the lowest.
    u32,
);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

/// Bytes per step where there are many: a line of the cache.
const BLOCK: usize = 64;

/// Bytes for which it pays to look where they lie, and which vectors the machine has.
const LARGE: usize = if cfg!(feature = "simd") { 512 } else { 2 << 10 };

/// The same where they are copied: what is written is another line of the cache than what is read.
const LARGE_COPY: usize = 512;

impl Key {
    pub(crate) const fn new(bytes: [u8; 4]) -> Self {
        Self(u32::from_le_bytes(bytes))
    }

    pub(crate) const fn bytes(self) -> [u8; 4] {
        self.0.to_le_bytes()
    }

    /// The key, repeated over a block.
    #[inline(always)]
    fn block(self) -> [u8; BLOCK] {
        let mut block = [0; BLOCK];
        for part in block.chunks_exact_mut(4) {
            part.copy_from_slice(&self.bytes());
        }
        block
    }

    /// The key, repeated, whose first byte is the lowest.
    #[inline(always)]
    fn repeated(self) -> u128 {
        let key = u64::from(self.0) << 32 | u64::from(self.0);
        u128::from(key) << 64 | u128::from(key)
    }

    #[inline(always)]
    fn apply_here(self, payload: &mut [u8]) {
        let key = self.block();
        let mut blocks = payload.chunks_exact_mut(BLOCK);
        for block in &mut blocks {
            for (byte, key) in block.iter_mut().zip(&key) {
                *byte ^= key;
            }
        }
        self.apply_rest(blocks.into_remainder());
    }

    /// Masks many bytes, with the widest vectors of this machine.
    #[inline(never)]
    fn apply_aligned(self, payload: &mut [u8]) {
        #[cfg(feature = "simd")]
        {
            let level = fearless_simd::Level::new();
            fearless_simd::dispatch!(level, simd => self.apply_wide(simd, payload));
        }
        #[cfg(not(feature = "simd"))]
        self.apply_lines(payload);
    }

    /// The same as `apply_lines`, compiled for the widest vectors of this machine.
    #[cfg(feature = "simd")]
    #[inline(always)]
    fn apply_wide<S: fearless_simd::Simd>(self, simd: S, payload: &mut [u8]) {
        simd.vectorize(
            #[inline(always)]
            || self.apply_lines(payload),
        );
    }

    /// Masks at least a block. All but the first and the last are lines of the cache, as what lies in
    /// two would cost more than the masking. Those overlap with the lines: they are read before anything
    /// is written, so that nothing branches on where the payload lies.
    #[inline(always)]
    fn apply_lines(self, payload: &mut [u8]) {
        let (Some(first), Some(last)) = (payload.first_chunk(), payload.last_chunk()) else {
            return self.apply_here(payload);
        };
        let first = self.unmasked::<BLOCK>(first);
        let last = self.after(payload.len()).unmasked::<BLOCK>(last);
        let before = before_line(payload);
        let key = self.after(before).block();
        for line in payload[before..].chunks_exact_mut(BLOCK) {
            for (byte, key) in line.iter_mut().zip(&key) {
                *byte ^= key;
            }
        }
        if let Some(start) = payload.first_chunk_mut() {
            *start = first;
        }
        if let Some(end) = payload.last_chunk_mut() {
            *end = last;
        }
    }

    #[inline(always)]
    fn copy_here(self, from: &[u8], to: &mut [u8]) {
        let key = self.block();
        let blocks = to.len() - to.len() % BLOCK;
        let (sources, source_rest) = from.split_at(blocks);
        let (targets, rest) = to.split_at_mut(blocks);
        let sources = sources.chunks_exact(BLOCK);
        for (target, source) in targets.chunks_exact_mut(BLOCK).zip(sources) {
            // All of it is read before any is written: where both may lie does not matter then.
            let mut block = [0; BLOCK];
            for ((byte, source), key) in block.iter_mut().zip(source).zip(&key) {
                *byte = source ^ key;
            }
            target.copy_from_slice(&block);
        }
        self.copy_rest(source_rest, rest);
    }

    /// Masks many bytes into a place of theirs, with the widest vectors of this machine.
    #[inline(never)]
    fn copy_aligned(self, from: &[u8], to: &mut [u8]) {
        #[cfg(feature = "simd")]
        {
            let level = fearless_simd::Level::new();
            fearless_simd::dispatch!(level, simd => self.copy_wide(simd, from, to));
        }
        #[cfg(not(feature = "simd"))]
        self.copy_lines(from, to);
    }

    /// The same as `copy_lines`, compiled for the widest vectors of this machine.
    #[cfg(feature = "simd")]
    #[inline(always)]
    fn copy_wide<S: fearless_simd::Simd>(self, simd: S, from: &[u8], to: &mut [u8]) {
        simd.vectorize(
            #[inline(always)]
            || self.copy_lines(from, to),
        );
    }

    /// As `apply_lines`: what is written are lines of the cache.
    #[inline(always)]
    fn copy_lines(self, from: &[u8], to: &mut [u8]) {
        let (Some(first), Some(last)) = (from.first_chunk(), from.last_chunk()) else {
            return self.copy_here(from, to);
        };
        let before = before_line(to);
        if let Some(start) = to.first_chunk_mut() {
            *start = self.unmasked::<BLOCK>(first);
        }
        let key = self.after(before);
        let lines = to[before..].chunks_exact_mut(BLOCK);
        for (line, source) in lines.zip(from[before..].chunks_exact(BLOCK)) {
            key.copy_here(source, line);
        }
        if let Some(end) = to.last_chunk_mut() {
            *end = self.after(from.len()).unmasked::<BLOCK>(last);
        }
    }

    /// Masks fewer than `BLOCK` bytes.
    #[inline(always)]
    fn apply_rest(self, payload: &mut [u8]) {
        match payload.len() {
            16.. => self.apply_by_16(payload),
            8.. => self.apply_by_8(payload),
            4.. => self.apply_by_4(payload),
            _ => {
                for (byte, key) in payload.iter_mut().zip(&self.bytes()) {
                    *byte ^= key;
                }
            }
        }
    }

    /// Whether at least `N` masked bytes are ASCII, in steps of `N`, a multiple of 8, of which the last
    /// overlaps the one before it where it has to. Most text that is not ASCII shows it in the first.
    #[inline(always)]
    fn is_ascii_in_steps<const N: usize>(self, payload: &[u8]) -> bool {
        let is_ascii = |step: &[u8; N], key: Self| {
            let key = key.repeated() as u64;
            let words = step.chunks_exact(8);
            let any = words.fold(0, |any, bytes| any | (word(bytes) ^ key));
            any & 0x8080_8080_8080_8080 == 0
        };
        let mut rest = payload;
        while let Some((step, after)) = rest.split_first_chunk() {
            if !is_ascii(step, self) {
                return false;
            }
            rest = after;
        }
        let last = payload.last_chunk();
        last.is_none_or(|last| is_ascii(last, self.after(payload.len())))
    }

    /// Masks fewer than `BLOCK` bytes into a place of theirs.
    #[inline(always)]
    fn copy_rest(self, from: &[u8], to: &mut [u8]) {
        match to.len() {
            16.. => self.copy_by_16(from, to),
            8.. => self.copy_by_8(from, to),
            4.. => self.copy_by_4(from, to),
            _ => {
                for ((to, from), key) in to.iter_mut().zip(from).zip(&self.bytes()) {
                    *to = from ^ key;
                }
            }
        }
    }
}

macro_rules! by_word {
    ($apply:ident, $copy:ident, $word:ident) => {
        impl Key {
            /// Masks at least a word in steps of one. The last step overlaps the one before it where
            /// it has to: what it writes was read before anything was written.
            #[inline(always)]
            fn $apply(self, payload: &mut [u8]) {
                let Some(last) = payload.last_chunk() else {
                    return;
                };
                let last = self.after(payload.len()).$word(last);
                let mut rest = &mut *payload;
                while rest.len() > size_of::<$word>() {
                    let Some((step, after)) = rest.split_first_chunk_mut() else {
                        break;
                    };
                    *step = self.$word(step);
                    rest = after;
                }
                if let Some(end) = payload.last_chunk_mut() {
                    *end = last;
                }
            }

            /// The same into a place of theirs.
            #[inline(always)]
            fn $copy(self, from: &[u8], to: &mut [u8]) {
                let (mut source, mut target) = (from, &mut *to);
                while target.len() > size_of::<$word>() {
                    let (Some((step, from)), Some((place, to))) =
                        (source.split_first_chunk(), target.split_first_chunk_mut())
                    else {
                        break;
                    };
                    *place = self.$word(step);
                    (source, target) = (from, to);
                }
                if let (Some(last), Some(end)) = (from.last_chunk(), to.last_chunk_mut()) {
                    *end = self.after(from.len()).$word(last);
                }
            }

            /// A word, masked: as a number, since an array is made of bytes one by one.
            #[inline(always)]
            fn $word(self, bytes: &[u8; size_of::<$word>()]) -> [u8; size_of::<$word>()] {
                ($word::from_le_bytes(*bytes) ^ self.repeated() as $word).to_le_bytes()
            }
        }
    };
}

by_word!(apply_by_16, copy_by_16, u128);
by_word!(apply_by_8, copy_by_8, u64);
by_word!(apply_by_4, copy_by_4, u32);

/// How many of `bytes` lie before a line of the cache begins, which is fewer than a block has. Only speed
/// depends on it, as `align_offset` may give any number.
#[inline(always)]
fn before_line(bytes: &[u8]) -> usize {
    bytes.as_ptr().align_offset(BLOCK) % BLOCK
}

/// The first 8 of `bytes`: what is gathered in an array of bytes is not compiled to vectors.
#[inline(always)]
fn word(bytes: &[u8]) -> u64 {
    bytes
        .first_chunk()
        .map_or(0, |word| u64::from_le_bytes(*word))
}

impl Mask for Key {
    const SIZE: usize = 4;

    #[inline(always)]
    fn read(header: &[u8]) -> Self {
        match header.first_chunk() {
            Some(bytes) => Self::new(*bytes),
            None => panic!("a header ends with its key"),
        }
    }

    #[inline(always)]
    fn write(self, header: &mut [u8]) {
        header[..4].copy_from_slice(&self.bytes());
    }

    #[inline(always)]
    fn apply(self, payload: &mut [u8]) {
        if payload.len() < LARGE {
            self.apply_here(payload);
        } else {
            self.apply_aligned(payload);
        }
    }

    #[inline(always)]
    fn copy(self, from: &[u8], to: &mut [u8]) {
        if to.len() < LARGE_COPY {
            self.copy_here(from, to);
        } else {
            self.copy_aligned(from, to);
        }
    }

    #[inline(always)]
    fn unmasked<const N: usize>(self, bytes: &[u8; N]) -> [u8; N] {
        let mut unmasked = [0; N];
        self.copy_here(bytes, &mut unmasked);
        unmasked
    }

    #[inline(always)]
    fn is_ascii(self, payload: &[u8]) -> bool {
        match payload.len() {
            32.. => self.is_ascii_in_steps::<32>(payload),
            8.. => self.is_ascii_in_steps::<8>(payload),
            _ => {
                let unmasked = payload.iter().zip(self.repeated().to_le_bytes());
                unmasked.fold(0, |all, (byte, key)| all | (byte ^ key)) < 0x80
            }
        }
    }

    #[inline(always)]
    fn after(self, len: usize) -> Self {
        Self(self.0.rotate_right(8 * (len % 4) as u32))
    }
}

#[cfg(test)]
mod tests {
    use super::{Key, Mask};

    /// RFC 6455 5.3, as it stands there: octet i XOR key octet i modulo 4.
    fn by_the_rfc(key: [u8; 4], payload: &[u8]) -> alloc::vec::Vec<u8> {
        payload
            .iter()
            .enumerate()
            .map(|(i, byte)| byte ^ key[i % 4])
            .collect()
    }

    #[test]
    fn every_length_is_masked_as_the_rfc_says_in_place_copied_and_in_two_parts() {
        let bytes = [0x37, 0xfa, 0x21, 0x3d];
        let key = Key::new(bytes);
        let payload: alloc::vec::Vec<u8> = (0..300).map(|i| (i * 7 % 251) as u8).collect();
        for len in 0..payload.len() {
            let expected = by_the_rfc(bytes, &payload[..len]);
            let mut in_place = payload[..len].to_vec();
            key.apply(&mut in_place);
            assert_eq!(in_place, expected);
            let mut copied = alloc::vec![0; len];
            key.copy(&payload[..len], &mut copied);
            assert_eq!(copied, expected);
            if let Some(bytes) = expected.first_chunk::<12>() {
                assert_eq!(key.unmasked(bytes), payload[..12]);
            }
            let mut parts = payload[..len].to_vec();
            let (first, second) = parts.split_at_mut(len / 3);
            key.apply(first);
            key.after(first.len()).apply(second);
            assert_eq!(parts, expected);
        }
    }

    #[test]
    fn a_byte_that_is_not_ascii_is_seen_wherever_it_is() {
        let key = Key::new([0x37, 0xfa, 0x21, 0x8d]);
        let masked = |plain: &[u8]| {
            let mut masked = plain.to_vec();
            key.apply(&mut masked);
            masked
        };
        for len in 0..150 {
            let mut plain: alloc::vec::Vec<u8> = (0..len).map(|i| (i * 7 % 128) as u8).collect();
            assert!(key.is_ascii(&masked(&plain)), "{len}");
            for place in 0..len {
                let ascii = plain[place];
                plain[place] = 0x80;
                assert!(!key.is_ascii(&masked(&plain)), "{place} of {len}");
                plain[place] = ascii;
            }
        }
    }

    #[test]
    fn many_bytes_are_masked_as_the_rfc_says_wherever_they_lie() {
        let bytes = [0x37, 0xfa, 0x21, 0x3d];
        let payload: alloc::vec::Vec<u8> = (0..4500).map(|i| (i * 7 % 251) as u8).collect();
        for start in 0..=65 {
            for end in [511, 512, 513, 2047, 2048, 2049, 4409 - start, 4500 - start] {
                let end = start + end;
                let mut masked = payload.clone();
                Key::new(bytes).apply(&mut masked[start..end]);
                let mut expected = payload.clone();
                expected[start..end].copy_from_slice(&by_the_rfc(bytes, &payload[start..end]));
                assert!(masked == expected, "{start}..{end}");
                let mut copied = payload.clone();
                Key::new(bytes).copy(&payload[start..end], &mut copied[start..end]);
                assert!(copied == expected, "copied {start}..{end}");
                // The source lies elsewhere than the target.
                let mut moved = alloc::vec![0; end - start];
                Key::new(bytes).copy(&payload[start..end], &mut moved);
                assert!(moved == expected[start..end], "moved {start}..{end}");
            }
        }
    }
}
