//! Laws of `Sec-WebSocket-Extensions`: any value at all, as an offer and as an answer.

use wsproto::{Answer, ExtensionHeader, ExtensionList, InvalidAnswer, Negotiate};

use super::handshakes::{ACCEPT, Answered, Asked, Heads, client, server};

/// A list as it was parsed.
pub type Parsed = Vec<(String, Vec<(String, Option<String>)>)>;

/// A proposal that writes down what it is offered, and answers all of it as it is.
#[derive(Clone)]
struct Echo;

impl Negotiate for Echo {
    type Agreed = ();

    fn offer(&self, _: &mut ExtensionHeader) {}

    fn confirm(self, _: &mut Answer<'_>) -> Result<(), InvalidAnswer> {
        Ok(())
    }

    fn answer(self, offers: ExtensionList<'_>, answer: &mut ExtensionHeader) {
        for entry in offers {
            let mut writer = answer.entry(entry.name());
            for (name, value) in entry.params() {
                match value {
                    Some(value) => writer.param(name, value),
                    None => writer.flag(name),
                };
            }
        }
    }
}

fn request(value: &[u8]) -> Vec<u8> {
    let head = "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\
                Sec-WebSocket-Extensions: ";
    [head.as_bytes(), value, b"\r\n\r\n"].concat()
}

fn answered(request: &Asked) -> Option<String> {
    let Asked::Request { answer, .. } = request else {
        return None;
    };
    let answer = String::from_utf8(answer.clone()).unwrap();
    let line = answer
        .lines()
        .find(|line| line.starts_with("Sec-WebSocket-Extensions: "));
    Some(
        line.map(|line| line["Sec-WebSocket-Extensions: ".len()..].to_owned())
            .unwrap_or_default(),
    )
}

/// The grammar of RFC 6455 9.1 and its lists by RFC 9110 5.6.1, one character at a time; nothing
/// where the value is not by it.
pub fn parse(value: &[u8]) -> Option<Parsed> {
    let token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    // The parts between the commas, and then those between the semicolons, outside of quotes.
    let split = |text: &[u8], at: u8| -> Option<Vec<Vec<u8>>> {
        let mut parts = vec![Vec::new()];
        let (mut quoted, mut escaped) = (false, false);
        for byte in text {
            if *byte == at && !quoted {
                parts.push(Vec::new());
                continue;
            }
            if *byte == b'"' && !escaped {
                quoted = !quoted;
            }
            escaped = quoted && *byte == b'\\' && !escaped;
            parts.last_mut()?.push(*byte);
        }
        (!quoted).then_some(parts)
    };
    let name = |text: &[u8]| -> Option<String> {
        let text = text.trim_ascii();
        (!text.is_empty() && text.iter().all(token))
            .then(|| String::from_utf8(text.to_vec()).unwrap())
    };
    let unquote = |text: &[u8]| -> Option<String> {
        let text = text.trim_ascii();
        let Some(inner) = text.strip_prefix(b"\"") else {
            return name(text);
        };
        let inner = inner.strip_suffix(b"\"")?;
        let mut value = Vec::new();
        let mut bytes = inner.iter();
        while let Some(byte) = bytes.next() {
            let byte = if *byte == b'\\' { bytes.next()? } else { byte };
            if !token(byte) {
                return None;
            }
            value.push(*byte);
        }
        (!value.is_empty()).then(|| String::from_utf8(value).unwrap())
    };
    let mut list = Parsed::new();
    for element in split(value, b',')? {
        if element.trim_ascii().is_empty() {
            continue;
        }
        let mut parts = split(&element, b';')?.into_iter();
        let extension = name(&parts.next()?)?;
        let mut params = Vec::new();
        for part in parts {
            match part.iter().position(|byte| *byte == b'=') {
                Some(at) => params.push((name(&part[..at])?, Some(unquote(&part[at + 1..])?))),
                None => params.push((name(&part)?, None)),
            }
        }
        list.push((extension, params));
    }
    (!list.is_empty()).then_some(list)
}

/// An offer is accepted if it is by the grammar, and then all of it is seen, as it is.
pub fn offer(value: &[u8]) {
    if !is_value(value) {
        return;
    }
    let seen = answered(&server(&Echo, Heads::default(), &request(value), &[]));
    let expected = parse(value);
    // White space around a value is no part of it, so nothing at all is an empty header.
    match (&seen, &expected) {
        (None, None) => {}
        (Some(seen), Some(expected)) => {
            assert_eq!(parse(seen.as_bytes()).as_ref(), Some(expected), "{seen}");
            let again = answered(&server(
                &Echo,
                Heads::default(),
                &request(seen.as_bytes()),
                &[],
            ));
            assert_eq!(
                again.as_ref(),
                Some(seen),
                "what was written is read as it is"
            );
        }
        other => panic!("{other:?}: {}", value.escape_ascii()),
    }
}

/// As an answer to a client: what was not offered opens no connection.
pub fn answer(value: &[u8]) {
    let head = format!(
        "HTTP/1.1 101 \r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{ACCEPT}\r\n\
         Sec-WebSocket-Extensions: "
    );
    let head = [head.as_bytes(), value, b"\r\n\r\n"].concat();
    let answered = client(&(), Heads::default(), &head, &[]);
    assert!(!matches!(answered, Answered::Open { .. }), "4.1 (5)");
    #[cfg(feature = "deflate")]
    if is_value(value) {
        deflate::answer(&head, value);
        deflate::offer(value);
    }
}

/// Whether it can stand in a header: no control character but the tab (RFC 9110 5.5).
fn is_value(value: &[u8]) -> bool {
    let may = |byte: &u8| *byte == b'\t' || *byte >= b' ' && *byte != 0x7f;
    value.iter().all(may)
}

/// What permessage-deflate makes of it, by RFC 7692 7.1 alone.
#[cfg(feature = "deflate")]
mod deflate {
    use wsproto::{DeflateOffer, WindowBits};

    use super::{Answered, Heads, answered, client, parse, request, server};

    /// The parameters of an offer or an answer: takeover refused by the server and by the client,
    /// and the two windows.
    struct Params {
        flags: [bool; 2],
        server: Option<u8>,
        client: Option<Option<u8>>,
    }

    fn bits(value: &str) -> Option<u8> {
        let bits: u8 = value.parse().ok()?;
        ((8..=15).contains(&bits) && bits.to_string() == value).then_some(bits)
    }

    fn params(list: &[(String, Option<String>)]) -> Option<Params> {
        let mut params = Params {
            flags: [false; 2],
            server: None,
            client: None,
        };
        for (index, (name, value)) in list.iter().enumerate() {
            if list[..index].iter().any(|(other, _)| other == name) {
                return None;
            }
            match (name.as_str(), value) {
                ("server_no_context_takeover", None) => params.flags[0] = true,
                ("client_no_context_takeover", None) => params.flags[1] = true,
                ("server_max_window_bits", Some(value)) => params.server = Some(bits(value)?),
                ("client_max_window_bits", Some(value)) => params.client = Some(Some(bits(value)?)),
                ("client_max_window_bits", None) => params.client = Some(None),
                _ => return None,
            }
        }
        Some(params)
    }

    /// A client that asked for everything takes what RFC 7692 7.1 allows and nothing else.
    pub(super) fn answer(head: &[u8], value: &[u8]) {
        let ten = WindowBits::new(10).unwrap();
        let strict = DeflateOffer::default().server_no_context_takeover();
        let strict = strict
            .server_max_window_bits(ten)
            .client_max_window_bits(ten);
        for (offer, is_strict) in [(DeflateOffer::default(), false), (strict, true)] {
            let most = if is_strict { 10 } else { 15 };
            let open = match client(&offer, Heads::default(), head, &[]) {
                Answered::Open { .. } => true,
                Answered::Error(_) => false,
                other => panic!("{other:?}"),
            };
            let may = parse(value).is_some_and(|list| {
                let [(name, list)] = &list[..] else {
                    return false;
                };
                let Some(params) = params(list) else {
                    return false;
                };
                // An answer that leaves a window out means 15 (RFC 7692 7.1.2.1).
                let server = params.server.unwrap_or(15) <= most;
                let client = params
                    .client
                    .is_none_or(|bits| bits.is_some_and(|bits| bits <= most));
                name == "permessage-deflate" && server && client && (params.flags[0] || !is_strict)
            });
            assert_eq!(open, may, "{}", value.escape_ascii());
        }
    }

    /// A server's answer is one that the first legal offer allows, or none.
    pub(super) fn offer(value: &[u8]) {
        let ten = WindowBits::new(10).unwrap();
        let strict = DeflateOffer::default().client_no_context_takeover();
        let strict = strict
            .server_max_window_bits(ten)
            .client_max_window_bits(ten);
        for (proposal, is_strict) in [(DeflateOffer::default(), false), (strict, true)] {
            let Some(answer) = answered(&server(&proposal, Heads::default(), &request(value), &[]))
            else {
                continue;
            };
            let list = parse(value).expect("it was accepted");
            let offers = list.iter().filter(|(name, _)| name == "permessage-deflate");
            let Some(offered) = offers.map(|(_, list)| params(list)).find_map(|it| it) else {
                assert_eq!(answer, "", "nothing that can be answered");
                continue;
            };
            let answer = parse(answer.as_bytes()).expect("an answer by the grammar");
            let [(name, list)] = &answer[..] else {
                panic!("{answer:?}")
            };
            assert_eq!(name, "permessage-deflate");
            let answer = params(list).expect("legal parameters");
            assert!(answer.flags[0] || !offered.flags[0], "RFC 7692 7.1.1.1");
            assert!(answer.flags[1] || !is_strict, "what was asked for");
            let most = if is_strict { 10 } else { 15 };
            let server = answer.server.unwrap_or(15);
            assert!(
                server <= most.min(offered.server.unwrap_or(15)),
                "RFC 7692 7.1.2.1"
            );
            match (offered.client, answer.client) {
                (None, answered) => assert_eq!(answered, None, "RFC 7692 7.1.2.2"),
                (Some(offered), answered) => {
                    let answered = answered.map_or(15, |bits| bits.expect("a value"));
                    assert!(
                        answered <= most.min(offered.unwrap_or(15)),
                        "RFC 7692 7.1.2.2"
                    );
                }
            }
        }
    }
}
