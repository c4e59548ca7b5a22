//! UTF-8 as it arrives (RFC 6455 8.1).
//!
//! Knows nothing of frames. Its one idea: a piece of text is a `&str`, and up to three bytes of a
//! character that is not whole yet, kept here; what can no longer become a character is an error
//! at once.

use core::str;

/// The bytes cannot be part of any valid UTF-8 text, whatever follows.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct InvalidUtf8;

/// The whole of `bytes` as text.
#[inline(always)]
pub(crate) fn whole(bytes: &[u8]) -> Result<&str, InvalidUtf8> {
    #[cfg(feature = "simd")]
    return simdutf8_avx512::basic::from_utf8(bytes).map_err(|_| InvalidUtf8);
    #[cfg(all(feature = "simdutf8", not(feature = "simd")))]
    return simdutf8::basic::from_utf8(bytes).map_err(|_| InvalidUtf8);
    #[cfg(not(any(feature = "simdutf8", feature = "simd")))]
    return str::from_utf8(bytes).map_err(|_| InvalidUtf8);
}

/// The start of a character whose end has not arrived.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub(crate) struct Partial(
    /// Its bytes, after zeros: no part of a character of several bytes is zero.
    [u8; 3],
);

impl Partial {
    /// Its bytes are the last ones.
    #[inline(always)]
    pub(crate) fn bytes(&self) -> &[u8; 3] {
        &self.0
    }

    #[inline(always)]
    pub(crate) fn is_empty(self) -> bool {
        self.0 == [0; 3]
    }

    #[inline(always)]
    pub(crate) fn len(self) -> usize {
        4 - self.number().leading_zeros() as usize / 8
    }

    #[inline(always)]
    fn number(self) -> u32 {
        let [third, second, last] = self.0;
        u32::from_be_bytes([0, third, second, last])
    }

    /// Of a character that is cut at the end of `bytes`: so much of it as there is. Bytes of which no
    /// character is made may be among them.
    #[inline(always)]
    fn at_the_end(bytes: &[u8]) -> Self {
        let cut = last_three(bytes) & !(u32::MAX << (8 * cut_character(bytes)));
        let [_, begun @ ..] = cut.to_be_bytes();
        Self(begun)
    }

    /// Whether it can become a character (RFC 3629 4). All but the first of its bytes are such as go on
    /// with one.
    #[inline(always)]
    fn check(self) -> Result<(), InvalidUtf8> {
        let missing = 3 - self.len() as u32;
        // The first two; zero for what is to come.
        let number = self.number() << (8 * missing) >> 8;
        let too_long =
            (number & 0xfe00 == 0xc000) | (number & 0xffe0 == 0xe080) | (number & 0xfff0 == 0xf080);
        let surrogate = number & 0xffe0 == 0xeda0;
        let too_large = number >= 0xf490;
        match too_long | surrogate | too_large {
            false => Ok(()),
            true => Err(InvalidUtf8),
        }
    }
}

/// The whole characters of `bytes`, and the start of one that is cut at the end.
#[inline(always)]
pub(crate) fn start(bytes: &[u8]) -> Result<(&str, Partial), InvalidUtf8> {
    let cut = Partial::at_the_end(bytes);
    let text = whole(&bytes[..bytes.len() - cut.len()])?;
    cut.check()?;
    Ok((text, cut))
}

/// Bytes of text that are looked at together.
pub(crate) const GLANCE: usize = 112;

/// From its `n`th byte on, it has ones for the last `n` of [`GLANCE`] bytes, and zeros before them.
const NEW: [u8; 2 * GLANCE] = {
    let mut ones = [0; 2 * GLANCE];
    let mut place = GLANCE;
    while place < ones.len() {
        ones[place] = 0xff;
        place += 1;
    }
    ones
};

/// Looks at the last `new` of [`GLANCE`] bytes of a text, of which more is to come: how many of them are
/// whole characters. They begin with a whole character.
///
/// Where a text is cut cannot be predicted: nothing branches on it.
#[inline(always)]
pub(crate) fn glance(bytes: &[u8; GLANCE], new: usize) -> Result<usize, InvalidUtf8> {
    // With as many zeros as fill the validator's last vector.
    let mut block = [0; GLANCE + 16];
    let new_bytes = NEW[new.min(GLANCE)..].iter();
    for ((to, byte), new) in block[..GLANCE].iter_mut().zip(bytes).zip(new_bytes) {
        *to = byte & new;
    }
    let cut = Partial::at_the_end(&block[..GLANCE]);
    let whole_end = last_three(&block[..GLANCE]) ^ cut.number();
    let [_, whole_end @ ..] = whole_end.to_be_bytes();
    block[GLANCE - 3..GLANCE].copy_from_slice(&whole_end);
    whole(&block)?;
    cut.check()?;
    Ok(new - cut.len())
}

/// The bytes at the end of `bytes` that begin a character and do not end it: 0 to 3. Bytes of which no
/// text is made may be among them.
#[inline(always)]
pub(crate) fn cut_character(bytes: &[u8]) -> usize {
    let last = last_three(bytes);
    usize::from(last & 0xc0 == 0xc0)
        + 2 * usize::from(last & 0xe0c0 == 0xe080)
        + 3 * usize::from(last & 0xf0_c0c0 == 0xf0_8080)
}

/// The last bytes as a number, after zeros where there are fewer.
#[inline(always)]
fn last_three(bytes: &[u8]) -> u32 {
    match *bytes {
        [.., third, second, last] => u32::from_be_bytes([0, third, second, last]),
        [second, last] => u32::from_be_bytes([0, 0, second, last]),
        [last] => u32::from(last),
        [] => 0,
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use super::{GLANCE, InvalidUtf8, Partial, glance, start, whole};

    /// The text that arrives as `pieces`, and the index of the piece that cannot be right.
    fn arrive(pieces: &[&[u8]]) -> Result<(String, bool), usize> {
        let mut text = String::new();
        let mut partial = Partial::default();
        for (index, piece) in pieces.iter().enumerate() {
            let mut bytes = partial.bytes()[3 - partial.len()..].to_vec();
            bytes.extend_from_slice(piece);
            let (whole, cut) = start(&bytes).map_err(|InvalidUtf8| index)?;
            text.push_str(whole);
            partial = cut;
        }
        Ok((text, partial.is_empty()))
    }

    #[test]
    fn every_byte_sequence_of_up_to_three_is_judged_byte_by_byte_as_std_judges_it() {
        let mut bytes = [0; 3];
        for word in 0..1 << 24 {
            bytes.copy_from_slice(&(word as u32).to_le_bytes()[..3]);
            // Every lead byte with every second byte, and a few thirds.
            if !matches!(bytes[2], 0 | 0x7f..=0x81 | 0xbf | 0xc0 | 0xff) {
                continue;
            }
            let std = core::str::from_utf8(&bytes);
            let ours = arrive(&[&bytes[..1], &bytes[1..2], &bytes[2..]]);
            match std {
                Ok(text) => assert_eq!(ours, Ok((text.into(), true))),
                Err(error) if error.error_len().is_none() => {
                    assert!(matches!(ours, Ok((_, false))))
                }
                Err(error) => {
                    // The byte after the longest valid start is the one that is wrong, or the
                    // character that it belongs to was wrong at its second byte.
                    let at = ours.unwrap_err();
                    assert!(at >= error.valid_up_to() && at <= error.valid_up_to() + 3);
                    assert!(
                        core::str::from_utf8(&bytes[..at])
                            .map_or_else(|e| e.error_len().is_none(), |_| true)
                    );
                }
            }
        }
    }

    /// Whichever library validates: with vectors of any width, a byte may stand anywhere in one, be its
    /// first or its last, or come behind the last that is full.
    #[test]
    fn a_whole_text_is_what_std_says_it_is_whichever_byte_of_it_is_wrong() {
        let text = "aé€🦀~ß漢\u{10ffff}z\u{7ff}\u{800}".repeat(9);
        for start in (0..8).filter(|start| text.is_char_boundary(*start)) {
            for len in (0..200).map(|len| start + len) {
                assert_eq!(
                    whole(&text.as_bytes()[start..len]).is_ok(),
                    text.is_char_boundary(len)
                );
            }
        }
        let mut bytes = text.into_bytes();
        for at in 0..bytes.len() {
            let right = bytes[at];
            for wrong in [
                0, 0x7f, 0x80, 0xa0, 0xbf, 0xc0, 0xc2, 0xe0, 0xed, 0xf0, 0xf4, 0xff,
            ] {
                bytes[at] = wrong;
                let std = core::str::from_utf8(&bytes).is_ok();
                assert_eq!(whole(&bytes).is_ok(), std, "{wrong:#x} at {at}");
            }
            bytes[at] = right;
        }
    }

    #[test]
    fn what_is_cut_is_what_std_says_is_cut() {
        let judge = |bytes: &[u8]| {
            let std = match core::str::from_utf8(bytes) {
                Ok(text) => Ok(text.len()),
                Err(error) if error.error_len().is_none() => Ok(error.valid_up_to()),
                Err(_) => Err(InvalidUtf8),
            };
            let ours = start(bytes).map(|(text, cut)| {
                assert_eq!(cut.len(), bytes.len() - text.len());
                assert!(cut.bytes().ends_with(&bytes[text.len()..]));
                text.len()
            });
            assert_eq!(ours, std, "{bytes:x?}");
        };
        judge(&[]);
        for [first, second] in (0..=u16::MAX).map(u16::to_be_bytes) {
            judge(&[second]);
            judge(&[first, second]);
            judge(&[b'a', first, second]);
            for third in [0, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xe0] {
                judge(&[first, second, third]);
                judge(&[0xc3, 0xa9, first, second, third]);
                judge(&[first, second, third, 0x80]);
                judge(&[0xf0, first, second, third]);
            }
        }
    }

    #[test]
    fn a_glance_sees_what_std_sees() {
        let mut block = [0xff; GLANCE];
        let mut look = |bytes: &[u8]| {
            block[GLANCE - bytes.len()..].copy_from_slice(bytes);
            glance(&block, bytes.len())
        };
        let mut judge = |bytes: &[u8]| {
            let std = match core::str::from_utf8(bytes) {
                Ok(text) => Ok(text.len()),
                Err(error) if error.error_len().is_none() => Ok(error.valid_up_to()),
                Err(_) => Err(InvalidUtf8),
            };
            assert_eq!(look(bytes), std, "{bytes:x?}");
        };
        for [first, second] in (0..=u16::MAX).map(u16::to_be_bytes) {
            judge(&[second]);
            judge(&[first, second]);
            for third in [0, 0x7f, 0x80, 0xbf, 0xc0] {
                if first >= 0xe0 {
                    judge(&[first, second, third]);
                    judge(&[first, second, third, 0x80]);
                }
            }
        }
        assert_eq!(look(&[b'a'; GLANCE]), Ok(GLANCE));
        assert_eq!(look(&[]), Ok(0));
    }

    #[test]
    fn a_character_may_be_cut_anywhere() {
        let text = "a\u{7f}é\u{7ff}\u{800}κ€\u{ffff}\u{10000}🦀\u{10ffff}";
        for first in 0..=text.len() {
            for second in first..=text.len() {
                let bytes = text.as_bytes();
                let pieces = [&bytes[..first], &bytes[first..second], &bytes[second..]];
                assert_eq!(arrive(&pieces), Ok((text.into(), true)));
            }
        }
    }
}
