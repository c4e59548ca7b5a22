//! A chat for browsers: the page and its WebSocket come from the same port, and what one says is
//! framed once and goes to all.
//!
//! Open `http://127.0.0.1:9001/` in two windows.

use std::error::Error;
use std::io;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast::{Receiver, Sender, channel, error::RecvError};
use tokio::time::timeout;
use wsproto::{
    Acceptance, Broadcast, Closed, Event, ExtraHeaders, HandshakeError, Handshaking, Inbox, Limits,
    Open, Outbox, RejectStatus, Requested, Server, ServerProgress,
};

const PAGE: &str = include_str!("chat.html");

/// A chat for browsers
#[derive(Parser)]
struct Options {
    /// Where to listen; port 0 picks a free port
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:9001")]
    listen: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    if let Err(error) = listen(&Options::parse().listen).await {
        eprintln!("chat: {error}");
    }
    ExitCode::FAILURE
}

async fn listen(address: &str) -> io::Result<()> {
    let listener = TcpListener::bind(address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    let (news, _) = channel(256);
    loop {
        let (stream, peer) = listener.accept().await?;
        let news = news.clone();
        tokio::spawn(async move {
            if let Err(error) = serve(stream, &news).await {
                eprintln!("{peer}: {error}");
            }
        });
    }
}

async fn serve(mut stream: TcpStream, news: &Sender<Broadcast>) -> Result<(), Box<dyn Error>> {
    stream.set_nodelay(true)?;
    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    let request = request(&mut stream, &mut inbox, &mut outbox);
    if let Some(requested) = timeout(Duration::from_secs(10), request).await?? {
        let page = format!("http://{}", requested.host());
        if requested.origin_is(&[&page]) {
            let open = requested.accept(Acceptance::default(), &mut outbox);
            let heard = news.subscribe();
            let closed = chat(open, heard, news, &mut stream, &mut inbox, &mut outbox).await?;
            eprintln!("left with {}", closed.code());
        } else {
            // Another page, that a visitor has open beside ours, may not speak for them.
            let headers = ExtraHeaders::new();
            let _ = requested.reject(RejectStatus::FORBIDDEN, &headers, b"", &mut outbox);
        }
    }
    // A server ends the transport first, and lets the browser hear why (RFC 6455 7.1.1).
    timeout(Duration::from_secs(10), stream.write_all_buf(&mut outbox)).await??;
    stream.shutdown().await?;
    let mut nowhere = tokio::io::sink();
    let rest = tokio::io::copy(&mut stream, &mut nowhere);
    let _ = timeout(Duration::from_secs(1), rest).await;
    Ok(())
}

/// A request for a WebSocket. Any other is answered with the page.
async fn request(
    stream: &mut TcpStream,
    inbox: &mut Inbox,
    outbox: &mut Outbox,
) -> io::Result<Option<Requested>> {
    let limits = Limits::default().message_payload(4 << 10);
    let mut handshaking = Handshaking::<Server>::new(limits);
    loop {
        match handshaking.receive(inbox) {
            Ok(ServerProgress::Requested(requested)) => return Ok(Some(requested)),
            Ok(ServerProgress::Handshaking(still)) => handshaking = still,
            Err(HandshakeError::MissingUpgrade) => {
                let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8";
                let head = format!("{head}\r\nContent-Length: {}\r\n", PAGE.len());
                let page = format!("{head}Connection: close\r\n\r\n{PAGE}");
                stream.write_all(page.as_bytes()).await?;
                return Ok(None);
            }
            Err(error) => {
                error.respond(outbox);
                return Ok(None);
            }
        }
        let read = stream.read(inbox.space(4 << 10)).await?;
        inbox.filled(read);
        if read == 0 {
            return Ok(None);
        }
    }
}

async fn chat(
    mut open: Open<Server>,
    mut heard: Receiver<Broadcast>,
    news: &Sender<Broadcast>,
    stream: &mut TcpStream,
    inbox: &mut Inbox,
    outbox: &mut Outbox,
) -> io::Result<Closed<Server>> {
    let (mut reader, mut writer) = stream.split();
    loop {
        match open.receive(inbox, outbox) {
            Ok(Some(Event::Text(text))) => drop(news.send(Broadcast::text(&text))),
            Ok(Some(Event::Close(close))) => return Ok(open.acknowledge(close, outbox)),
            Ok(Some(_)) => {}
            Err(violation) => return Ok(open.fail(violation, outbox)),
            Ok(None) => tokio::select! {
                written = writer.write_buf(outbox), if !outbox.is_empty() => drop(written?),
                read = reader.read(inbox.space(4 << 10)) => match read? {
                    0 => return Ok(open.eof()),
                    read => inbox.filled(read),
                },
                // Who does not read waits, and then misses something: nothing is queued for them.
                message = heard.recv(), if outbox.is_empty() => match message {
                    Ok(message) => open.send_broadcast(&message, outbox),
                    Err(RecvError::Lagged(n)) => open.send_text(&format!("({n} missed)"), outbox),
                    Err(RecvError::Closed) => return Ok(open.eof()),
                },
            },
        }
    }
}
