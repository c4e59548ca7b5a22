//! A server on axum: a WebSocket that echoes, beside its other routes.
//!
//!     cargo run --bin axum_server -- 127.0.0.1:8080

use std::io;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::{any, get};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use wsproto::{Acceptance, ExtraHeaders, Inbox, Limits, RejectStatus, Requested};
use wsproto_stacks::echo;

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let routes = Router::new()
        .route(
            "/",
            get(|| async { "a WebSocket that echoes is at /echo\n" }),
        )
        .route("/echo", any(upgrade));
    let address = std::env::args().nth(1);
    let listener = TcpListener::bind(address.as_deref().unwrap_or("127.0.0.1:8080")).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, routes).await
}

async fn upgrade(mut request: Request) -> Response {
    let upgrade = hyper::upgrade::on(&mut request);
    let (parts, _) = request.into_parts();
    let requested = match Requested::from_parts(&parts, Limits::default()) {
        Ok(requested) => requested,
        Err(error) => return error.response(parts.version).map(Body::from),
    };
    // A page of another site would come with its user's cookies (RFC 6455 10.2).
    if requested.origin().is_some() && !requested.origin_is(&["http://localhost:8080"]) {
        let body = Body::from("not from this page\n");
        return requested.reject(RejectStatus::FORBIDDEN, &ExtraHeaders::new(), body);
    }
    let (response, open) = requested.accept(Acceptance::default());
    tokio::spawn(async move {
        let upgraded = upgrade.await.map_err(io::Error::other)?;
        // What hyper has read ahead is read from this first.
        echo(open, Inbox::new(), TokioIo::new(upgraded)).await
    });
    response.map(|()| Body::empty())
}
