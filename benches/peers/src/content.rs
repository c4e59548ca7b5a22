//! What the messages say: made from a fixed seed.

/// A fixed sequence that looks random (splitmix64).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn pick<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }
}

/// The kind of a message's payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// Random bytes.
    Binary,
    /// English text.
    Ascii,
    /// Text whose characters take one to four bytes.
    Mixed,
    /// Text that looks like JSON, and can be compressed.
    Json,
}

impl Content {
    pub fn is_text(self) -> bool {
        self != Self::Binary
    }

    /// A payload of `size` bytes.
    pub fn make(self, size: usize, dice: &mut Dice) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(size + 256);
        match self {
            Self::Binary => {
                while bytes.len() < size {
                    bytes.extend(dice.next().to_le_bytes());
                }
                bytes.truncate(size);
                bytes
            }
            Self::Ascii => words(size, dice, ASCII),
            Self::Mixed => words(size, dice, MIXED),
            Self::Json => json(size, dice),
        }
    }
}

const ASCII: &[&str] = &[
    "message",
    "frame",
    "the",
    "of",
    "connection",
    "a",
    "payload",
    "is",
    "sent",
    "until",
    "close",
    "and",
    "server",
    "may",
    "client",
    "must",
    "not",
    "mask",
    "in",
    "order",
];

const MIXED: &[&str] = &[
    "größe",
    "Straße",
    "naïve",
    "the",
    "frame",
    "привет",
    "мир",
    "сообщение",
    "こんにちは",
    "世界",
    "消息",
    "🦀",
    "🚀🌍",
    "€",
    "Ελληνικά",
    "and",
    "mask",
    "שלום",
    "日本語テキスト",
    "é",
];

/// Words until `size` bytes are full, the last of them made of fewer characters and filled up.
fn words(size: usize, dice: &mut Dice, list: &[&str]) -> Vec<u8> {
    let mut text = String::with_capacity(size + 64);
    while text.len() < size {
        text.push_str(dice.pick(list));
        text.push(' ');
    }
    fit(text, size)
}

/// Records until `size` bytes are full.
fn json(size: usize, dice: &mut Dice) -> Vec<u8> {
    let mut text = String::with_capacity(size + 256);
    text.push('[');
    while text.len() < size {
        let (id, price) = (dice.below(1_000_000), dice.below(100_000));
        text.push_str(&format!(
            r#"{{"id":{id},"symbol":"{}","price":{}.{:02},"side":"{}","note":"{} {} {}"}},"#,
            dice.pick(&["ABCD", "EFGH", "IJKL", "MNOP", "QRST"]),
            price / 100,
            price % 100,
            dice.pick(&["buy", "sell"]),
            dice.pick(ASCII),
            dice.pick(ASCII),
            dice.pick(ASCII),
        ));
    }
    fit(text, size)
}

/// Cut between characters, and filled up with points.
fn fit(mut text: String, size: usize) -> Vec<u8> {
    text.truncate(text.floor_char_boundary(size));
    let mut bytes = text.into_bytes();
    bytes.resize(size, b'.');
    bytes
}
