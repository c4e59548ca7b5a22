//! Programs of acts and of bytes that arrive, as the erased connection does them: see `live.py`,
//! which asks.
//!
//! A program is a line of four fields with tabs between them: a name, the role, `deflate` or `-`,
//! and steps with spaces between them. A step is a letter and its arguments, with colons between
//! them, bytes in hexadecimal digits. For each step there is a line of what came of it.

use std::io::{self, BufWriter, Read, Write};

use wsproto::events::{
    AcceptConnection, BytesMessage, CloseConnection, Event, Ping, Pong, RejectConnection,
    RejectData, TextMessage,
};
use wsproto::{
    CloseReason, CloseStatus, Connection, ControlPayload, DeflateOffer, Negotiate, Phase, Request,
    Role, Settings,
};

use crate::hex;

/// The key of the request is then `PgDvL4lfQNZ/W7joHwmloQ==`.
const SEED: [u8; 32] = [0; 32];

pub fn run() -> io::Result<()> {
    let mut input = String::new();
    io::stdin().read_to_string(&mut input)?;
    let mut output = BufWriter::new(io::stdout().lock());
    for line in input.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let [name, role, extension, steps] = fields[..] else {
            panic!("four fields: {line}");
        };
        writeln!(output, "@ {name}")?;
        let offer = DeflateOffer::default().threshold(0);
        let lines = match (role, extension) {
            ("server", "-") => does(Settings::new().server(), steps),
            ("server", _) => does(Settings::new().proposal(offer).server(), steps),
            (_, "-") => does(Settings::new().client_with(SEED), steps),
            (_, _) => does(Settings::new().proposal(offer).client_with(SEED), steps),
        };
        for line in lines {
            writeln!(output, "{line}")?;
        }
    }
    output.flush()
}

fn does<R: Role, N: Negotiate>(mut connection: Connection<R, N>, steps: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for step in steps.split(' ') {
        let args: Vec<&str> = step.split(':').collect();
        let done = match args[0] {
            "r" => {
                connection.receive_bytes(unhex(args[1]));
                true
            }
            "e" => {
                connection.receive_eof();
                true
            }
            _ => event(&args).is_some_and(|event| connection.send(event).is_ok()),
        };
        let mut told = Vec::new();
        while let Some(event) = connection.next_event() {
            told.push(shown(&event, &connection));
        }
        let phase = match connection.phase() {
            // More of the body may come.
            Phase::Rejected if connection.shutdown().is_none() => Phase::Rejecting,
            phase => phase,
        };
        let done = if done { "ok" } else { "local" };
        let sent = hex(&connection.bytes_to_send(None));
        lines.push(format!("{done}|{}|{sent}|{phase}", told.join(";")));
    }
    lines
}

/// The opposite of [`hex`].
fn unhex(digits: &str) -> Vec<u8> {
    crate::unhex(digits.trim_matches('-'))
}

fn text(digits: &str) -> String {
    String::from_utf8(unhex(digits)).expect("a text")
}

/// What is to be sent, if there is such a thing.
fn event(args: &[&str]) -> Option<Event> {
    Some(match args {
        ["R"] => {
            let request = Request::new("server.example.com", "/chat").ok()?;
            request.subprotocols(&["superchat", "chat"]).ok()?.into()
        }
        ["a"] => AcceptConnection::default().into(),
        ["a", subprotocol] => AcceptConnection {
            subprotocol: Some(text(subprotocol)),
            ..AcceptConnection::default()
        }
        .into(),
        ["j", status, has_body] => RejectConnection {
            status_code: status.parse().ok()?,
            has_body: *has_body == "1",
            ..RejectConnection::default()
        }
        .into(),
        ["d", data, last] => RejectData {
            data: unhex(data).into(),
            body_finished: *last == "1",
        }
        .into(),
        ["t", data, last] => TextMessage {
            message_finished: *last == "1",
            ..TextMessage::from(text(data))
        }
        .into(),
        ["b", data, last] => BytesMessage {
            message_finished: *last == "1",
            ..BytesMessage::from(&unhex(data)[..])
        }
        .into(),
        ["p", payload] => Ping::from(ControlPayload::try_from(&unhex(payload)[..]).ok()?).into(),
        ["q", payload] => Pong::from(ControlPayload::try_from(&unhex(payload)[..]).ok()?).into(),
        ["c", code, reason] => CloseConnection {
            code: status(code.parse().ok()?)?,
            reason: CloseReason::try_from(&*text(reason)).ok()?,
        }
        .into(),
        other => panic!("no step: {other:?}"),
    })
}

fn status(code: u16) -> Option<CloseStatus> {
    match code {
        1005 => Some(CloseStatus::NO_STATUS_RCVD),
        1006 => Some(CloseStatus::ABNORMAL_CLOSURE),
        1015 => Some(CloseStatus::TLS_HANDSHAKE_FAILED),
        code => wsproto::CloseCode::new(code).map(Into::into),
    }
}

fn shown<R: Role, N: Negotiate>(event: &Event, connection: &Connection<R, N>) -> String {
    match event {
        Event::Request(request) => {
            let subprotocols: Vec<_> = request.offered_subprotocols().collect();
            let (host, target) = (request.host(), request.target());
            format!("request {host} {target} {}", subprotocols.join(","))
        }
        Event::AcceptConnection(accepted) => {
            let extensions = match accepted.extensions.as_str() {
                "" => "-",
                _ => "deflate",
            };
            let subprotocol = accepted.subprotocol.as_deref().unwrap_or("-");
            format!("accept {subprotocol} {extensions}")
        }
        Event::RejectConnection(rejected) => format!("reject {}", rejected.status_code),
        Event::RejectData(data) => {
            format!("body {} {}", hex(&data.data), u8::from(data.body_finished))
        }
        Event::Fail(_) => "refused".into(),
        Event::TextMessage(it) => {
            format!(
                "text {} {}",
                hex(it.data.as_bytes()),
                u8::from(it.message_finished)
            )
        }
        Event::BytesMessage(it) => {
            format!("bytes {} {}", hex(&it.data), u8::from(it.message_finished))
        }
        Event::Ping(ping) => format!("ping {}", hex(&ping.payload)),
        Event::Pong(pong) => format!("pong {}", hex(&pong.payload)),
        Event::CloseConnection(it) => {
            let closed = connection.closed().expect("it has ended");
            match closed.violation() {
                Some(_) => format!("fail {}", it.code),
                None => format!("close {} {}", it.code, hex(it.reason.as_bytes())),
            }
        }
        other => panic!("{other:?}"),
    }
}
