//! A WebSocket in the terminal, or in a pipe: each line that is typed is a message, each message that
//! comes is a line, and what else happens is told on standard error.
//!
//! One loop reads and writes as each is possible, and takes a line only once the last has been
//! written, so that neither end can bring the other to a stop.

use std::io::{self, Write};
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use clap::{CommandFactory, Parser, error::ErrorKind};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use wsproto::events::{CloseConnection, Event, TextMessage};
use wsproto::{
    Client, CloseCode, Connection, DeflateOffer, Limits, Negotiate, Phase, Request, Settings,
};

/// Sends lines as WebSocket messages, and prints the messages that come
#[derive(Parser)]
struct Options {
    /// The server, such as ws://127.0.0.1:9001/
    #[arg(long, value_name = "URI")]
    connect: String,
    /// A header of the request, such as "Authorization: Bearer 1234"
    #[arg(long, value_name = "NAME: VALUE")]
    header: Vec<String>,
    /// A subprotocol to offer; the first is preferred
    #[arg(long, value_name = "NAME")]
    subprotocol: Vec<String>,
    /// Offer permessage-deflate
    #[arg(long)]
    deflate: bool,
}

/// Why it did not go well, for a person to read.
type Failure = Box<dyn std::error::Error>;

fn request(options: &Options) -> Result<Request, Failure> {
    let subprotocols: Vec<_> = options.subprotocol.iter().map(String::as_str).collect();
    let mut request = Request::from_uri(&options.connect)?.subprotocols(&subprotocols)?;
    for header in &options.header {
        let (name, value) = header.split_once(':').ok_or("a header is NAME: VALUE")?;
        request = request.header(name, value.trim())?;
    }
    match request.is_secure() {
        true => Err("for wss, see examples/stacks".into()),
        false => Ok(request),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let options = Options::parse();
    let request = request(&options).unwrap_or_else(|error| {
        Options::command()
            .error(ErrorKind::InvalidValue, error)
            .exit()
    });
    let limits = Limits::default().message_payload(64 << 20);
    let settings = Settings::new().limits(limits).whole_messages();
    let ended = match options.deflate {
        true => converse(settings.proposal(DeflateOffer::default()).client(), request).await,
        false => converse(settings.client(), request).await,
    };
    if let Err(error) = ended {
        eprintln!("wscat: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

async fn converse<N: Negotiate>(
    mut connection: Connection<Client, N>,
    request: Request,
) -> Result<(), Failure> {
    let mut stream = TcpStream::connect((request.host(), request.port())).await?;
    stream.set_nodelay(true)?;
    let (mut reader, mut writer) = stream.split();
    let mut space = [0; 64 << 10];
    let (sender, mut lines) = mpsc::channel(1);
    thread::spawn(move || {
        io::stdin()
            .lines()
            .try_for_each(|line| sender.blocking_send(line))
    });
    connection.send(request)?;
    let mut deadline = None;
    let mut has_ended = false;
    while !has_ended {
        let is_leaving = connection.phase() == Phase::Closing || connection.shutdown().is_some();
        if is_leaving {
            deadline.get_or_insert_with(|| Instant::now() + Duration::from_secs(5));
        }
        let is_written = connection.outbox().is_empty();
        let takes_lines = connection.phase() == Phase::Open && is_written;
        tokio::select! {
            written = writer.write_buf(connection.outbox()), if !is_written => match written {
                Err(error) if !is_leaving => return Err(error.into()),
                _ => {}
            },
            read = reader.read(&mut space) => match read {
                Ok(read) if read > 0 => connection.receive_bytes(&space[..read]),
                Err(error) if !is_leaving => return Err(error.into()),
                _ => has_ended = true,
            },
            line = lines.recv(), if takes_lines => match line {
                Some(line) => connection.send(TextMessage::from(line?))?,
                None => connection.send(CloseConnection::from(CloseCode::NORMAL))?,
            },
            // The server is to end the transport, and need not be waited for without an end.
            () = sleep_until(deadline.unwrap_or_else(Instant::now)), if is_leaving => has_ended = true,
        }
        if has_ended {
            connection.receive_eof();
        }
        while let Some(event) = connection.next_event() {
            show(event)?;
        }
    }
    let closed = connection.closed().ok_or("no connection was opened")?;
    match closed.violation() {
        Some(violation) => Err(format!("the server broke the protocol: {violation}").into()),
        None if !closed.is_clean() => Err("the server left without a Close".into()),
        None => Ok(()),
    }
}

fn show(event: Event) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    match event {
        Event::AcceptConnection(accepted) => match accepted.subprotocol {
            Some(subprotocol) => eprintln!("connected, speaking {subprotocol}"),
            None => eprintln!("connected"),
        },
        Event::RejectConnection(rejected) => eprintln!("refused: {}", rejected.status_code),
        Event::RejectData(body) => eprintln!("{}", String::from_utf8_lossy(&body.data)),
        Event::Fail(fail) => eprintln!("the handshake failed: {}", fail.error),
        Event::TextMessage(message) => writeln!(stdout, "{}", message.data)?,
        Event::BytesMessage(message) => stdout.write_all(&[&*message.data, b"\n"].concat())?,
        Event::Ping(ping) => eprintln!("ping {}", ping.payload.as_bytes().escape_ascii()),
        Event::Pong(pong) => eprintln!("pong {}", pong.payload.as_bytes().escape_ascii()),
        Event::CloseConnection(close) => {
            let end = format!("closed: {} {}", close.code, close.reason);
            eprintln!("{}", end.trim_end());
        }
        _ => {}
    }
    Ok(())
}
