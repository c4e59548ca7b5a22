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
#[derive(Clone, Copy, Default)]
pub(crate) struct Partial(
    /// Its bytes, then zeros: no part of a character of several bytes is zero.
    [u8; 3],
);

impl Partial {
    #[inline(always)]
    pub(crate) fn is_empty(self) -> bool {
        self.0[0] == 0
    }

    pub(crate) fn len(self) -> usize {
        self.0.iter().take_while(|byte| **byte != 0).count()
    }

    /// How many bytes the character that is begun lacks.
    pub(crate) fn missing(self) -> usize {
        width(self.0[0]) - self.len()
    }

    /// Finishes the character with the first of `bytes`: gives it where it is whole now, and how
    /// many of the bytes were its own. Nothing where none is begun.
    pub(crate) fn finish(&mut self, bytes: &[u8]) -> Result<(Option<char>, usize), InvalidUtf8> {
        if self.is_empty() {
            return Ok((None, 0));
        }
        let begun = self.len();
        let mut character = [self.0[0], self.0[1], self.0[2], 0];
        let added = self.missing().min(bytes.len());
        character[begun..begun + added].copy_from_slice(&bytes[..added]);
        match str::from_utf8(&character[..begun + added]) {
            Ok(text) => {
                self.0 = [0; 3];
                Ok((text.chars().next(), added))
            }
            Err(error) if error.error_len().is_none() => {
                self.0.copy_from_slice(&character[..3]);
                Ok((None, added))
            }
            Err(_) => Err(InvalidUtf8),
        }
    }

    /// The whole characters of `bytes`; keeps the start of one that is cut at the end.
    ///
    /// No character may be begun: [`finish`](Self::finish) comes first.
    pub(crate) fn split<'a>(&mut self, bytes: &'a [u8]) -> Result<&'a str, InvalidUtf8> {
        debug_assert!(self.is_empty());
        let (text, cut) = start(bytes)?;
        self.0[..cut.len()].copy_from_slice(cut);
        Ok(text)
    }
}

/// The whole characters of `bytes`, and the start of one that is cut at the end.
pub(crate) fn start(bytes: &[u8]) -> Result<(&str, &[u8]), InvalidUtf8> {
    let (text, cut) = bytes.split_at(bytes.len() - cut_character(bytes));
    let text = whole(text)?;
    if !cut.is_empty() && str::from_utf8(cut).is_err_and(|error| error.error_len().is_some()) {
        return Err(InvalidUtf8);
    }
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
/// A character that is cut is ended here in some way or other, so that one pass says all. Where a
/// text is cut cannot be predicted: nothing branches on it.
#[inline(always)]
pub(crate) fn glance(bytes: &[u8; GLANCE], new: usize) -> Result<usize, InvalidUtf8> {
    let mut block = [0; GLANCE + 16];
    let new_bytes = NEW[new.min(GLANCE)..].iter();
    for ((to, byte), new) in block[..GLANCE].iter_mut().zip(bytes).zip(new_bytes) {
        *to = byte & new;
    }
    let [third, second, last] = [block[GLANCE - 3], block[GLANCE - 2], block[GLANCE - 1]];
    let follow =
        |lead: u8| u32::from(lead >= 0xc0) + u32::from(lead >= 0xe0) + u32::from(lead >= 0xf0);
    let missing = follow(last)
        .max(follow(second).saturating_sub(1))
        .max(follow(third).saturating_sub(2));
    let cut = usize::from(last >= 0xc0)
        .max(2 * usize::from(second >= 0xe0))
        .max(3 * usize::from(third >= 0xf0));
    // The one may follow every first byte but ED and F4, the other those.
    let end = if matches!(last, 0xed | 0xf4) {
        0x80
    } else {
        0xa0
    };
    let end = u32::from_le_bytes([end; 4]) & ((1 << (8 * missing)) - 1);
    block[GLANCE..GLANCE + 4].copy_from_slice(&end.to_le_bytes());
    whole(&block).map(|_| new - cut)
}

/// The bytes at the end of `bytes` that begin a character and do not end it: 0 to 3. Bytes of which no
/// text is made may be among them.
#[inline(always)]
pub(crate) fn cut_character(bytes: &[u8]) -> usize {
    match bytes {
        [] | [.., 0..=0x7f] => 0,
        [.., 0xc0..=0xff] => 1,
        [.., 0xe0..=0xff, _] => 2,
        [.., 0xf0..=0xff, 0..=0xbf, _] => 3,
        _ => 0,
    }
}

/// The length of a character by its first byte; 1 where none begins with it.
fn width(first: u8) -> usize {
    match first {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use super::{GLANCE, InvalidUtf8, Partial, glance, whole, width};

    /// The text that arrives as `pieces`, and the index of the piece that cannot be right.
    fn arrive(pieces: &[&[u8]]) -> Result<(String, bool), usize> {
        let mut text = String::new();
        let mut partial = Partial::default();
        for (index, piece) in pieces.iter().enumerate() {
            let wrong = |InvalidUtf8| index;
            let (character, used) = partial.finish(piece).map_err(wrong)?;
            text.extend(character);
            if partial.is_empty() {
                text.push_str(partial.split(&piece[used..]).map_err(wrong)?);
            }
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

    #[test]
    fn widths_are_those_of_std() {
        for character in [
            'a',
            'é',
            '€',
            '🦀',
            '\u{10ffff}',
            '\u{80}',
            '\u{800}',
            '\u{10000}',
        ] {
            let mut bytes = [0; 4];
            character.encode_utf8(&mut bytes);
            assert_eq!(width(bytes[0]), character.len_utf8());
        }
    }
}
