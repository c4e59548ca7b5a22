//! What a contestant says that it has done, to be compared with what there was to do.

use std::hint::black_box;
use std::time::Duration;

/// The messages that a contestant has delivered.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    pub messages: u64,
    pub bytes: u64,
    /// Of the ends of each message, or of all of it.
    pub sum: u64,
    /// Whether `sum` is of every byte: in the rounds that are checked, not in those that are
    /// measured.
    pub whole: bool,
    /// Time that belongs to nobody, to be subtracted.
    pub paused: Duration,
}

impl Tally {
    /// One that looks at every byte.
    pub fn whole() -> Self {
        Self {
            whole: true,
            ..Self::default()
        }
    }

    /// A message was delivered.
    #[inline]
    pub fn add(&mut self, payload: &[u8]) {
        let payload = black_box(payload);
        self.messages += 1;
        self.bytes += payload.len() as u64;
        self.sum = self.sum.wrapping_add(if self.whole {
            sum(payload)
        } else if let [first, .., last] = payload {
            u64::from(*first) << 8 | u64::from(*last)
        } else {
            0
        });
    }

    /// Whether both stand for the same messages.
    pub fn agrees(&self, other: &Self) -> bool {
        (self.messages, self.bytes, self.sum) == (other.messages, other.bytes, other.sum)
    }

    /// The same messages `times` times.
    pub fn times(self, times: u64) -> Self {
        Self {
            messages: self.messages * times,
            bytes: self.bytes * times,
            sum: self.sum.wrapping_mul(times),
            ..self
        }
    }
}

/// A sum that depends on each byte and its place.
fn sum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
