//! The same bytes to this crate and to `tungstenite`: the same messages, and the same verdict.
//!
//! Differences that are known, and allowed for here (tungstenite 0.30):
//!
//! - *It is lenient with lengths.* One in more bytes than it needs, or with the top bit set, is
//!   read as it stands (RFC 6455 5.2: "the minimal number of bytes MUST be used"), in a control
//!   frame too.
//! - *It reports late.* A frame that is wrong by its header, its first byte of text or its size is
//!   refused once all of it is there, and not before; where the rest never comes it is not.
//! - *It rewrites close codes.* One that may not be on the wire is told as a Close with 1002, and
//!   is no error; so is 1014, which may (IANA registry).

use std::io::{self, Read, Write};

use tungstenite::protocol::{Role, WebSocketConfig};
use tungstenite::{Error, Message, WebSocket};
use wsproto::{Client, Limits, Messages, Server, Violation};

use crate::common::{Heard, Step};
use crate::laws::conversation::speech;
use crate::laws::input::Input;
use crate::laws::listener::{Listener, Side, shake};
use crate::laws::talker::Act;

const LIMIT: usize = 64 << 10;

/// A transport that has all it will ever have, and takes all.
struct Pipe<'b>(&'b [u8]);

impl Read for Pipe<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Pipe<'_> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn ours<R: Side>(bytes: &[u8]) -> (Vec<Heard>, Option<Violation>) {
    let limits = Limits::default()
        .message_payload(LIMIT)
        .frame_payload(LIMIT);
    let open = R::of(shake((), (), limits));
    let mut listener = Listener::<R, (), Messages>::new(open, Step::Receive);
    listener.take_in(bytes);
    listener.listen();
    (listener.heard, listener.violation)
}

/// What it heard, and whether it refused what came next.
fn theirs(role: Role, bytes: &[u8]) -> (Vec<Heard>, bool) {
    let config = WebSocketConfig::default()
        .max_message_size(Some(LIMIT))
        .max_frame_size(Some(LIMIT))
        .read_buffer_size(1 << 10);
    let mut socket = WebSocket::from_raw_socket(Pipe(bytes), role, Some(config));
    let mut heard = Vec::new();
    loop {
        match socket.read() {
            Ok(Message::Text(text)) => heard.push(Heard::Text(text.to_string())),
            Ok(Message::Binary(data)) => heard.push(Heard::Binary(data.to_vec())),
            Ok(Message::Ping(data)) => heard.push(Heard::Ping(data.to_vec())),
            Ok(Message::Pong(data)) => heard.push(Heard::Pong(data.to_vec())),
            Ok(Message::Close(close)) => {
                heard.push(match close {
                    Some(close) => Heard::Close(close.code.into(), close.reason.to_string()),
                    None => Heard::Close(1005, String::new()),
                });
                return (heard, false);
            }
            Ok(Message::Frame(frame)) => panic!("{frame}"),
            Err(Error::Protocol(
                tungstenite::error::ProtocolError::ResetWithoutClosingHandshake,
            )) => return (heard, false),
            Err(Error::Protocol(_) | Error::Capacity(_) | Error::Utf8(_)) => return (heard, true),
            Err(error) => panic!("{error:?}"),
        }
    }
}

fn agree<R: Side>(role: Role, bytes: &[u8]) -> Option<Violation> {
    let (mut ours, violation) = ours::<R>(bytes);
    let (theirs, refused) = theirs(role, bytes);
    if let Some(Heard::Close(code @ 1014, reason)) = ours.last_mut() {
        (*code, *reason) = (1002, "Protocol violation".to_owned());
    }
    match violation {
        None => {
            assert_eq!(ours, theirs, "we accept it");
            assert!(!refused, "we accept it, it does not");
        }
        Some(
            Violation::NonMinimalLength | Violation::LengthTopBit | Violation::OversizedControl,
        ) => {
            assert!(
                theirs.starts_with(&ours),
                "before a length: {ours:?}, {theirs:?}"
            );
        }
        // Where the reason is wrong as well, it refuses that.
        Some(Violation::ReservedCloseCode) if !refused => {
            ours.push(Heard::Close(1002, "Protocol violation".to_owned()));
            assert_eq!(ours, theirs, "a reserved close code");
        }
        // It refuses what comes next, or waits for the rest.
        Some(violation) => assert_eq!(ours, theirs, "{violation:?}"),
    }
    violation
}

/// This crate and `tungstenite` agree on what they hear: of any bytes, and of what this crate
/// sends.
pub fn differential(data: &[u8]) {
    let mut input = Input(data);
    match input.byte() {
        0 => {
            agree::<Server>(Role::Server, input.0);
        }
        1 => {
            agree::<Client>(Role::Client, input.0);
        }
        choice => {
            let mut acts = Vec::new();
            while !input.is_empty() && acts.len() < 50 {
                acts.push(Act::read(&mut input));
            }
            let violation = if choice & 1 == 0 {
                agree::<Server>(Role::Server, &speech::<Client, _>(&(), &acts))
            } else {
                agree::<Client>(Role::Client, &speech::<Server, _>(&(), &acts))
            };
            // A message of many fragments may be above the limit.
            assert!(matches!(violation, None | Some(Violation::MessageTooBig)));
        }
    }
}
