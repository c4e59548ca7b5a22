//! A server on hyper: pages over ordinary HTTP, and a WebSocket that echoes, on the same port.
//!
//!     cargo run --bin hyper_server -- 127.0.0.1:8080

use std::convert::Infallible;
use std::io;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use wsproto::{Acceptance, Inbox, Limits, Requested};
use wsproto_stacks::echo;

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let address = std::env::args().nth(1);
    let listener = TcpListener::bind(address.as_deref().unwrap_or("127.0.0.1:8080")).await?;
    println!("listening on http://{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(async move {
            let connection = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service_fn(route))
                .with_upgrades();
            if let Err(error) = connection.await {
                eprintln!("hyper_server: {error}");
            }
        });
    }
}

async fn route(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    Ok(match request.uri().path() {
        "/" => Response::new(Full::from("a WebSocket that echoes is at /echo\n")),
        "/echo" => upgrade(request),
        _ => {
            let mut response = Response::new(Full::from("no such page\n"));
            *response.status_mut() = StatusCode::NOT_FOUND;
            response
        }
    })
}

fn upgrade(mut request: Request<Incoming>) -> Response<Full<Bytes>> {
    let upgrade = hyper::upgrade::on(&mut request);
    let (parts, _) = request.into_parts();
    let requested = match Requested::from_parts(&parts, Limits::default()) {
        Ok(requested) => requested,
        Err(error) => return error.response(parts.version).map(Full::from),
    };
    let (response, open) = requested.accept(Acceptance::default());
    tokio::spawn(async move {
        let upgraded = upgrade.await.map_err(io::Error::other)?;
        // The stream itself again, without hyper around it, and what hyper has read ahead.
        let stream = upgraded
            .downcast::<TokioIo<TcpStream>>()
            .expect("it was a TcpStream");
        let mut inbox = Inbox::new();
        inbox.extend(&stream.read_buf);
        echo(open, inbox, stream.io.into_inner()).await
    });
    response.map(|()| Full::default())
}
