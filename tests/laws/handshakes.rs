//! Laws of the opening handshake: any head at all.

use wsproto::{
    Acceptance, ClientProgress, HandshakeError, Handshaking, Inbox, Limits, Negotiate, Outbox,
    Request, Server, ServerProgress,
};

use crate::common::drain;

type Lines = Vec<(String, Vec<u8>)>;

/// Limits of heads that a test knows the numbers of.
#[derive(Clone, Copy, Debug)]
pub struct Heads {
    bytes: usize,
    limits: Limits,
}

impl Heads {
    pub fn new(bytes: usize, headers: usize) -> Self {
        let limits = Limits::default().head_bytes(bytes).head_headers(headers);
        Self { bytes, limits }
    }

    /// Memory is bounded: what is kept of a head that is not whole, of pieces of up to `piece`.
    fn check(self, inbox: &Inbox, piece: usize) {
        let (held, memory) = (inbox.unread().len(), inbox.capacity());
        assert!(held <= self.bytes, "{held} bytes of a head wait");
        let most = 2 * (self.bytes + piece) + 64;
        assert!(memory <= most, "{memory} bytes of memory, and not {most}");
    }
}

impl Default for Heads {
    /// Those of [`Limits::default`].
    fn default() -> Self {
        Self::new(16 << 10, 100)
    }
}

/// What came of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    Incomplete,
    Request {
        host: String,
        target: String,
        headers: Lines,
        subprotocols: Vec<String>,
        extensions: String,
        origin: Option<String>,
        /// What is left in the inbox: the first frames.
        rest: Vec<u8>,
        answer: Vec<u8>,
    },
    Error(HandshakeError),
}

fn lines(headers: wsproto::Headers<'_>) -> Lines {
    headers
        .iter()
        .map(|(name, value)| (name.to_owned(), value.to_vec()))
        .collect()
}

fn ask<N: Negotiate>(proposal: N, limits: Heads, pieces: &[&[u8]]) -> Asked {
    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    let mut server = Handshaking::<Server>::new(limits.limits);
    let largest = pieces.iter().map(|piece| piece.len()).max().unwrap_or(0);
    let mut pieces = pieces.iter();
    loop {
        let Some(piece) = pieces.next() else {
            assert_eq!(server.eof(), HandshakeError::EarlyEof);
            return Asked::Incomplete;
        };
        inbox.extend(piece);
        server = match server.receive(&mut inbox) {
            Ok(ServerProgress::Handshaking(server)) => server,
            Ok(ServerProgress::Requested(requested)) => {
                for piece in pieces {
                    inbox.extend(piece);
                }
                let choice = requested.choose_subprotocol(&["chat", "superchat"]);
                let (host, target) = (requested.host().to_owned(), requested.target().to_owned());
                let headers = lines(requested.headers());
                let subprotocols: Vec<String> = requested.subprotocols().map(Into::into).collect();
                let extensions = format!("{:?}", requested.extensions());
                let origin = requested.origin().map(Into::into);
                let acceptance = Acceptance::default().subprotocol(choice);
                let _open = requested.accept_with(proposal, acceptance, &mut outbox);
                return Asked::Request {
                    host,
                    target,
                    headers,
                    subprotocols,
                    extensions,
                    origin,
                    rest: inbox.unread().to_vec(),
                    answer: drain(&mut outbox),
                };
            }
            Err(error) => {
                let _ = error.respond(&mut outbox);
                check_refusal(error, &drain(&mut outbox));
                return Asked::Error(error);
            }
        };
        limits.check(&inbox, largest);
    }
}

/// A refusal is one whole response of HTTP that ends the connection.
fn check_refusal(error: HandshakeError, response: &[u8]) {
    let text = std::str::from_utf8(response).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let start = format!("HTTP/1.1 {} ", error.status());
    assert!(head.starts_with(&start), "{head}");
    let header = |line: String| head.split("\r\n").any(|other| other == line);
    assert!(header("Connection: close".into()), "{head}");
    assert!(header(format!("Content-Length: {}", body.len())), "{head}");
    assert_eq!(body, error.as_str());
    assert!((400..600).contains(&error.status()));
    let wants_version = (426..427).contains(&error.status());
    assert!(!wants_version || header("Sec-WebSocket-Version: 13".into()));
}

/// Cuts of a request are invisible, and what is accepted is one that may be: see [`check_request`].
pub fn server<N: Negotiate + Clone>(
    proposal: &N,
    limits: Heads,
    bytes: &[u8],
    cuts: &[&[&[u8]]],
) -> Asked {
    let whole = ask(proposal.clone(), limits, &[bytes]);
    for pieces in cuts {
        assert_eq!(ask(proposal.clone(), limits, pieces), whole, "cut");
    }
    if let Asked::Request { rest, answer, .. } = &whole {
        let head = &bytes[..bytes.len() - rest.len()];
        assert!(
            bytes.ends_with(rest),
            "what follows the head is left as it is"
        );
        check_request(head, &whole);
        assert!(answer.starts_with(b"HTTP/1.1 101 Switching Protocols\r\n"));
        assert_eq!(count(answer, b"\r\n\r\n"), 1, "one head");
        assert!(answer.ends_with(b"\r\n\r\n"), "and nothing behind it");
    }
    whole
}

fn count(bytes: &[u8], part: &[u8]) -> usize {
    bytes
        .windows(part.len())
        .filter(|window| *window == part)
        .count()
}

/// What RFC 6455 4.2.1 and RFC 9112 ask of a request, looked for in the plainest way.
fn check_request(head: &[u8], asked: &Asked) {
    let Asked::Request {
        headers,
        target,
        subprotocols,
        ..
    } = asked
    else {
        return;
    };
    assert!(head.ends_with(b"\r\n\r\n"));
    assert_eq!(
        count(head, b"\r\n\r\n"),
        1,
        "the head ends where it ends first"
    );
    let lone = |end: &[u8]| count(head, end) == count(head, b"\r\n");
    assert!(lone(b"\r") && lone(b"\n"), "a lone CR or LF");
    let controls = head
        .iter()
        .filter(|byte| matches!(byte, 0..=8 | 11 | 12 | 14..=31 | 127));
    assert_eq!(controls.count(), 0, "control characters");

    let head = &head[..head.len() - 4];
    let mut rows = head
        .split(|byte| *byte == b'\n')
        .map(|row| row.strip_suffix(b"\r").unwrap_or(row));
    let first = rows.next().unwrap();
    assert!(
        first.starts_with(b"GET ") && first.ends_with(b" HTTP/1.1"),
        "4.2.1 the first line"
    );
    assert!(target.starts_with('/') && !target.contains('#'), "{target}");
    assert!(
        target.bytes().all(|byte| byte.is_ascii_graphic()),
        "{target}"
    );

    let parsed: Lines = rows
        .map(|row| {
            let colon = row.iter().position(|byte| *byte == b':').expect("a colon");
            let name = String::from_utf8(row[..colon].to_vec()).unwrap();
            let special =
                |char: char| !char.is_ascii_alphanumeric() && !"!#$%&'*+-.^_`|~".contains(char);
            assert!(!name.is_empty() && !name.contains(special), "{name:?}");
            (name, row[colon + 1..].trim_ascii().to_vec())
        })
        .collect();
    assert_eq!(parsed, *headers, "the headers as they are seen");
    let all = |wanted: &str| -> Vec<Vec<u8>> {
        let of = |(name, _): &&(String, Vec<u8>)| name.eq_ignore_ascii_case(wanted);
        parsed
            .iter()
            .filter(of)
            .map(|(_, value)| value.clone())
            .collect()
    };
    let has_token = |name: &str, token: &str| {
        all(name).iter().any(|value| {
            let mut parts = value.split(|byte| *byte == b',');
            parts.any(|part| part.trim_ascii().eq_ignore_ascii_case(token.as_bytes()))
        })
    };
    assert_eq!(all("Host").len(), 1, "4.2.1 (2)");
    assert!(has_token("Upgrade", "websocket"), "4.2.1 (3)");
    assert!(has_token("Connection", "upgrade"), "4.2.1 (4)");
    let keys = all("Sec-WebSocket-Key");
    assert_eq!(keys.len(), 1, "4.2.1 (5)");
    assert!(keys[0].len() == 24 && keys[0].ends_with(b"=="), "4.2.1 (5)");
    assert_eq!(all("Sec-WebSocket-Version"), [b"13"], "4.2.1 (6)");
    assert!(all("Origin").len() <= 1, "RFC 6454 7.1");
    assert!(all("Transfer-Encoding").is_empty(), "a body");
    for length in all("Content-Length") {
        assert!(length.iter().all(|digit| *digit == b'0'), "a body");
    }
    let offered = all("Sec-WebSocket-Protocol");
    for subprotocol in subprotocols {
        assert!(
            offered
                .iter()
                .any(|line| count(line, subprotocol.as_bytes()) > 0)
        );
    }
}

/// What came of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answered {
    Incomplete,
    Open {
        headers: Lines,
        subprotocol: Option<String>,
        rest: Vec<u8>,
    },
    Rejected {
        status: u16,
        reason: String,
        headers: Lines,
        body: Vec<u8>,
        /// Whether the body is all there, before and after the end of the transport.
        finished: bool,
        end: Result<(), HandshakeError>,
        /// What is left in the inbox where the body was all there before.
        rest: Vec<u8>,
    },
    Error(HandshakeError),
}

/// What a client with the seed of these laws must be answered.
pub const ACCEPT: &str = "Sec-WebSocket-Accept: A7H9HYh1mE/+oRL0Kip7NajRQmU=";

fn answer<N: Negotiate>(proposal: N, limits: Heads, pieces: &[&[u8]]) -> Answered {
    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    let request = Request::new("example.com", "/chat").unwrap();
    let request = request.subprotocols(&["chat", "superchat"]).unwrap();
    // The seed of the documentation's example, so that its answer is one.
    let mut client = Handshaking::propose(&request, proposal, limits.limits, [0; 32], &mut outbox);
    let largest = pieces.iter().map(|piece| piece.len()).max().unwrap_or(0);
    let mut pieces = pieces.iter();
    loop {
        let Some(piece) = pieces.next() else {
            assert_eq!(client.eof(), HandshakeError::EarlyEof);
            return Answered::Incomplete;
        };
        inbox.extend(piece);
        client = match client.receive(&mut inbox) {
            Ok(ClientProgress::Handshaking(client)) => client,
            Ok(ClientProgress::Open(accepted)) => {
                pieces.for_each(|piece| inbox.extend(piece));
                assert_eq!(accepted.response.status(), 101);
                return Answered::Open {
                    headers: lines(accepted.response.headers()),
                    subprotocol: accepted.response.subprotocol().map(Into::into),
                    rest: inbox.unread().to_vec(),
                };
            }
            Ok(ClientProgress::Rejected(mut rejected)) => {
                let mut body = Vec::new();
                let mut error = None;
                loop {
                    match rejected.receive_body(&mut inbox) {
                        Ok(Some(piece)) => {
                            assert!(!piece.is_empty());
                            body.extend_from_slice(piece);
                        }
                        Ok(None) => match pieces.next() {
                            Some(piece) => inbox.extend(piece),
                            None => break,
                        },
                        Err(first) => {
                            error = Some(first);
                            let again = rejected.receive_body(&mut inbox);
                            assert_eq!(again, Err(first), "an error is final");
                            break;
                        }
                    }
                }
                let finished = rejected.is_finished();
                let end = rejected.eof();
                assert_eq!(end.is_ok(), rejected.is_finished());
                if let Some(error) = error {
                    assert_eq!(end, Err(error), "an error is final");
                }
                let rest = if finished {
                    inbox.unread().to_vec()
                } else {
                    Vec::new()
                };
                return Answered::Rejected {
                    status: rejected.status(),
                    reason: rejected.reason().to_owned(),
                    headers: lines(rejected.headers()),
                    body,
                    finished,
                    end,
                    rest,
                };
            }
            Err(error) => return Answered::Error(error),
        };
        limits.check(&inbox, largest);
    }
}

/// Cuts of an answer are invisible, and what opens a connection is an answer that may.
pub fn client<N: Negotiate + Clone>(
    proposal: &N,
    limits: Heads,
    bytes: &[u8],
    cuts: &[&[&[u8]]],
) -> Answered {
    let whole = answer(proposal.clone(), limits, &[bytes]);
    for pieces in cuts {
        assert_eq!(answer(proposal.clone(), limits, pieces), whole, "cut");
    }
    match &whole {
        Answered::Open {
            headers,
            subprotocol,
            rest,
        } => {
            assert!(
                bytes.ends_with(rest),
                "what follows the head is left as it is"
            );
            let all = |wanted: &str| -> Vec<&[u8]> {
                let of = |(name, _): &&(String, Vec<u8>)| name.eq_ignore_ascii_case(wanted);
                headers
                    .iter()
                    .filter(of)
                    .map(|(_, value)| &value[..])
                    .collect()
            };
            let (_, accept) = ACCEPT.split_once(": ").unwrap();
            assert_eq!(all("Sec-WebSocket-Accept"), [accept.as_bytes()], "4.1 (4)");
            // Of a list, empty elements are skipped (RFC 9110 5.6.1.2).
            let upgrade = all("Upgrade").join(&b',');
            let upgrade = upgrade.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
            let mut upgrade = upgrade.filter(|token| !token.is_empty()).peekable();
            assert!(upgrade.peek().is_some(), "4.1 (2)");
            assert!(
                upgrade.all(|token| token.eq_ignore_ascii_case(b"websocket")),
                "4.1 (2)"
            );
            assert!(!all("Connection").is_empty(), "4.1 (3)");
            assert_eq!(
                all("Sec-WebSocket-Protocol").len(),
                usize::from(subprotocol.is_some())
            );
            let offered = [None, Some("chat"), Some("superchat")];
            assert!(offered.contains(&subprotocol.as_deref()), "4.1 (6)");
        }
        Answered::Rejected { status, rest, .. } => {
            assert!((200..1000).contains(status), "{status}");
            assert!(bytes.ends_with(rest));
        }
        Answered::Incomplete | Answered::Error(_) => {}
    }
    whole
}
