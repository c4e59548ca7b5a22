//! Extensions by name (wsproto's `SUPPORTED_EXTENSIONS`), agreed at run time, through the erased
//! connection.

mod erased;

use erased::{SEED, carry, events};
use wsproto::events::{AcceptConnection, BytesMessage, CloseConnection, Event, Fail, TextMessage};
use wsproto::{
    Answer, Client, CloseStatus, Coding, Connection, Decode, Encode, Extension, ExtensionHeader,
    ExtensionList, HandshakeError, InvalidAnswer, InvalidCoding, Negotiate, Phase, Pool, Progress,
    Registry, Request, Rsv, Server, Settings,
};

/// Each byte has a number added when it is sent and taken off when it is received, but for the bit
/// of the message nothing says so.
#[derive(Clone, Copy)]
struct Add<const BIT: u8> {
    name: &'static str,
    number: u8,
}

const fn rsv(bit: u8) -> Rsv {
    [Rsv::RSV1, Rsv::RSV2, Rsv::RSV3][bit as usize - 1]
}

impl<const BIT: u8> Extension for Add<BIT> {
    const RSV: Rsv = rsv(BIT);
    type Encoder = Self;
    type Decoder = Self;

    fn split(self) -> (Self, Self) {
        (self, self)
    }
}

impl<const BIT: u8> Encode for Add<BIT> {
    fn begin(&mut self, _: Option<usize>) -> (Rsv, Coding) {
        (rsv(BIT), Coding::Coded)
    }

    fn encode(&mut self, payload: &[u8], _: bool, output: &mut Vec<u8>, _: &mut Pool) {
        output.extend(payload.iter().map(|byte| byte.wrapping_add(self.number)));
    }
}

impl<const BIT: u8> Decode for Add<BIT> {
    fn begin(&mut self, rsv: Rsv) -> Coding {
        match rsv.is_empty() {
            true => Coding::Plain,
            false => Coding::Coded,
        }
    }

    fn decode(
        &mut self,
        input: &mut &[u8],
        output: &mut Vec<u8>,
        _: bool,
        _: &mut Pool,
    ) -> Result<Progress, InvalidCoding> {
        let len = input.len().min(output.capacity() - output.len());
        let (now, later) = input.split_at(len);
        output.extend(now.iter().map(|byte| byte.wrapping_sub(self.number)));
        *input = later;
        match later.is_empty() {
            true => Ok(Progress::Done),
            false => Ok(Progress::Full),
        }
    }
}

impl<const BIT: u8> Negotiate for Add<BIT> {
    type Agreed = Option<Self>;

    fn offer(&self, offers: &mut ExtensionHeader) {
        offers.entry(self.name).param("number", self.number);
    }

    fn confirm(self, answer: &mut Answer<'_>) -> Result<Option<Self>, InvalidAnswer> {
        Ok(answer.take(self.name).map(|_| self))
    }

    fn answer(self, offers: ExtensionList<'_>, answer: &mut ExtensionHeader) -> Option<Self> {
        let offer = offers.named(self.name).next()?;
        let number = self.number.to_string();
        let is_ours = |value: Option<&str>| value == Some(&number);
        if !offer.params().all(|(_, value)| is_ours(value.as_deref())) {
            return None;
        }
        answer.entry(self.name);
        Some(self)
    }
}

fn add<const BIT: u8>(name: &'static str, number: u8) -> Add<BIT> {
    Add { name, number }
}

type Ends = (Connection<Client, Registry>, Connection<Server, Registry>);

/// Two ends that have shaken hands; what was offered, and what was agreed.
fn shake(client: Registry, server: Registry) -> (Ends, String, String) {
    let mut client = Settings::new().proposal(client).client_with(SEED);
    let mut server = Settings::new().proposal(server).server();
    client.send(Request::new("a", "/").unwrap()).unwrap();
    let asked = carry(&mut client, &mut server);
    let [Event::Request(request)] = &asked[..] else {
        panic!("{asked:?}");
    };
    let offered = ExtensionHeader::from(request.extensions());
    server.send(AcceptConnection::default()).unwrap();
    let heard = carry(&mut server, &mut client);
    let [Event::AcceptConnection(accepted)] = &heard[..] else {
        panic!("{heard:?}");
    };
    let agreed = accepted.extensions.as_str().to_owned();
    ((client, server), offered.as_str().to_owned(), agreed)
}

fn both(first: u8, second: u8) -> Registry {
    Registry::new()
        .with("x-first", add::<2>("x-first", first))
        .with("x-second", add::<3>("x-second", second))
}

#[test]
fn extensions_are_found_by_name() {
    let registry = both(1, 2);
    assert_eq!(
        registry.names().collect::<Vec<_>>(),
        ["x-first", "x-second"]
    );
    assert!(registry.contains("x-second") && !registry.contains("x-third"));
    let selected = registry.select(&["x-third", "x-second", "x-second"]);
    assert_eq!(selected.names().collect::<Vec<_>>(), ["x-second"]);
    assert_eq!(format!("{selected:?}"), r#"["x-second"]"#);

    // One of the same name takes its place.
    let replaced = registry.with("x-first", add::<2>("x-first", 9));
    assert_eq!(
        replaced.names().collect::<Vec<_>>(),
        ["x-first", "x-second"]
    );
    let (_, offered, agreed) = shake(replaced, both(9, 2));
    assert_eq!(offered, "x-first; number=9, x-second; number=2");
    assert_eq!(agreed, "x-first, x-second");
}

#[test]
fn the_supported_ones_are_those_of_the_crate() {
    let names = Registry::supported();
    let deflate = cfg!(feature = "deflate").then_some("permessage-deflate");
    assert!(names.names().eq(deflate));
}

#[test]
fn what_both_know_is_agreed_in_the_order_of_the_offer_and_used() {
    let server = Registry::new()
        .with("x-second", add::<3>("x-second", 2))
        .with("x-other", add::<1>("x-other", 0))
        .with("x-first", add::<2>("x-first", 1));
    let ((mut client, mut server), _, agreed) = shake(both(1, 2), server);
    assert_eq!(agreed, "x-first, x-second");

    server.send(BytesMessage::from(&b"\x10\x20"[..])).unwrap();
    let wire = server.bytes_to_send(None);
    assert_eq!(
        wire,
        b"\xb2\x02\x13\x23"[..],
        "RSV2 and RSV3, and both added"
    );
    client.receive_bytes(wire);
    let heard = events(&mut client);
    assert!(matches!(&heard[..], [Event::BytesMessage(it)] if it.data == b"\x10\x20"[..]));

    client.send(TextMessage::from("hello")).unwrap();
    let heard = carry(&mut client, &mut server);
    assert_eq!(heard, [TextMessage::from("hello").into()]);
}

#[test]
fn a_client_follows_the_order_of_the_answer() {
    let server = both(1, 2).select(&["x-second", "x-first"]);
    let offer = both(1, 2).select(&["x-second", "x-first"]);
    let ((mut client, mut server), offered, agreed) = shake(offer, server);
    assert_eq!(offered, "x-second; number=2, x-first; number=1");
    assert_eq!(agreed, "x-second, x-first");
    client.send(TextMessage::from("hello")).unwrap();
    assert_eq!(
        carry(&mut client, &mut server),
        [TextMessage::from("hello").into()]
    );
}

#[test]
fn what_is_declined_is_not_in_force() {
    // The server does not know the first one, and wants another number of the second.
    let ((mut client, mut server), _, agreed) = shake(both(1, 2), both(1, 3).select(&["x-second"]));
    assert_eq!(agreed, "");
    server.send(TextMessage::from("plain")).unwrap();
    let wire = server.bytes_to_send(None);
    assert_eq!(wire, b"\x81\x05plain"[..]);
    client.receive_bytes(wire);
    assert_eq!(events(&mut client), [TextMessage::from("plain").into()]);

    // A bit that one of them would own.
    client.receive_bytes(b"\xa1\x00");
    let heard = events(&mut client);
    let [Event::CloseConnection(CloseConnection { code, reason })] = &heard[..] else {
        panic!("{heard:?}");
    };
    assert_eq!(*code, CloseStatus::PROTOCOL_ERROR);
    assert_eq!(reason.as_str(), "reserved bit");
}

#[test]
fn of_two_that_own_one_bit_a_server_agrees_to_the_first_offered() {
    let registry = Registry::new()
        .with("x-a", add::<2>("x-a", 1))
        .with("x-b", add::<2>("x-b", 2));
    let (_, offered, agreed) = shake(registry.select(&["x-b", "x-a"]), registry);
    assert_eq!(offered, "x-b; number=2, x-a; number=1");
    assert_eq!(agreed, "x-b");
}

#[test]
fn answers_that_no_offer_allows_fail_the_handshake() {
    for (answer, error) in [
        ("x-c", HandshakeError::UnofferedExtension),
        ("x-a, x-c", HandshakeError::UnofferedExtension),
        ("x-c, x-a", HandshakeError::UnofferedExtension),
        ("x-a, x-a", HandshakeError::InvalidExtensionAnswer),
        // Both own RSV2.
        ("x-a, x-b", HandshakeError::InvalidExtensionAnswer),
    ] {
        let registry = Registry::new()
            .with("x-a", add::<2>("x-a", 1))
            .with("x-b", add::<2>("x-b", 2));
        let mut client = Settings::new().proposal(registry).client_with(SEED);
        client.send(Request::new("a", "/").unwrap()).unwrap();
        let line = format!("Sec-WebSocket-Extensions: {answer}\r\n");
        client.receive_bytes(erased::answer(&line));
        assert_eq!(events(&mut client), [Fail { error }.into()], "{answer}");
        assert_eq!(client.phase(), Phase::Failed);
    }
}

/// A proposal that has to be agreed.
#[derive(Clone)]
struct Required(Add<2>);

impl Negotiate for Required {
    type Agreed = Add<2>;

    fn offer(&self, offers: &mut ExtensionHeader) {
        self.0.offer(offers);
    }

    fn confirm(self, answer: &mut Answer<'_>) -> Result<Add<2>, InvalidAnswer> {
        self.0.confirm(answer)?.ok_or(InvalidAnswer)
    }

    fn answer(self, _: ExtensionList<'_>, answer: &mut ExtensionHeader) -> Add<2> {
        answer.entry(self.0.name);
        self.0
    }
}

#[test]
fn one_that_has_to_be_agreed_fails_the_handshake_that_does_without() {
    let registry = both(1, 2).with("x-first", Required(add("x-first", 1)));
    let mut client = Settings::new().proposal(registry).client_with(SEED);
    client.send(Request::new("a", "/").unwrap()).unwrap();
    client.receive_bytes(erased::answer("Sec-WebSocket-Extensions: x-second\r\n"));
    let error = HandshakeError::InvalidExtensionAnswer;
    assert_eq!(events(&mut client), [Fail { error }.into()]);
}

#[cfg(feature = "deflate")]
#[test]
fn a_stack_with_permessage_deflate_carries_messages_of_any_size() {
    let registry = Registry::supported().with("x-second", add::<3>("x-second", 7));
    let ((mut client, mut server), _, agreed) = shake(registry.clone(), registry);
    assert_eq!(agreed, "permessage-deflate, x-second");
    for len in [0, 1, 127, 128, 5_000, 300_000] {
        let text = "to be ".repeat(len / 6 + 1);
        client.send(TextMessage::from(&text[..len])).unwrap();
        assert!(client.outbox().len() < 3_000, "it is compressed");
        let heard = carry(&mut client, &mut server);
        let pieces = heard.iter().map(|event| match event {
            Event::TextMessage(piece) => piece.data.as_str(),
            other => panic!("{other:?}"),
        });
        assert_eq!(String::from_iter(pieces), text[..len]);
    }
}
