//! The smallest parts of header fields: tokens and comma-separated lists (RFC 9110 5.6).
//!
//! Knows no header by name. Its one idea: each function looks at each byte once.

/// Of each byte: whether it may stand in a token.
const TOKEN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = is_token_byte(byte as u8);
        byte += 1;
    }
    table
};

/// Whether `byte` may stand in a token (RFC 9110 5.6.2).
const fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'#'
                | b'$'
                | b'%'
                | b'&'
                | b'\''
                | b'*'
                | b'+'
                | b'-'
                | b'.'
                | b'^'
                | b'_'
                | b'`'
                | b'|'
                | b'~'
        )
}

/// Whether `text` is a token: not empty, and of token bytes alone.
pub(crate) fn is_token(text: &[u8]) -> bool {
    !text.is_empty() && token_len(text) == text.len()
}

/// The length of the token at the start of `text`; 0 where there is none.
pub(crate) fn token_len(text: &[u8]) -> usize {
    text.iter()
        .position(|byte| !TOKEN[usize::from(*byte)])
        .unwrap_or(text.len())
}

/// The elements of a comma-separated list, the empty ones skipped (RFC 9110 5.6.1.2).
pub(crate) fn list(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value
        .split(|byte| *byte == b',')
        .map(<[u8]>::trim_ascii)
        .filter(|element| !element.is_empty())
}

/// Whether `text` is `other`, in any case: most of the time in this one.
#[inline(always)]
pub(crate) fn is(text: &[u8], other: &str) -> bool {
    text == other.as_bytes() || text.eq_ignore_ascii_case(other.as_bytes())
}

/// Whether a comma-separated list has `token`, in any case: most of the time alone.
#[inline]
pub(crate) fn has_token(value: &[u8], token: &str) -> bool {
    is(value, token) || list(value).any(|element| is(element, token))
}

/// Whether all of `bytes` are `allowed`. Looks at the rest of them after one that is not, so that
/// many are looked at together.
#[inline(always)]
pub(crate) fn all(bytes: &[u8], allowed: impl Fn(u8) -> bool) -> bool {
    bytes.iter().fold(true, |all, byte| all & allowed(*byte))
}
