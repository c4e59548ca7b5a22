//! A `Stream` and `Sink` of messages, polled by hand: what several asynchronous crates are.

use std::fmt::Debug;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use futures_core::Stream;
use futures_sink::Sink;

use super::Run;
use crate::tally::Tally;

/// What a message of such a crate is.
pub trait Message: Sized {
    /// Its payload, if it is a text or binary message.
    fn data(&self) -> Option<&[u8]>;
}

/// The next message.
#[inline]
pub fn next<S: Stream + Unpin>(socket: &mut S) -> S::Item {
    match Pin::new(socket).poll_next(&mut context()) {
        Poll::Ready(Some(message)) => message,
        Poll::Ready(None) => panic!("the connection has ended"),
        Poll::Pending => panic!("the transport has always something to read"),
    }
}

/// Sends a message, to be flushed later.
#[inline]
pub fn feed<M, S: Sink<M, Error: Debug> + Unpin>(socket: &mut S, message: M) {
    ready(Pin::new(&mut *socket).poll_ready(&mut context()));
    Pin::new(socket).start_send(message).unwrap();
}

/// Writes all that waits; yawc's pongs wait for `poll_ready`.
pub fn flush<M, S: Sink<M, Error: Debug> + Unpin>(socket: &mut S) {
    ready(Pin::new(&mut *socket).poll_ready(&mut context()));
    ready(Pin::new(socket).poll_flush(&mut context()));
}

/// Receives messages; the socket answers pings itself.
pub fn receive<M: Message, S: Sink<M, Error: Debug> + Unpin + 'static>(
    mut socket: S,
    next: impl Fn(&mut S) -> M + 'static,
) -> Run {
    Box::new(move |messages, tally: &mut Tally| {
        let mut left = messages;
        while left > 0 {
            if let Some(payload) = next(&mut socket).data() {
                tally.add(payload);
                left -= 1;
            }
        }
        flush(&mut socket);
    })
}

/// Sends messages, each made of a reference to what is sent.
pub fn send<M, S: Sink<M, Error: Debug> + Unpin + 'static>(
    mut socket: S,
    messages: Vec<Bytes>,
    message: impl Fn(Bytes) -> M + 'static,
) -> Run {
    Box::new(move |count, _: &mut Tally| {
        for bytes in messages.iter().cycle().take(count) {
            feed(&mut socket, message(bytes.clone()));
        }
        flush(&mut socket);
    })
}

/// Sends back each message that it receives.
pub fn echo<M: Message, S: Sink<M, Error: Debug> + Unpin + 'static>(
    mut socket: S,
    next: impl Fn(&mut S) -> M + 'static,
) -> Run {
    Box::new(move |messages, tally: &mut Tally| {
        for _ in 0..messages {
            let message = next(&mut socket);
            tally.add(message.data().expect("only data is sent"));
            feed(&mut socket, message);
        }
        flush(&mut socket);
    })
}

/// Sends each message to all: a reference to it where they take one.
pub fn broadcast<M, S: Sink<M, Error: Debug> + Unpin + 'static>(
    mut sockets: Vec<S>,
    messages: Vec<Bytes>,
    message: impl Fn(Bytes) -> M + 'static,
) -> Run {
    Box::new(move |count, _: &mut Tally| {
        for bytes in messages.iter().cycle().take(count) {
            for socket in &mut sockets {
                feed(socket, message(bytes.clone()));
                flush(socket);
            }
        }
    })
}

fn ready<E: Debug>(poll: Poll<Result<(), E>>) {
    let Poll::Ready(result) = poll else {
        panic!("the transport is always ready");
    };
    result.unwrap();
}

pub fn context() -> Context<'static> {
    Context::from_waker(Waker::noop())
}
