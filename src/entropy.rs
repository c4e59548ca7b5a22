//! Where a client's unpredictable bytes come from: masking keys and the handshake's nonce.
//!
//! Knows nothing of frames. Its one idea: 32 bytes of entropy are stretched with ChaCha8 into a
//! stream that is never read twice, so that no key can be reused (RFC 6455 5.3, 10.3).

use core::fmt;

use chacha20::ChaCha8;
use chacha20::cipher::{KeyIvInit, StreamCipher, StreamCipherSeek};

use crate::mask::Key;

/// 32 bytes that a peer cannot guess, for the masking keys and the handshake nonce of one client
/// connection.
///
/// [`Entropy::from_os`] takes them from the operating system. Where there is none, or where a
/// run is to be repeated, give them as `[u8; 32]`; never give two connections the same. It cannot be
/// cloned, as two connections with one entropy would have one key stream.
pub struct Entropy([u8; 32]);

impl Entropy {
    /// Entropy from the operating system.
    ///
    /// # Errors
    ///
    /// If the operating system has none to give.
    #[cfg(feature = "getrandom")]
    #[cfg_attr(docsrs, doc(cfg(feature = "getrandom")))]
    pub fn from_os() -> Result<Self, getrandom::Error> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed)?;
        Ok(Self(seed))
    }
}

impl From<[u8; 32]> for Entropy {
    fn from(seed: [u8; 32]) -> Self {
        Self(seed)
    }
}

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entropy(..)")
    }
}

/// Keys of 4 bytes in one block of the key stream.
const KEYS: usize = 16;

/// The masking keys of a connection, in their order.
pub struct Keys {
    seed: [u8; 32],
    /// How many keys were handed out. The next is key `drawn % KEYS` of block `drawn / KEYS`.
    drawn: u64,
    /// Block `drawn / KEYS` of the key stream, where `drawn % KEYS != 0`.
    block: [[u8; 4]; KEYS],
}

impl Keys {
    pub(crate) fn new(entropy: Entropy) -> Self {
        Self {
            seed: entropy.0,
            drawn: 0,
            block: [[0; 4]; KEYS],
        }
    }

    #[inline]
    pub(crate) fn draw(&mut self) -> Key {
        let index = (self.drawn % KEYS as u64) as usize;
        if index == 0 {
            self.refill();
        }
        self.drawn += 1;
        Key::new(self.block[index])
    }

    #[cold]
    fn refill(&mut self) {
        let block = self.drawn / KEYS as u64;
        // The cipher counts blocks in 32 bits; what is above goes into the nonce.
        let mut nonce = [0; 12];
        nonce[..4].copy_from_slice(&((block >> 32) as u32).to_le_bytes());
        let mut cipher = ChaCha8::new(&self.seed.into(), &nonce.into());
        cipher.seek((block & 0xffff_ffff) * 64);
        self.block = [[0; 4]; KEYS];
        cipher.apply_keystream(self.block.as_flattened_mut());
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::Keys;

    #[test]
    fn keys_are_the_chacha8_stream_of_the_seed() {
        // ChaCha8, 256-bit key of zeros, nonce of zeros, counter 0 and 1: the test vectors of
        // draft-strombergson-chacha-test-vectors-01, TC1.
        let mut keys = Keys::new([0; 32].into());
        let first = [
            [0x3e, 0x00, 0xef, 0x2f],
            [0x89, 0x5f, 0x40, 0xd6],
            [0x7f, 0x5b, 0xb8, 0xe8],
        ];
        for key in first {
            assert_eq!(keys.draw().bytes(), key);
        }
        for _ in 3..16 {
            keys.draw();
        }
        assert_eq!(keys.draw().bytes(), [0xd2, 0xae, 0xfa, 0x0d]);
    }

    #[test]
    fn no_key_is_handed_out_twice_where_the_block_counter_overflows() {
        let mut keys = Keys::new([9; 32].into());
        let first = keys.draw().bytes();
        keys.drawn = 16 << 32;
        assert_ne!(keys.draw().bytes(), first);
    }
}
