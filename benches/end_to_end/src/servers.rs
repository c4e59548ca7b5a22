//! Echo servers on tokio, the peers' as their own examples do it: a task for each connection, one thread.

use std::io::{self, Write};
use std::net::SocketAddr;

use fastwebsockets::{FragmentCollector, OpCode, upgrade};
use futures_util::{SinkExt, StreamExt};
use http_body_util::Empty;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use wsproto::{Event, Inbox};

/// Serves each connection in a task of its own.
pub fn serve<F>(address: SocketAddr, connection: fn(TcpStream) -> F) -> io::Result<()>
where
    F: Future<Output = ()> + Send + 'static,
{
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(address).await?;
        println!("listening on ws://{}", listener.local_addr()?);
        io::stdout().flush()?;
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            tokio::spawn(connection(stream));
        }
    })
}

pub async fn wsproto(stream: TcpStream) {
    let mut inbox = Inbox::new();
    let Ok(mut socket) = wsproto::tokio::accept(stream, &mut inbox).await else {
        return;
    };
    loop {
        let fed = match socket.receive(&mut inbox).await {
            Ok(Event::Text(text)) => socket.feed_text(&text).await,
            Ok(Event::Binary(data)) => socket.feed_binary(&data).await,
            Ok(Event::Ping(_) | Event::Pong(_)) => Ok(()),
            Ok(Event::Close(close)) => {
                // How the peer leaves is nobody's matter here.
                let _ = socket.acknowledge(close).end().await;
                return;
            }
            Err(_) => return,
        };
        if fed.is_err() {
            return;
        }
    }
}

pub async fn wsproto_messages(stream: TcpStream) {
    let mut inbox = Inbox::new();
    let Ok(socket) = wsproto::tokio::accept(stream, &mut inbox).await else {
        return;
    };
    let mut messages = socket.messages(inbox);
    while let Some(Ok(message)) = messages.next().await {
        if messages.send(message).await.is_err() {
            return;
        }
    }
}

pub async fn yawc(stream: TcpStream) {
    let connection = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service_fn(upgrade_yawc))
        .with_upgrades();
    // Its end is the end of the handshake.
    let _ = connection.await;
}

async fn upgrade_yawc(
    mut request: Request<Incoming>,
) -> Result<Response<Empty<Bytes>>, yawc::WebSocketError> {
    let (response, upgraded) = yawc::WebSocket::upgrade(&mut request)?;
    tokio::spawn(async move {
        let Ok(mut open) = upgraded.await else {
            return;
        };
        while let Some(frame) = open.next().await {
            if matches!(
                frame.opcode(),
                yawc::frame::OpCode::Text | yawc::frame::OpCode::Binary
            ) && open.send(frame).await.is_err()
            {
                return;
            }
        }
    });
    Ok(response)
}

pub async fn tungstenite(stream: TcpStream) {
    let Ok(mut open) = tokio_tungstenite::accept_async(stream).await else {
        return;
    };
    while let Some(Ok(message)) = open.next().await {
        if (message.is_text() || message.is_binary()) && open.send(message).await.is_err() {
            return;
        }
    }
}

pub async fn tokio_websockets(stream: TcpStream) {
    let Ok((_, mut open)) = tokio_websockets::ServerBuilder::new().accept(stream).await else {
        return;
    };
    while let Some(Ok(message)) = open.next().await {
        if (message.is_text() || message.is_binary()) && open.send(message).await.is_err() {
            return;
        }
    }
}

pub async fn fastwebsockets(stream: TcpStream) {
    let connection = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service_fn(upgrade_fastwebsockets))
        .with_upgrades();
    // Its end is the end of the handshake.
    let _ = connection.await;
}

async fn upgrade_fastwebsockets(
    mut request: Request<Incoming>,
) -> Result<Response<Empty<Bytes>>, fastwebsockets::WebSocketError> {
    let (response, upgraded) = upgrade::upgrade(&mut request)?;
    tokio::spawn(tokio::task::unconstrained(async move {
        let Ok(open) = upgraded.await else {
            return;
        };
        let mut open = FragmentCollector::new(open);
        while let Ok(frame) = open.read_frame().await {
            match frame.opcode {
                OpCode::Close => return,
                OpCode::Text | OpCode::Binary => {
                    if open.write_frame(frame).await.is_err() {
                        return;
                    }
                }
                _ => {}
            }
        }
    }));
    Ok(response)
}
