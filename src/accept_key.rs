//! The proof that both ends speak WebSocket: a key, and the value that is made of it (RFC 6455
//! 1.3, 4.1, 4.2.2).
//!
//! Knows no headers. Its one idea: keys stay in base64, as nobody needs the bytes behind them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};

use crate::entropy::Keys;
use crate::token;

const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The value of `Sec-WebSocket-Accept`.
pub(crate) type AcceptValue = [u8; 28];

/// A new value for `Sec-WebSocket-Key`: 16 bytes that nobody can guess, in base64.
pub(crate) fn draw(keys: &mut Keys) -> [u8; 24] {
    let mut nonce = [0; 16];
    for part in nonce.chunks_exact_mut(4) {
        part.copy_from_slice(&keys.draw().bytes());
    }
    base64(&nonce)
}

/// Whether `key` is 16 bytes in base64: 22 digits and the padding.
pub(crate) fn is_key(key: &[u8]) -> bool {
    key.len() == 24
        && key.ends_with(b"==")
        && token::all(&key[..22], |byte| {
            byte.is_ascii_alphanumeric() | matches!(byte, b'+' | b'/')
        })
}

/// What a server answers to `key`.
pub(crate) fn accept(key: &[u8]) -> AcceptValue {
    base64(&Sha1::new().chain_update(key).chain_update(GUID).finalize())
}

/// `bytes` in base64, which has `N` characters.
fn base64<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut text = [0; N];
    let written = STANDARD.encode_slice(bytes, &mut text);
    debug_assert_eq!(written, Ok(N));
    text
}

#[cfg(test)]
mod tests {
    use super::{accept, draw, is_key};
    use crate::entropy::Keys;

    #[test]
    fn the_accept_value_is_that_of_the_rfc_6455_1_3() {
        assert_eq!(
            &accept(b"dGhlIHNhbXBsZSBub25jZQ=="),
            b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
        );
    }

    #[test]
    fn a_drawn_key_is_the_start_of_the_key_stream_in_base64() {
        // The first 16 bytes of the stream that `entropy` checks, from the test vector.
        let mut keys = Keys::new([0; 32].into());
        assert_eq!(&draw(&mut keys), b"PgDvL4lfQNZ/W7joHwmloQ==");
        assert!(is_key(&draw(&mut keys)));
    }
}
