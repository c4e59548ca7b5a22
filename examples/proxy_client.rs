//! A client behind an HTTP proxy: it asks for a tunnel with `CONNECT` (RFC 9110 9.3.6), and opens a
//! WebSocket in that. Sends a message, and prints the reply.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::ExitCode;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use clap::Parser;
use wsproto::{CloseCode, CloseReason, Event, Inbox, Request, blocking};

/// Sends a WebSocket message through an HTTP proxy, and prints the reply
#[derive(Parser)]
struct Options {
    /// The proxy
    #[arg(long, value_name = "HOST:PORT")]
    proxy: String,
    /// Who asks, for a proxy that wants to know
    #[arg(long, value_name = "USER:PASSWORD")]
    proxy_user: Option<String>,
    /// The server, such as ws://example.com/
    #[arg(long, value_name = "URI", value_parser = plain)]
    connect: Request,
    /// What to send
    #[arg(long, value_name = "TEXT")]
    message: String,
}

/// Why it did not go well, for a person to read.
type Failure = Box<dyn std::error::Error>;

/// The most that a proxy may say before the tunnel is open.
const MOST: usize = 16 << 10;

/// Asks the proxy at the other end of `stream` for a tunnel to the server that `request` names. What
/// came through the tunnel already is in the inbox then.
pub fn tunnel(
    stream: &mut (impl Read + Write),
    request: &Request,
    user: Option<&str>,
    inbox: &mut Inbox,
) -> Result<(), Failure> {
    let (host, port) = (request.host(), request.port());
    let authority = match host.contains(':') {
        true => format!("[{host}]:{port}"),
        false => format!("{host}:{port}"),
    };
    let mut head = format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n");
    if let Some(user) = user {
        let user = BASE64_STANDARD.encode(user);
        write!(head, "Proxy-Authorization: Basic {user}\r\n")?;
    }
    stream.write_all(format!("{head}\r\n").as_bytes())?;

    let (mut answer, mut space) = (Vec::new(), [0; 4 << 10]);
    loop {
        let read = stream.read(&mut space)?;
        if read == 0 {
            return Err("the proxy left".into());
        }
        answer.extend_from_slice(&space[..read]);
        let mut headers = [httparse::EMPTY_HEADER; 64];
        let mut response = httparse::Response::new(&mut headers);
        if let httparse::Status::Complete(len) = response.parse(&answer)? {
            return match response.code {
                Some(200..=299) => {
                    inbox.extend(&answer[len..]);
                    Ok(())
                }
                code => {
                    let reason = response.reason.unwrap_or_default();
                    Err(format!("the proxy refused: {} {reason}", code.unwrap_or(0)).into())
                }
            };
        }
        if answer.len() > MOST {
            return Err("the proxy talks too much".into());
        }
    }
}

/// Opens a WebSocket through the proxy, sends the message, and gives the reply.
pub fn ask(
    mut stream: TcpStream,
    request: &Request,
    user: Option<&str>,
    message: &str,
) -> Result<String, Failure> {
    let mut inbox = Inbox::new();
    tunnel(&mut stream, request, user, &mut inbox)?;
    let mut socket = blocking::connect(stream, request, &mut inbox)?.socket;
    socket.send_text(message)?;
    let reply = loop {
        match socket.receive(&mut inbox)? {
            Event::Text(text) => break text.into_string(),
            Event::Binary(_) | Event::Ping(_) | Event::Pong(_) => {}
            Event::Close(close) => return Err(format!("closed with {}", close.code()).into()),
        }
    };
    let mut closing = socket.close(CloseCode::NORMAL, CloseReason::default());
    let close = closing.receive_close(&mut inbox)?;
    closing.finish(close).end()?;
    Ok(reply)
}

fn run(options: &Options) -> Result<(), Failure> {
    let stream = TcpStream::connect(&options.proxy)?;
    let user = options.proxy_user.as_deref();
    println!("{}", ask(stream, &options.connect, user, &options.message)?);
    Ok(())
}

fn plain(uri: &str) -> Result<Request, String> {
    match Request::from_uri(uri) {
        Ok(request) if request.is_secure() => Err("for wss, see examples/stacks".into()),
        other => other.map_err(|error| error.to_string()),
    }
}

fn main() -> ExitCode {
    if let Err(error) = run(&Options::parse()) {
        eprintln!("proxy_client: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
