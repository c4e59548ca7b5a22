//! Bytes of no meaning, as whatever is needed.

/// Reads values off the front of bytes; 0 and nothing once they are used up.
pub struct Input<'a>(pub &'a [u8]);

impl<'a> Input<'a> {
    pub fn byte(&mut self) -> u8 {
        match self.0.split_first() {
            Some((byte, rest)) => {
                self.0 = rest;
                *byte
            }
            None => 0,
        }
    }

    pub fn number(&mut self) -> u16 {
        u16::from_be_bytes([self.byte(), self.byte()])
    }

    /// Up to `len` bytes.
    pub fn bytes(&mut self, len: usize) -> &'a [u8] {
        let (bytes, rest) = self.0.split_at(len.min(self.0.len()));
        self.0 = rest;
        bytes
    }

    /// Up to `len` bytes as text: what is not UTF-8 is replaced.
    pub fn text(&mut self, len: usize) -> String {
        String::from_utf8_lossy(self.bytes(len)).into_owned()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// `bytes` in pieces of these sizes, over and over; without a size, whole. A size of 0 is a read
/// of nothing, unless there is no other size. After a thousand pieces they are larger.
pub fn cut<'b>(bytes: &'b [u8], sizes: &[u8]) -> Vec<&'b [u8]> {
    if sizes.iter().all(|size| *size == 0) {
        return vec![bytes];
    }
    let mut rest = bytes;
    let mut pieces = Vec::new();
    for size in sizes.iter().cycle() {
        let size = usize::from(*size) + if pieces.len() < 1000 { 0 } else { 4000 };
        let (piece, after) = rest.split_at(rest.len().min(size));
        pieces.push(piece);
        rest = after;
        if rest.is_empty() {
            break;
        }
    }
    pieces
}
