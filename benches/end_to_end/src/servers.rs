//! Echo servers as the peers' own examples do it: a task for each connection, one thread.

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

/// Serves each connection in a task of its own.
pub fn serve<F>(address: SocketAddr, connection: fn(TcpStream) -> F) -> io::Result<()>
where
    F: Future<Output = ()> + Send + 'static,
{
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
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
