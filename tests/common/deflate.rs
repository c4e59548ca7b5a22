//! DEFLATE by RFC 1951 and permessage-deflate by RFC 7692, written without the crate: what a peer
//! may send, bit by bit, and a decoder that misses nothing in what we send.

use wsproto::{Client, Deflate, DeflateOffer, Limits, Open, Server};

use super::End;
use super::handshake::{connect, serve};

/// Bits of a DEFLATE stream (RFC 1951 3.1.1).
#[derive(Clone, Default)]
pub struct Bits {
    bytes: Vec<u8>,
    /// Bits of the last byte that are written; 0 where it is full.
    used: u32,
}

/// RFC 1951 3.2.5: the first length or distance of each code, and its extra bits.
const LENGTHS: [(u16, u8); 29] = [
    (3, 0),
    (4, 0),
    (5, 0),
    (6, 0),
    (7, 0),
    (8, 0),
    (9, 0),
    (10, 0),
    (11, 1),
    (13, 1),
    (15, 1),
    (17, 1),
    (19, 2),
    (23, 2),
    (27, 2),
    (31, 2),
    (35, 3),
    (43, 3),
    (51, 3),
    (59, 3),
    (67, 4),
    (83, 4),
    (99, 4),
    (115, 4),
    (131, 5),
    (163, 5),
    (195, 5),
    (227, 5),
    (258, 0),
];
const DISTANCES: [(u16, u8); 30] = [
    (1, 0),
    (2, 0),
    (3, 0),
    (4, 0),
    (5, 1),
    (7, 1),
    (9, 2),
    (13, 2),
    (17, 3),
    (25, 3),
    (33, 4),
    (49, 4),
    (65, 5),
    (97, 5),
    (129, 6),
    (193, 6),
    (257, 7),
    (385, 7),
    (513, 8),
    (769, 8),
    (1025, 9),
    (1537, 9),
    (2049, 10),
    (3073, 10),
    (4097, 11),
    (6145, 11),
    (8193, 12),
    (12289, 12),
    (16385, 13),
    (24577, 13),
];
/// RFC 1951 3.2.7.
const CODE_LENGTH_ORDER: [usize; 19] = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
];

impl Bits {
    pub fn new() -> Self {
        Self::default()
    }

    /// A number, its least significant bit first.
    pub fn number(mut self, value: u32, len: u32) -> Self {
        for bit in 0..len {
            if self.used == 0 {
                self.bytes.push(0);
            }
            let last = self.bytes.last_mut().unwrap();
            *last |= ((value >> bit & 1) as u8) << self.used;
            self.used = (self.used + 1) % 8;
        }
        self
    }

    /// A Huffman code, its most significant bit first.
    pub fn code(self, code: u32, len: u32) -> Self {
        (0..len)
            .rev()
            .fold(self, |bits, bit| bits.number(code >> bit & 1, 1))
    }

    pub fn align(mut self) -> Self {
        self.used = 0;
        self
    }

    /// Bits of the last byte that are written.
    pub fn used(&self) -> u32 {
        self.used
    }

    /// The header of a block: `kind` is 0 stored, 1 fixed, 2 dynamic, 3 an error.
    pub fn block(self, last: bool, kind: u32) -> Self {
        self.number(last.into(), 1).number(kind, 2)
    }

    pub fn stored(self, last: bool, data: &[u8]) -> Self {
        let len = u32::try_from(data.len()).unwrap();
        let mut bits = self.block(last, 0).align();
        bits = bits.number(len, 16).number(!len & 0xffff, 16);
        bits.bytes.extend(data);
        bits
    }

    /// A symbol of the fixed code of literals and lengths (RFC 1951 3.2.6).
    pub fn fixed(self, symbol: u32) -> Self {
        match symbol {
            0..=143 => self.code(0x30 + symbol, 8),
            144..=255 => self.code(0x190 + symbol - 144, 9),
            256..=279 => self.code(symbol - 256, 7),
            _ => self.code(0xc0 + symbol - 280, 8),
        }
    }

    pub fn literals(self, data: &[u8]) -> Self {
        data.iter()
            .fold(self, |bits, byte| bits.fixed((*byte).into()))
    }

    /// A copy of `len` bytes from `distance` back, in a fixed block.
    pub fn copy(self, len: u16, distance: u16) -> Self {
        let (symbol, extra, bits) = split(&LENGTHS, len);
        let this = self.fixed(257 + symbol).number(extra, bits);
        let (symbol, extra, bits) = split(&DISTANCES, distance);
        this.code(symbol, 5).number(extra, bits)
    }

    pub fn end(self) -> Self {
        self.fixed(256)
    }

    /// A fixed block of literals.
    pub fn fixed_block(self, last: bool, data: &[u8]) -> Self {
        self.block(last, 1).literals(data).end()
    }

    /// The header of a dynamic block (RFC 1951 3.2.7): the lengths of both codes, one by one,
    /// where each is at most 15.
    pub fn dynamic(self, last: bool, literals: &[u8], distances: &[u8]) -> Self {
        let mut bits = self
            .block(last, 2)
            .number(literals.len() as u32 - 257, 5)
            .number(distances.len() as u32 - 1, 5)
            .number(19 - 4, 4);
        // Each length from 0 to 15 has a code of 4 bits: itself.
        for symbol in CODE_LENGTH_ORDER {
            bits = bits.number(if symbol < 16 { 4 } else { 0 }, 3);
        }
        for length in literals.iter().chain(distances) {
            bits = bits.code((*length).into(), 4);
        }
        bits
    }

    /// A dynamic block of bytes below 128, each in 8 bits, the end in 1.
    pub fn dynamic_block(self, last: bool, data: &[u8]) -> Self {
        let mut lengths = [8; 257];
        lengths[128..256].fill(0);
        lengths[256] = 1;
        let bits = self.dynamic(last, &lengths, &[0]);
        // 3.2.2: the code of one bit is 0, and those of eight follow from 0x80.
        let bits = data.iter().fold(bits, |bits, byte| {
            assert!(*byte < 128);
            bits.code(0x80 + u32::from(*byte), 8)
        });
        bits.code(0, 1)
    }

    /// So many zero bytes more, wherever the last byte ends.
    pub fn zero_bytes(mut self, len: usize) -> Self {
        self.bytes.resize(self.bytes.len() + len, 0);
        self
    }

    /// A dynamic block of nothing but zeros, as dense as can be: a copy of 258 takes two bits, so
    /// that each of `len` bytes stands for 1032.
    pub fn bomb(self, len: usize) -> Self {
        let mut lengths = [0; 286];
        (lengths[0], lengths[256], lengths[285]) = (2, 2, 1);
        // 3.2.2: the code of 285 is 0, that of the literal 10, and that of the end 11.
        let bits = self.dynamic(false, &lengths, &[1]).code(0b10, 2);
        bits.zero_bytes(len).code(0b11, 2)
    }

    /// All of it, padded with zeros.
    pub fn bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// As the payload of a message (RFC 7692 7.2.1): an empty stored block, less its last four
    /// bytes.
    pub fn message(self) -> Vec<u8> {
        self.block(false, 0).bytes
    }
}

fn split(table: &[(u16, u8)], value: u16) -> (u32, u32, u32) {
    let symbol = table
        .iter()
        .rposition(|(first, _)| *first <= value)
        .unwrap();
    let (first, bits) = table[symbol];
    (symbol as u32, (value - first).into(), bits.into())
}

/// A block that was decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Block {
    Stored(usize),
    Fixed,
    Dynamic,
}

/// A decoder of what an end under test sends: strict, and slow. It fails where zlib might not.
#[derive(Default)]
pub struct Inflate {
    /// All output since the context began.
    history: Vec<u8>,
    /// The greatest distance of a copy.
    pub farthest: usize,
    /// The blocks of the last message, without the one whose end was not sent.
    pub blocks: Vec<Block>,
    /// The payload of a message in fragments, so far.
    gathered: Vec<u8>,
}

/// The message ends inside the header of a dynamic block.
pub const CUT_IN_CODES: &str = "cut short in the codes of a dynamic block";

/// What remains of a stream.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

type Decoded<T> = Result<T, &'static str>;

impl Reader<'_> {
    fn bit(&mut self) -> Decoded<u32> {
        let byte = self.bytes.get(self.at / 8).ok_or("cut short")?;
        self.at += 1;
        Ok((byte >> ((self.at - 1) % 8) & 1).into())
    }

    fn number(&mut self, len: u32) -> Decoded<usize> {
        (0..len).try_fold(0, |value, at| Ok(value | (self.bit()? as usize) << at))
    }

    /// A symbol of a canonical code (RFC 1951 3.2.2).
    fn symbol(&mut self, code: &Code) -> Decoded<usize> {
        let (mut word, mut first, mut before) = (0, 0, 0);
        for count in &code.counts[1..] {
            word = word << 1 | self.bit()?;
            if word < first + count {
                return Ok(code.symbols[(before + word - first) as usize]);
            }
            before += count;
            first = (first + count) << 1;
        }
        Err("no such code")
    }
}

/// A canonical code.
struct Code {
    /// How many codes there are of each length.
    counts: [u32; 16],
    /// By the length of their codes, then in order.
    symbols: Vec<usize>,
}

impl Code {
    fn new(lengths: &[u8]) -> Self {
        let mut counts = [0; 16];
        let mut symbols: Vec<usize> = (0..lengths.len()).filter(|it| lengths[*it] > 0).collect();
        symbols.sort_by_key(|it| lengths[*it]);
        for symbol in &symbols {
            counts[usize::from(lengths[*symbol])] += 1;
        }
        Self { counts, symbols }
    }

    /// Whether every bit string begins with a code, and with one only. One code alone, or none, is
    /// let pass where it says so.
    fn check(self, may_be_alone: bool) -> Decoded<Self> {
        let sum: u32 = (1..16).map(|len| self.counts[len] << (15 - len)).sum();
        let alone = may_be_alone && self.symbols.len() == self.counts[1] as usize;
        match sum.cmp(&(1 << 15)) {
            std::cmp::Ordering::Greater => Err("more codes than there can be"),
            std::cmp::Ordering::Less if !alone => Err("fewer codes than there must be"),
            _ => Ok(self),
        }
    }
}

impl Inflate {
    pub fn new() -> Self {
        Self::default()
    }

    /// The next fragment of a message has this payload.
    pub fn gather(&mut self, payload: &[u8]) {
        self.gathered.extend_from_slice(payload);
    }

    /// What the fragments say together.
    pub fn gathered(&mut self) -> Decoded<Vec<u8>> {
        let payload = std::mem::take(&mut self.gathered);
        self.message(&payload)
    }

    /// What the payload of a message says, if it is by RFC 7692 7.2.
    pub fn message(&mut self, payload: &[u8]) -> Decoded<Vec<u8>> {
        let start = self.history.len();
        let bytes = [payload, &[0x00, 0x00, 0xff, 0xff]].concat();
        let mut reader = Reader {
            bytes: &bytes,
            at: 0,
        };
        self.blocks.clear();
        while reader.at.div_ceil(8) < bytes.len() {
            let header = reader.at / 8;
            if reader.bit()? == 1 {
                return Err("a final block");
            }
            match reader.number(2)? {
                0 => self.stored(&mut reader)?,
                1 => {
                    let mut literals = [8; 288];
                    literals[144..256].fill(9);
                    literals[256..280].fill(7);
                    self.blocks.push(Block::Fixed);
                    self.compressed(&mut reader, &Code::new(&literals), &Code::new(&[5; 30]))?;
                }
                2 => {
                    let (literals, distances) =
                        codes(&mut reader).map_err(|error| match error {
                            "cut short" => CUT_IN_CODES,
                            other => other,
                        })?;
                    self.blocks.push(Block::Dynamic);
                    self.compressed(&mut reader, &literals, &distances)?;
                }
                _ => return Err("a block of type 3"),
            }
            if header >= payload.len() {
                return Err("the header of the last block was not sent");
            }
        }
        if self.blocks.pop() != Some(Block::Stored(0)) {
            return Err("the last block is not an empty stored one");
        }
        Ok(self.history[start..].to_vec())
    }

    fn stored(&mut self, reader: &mut Reader<'_>) -> Decoded<()> {
        while reader.at % 8 != 0 {
            if reader.bit()? != 0 {
                return Err("padding that is not zero");
            }
        }
        let (len, not) = (reader.number(16)?, reader.number(16)?);
        if len != !not & 0xffff {
            return Err("a length that is not its own");
        }
        let from = reader.at / 8;
        let data = reader.bytes.get(from..from + len).ok_or("cut short")?;
        self.history.extend(data);
        reader.at += 8 * len;
        self.blocks.push(Block::Stored(len));
        Ok(())
    }

    fn compressed(
        &mut self,
        reader: &mut Reader<'_>,
        literals: &Code,
        distances: &Code,
    ) -> Decoded<()> {
        loop {
            match reader.symbol(literals)? {
                byte @ 0..=255 => self.history.push(byte as u8),
                256 => return Ok(()),
                symbol => {
                    let length = LENGTHS.get(symbol - 257).ok_or("no such length")?;
                    let len = usize::from(length.0) + reader.number(length.1.into())?;
                    let distance = DISTANCES.get(reader.symbol(distances)?);
                    let distance = distance.ok_or("no such distance")?;
                    let back = usize::from(distance.0) + reader.number(distance.1.into())?;
                    if back > self.history.len() {
                        return Err("a distance before the start");
                    }
                    self.farthest = self.farthest.max(back);
                    for _ in 0..len {
                        self.history.push(self.history[self.history.len() - back]);
                    }
                }
            }
        }
    }
}

/// The two codes of a dynamic block.
fn codes(reader: &mut Reader<'_>) -> Decoded<(Code, Code)> {
    let literals = reader.number(5)? + 257;
    let distances = reader.number(5)? + 1;
    let count = reader.number(4)? + 4;
    if literals > 286 || distances > 30 {
        return Err("too many codes");
    }
    let mut code = [0; 19];
    for symbol in &CODE_LENGTH_ORDER[..count] {
        code[*symbol] = reader.number(3)? as u8;
    }
    let code = Code::new(&code).check(false)?;
    let mut lengths = Vec::new();
    while lengths.len() < literals + distances {
        let (length, times) = match reader.symbol(&code)? {
            16 => {
                let last = *lengths.last().ok_or("nothing to repeat")?;
                (last, 3 + reader.number(2)?)
            }
            17 => (0, 3 + reader.number(3)?),
            18 => (0, 11 + reader.number(7)?),
            length => (length as u8, 1),
        };
        lengths.resize(lengths.len() + times, length);
    }
    if lengths.len() > literals + distances {
        return Err("more lengths than codes");
    }
    let distances = lengths.split_off(literals);
    if lengths[256] == 0 {
        return Err("no end");
    }
    Ok((
        Code::new(&lengths).check(true)?,
        Code::new(&distances).check(true)?,
    ))
}

/// What one direction is agreed to be.
#[derive(Clone, Copy, Debug)]
pub struct Way {
    pub bits: u8,
    pub takeover: bool,
}

/// How a connection with permessage-deflate is to be.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// What the end under test sends.
    pub ours: Way,
    /// What its peer sends.
    pub theirs: Way,
    pub level: u8,
    pub threshold: u32,
    pub limits: Limits,
}

impl Default for Terms {
    fn default() -> Self {
        let all = Way {
            bits: 15,
            takeover: true,
        };
        Self {
            ours: all,
            theirs: all,
            level: 6,
            threshold: 0,
            limits: Limits::default(),
        }
    }
}

impl Terms {
    pub fn windows(mut self, bits: u8) -> Self {
        self.ours.bits = bits;
        self.theirs.bits = bits;
        self
    }

    pub fn no_takeover(mut self) -> Self {
        self.ours.takeover = false;
        self.theirs.takeover = false;
        self
    }

    pub fn limit(mut self, bytes: usize) -> Self {
        self.limits = self.limits.message_payload(bytes);
        self
    }

    /// The parameters that say so.
    fn params(server: Way, client: Way) -> String {
        let mut params = String::from("permessage-deflate");
        for (name, way) in [("server", server), ("client", client)] {
            if !way.takeover {
                params += &format!("; {name}_no_context_takeover");
            }
        }
        for (name, way) in [("server", server), ("client", client)] {
            // What is not said is 15.
            if way.bits < 15 {
                params += &format!("; {name}_max_window_bits={}", way.bits);
            }
        }
        params
    }

    fn offer(&self) -> DeflateOffer {
        DeflateOffer::default()
            .level(self.level)
            .threshold(self.threshold)
    }
}

/// A role under test that can agree to terms.
pub trait DeflateEnd: End {
    fn agree(terms: Terms) -> Open<Self, Option<Deflate>>;
}

impl DeflateEnd for Server {
    fn agree(terms: Terms) -> Open<Self, Option<Deflate>> {
        let params = Terms::params(terms.ours, terms.theirs);
        let (open, answer) = serve(terms.offer(), &[&params], terms.limits);
        assert_eq!(
            answer,
            Some(params),
            "what is answered is what was asked for"
        );
        open
    }
}

impl DeflateEnd for Client {
    fn agree(terms: Terms) -> Open<Self, Option<Deflate>> {
        let params = Terms::params(terms.theirs, terms.ours);
        connect(terms.offer(), &[&params], terms.limits)
            .1
            .expect("an answer to the offer")
    }
}
