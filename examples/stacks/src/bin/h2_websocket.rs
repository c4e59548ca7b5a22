//! A WebSocket in one stream of HTTP/2 (RFC 8441): a client and a server, each a task, over loopback.
//! They say a message, its echo, Close and END_STREAM; the other streams are free for HTTP.
//!
//!     cargo run --bin h2_websocket

use std::error::Error;

use bytes::Bytes;
use h2::ext::Protocol;
use h2::server::SendResponse;
use h2::{Ping, RecvStream, client, server};
use http::request::Parts;
use tokio::net::{TcpListener, TcpStream};
use wsproto::{Acceptance, CloseCode, CloseReason, Entropy, Event, Inbox, Limits, Outbox};
use wsproto::{Request, Requested, Requesting};
use wsproto_stacks::h2_stream::Stream;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let server = tokio::spawn(async move { serve(listener.accept().await?.0).await });
    connect(TcpStream::connect(address).await?).await?;
    server.await?
}

/// Answers each request of a connection.
async fn serve(stream: TcpStream) -> Result<()> {
    let mut builder = server::Builder::new();
    let mut connection = builder.enable_connect_protocol().handshake(stream).await?;
    while let Some(next) = connection.accept().await {
        let (request, respond) = next?;
        let (parts, body) = request.into_parts();
        tokio::spawn(async move {
            if let Err(error) = echo(&parts, body, respond).await {
                eprintln!("server: {error}");
            }
        });
    }
    Ok(())
}

/// Echoes messages in a stream until its client says Close.
async fn echo(parts: &Parts, body: RecvStream, mut respond: SendResponse<Bytes>) -> Result<()> {
    let protocol = parts.extensions.get::<Protocol>().map(Protocol::as_str);
    let asked = Requested::from_extended_connect(parts, protocol, Limits::default());
    let requested = match asked {
        Ok(requested) => requested,
        Err(error) => {
            let (head, body) = error.response(parts.version).into_parts();
            let mut send = respond.send_response(http::Response::from_parts(head, ()), false)?;
            return Ok(send.send_data(body.into(), true)?);
        }
    };
    println!(
        "server: asked for {} of {}",
        requested.target(),
        requested.host()
    );
    let (response, mut open) = requested.accept(Acceptance::default());
    let send = respond.send_response(response, false)?;
    let mut stream = Stream::new(send, body);
    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    let closed = loop {
        match open.receive(&mut inbox, &mut outbox) {
            Ok(Some(Event::Text(text))) => open.send_text(&text, &mut outbox),
            Ok(Some(Event::Binary(data))) => open.send_binary(&data, &mut outbox),
            Ok(Some(Event::Ping(_) | Event::Pong(_))) => {}
            Ok(Some(Event::Close(close))) => break open.acknowledge(close, &mut outbox),
            Ok(None) => {
                stream.write(&mut outbox).await?;
                if !stream.read(&mut inbox).await? {
                    break open.eof();
                }
            }
            Err(violation) => break open.fail(violation, &mut outbox),
        }
    };
    stream.write(&mut outbox).await?;
    stream.end().await?;
    println!(
        "server: closed with {}, cleanly: {}",
        closed.code(),
        closed.is_clean()
    );
    Ok(())
}

/// Opens a WebSocket in a stream, and says a message and Close.
async fn connect(stream: TcpStream) -> Result<()> {
    let (mut requests, mut connection) = client::handshake(stream).await?;
    let mut ping = connection.ping_pong().expect("it is asked for once");
    let connection = tokio::spawn(connection);
    // The server's settings come before its pong, and say whether it speaks RFC 8441.
    ping.ping(Ping::opaque()).await?;
    if !requests.is_extended_connect_protocol_enabled() {
        return Err("the server has no extended CONNECT".into());
    }
    let request = Request::from_uri("ws://localhost/chat")?;
    let (limits, entropy) = (Limits::default(), Entropy::from_os()?);
    let (mut request, requesting) = Requesting::extended_connect(&request, (), limits, entropy)?;
    request
        .extensions_mut()
        .insert(Protocol::from_static("websocket"));
    let (response, send) = requests.send_request(request, false)?;
    let (parts, body) = response.await?.into_parts();
    let mut open = requesting.confirm(&parts)?.open;
    println!("client: open, with status {}", parts.status);

    let mut stream = Stream::new(send, body);
    let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
    open.send_text("hello in a stream", &mut outbox);
    let mut closing = open.close(CloseCode::NORMAL, CloseReason::default(), &mut outbox);
    let closed = loop {
        stream.write(&mut outbox).await?;
        match closing.receive(&mut inbox, &mut outbox) {
            Ok(Some(Event::Text(text))) => println!("client: heard {:?}", &*text),
            Ok(Some(Event::Close(close))) => break closing.finish(close),
            Ok(Some(_)) => {}
            Ok(None) => {
                if !stream.read(&mut inbox).await? {
                    break closing.eof();
                }
            }
            Err(violation) => break closing.fail(violation),
        }
    };
    println!(
        "client: closed with {}, cleanly: {}",
        closed.code(),
        closed.is_clean()
    );
    let ended = stream.end().await?;
    println!("client: the server has ended the stream: {ended}");
    drop(requests); // the last of the connection
    Ok(connection.await??)
}
