//! tungstenite, from the first frame on.

use std::io::{self, Read, Write};

use tungstenite::error::ProtocolError;
use tungstenite::protocol::{Role, WebSocketConfig};
use tungstenite::{Error, Message, WebSocket};

use crate::{Conversation, LIMIT, Lines, hex};

/// A transport that has all it will ever have, some bytes at a time, and takes all.
struct Pipe<'b> {
    bytes: &'b [u8],
    size: usize,
}

impl Read for Pipe<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = self.size.min(buffer.len());
        self.bytes.read(&mut buffer[..size])
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

/// Its errors have no close code: each is told with the one that RFC 6455 7.4.1 has for it.
pub fn hear(conversation: &Conversation<'_>) -> Lines {
    let role = match conversation.is_server {
        true => Role::Server,
        false => Role::Client,
    };
    let config = WebSocketConfig::default()
        .max_message_size(Some(LIMIT))
        .max_frame_size(Some(LIMIT))
        .read_buffer_size(1 << 10);
    let pipe = Pipe {
        bytes: conversation.frames,
        size: conversation.size,
    };
    let mut socket = WebSocket::from_raw_socket(pipe, role, Some(config));
    let mut lines = vec![];
    loop {
        let event = match socket.read() {
            Ok(Message::Text(text)) => format!("text {}", hex(text.as_bytes())),
            Ok(Message::Binary(data)) => format!("binary {}", hex(&data)),
            Ok(Message::Ping(data)) => format!("ping {}", hex(&data)),
            Ok(Message::Pong(data)) => format!("pong {}", hex(&data)),
            Ok(Message::Close(close)) => {
                lines.push(match close {
                    Some(close) => {
                        let code = u16::from(close.code);
                        format!("close {code} {}", hex(close.reason.as_bytes()))
                    }
                    None => "close 1005 -".into(),
                });
                return lines;
            }
            Ok(Message::Frame(frame)) => panic!("{frame}"),
            // The end of what there is.
            Err(Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)) => return lines,
            Err(Error::Protocol(error)) => {
                lines.push(format!("fail 1002 ; {error:?}"));
                return lines;
            }
            Err(Error::Utf8(_)) => {
                lines.push("fail 1007".into());
                return lines;
            }
            Err(Error::Capacity(_)) => {
                lines.push("fail 1009".into());
                return lines;
            }
            Err(error) => panic!("{error:?}"),
        };
        lines.push(event);
    }
}
