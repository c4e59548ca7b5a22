//! Extensions from outside the crate, alone and in stacks: with one another and with
//! permessage-deflate, in both orders (RFC 6455 9.1).

mod common;

use common::handshake::*;
use common::*;
use wsproto::{
    Answer, Chunks, Client, Coding, Decode, Encode, Extension, ExtensionEntry, ExtensionHeader,
    ExtensionList, HandshakeError, InvalidAnswer, InvalidCoding, Limits, Messages, Narrowed,
    Negotiate, Open, Outbox, Pool, Progress, Rsv, Server, Violation,
};

/// Bytes are XORed with a key that is agreed on, and their sum follows in one byte. Messages of
/// fewer than 4 bytes stay as they are. It owns the reserved bit `BIT`, 2 or 3.
struct Seal<const BIT: u8> {
    key: u8,
}

const fn bit(bit: u8) -> Rsv {
    match bit {
        2 => Rsv::RSV2,
        3 => Rsv::RSV3,
        _ => panic!("2 or 3"),
    }
}

const fn name(bit: u8) -> &'static str {
    if bit == 2 { "x-seal2" } else { "x-seal3" }
}

impl<const BIT: u8> Extension for Seal<BIT> {
    const RSV: Rsv = bit(BIT);
    type Encoder = Sealer<BIT>;
    type Decoder = Opener;

    fn split(self) -> (Sealer<BIT>, Opener) {
        let opener = Opener {
            key: self.key,
            sum: 0,
            held: None,
            failed: false,
            full: None,
            is_eager: BIT == 3,
        };
        (
            Sealer {
                key: self.key,
                sum: 0,
            },
            opener,
        )
    }
}

struct Sealer<const BIT: u8> {
    key: u8,
    sum: u8,
}

impl<const BIT: u8> Encode for Sealer<BIT> {
    fn begin(&mut self, len: Option<usize>) -> (Rsv, Coding) {
        self.sum = 0;
        match len {
            Some(0..4) => (Rsv::NONE, Coding::Plain),
            // More than it owns: what is not its own is taken off.
            _ => (Rsv::RSV2.union(Rsv::RSV3), Coding::Coded),
        }
    }

    fn encode(&mut self, payload: &[u8], last: bool, output: &mut Vec<u8>, _: &mut Pool) {
        for byte in payload {
            self.sum = self.sum.wrapping_add(*byte);
            output.push(byte ^ self.key);
        }
        if last {
            output.push(self.sum ^ self.key);
        }
    }
}

struct Opener {
    key: u8,
    sum: u8,
    /// The last byte, which may be the sum.
    held: Option<u8>,
    failed: bool,
    /// Where it was full: what was left of the input, and whether that was the last.
    full: Option<(usize, bool)>,
    /// Whether it says that it is full though it has nothing more to write: it need not know.
    is_eager: bool,
}

impl Decode for Opener {
    fn begin(&mut self, rsv: Rsv) -> Coding {
        assert!(!self.failed, "a message after a failure");
        self.sum = 0;
        self.held = None;
        if rsv.is_empty() {
            Coding::Plain
        } else {
            Coding::Coded
        }
    }

    fn decode(
        &mut self,
        input: &mut &[u8],
        output: &mut Vec<u8>,
        last: bool,
        _: &mut Pool,
    ) -> Result<Progress, InvalidCoding> {
        assert!(!self.failed, "called after a failure");
        assert!(output.len() < output.capacity(), "called without space");
        if let Some(full) = self.full.take() {
            assert_eq!((input.len(), last), full, "called with something else");
        }
        while let Some((byte, rest)) = input.split_first() {
            if let Some(held) = self.held {
                if output.len() == output.capacity() {
                    self.full = Some((input.len(), last));
                    return Ok(Progress::Full);
                }
                output.push(held);
                self.sum = self.sum.wrapping_add(held);
            }
            self.held = Some(byte ^ self.key);
            *input = rest;
        }
        if self.is_eager && output.len() == output.capacity() {
            self.full = Some((0, last));
            return Ok(Progress::Full);
        }
        if last && self.held != Some(self.sum) {
            self.failed = true;
            return Err(InvalidCoding);
        }
        Ok(Progress::Done)
    }
}

/// What is proposed: a client offers the key, a server accepts any key up to it.
#[derive(Clone, Copy)]
struct SealOffer<const BIT: u8> {
    key: u8,
}

fn key(entry: ExtensionEntry<'_>) -> Option<u8> {
    let mut params = entry.params();
    match (params.next()?, params.next()) {
        (("key", Some(value)), None) => value.parse().ok(),
        _ => None,
    }
}

impl<const BIT: u8> Negotiate for SealOffer<BIT> {
    type Agreed = Option<Seal<BIT>>;

    fn offer(&self, offers: &mut ExtensionHeader) {
        offers.entry(name(BIT)).param("key", self.key);
    }

    fn confirm(self, answer: &mut Answer<'_>) -> Result<Option<Seal<BIT>>, InvalidAnswer> {
        let Some(entry) = answer.take(name(BIT)) else {
            return Ok(None);
        };
        match key(entry) {
            Some(key) if key <= self.key => Ok(Some(Seal { key })),
            _ => Err(InvalidAnswer),
        }
    }

    fn answer(self, offers: ExtensionList<'_>, answer: &mut ExtensionHeader) -> Option<Seal<BIT>> {
        let acceptable = |key: &u8| *key <= self.key;
        let key = offers.named(name(BIT)).filter_map(key).find(acceptable)?;
        answer.entry(name(BIT)).param("key", key);
        Some(Seal { key })
    }
}

type Two = SealOffer<2>;
type Three = SealOffer<3>;

const TWO: Two = SealOffer { key: 0x5a };
const THREE: Three = SealOffer { key: 0x81 };
const SAYS_TWO: &str = "x-seal2; key=90";

/// As the peer seals: the bytes, then their sum, all XORed.
fn seal(key: u8, data: &[u8]) -> Vec<u8> {
    let sum = data.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte));
    data.iter().chain([&sum]).map(|byte| byte ^ key).collect()
}

/// A role under test, and the proposal that it makes.
trait Stacked: End {
    /// A connection on which exactly `says` was agreed.
    fn agree<N: Negotiate>(proposal: N, says: &str, limits: Limits) -> Open<Self, N::Agreed>;
}

impl Stacked for Server {
    fn agree<N: Negotiate>(proposal: N, says: &str, limits: Limits) -> Open<Self, N::Agreed> {
        let (open, answer) = serve(proposal, &[says], limits);
        assert_eq!(answer.as_deref(), Some(says));
        open
    }
}

impl Stacked for Client {
    fn agree<N: Negotiate>(proposal: N, says: &str, limits: Limits) -> Open<Self, N::Agreed> {
        connect(proposal, &[says], limits)
            .1
            .expect("it was offered")
    }
}

/// In both roles, at every cut, in every way: this is heard.
#[track_caller]
fn hears_on<N: Negotiate + Copy>(
    row: &str,
    (proposal, says): (N, &str),
    limits: Limits,
    frames: &[Frame],
    heard: &[Heard],
    sent: &str,
) {
    let open = || Server::agree(proposal, says, limits);
    end_hears(row, &open, frames, heard, sent);
    let open = || Client::agree(proposal, says, limits);
    end_hears(row, &open, frames, heard, sent);
}

#[track_caller]
fn fails_on<N: Negotiate + Copy>(
    row: &str,
    (proposal, says): (N, &str),
    limits: Limits,
    frames: &[Frame],
    heard: &[Heard],
    violation: Violation,
) {
    let code = violation.close_code().get();
    let open = || Server::agree(proposal, says, limits);
    end_fails(row, &open, frames, heard, "", violation, code);
    let open = || Client::agree(proposal, says, limits);
    end_fails(row, &open, frames, heard, "", violation, code);
}

/// What an end sends for each message, and in three fragments, with all RSV bits allowed.
fn sends<R: End, X: Extension>(open: Open<R, X>, message: &str) -> (Vec<Sent>, Vec<Sent>) {
    let mut outbox = Outbox::new();
    let mut open = open;
    open.send_text(message, &mut outbox);
    let whole = parse_with::<R>(0x70, &drain(&mut outbox));
    let mut streaming = open.start_text();
    let (one, two) = message.split_at(message.len() / 2);
    streaming.write(one, &mut outbox);
    streaming.write("", &mut outbox);
    streaming.ping("between".try_into().unwrap(), &mut outbox);
    drop(streaming.finish(two, &mut outbox));
    (whole, parse_with::<R>(0x70, &drain(&mut outbox)))
}

#[test]
fn an_extension_of_ones_own_changes_payloads_and_owns_its_bit() {
    let on = (TWO, SAYS_TWO);
    let sealed = seal(0x5a, b"Hello");
    // 48 65 6c 6c 6f, whose sum is 1f4, each XOR 5a.
    assert_eq!(sealed, hex("12 3f 36 36 35 ae"));
    let frames = [
        frame(0xa1, &sealed),
        frame(0x81, "Hello"),
        frame(0xa2, &sealed),
        // 2 XOR 58 = 5a: the sum of nothing is 0.
        frame(0xa2, hex("5a")),
        frame(0x21, &sealed[..2]),
        frame(0x89, "!"),
        frame(0x00, ""),
        frame(0x00, &sealed[2..5]),
        frame(0x80, &sealed[5..]),
        frame(0x01, "He"),
        frame(0x80, "llo"),
    ];
    let heard = [
        text("Hello"),
        text("Hello"),
        binary("Hello"),
        binary(""),
        ping("!"),
        text("Hello"),
        text("Hello"),
    ];
    hears_on("one", on, Limits::default(), &frames, &heard, "8a 01 21");

    for (row, frames) in [
        ("a wrong sum", vec![frame(0xa2, hex("12 3f 36 36 35 af"))]),
        ("cut short", vec![frame(0xa2, &sealed[..5])]),
        ("no sum", vec![frame(0xa2, "")]),
        (
            "no sum in fragments",
            vec![frame(0x22, ""), frame(0x00, ""), frame(0x80, "")],
        ),
        (
            "cut short in fragments",
            vec![frame(0x22, &sealed[..3]), frame(0x80, "")],
        ),
    ] {
        let violation = Violation::InvalidCoding;
        fails_on(row, on, Limits::default(), &frames, &[], violation);
    }
    for (row, first) in [
        ("RSV1", 0xc1),
        ("RSV3", 0x91),
        ("with RSV1", 0xe1),
        ("all", 0xf1),
    ] {
        let frames = [frame(first, &sealed)];
        fails_on(
            row,
            on,
            Limits::default(),
            &frames,
            &[],
            Violation::ReservedBit,
        );
    }
    let frames = [frame(0x21, &sealed), frame(0xa0, "")];
    fails_on(
        "on a continuation",
        on,
        Limits::default(),
        &frames,
        &[],
        Violation::ReservedBit,
    );
    let text = seal(0x5a, b"\xff...");
    let frames = [frame(0x21, &text[..2])];
    fails_on(
        "no text",
        on,
        Limits::default(),
        &frames,
        &[],
        Violation::InvalidUtf8,
    );
}

#[test]
fn what_an_extension_of_ones_own_sends() {
    fn law<R: Stacked>() {
        let agree = || R::agree(TWO, SAYS_TWO, Limits::default());
        let sealed = seal(0x5a, b"Hello");
        let (whole, fragments) = sends(agree(), "Hello");
        assert_eq!((whole[0].first, &whole[0].payload), (0xa1, &sealed));
        // An empty fragment of nothing is not sent.
        let firsts: Vec<_> = fragments.iter().map(|it| it.first).collect();
        assert_eq!(firsts, [0x21, 0x89, 0x80]);
        assert_eq!(fragments[0].payload, sealed[..2]);
        assert_eq!(fragments[2].payload, sealed[2..]);
        // Below 4 bytes it does nothing, but for messages whose length is not known.
        let (whole, fragments) = sends(agree(), "abc");
        assert_eq!((whole[0].first, &*whole[0].payload), (0x81, &b"abc"[..]));
        assert_eq!(fragments[0].first, 0x21);
        // What is large enough to be shared is encoded too, under the bits that are its own.
        let (mut open, mut outbox) = (agree(), Outbox::new());
        open.send_bytes(vec![7; 100_000].into(), &mut outbox);
        let sent = parse_with::<R>(0x70, &drain(&mut outbox));
        assert_eq!(sent[0].first, 0xa2);
        assert!(sent[0].payload == seal(0x5a, &[7; 100_000]));
    }
    law::<Server>();
    law::<Client>();
}

#[test]
fn a_broadcast_is_encoded_where_an_extension_says_nothing_of_broadcasts() {
    let mut open = Server::agree(TWO, SAYS_TWO, Limits::default());
    let mut outbox = Outbox::new();
    open.send_broadcast(&wsproto::Broadcast::text("Hello"), &mut outbox);
    let sent = parse_with::<Server>(0x70, &drain(&mut outbox));
    assert_eq!((sent.len(), sent[0].first), (1, 0xa1));
    assert_eq!(sent[0].payload, seal(0x5a, b"Hello"));
}

#[test]
fn the_limit_counts_decoded_bytes_of_an_extension_of_ones_own() {
    let on = (TWO, SAYS_TWO);
    for limit in [1, 64, 513] {
        let limits = Limits::default().message_payload(limit).frame_payload(1000);
        let exact = seal(0x5a, &vec![7; limit]);
        hears_on(
            "exactly",
            on,
            limits,
            &[frame(0xa2, &exact)],
            &[binary(vec![7; limit])],
            "",
        );
        let above = seal(0x5a, &vec![7; limit + 1]);
        let violation = Violation::MessageTooBig;
        fails_on("above", on, limits, &[frame(0xa2, &above)], &[], violation);
        // Also where its sum is wrong, which is behind the limit.
        let frames = [frame(0xa2, [above, vec![0]].concat())];
        fails_on("above", on, limits, &frames, &[], violation);
        let mut exact = exact;
        *exact.last_mut().unwrap() ^= 1;
        let frames = [frame(0xa2, exact)];
        let wrong = Violation::InvalidCoding;
        fails_on("wrong at the limit", on, limits, &frames, &[], wrong);
    }
}

#[test]
fn the_first_of_a_stack_encodes_first_and_decodes_last() {
    let data = b"Hello, stack";
    let two_first = seal(0x81, &seal(0x5a, data));
    let three_first = seal(0x5a, &seal(0x81, data));
    assert_ne!(two_first, three_first);
    let two_three = ((TWO, THREE), "x-seal2; key=90, x-seal3; key=129");
    let three_two = ((THREE, TWO), "x-seal3; key=129, x-seal2; key=90");
    let heard = [
        binary(data),
        text("Hello, stack"),
        binary(data),
        binary(data),
        binary(data),
    ];
    let frames = |both: &[u8]| {
        [
            frame(0xb2, both),
            frame(0x81, data),
            // One of them alone.
            frame(0xa2, seal(0x5a, data)),
            frame(0x92, seal(0x81, data)),
            frame(0x32, &both[..5]),
            frame(0x80, &both[5..]),
        ]
    };
    let limits = Limits::default();
    hears_on("2, 3", two_three, limits, &frames(&two_first), &heard, "");
    hears_on("3, 2", three_two, limits, &frames(&three_first), &heard, "");

    fn law<R: Stacked>(two_first: &[u8], three_first: &[u8]) {
        let open = R::agree(
            (TWO, THREE),
            "x-seal2; key=90, x-seal3; key=129",
            Limits::default(),
        );
        let (whole, fragments) = sends(open, "Hello, stack");
        assert_eq!((whole[0].first, &*whole[0].payload), (0xb1, two_first));
        assert_eq!(fragments[0].first, 0x31);
        let joined = [&*fragments[0].payload, &fragments[2].payload].concat();
        assert_eq!(joined, two_first);
        let open = R::agree(
            (THREE, TWO),
            "x-seal3; key=129, x-seal2; key=90",
            Limits::default(),
        );
        let (whole, _) = sends(open, "Hello, stack");
        assert_eq!((whole[0].first, &*whole[0].payload), (0xb1, three_first));
        // Neither has anything to do with a short one.
        let open = R::agree(
            (THREE, TWO),
            "x-seal3; key=129, x-seal2; key=90",
            Limits::default(),
        );
        assert_eq!(sends(open, "abc").0[0].first, 0x81);
    }
    law::<Server>(&two_first, &three_first);
    law::<Client>(&two_first, &three_first);

    for (row, payload) in [
        (
            "the outer sum",
            [&two_first[..two_first.len() - 1], &[0]].concat(),
        ),
        (
            "the inner sum",
            seal(0x81, &[&seal(0x5a, data)[..data.len()], &[0]].concat()),
        ),
        ("cut short", two_first[..two_first.len() - 1].to_vec()),
        ("the other order", three_first),
        ("nothing in the inner", seal(0x81, b"")),
        ("nothing at all", vec![]),
    ] {
        let frames = [frame(0xb2, &payload)];
        fails_on(
            row,
            two_three,
            limits,
            &frames,
            &[],
            Violation::InvalidCoding,
        );
        let (one, two) = payload.split_at(payload.len() / 2);
        let frames = [frame(0x32, one), frame(0x80, two)];
        fails_on(
            row,
            two_three,
            limits,
            &frames,
            &[],
            Violation::InvalidCoding,
        );
    }
}

#[test]
fn long_messages_pass_through_a_stack() {
    fn pass<R: Stacked, D: Mode, N: Negotiate + Copy>(on: (N, &str), frame: &Frame, data: &[u8]) {
        let bytes = R::from_peer(std::slice::from_ref(frame));
        // After 1 KiB there is space for 4 KiB in chunks, which is what lies between two decoders:
        // then the one is full where the other has more.
        let begun = bytes.len() - frame.payload.len() + 1024;
        for (begun, size) in [(0, 1000), (0, 16_384), (0, 1 << 20), (begun, 8192)] {
            let mut peer = Peer::<_, D>::new(R::agree(on.0, on.1, Limits::default()));
            peer.read(&bytes[..begun]);
            for piece in bytes[begun..].chunks(size) {
                peer.read(piece);
            }
            assert_eq!(peer.violation, None);
            assert_eq!(peer.news(), [binary(data)]);
        }
    }
    fn law<R: Stacked, D: Mode>() {
        let data: Vec<u8> = (0..100_000u32)
            .map(|at| (at.wrapping_mul(at) >> 7) as u8)
            .collect();
        let (two, three) = (seal(0x5a, &data), seal(0x81, &data));
        pass::<R, D, _>((TWO, SAYS_TWO), &frame(0xa2, &two), &data);
        pass::<R, D, _>((THREE, "x-seal3; key=129"), &frame(0x92, &three), &data);
        let both = (TWO, THREE);
        let says = "x-seal2; key=90, x-seal3; key=129";
        pass::<R, D, _>((both, says), &frame(0xb2, seal(0x81, &two)), &data);
        let both = (THREE, TWO);
        let says = "x-seal3; key=129, x-seal2; key=90";
        pass::<R, D, _>((both, says), &frame(0xb2, seal(0x5a, &three)), &data);
    }
    in_every_way!(law);
}

#[test]
fn each_of_a_stack_may_be_declined() {
    let rows: [(&[&str], Option<&str>, u8); 6] = [
        (
            &["x-seal2; key=90, x-seal3; key=129"],
            Some("x-seal2; key=90, x-seal3; key=129"),
            0x30,
        ),
        (
            &["x-seal3; key=129, x-seal2; key=90"],
            Some("x-seal2; key=90, x-seal3; key=129"),
            0x30,
        ),
        (
            &["x-seal2; key=91, x-seal3; key=129"],
            Some("x-seal3; key=129"),
            0x10,
        ),
        (
            &["x-seal2; key=91", "x-seal2; key=7"],
            Some("x-seal2; key=7"),
            0x20,
        ),
        (&["x-seal2; key=90; key=90, x-seal4"], None, 0),
        (&[], None, 0),
    ];
    for (offers, expected, in_force) in rows {
        let open = || serve((TWO, THREE), offers, Limits::default());
        assert_eq!(open().1.as_deref(), expected, "{offers:?}");
        let mut outbox = Outbox::new();
        open().0.send_text("long enough", &mut outbox);
        let sent = parse_with::<Server>(0x70, &drain(&mut outbox));
        assert_eq!(sent[0].first, 0x81 | in_force, "{offers:?}");
        for bit in [0x10, 0x20, 0x40] {
            let mut peer = Peer::<_>::new(open().0);
            // Whether the bit may stand there is known before there is a payload.
            peer.read(&[0x81 | bit]);
            let expected = (in_force & bit == 0).then_some(Violation::ReservedBit);
            assert_eq!(peer.violation, expected, "{offers:?}, {bit:#x}");
        }
    }
}

#[test]
fn a_client_confirms_each_of_a_stack() {
    let both = "x-seal2; key=90, x-seal3; key=129";
    let (offer, _) = connect((TWO, THREE), &[], Limits::default());
    assert_eq!(offer.as_deref(), Some(both));
    for (answers, error) in [
        (&[][..], None),
        (&[both], None),
        (&["x-seal2; key=90"], None),
        (&["x-seal3; key=129"], None),
        (&["x-seal2; key=1", "x-seal3; key=2"], None),
        (
            &["x-seal2; key=91"],
            Some(HandshakeError::InvalidExtensionAnswer),
        ),
        (&["x-seal2"], Some(HandshakeError::InvalidExtensionAnswer)),
        // It would be another stack.
        (
            &["x-seal3; key=129, x-seal2; key=90"],
            Some(HandshakeError::UnofferedExtension),
        ),
        (
            &["x-seal2; key=90, x-seal2; key=90"],
            Some(HandshakeError::UnofferedExtension),
        ),
        (
            &["x-seal2; key=90, x-seal4"],
            Some(HandshakeError::UnofferedExtension),
        ),
    ] {
        let (_, got) = connect((TWO, THREE), answers, Limits::default());
        assert_eq!(got.err(), error, "{answers:?}");
    }
}

#[test]
fn what_was_agreed_can_be_narrowed() {
    fn law<R: Stacked>(declined: Open<R, Option<Seal<2>>>) {
        let sealed = [frame(0xa1, seal(0x5a, b"Hello"))];
        match R::agree(TWO, SAYS_TWO, Limits::default()).narrow() {
            Narrowed::Without(_) => panic!("it was agreed"),
            Narrowed::With(open) => {
                let mut peer = Peer::<_, Chunks>::new(open);
                peer.hear(&sealed);
                assert_eq!(peer.news(), [text("Hello")]);
                let (whole, _) = sends(peer.phase, "Hello");
                assert_eq!(
                    (whole[0].first, &whole[0].payload),
                    (0xa1, &sealed[0].payload)
                );
            }
        }
        match declined.narrow() {
            Narrowed::With(_) => panic!("it was declined"),
            Narrowed::Without(open) => {
                let mut peer = Peer::<_>::new(open);
                peer.hear(&sealed);
                assert_eq!(peer.violation, Some(Violation::ReservedBit));
            }
        }
        // In the middle of a message as well.
        let open = R::agree(TWO, SAYS_TWO, Limits::default());
        let mut peer = Peer::<_, Messages>::new(open);
        let bytes = R::from_peer(&sealed);
        let (one, two) = bytes.split_at(bytes.len() - 3);
        peer.read(one);
        let mut peer = peer.then(|open, _| match open.narrow() {
            Narrowed::With(open) => open,
            Narrowed::Without(_) => panic!("it was agreed"),
        });
        peer.read(two);
        assert_eq!(peer.news(), [text("Hello")]);
    }
    law::<Server>(serve(TWO, &[], Limits::default()).0);
    law::<Client>(connect(TWO, &[], Limits::default()).1.unwrap());
}

/// Takes nothing, gives nothing, and says this.
#[derive(Clone, Copy)]
struct Stuck(Progress);

impl Extension for Stuck {
    const RSV: Rsv = Rsv::RSV1;
    type Encoder = ();
    type Decoder = Self;

    fn split(self) -> ((), Self) {
        ((), self)
    }
}

impl Decode for Stuck {
    fn begin(&mut self, _: Rsv) -> Coding {
        Coding::Coded
    }

    fn decode(
        &mut self,
        _: &mut &[u8],
        _: &mut Vec<u8>,
        _: bool,
        _: &mut Pool,
    ) -> Result<Progress, InvalidCoding> {
        Ok(self.0)
    }
}

#[test]
fn a_decoder_that_never_ends_fails_the_connection() {
    fn law<D: Mode>(progress: Progress, payload: &str) -> Result<Option<()>, Violation> {
        let mut open = Open::<Server, Stuck>::after_upgrade(Stuck(progress), Limits::default());
        let (mut inbox, mut outbox) = (D::inbox(), Outbox::new());
        inbox.extend(&Server::from_peer(&[frame(0xc1, payload)]));
        let event = open.receive(&mut inbox, &mut outbox);
        event.map(|event| event.map(|_| ()))
    }
    for law in [law::<Messages>, law::<Chunks>] {
        let stuck = Err(Violation::InvalidCoding);
        assert_eq!(law(Progress::Done, "some"), stuck);
        assert_eq!(law(Progress::Full, "some"), stuck);
        assert_eq!(law(Progress::Full, ""), stuck);
        assert_eq!(law(Progress::Done, ""), Ok(Some(())));
    }
}

#[test]
fn a_decoder_that_never_ends_fails_the_connection_also_in_a_stack() {
    fn law<X: Extension>(stack: X) {
        let mut open = Open::<Server, X>::after_upgrade(stack, Limits::default());
        let (mut inbox, mut outbox) = (Messages::inbox(), Outbox::new());
        let payload = seal(0x5a, b"Hello");
        inbox.extend(&Server::from_peer(&[frame(0xe1, &payload)]));
        let event = open.receive(&mut inbox, &mut outbox).map(|_| ());
        assert_eq!(event, Err(Violation::InvalidCoding));
    }
    // The second of a stack decodes first.
    for progress in [Progress::Done, Progress::Full] {
        law((Stuck(progress), Seal::<2> { key: 0x5a }));
        law((Seal::<2> { key: 0x5a }, Stuck(progress)));
    }
}

/// Owns no reserved bit: the bytes of each message are XORed with the message's number.
struct Numbered;

#[derive(Default)]
struct Numbers {
    begun: u8,
}

impl Extension for Numbered {
    const RSV: Rsv = Rsv::NONE;
    type Encoder = Numbers;
    type Decoder = Numbers;

    fn split(self) -> (Numbers, Numbers) {
        (Numbers::default(), Numbers::default())
    }
}

impl Encode for Numbers {
    fn begin(&mut self, _: Option<usize>) -> (Rsv, Coding) {
        self.begun += 1;
        (Rsv::NONE, Coding::Coded)
    }

    fn encode(&mut self, payload: &[u8], _: bool, output: &mut Vec<u8>, _: &mut Pool) {
        output.extend(payload.iter().map(|byte| byte ^ self.begun));
    }
}

impl Decode for Numbers {
    fn begin(&mut self, _: Rsv) -> Coding {
        self.begun += 1;
        Coding::Coded
    }

    fn decode(
        &mut self,
        input: &mut &[u8],
        output: &mut Vec<u8>,
        _: bool,
        _: &mut Pool,
    ) -> Result<Progress, InvalidCoding> {
        let (now, later) = input.split_at(input.len().min(output.capacity() - output.len()));
        output.extend(now.iter().map(|byte| byte ^ self.begun));
        *input = later;
        match later {
            [] => Ok(Progress::Done),
            _ => Ok(Progress::Full),
        }
    }
}

#[test]
fn a_decoder_is_told_once_that_a_message_begins_at_every_cut() {
    let (limits, mut outbox) = (Limits::default(), Outbox::new());
    let mut client = Open::<Client, _>::after_upgrade(Numbered, limits, [7; 32]);
    client.send_binary(b"Hello", &mut outbox);
    client.send_text("Hell\u{f6}", &mut outbox);
    client.send_binary(&[5; 300], &mut outbox);
    let sent = outbox.bytes_to_send(None);
    for cut in 0..=sent.len() {
        let open = Open::<Server, _>::after_upgrade(Numbered, limits);
        let mut peer = Peer::<_, Messages>::new(open);
        peer.read(&sent[..cut]);
        peer.read(&sent[cut..]);
        let told = [binary(b"Hello"), text("Hell\u{f6}"), binary([5; 300])];
        assert_eq!(peer.news(), told, "cut at {cut}");
    }
}

#[cfg(feature = "deflate")]
mod with_deflate {
    use wsproto::DeflateOffer;

    use super::*;
    use common::deflate::{Bits, Inflate};

    /// A proposal that can be made again and again.
    #[derive(Clone, Copy)]
    struct Compression;

    impl Negotiate for Compression {
        type Agreed = <DeflateOffer as Negotiate>::Agreed;

        fn offer(&self, offers: &mut ExtensionHeader) {
            DeflateOffer::default().offer(offers);
        }

        fn confirm(self, answer: &mut Answer<'_>) -> Result<Self::Agreed, InvalidAnswer> {
            DeflateOffer::default().threshold(10).confirm(answer)
        }

        fn answer(self, offers: ExtensionList<'_>, answer: &mut ExtensionHeader) -> Self::Agreed {
            DeflateOffer::default().threshold(10).answer(offers, answer)
        }
    }

    /// Compressed, then sealed; and sealed, then compressed. With and without takeover.
    const DEFLATE_SEAL: [&str; 2] = [
        "permessage-deflate, x-seal2; key=90",
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover, x-seal2; key=90",
    ];
    const SEAL_DEFLATE: [&str; 2] = [
        "x-seal2; key=90, permessage-deflate",
        "x-seal2; key=90, permessage-deflate; server_no_context_takeover; client_no_context_takeover",
    ];

    fn deflate(data: &[u8]) -> Vec<u8> {
        Bits::new().fixed_block(false, data).message()
    }

    /// A run of one byte, in few.
    fn deflate_run(byte: u8, len: usize) -> Vec<u8> {
        let mut bits = Bits::new().block(false, 1).literals(&[byte]);
        for _ in 0..(len - 1) / 258 {
            bits = bits.copy(258, 1);
        }
        let rest = vec![byte; (len - 1) % 258];
        bits.literals(&rest).end().message()
    }

    #[test]
    fn a_stack_with_deflate_in_both_orders() {
        let data = b"Hello, Hello";
        let frames = |both: Vec<u8>| {
            let (one, two) = both.split_at(both.len() / 2);
            [
                frame(0xe1, &both),
                frame(0x81, data),
                frame(0xc1, deflate(data)),
                frame(0xa1, seal(0x5a, data)),
                frame(0x61, one),
                frame(0x89, "?"),
                frame(0x00, ""),
                frame(0x80, two),
                frame(0x61, &both),
                frame(0x80, ""),
            ]
        };
        let hello = text("Hello, Hello");
        let mut heard = vec![hello; 7];
        heard[4] = ping("?");
        let limits = Limits::default();
        for says in DEFLATE_SEAL {
            let on = ((Compression, TWO), says);
            hears_on(
                says,
                on,
                limits,
                &frames(seal(0x5a, &deflate(data))),
                &heard,
                "8a 01 3f",
            );
        }
        for says in SEAL_DEFLATE {
            let on = ((TWO, Compression), says);
            hears_on(
                says,
                on,
                limits,
                &frames(deflate(&seal(0x5a, data))),
                &heard,
                "8a 01 3f",
            );
        }
    }

    #[test]
    fn what_a_stack_with_deflate_sends() {
        fn law<R: Stacked>() {
            let message = "Hello, Hello, Hello";
            for says in DEFLATE_SEAL {
                let open = || R::agree((Compression, TWO), says, Limits::default());
                let (whole, fragments) = sends(open(), message);
                assert_eq!(whole[0].first, 0xe1);
                let unseal = |payload: &[u8]| -> Vec<u8> {
                    let open: Vec<u8> = payload.iter().map(|byte| byte ^ 0x5a).collect();
                    let (_, data) = open.split_last().unwrap();
                    assert_eq!(seal(0x5a, data), payload);
                    data.to_vec()
                };
                let mut inflate = Inflate::new();
                let data = inflate.message(&unseal(&whole[0].payload));
                assert_eq!(data, Ok(message.into()));
                let joined: Vec<u8> = fragments
                    .iter()
                    .filter(|it| it.first & 8 == 0)
                    .flat_map(|it| it.payload.clone())
                    .collect();
                assert_eq!(inflate.message(&unseal(&joined)), Ok(message.into()));
                // Below one threshold, and below both.
                assert_eq!(sends(open(), "123456789").0[0].first, 0xa1);
                assert_eq!(sends(open(), "123").0[0].first, 0x81);
            }
            for says in SEAL_DEFLATE {
                let open = || R::agree((TWO, Compression), says, Limits::default());
                let (whole, fragments) = sends(open(), message);
                assert_eq!(whole[0].first, 0xe1);
                let sealed = seal(0x5a, message.as_bytes());
                let mut inflate = Inflate::new();
                assert_eq!(inflate.message(&whole[0].payload).as_ref(), Ok(&sealed));
                for fragment in fragments.iter().filter(|it| it.first & 8 == 0) {
                    inflate.gather(&fragment.payload);
                }
                assert_eq!(inflate.gathered(), Ok(sealed));
                // What seals does not say how long it will be, so that it is compressed.
                assert_eq!(sends(open(), "123456789").0[0].first, 0xe1);
                assert_eq!(sends(open(), "123").0[0].first, 0x81);
            }
        }
        law::<Server>();
        law::<Client>();
    }

    #[test]
    fn what_is_wrong_in_either_of_a_stack_fails() {
        let data = b"Hello, Hello";
        let limits = Limits::default();
        let wrong = |mut payload: Vec<u8>| {
            *payload.last_mut().unwrap() ^= 1;
            payload
        };
        let type_3 = Bits::new().block(false, 3).message();
        for says in DEFLATE_SEAL {
            let on = ((Compression, TWO), says);
            for (row, payload) in [
                ("the sum", wrong(seal(0x5a, &deflate(data)))),
                ("the blocks", seal(0x5a, &type_3)),
                ("both", wrong(seal(0x5a, &type_3))),
                ("cut short", seal(0x5a, &deflate(data)[..8])),
                ("nothing", vec![]),
            ] {
                let frames = [frame(0xe2, payload)];
                fails_on(row, on, limits, &frames, &[], Violation::InvalidCoding);
            }
            let not_text = seal(0x5a, &deflate(b"a\xff"));
            let frames = [frame(0xe1, wrong(not_text))];
            fails_on(
                "text first",
                on,
                limits,
                &frames,
                &[],
                Violation::InvalidUtf8,
            );
        }
        for says in SEAL_DEFLATE {
            let on = ((TWO, Compression), says);
            for (row, payload) in [
                ("the sum", deflate(&wrong(seal(0x5a, data)))),
                ("the blocks", type_3.clone()),
                ("cut short", deflate(&seal(0x5a, data))[..8].to_vec()),
                ("a sum that is not there", deflate(b"")),
                ("nothing", vec![]),
            ] {
                let frames = [frame(0xe2, payload)];
                fails_on(row, on, limits, &frames, &[], Violation::InvalidCoding);
            }
        }
    }

    #[test]
    fn the_limit_counts_what_comes_out_of_a_stack() {
        for limit in [1, 64, 600] {
            let limits = Limits::default().message_payload(limit).frame_payload(6000);
            let exact = [binary(vec![7; limit])];
            let says = DEFLATE_SEAL[0];
            let on = ((Compression, TWO), says);
            let run = |len| seal(0x5a, &deflate_run(7, len));
            hears_on(says, on, limits, &[frame(0xe2, run(limit))], &exact, "");
            let mut above = run(limit + 1);
            let violation = Violation::MessageTooBig;
            fails_on(says, on, limits, &[frame(0xe2, &above)], &[], violation);
            // The sum of what is above the limit does not matter.
            *above.last_mut().unwrap() ^= 1;
            fails_on(says, on, limits, &[frame(0xe2, &above)], &[], violation);
            // And with a wrong one at the limit.
            let mut wrong = run(limit);
            *wrong.last_mut().unwrap() ^= 1;
            let violation = Violation::InvalidCoding;
            fails_on(says, on, limits, &[frame(0xe2, &wrong)], &[], violation);

            let says = SEAL_DEFLATE[0];
            let on = ((TWO, Compression), says);
            let run = |len| {
                let sealed = seal(0x5a, &vec![7; len]);
                let (sum, same) = sealed.split_last().unwrap();
                let bits = Bits::new().block(false, 1).literals(&same[..1]);
                let copies = (0..(same.len() - 1) / 3).fold(bits, |bits, _| bits.copy(3, 1));
                let rest = &same[..(same.len() - 1) % 3];
                copies.literals(rest).literals(&[*sum]).end().message()
            };
            hears_on(says, on, limits, &[frame(0xe2, run(limit))], &exact, "");
            let violation = Violation::MessageTooBig;
            fails_on(
                says,
                on,
                limits,
                &[frame(0xe2, run(limit + 1))],
                &[],
                violation,
            );
        }
    }

    #[test]
    fn three_in_a_stack() {
        let data = b"Hello, Hello";
        let says = "x-seal2; key=90, permessage-deflate, x-seal3; key=129";
        let payload = seal(0x81, &deflate(&seal(0x5a, data)));
        let frames = [
            frame(0xf2, &payload),
            frame(0x82, data),
            frame(0xf2, &payload),
        ];
        let heard = vec![binary(data); 3];
        let limits = Limits::default();
        hears_on(
            "left",
            (((TWO, Compression), THREE), says),
            limits,
            &frames,
            &heard,
            "",
        );
        hears_on(
            "right",
            ((TWO, (Compression, THREE)), says),
            limits,
            &frames,
            &heard,
            "",
        );
        let bad = seal(0x81, &deflate(&seal(0x5b, data)));
        let frames = [frame(0xf2, bad)];
        let violation = Violation::InvalidCoding;
        fails_on(
            "left",
            (((TWO, Compression), THREE), says),
            limits,
            &frames,
            &[],
            violation,
        );
        fails_on(
            "right",
            ((TWO, (Compression, THREE)), says),
            limits,
            &frames,
            &[],
            violation,
        );
    }

    #[test]
    fn one_of_two_is_agreed() {
        let compressed = [frame(0xc1, deflate(b"Hello"))];
        let sealed = [frame(0xa1, seal(0x5a, b"Hello"))];
        let limits = Limits::default();
        let on = ((Compression, TWO), "permessage-deflate");
        hears_on("deflate", on, limits, &compressed, &[text("Hello")], "");
        fails_on("deflate", on, limits, &sealed, &[], Violation::ReservedBit);
        let on = ((Compression, TWO), SAYS_TWO);
        hears_on("seal", on, limits, &sealed, &[text("Hello")], "");
        fails_on("seal", on, limits, &compressed, &[], Violation::ReservedBit);
        let on = ((THREE, TWO), "x-seal3; key=129");
        fails_on("neither", on, limits, &sealed, &[], Violation::ReservedBit);
        fails_on(
            "neither",
            on,
            limits,
            &compressed,
            &[],
            Violation::ReservedBit,
        );
    }

    #[test]
    fn a_conversation_through_a_stack() {
        let says = DEFLATE_SEAL[0];
        let mut server = Server::agree((Compression, TWO), says, Limits::default());
        let client = Client::agree((Compression, TWO), says, Limits::default());
        let mut outbox = Outbox::new();
        let mut peer = Peer::<_, Chunks>::new(client);
        let mut numbers = Numbers(8);
        for round in 0..500 {
            let len = [numbers.below(20), numbers.below(3000)][round % 2];
            let message: Vec<u8> = (0..len).map(|at| (at * round / 3) as u8).collect();
            if round % 5 == 0 {
                let mut streaming = server.start_binary();
                for piece in message.chunks(700) {
                    streaming.write(piece, &mut outbox);
                }
                server = streaming.finish(b"", &mut outbox);
            } else {
                server.send_binary(&message, &mut outbox);
            }
            let bytes = drain(&mut outbox);
            for piece in bytes.chunks(1 + numbers.below(200)) {
                peer.read(piece);
            }
            assert_eq!(peer.violation, None, "{round}");
            assert_eq!(peer.news(), [binary(&message)], "{round}");
        }
    }
}
