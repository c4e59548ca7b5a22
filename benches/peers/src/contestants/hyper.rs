//! The handshakes of fastwebsockets and yawc, which leave HTTP to hyper: its connections run on a
//! runtime that is entered once, for all handshakes of a round.

use std::cell::Cell;
use std::convert::Infallible;
use std::fmt::Debug;

use bytes::Bytes;
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::runtime::{Builder, Runtime};

use super::Run;
use crate::tally::Tally;
use crate::wire::Wire;

fn runtime() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

/// Accepts connections: `upgrade` makes the answer to a request, and a future that gives the
/// WebSocket once it has been sent.
pub fn accept<U, W, E>(
    connect: Box<dyn Fn() -> Wire>,
    upgrade: impl Fn(&mut Request<Incoming>) -> (Response<Empty<Bytes>>, U) + Copy + 'static,
) -> Run
where
    U: Future<Output = Result<W, E>> + Send + 'static,
    W: Send + 'static,
    E: Debug + Send + 'static,
{
    let runtime = runtime();
    Box::new(move |count, _: &mut Tally| {
        runtime.block_on(async {
            for _ in 0..count {
                let (tell, told) = tokio::sync::oneshot::channel();
                let tell = Cell::new(Some(tell));
                let service = service_fn(move |mut request| {
                    let (response, upgraded) = upgrade(&mut request);
                    let tell = tell.take().expect("one request");
                    assert!(tell.send(upgraded).is_ok());
                    std::future::ready(Ok::<_, Infallible>(response))
                });
                hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(connect()), service)
                    .with_upgrades()
                    .await
                    .unwrap();
                let socket = told.await.unwrap().await.unwrap();
                drop(std::hint::black_box(socket));
            }
        });
    })
}

/// Connects: `handshake` is all of it, and may spawn.
pub fn connect<F: Future>(
    connect: Box<dyn Fn() -> Wire>,
    handshake: impl Fn(Wire) -> F + 'static,
) -> Run {
    let runtime = runtime();
    Box::new(move |count, _: &mut Tally| {
        runtime.block_on(async {
            for _ in 0..count {
                std::hint::black_box(handshake(connect()).await);
            }
        });
    })
}
