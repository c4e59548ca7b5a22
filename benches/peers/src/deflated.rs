//! The peer's side of permessage-deflate, with flate2 itself.

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress};

use crate::workloads::Deflate;

/// Compresses messages as a peer would: level 6, a window of 32 KiB.
pub struct Encoder {
    compress: Compress,
    takeover: bool,
}

impl Encoder {
    pub fn new(deflate: Deflate) -> Self {
        Self {
            compress: Compress::new_with_window_bits(Compression::new(6), false, 15),
            takeover: deflate == Deflate::Takeover,
        }
    }

    /// What stands in the frames of a compressed message (RFC 7692 7.2.1).
    pub fn encode(&mut self, message: &[u8]) -> Vec<u8> {
        if !self.takeover {
            self.compress.reset();
        }
        let mut encoded = Vec::with_capacity(message.len() + 64);
        self.compress
            .compress_vec(message, &mut encoded, FlushCompress::Sync)
            .expect("memory is enough");
        encoded.truncate(encoded.len() - 4);
        encoded
    }
}

/// Inflates messages as a peer would.
pub struct Decoder {
    decompress: Decompress,
    takeover: bool,
}

impl Decoder {
    pub fn new(deflate: Deflate) -> Self {
        Self {
            decompress: Decompress::new_with_window_bits(false, 15),
            takeover: deflate == Deflate::Takeover,
        }
    }

    /// The message that frames with this payload stand for, and nothing but it; nothing at all
    /// where they stand for none.
    pub fn decode(&mut self, payload: &[u8], len: usize) -> Vec<u8> {
        if !self.takeover {
            self.decompress.reset(false);
        }
        let mut decoded = Vec::with_capacity(len + 1);
        let encoded = [payload, &[0, 0, 0xff, 0xff]].concat();
        let _ = self
            .decompress
            .decompress_vec(&encoded, &mut decoded, FlushDecompress::Sync);
        decoded
    }
}
