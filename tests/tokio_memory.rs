//! What connections on tokio hold, counted: nothing while they are idle, and never more than they may.
#![cfg(feature = "tokio")]

mod common;
mod counting;

use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use common::{End, KEY, frame};
use counting::heap;
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use wsproto::tokio::{MessageStream, Socket, accept};
use wsproto::{Client, Error, Event, Inbox, Limits, Open, Outbox, Server};

/// A transport without memory of its own, that takes so many bytes.
#[derive(Default)]
struct Pipe {
    input: &'static [u8],
    room: usize,
}

impl AsyncRead for Pipe {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        space: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.input.is_empty() {
            return Poll::Pending;
        }
        let (now, later) = self.input.split_at(self.input.len().min(space.remaining()));
        space.put_slice(now);
        self.input = later;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Pipe {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let len = bytes.len().min(self.room);
        self.room -= len;
        if len == 0 {
            return Poll::Pending;
        }
        Poll::Ready(Ok(len))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

fn poll<T>(future: impl Future<Output = T>) -> Poll<T> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

type Peer<R> = (Socket<Open<R>, Pipe>, Inbox);

fn peer<R: End>(pipe: Pipe) -> Peer<R> {
    let phase = R::open(Limits::default());
    (Socket::new(phase, Outbox::new(), pipe), Inbox::new())
}

/// Echoes until nothing comes, or nothing goes.
fn converse<R: End>((socket, inbox): &mut Peer<R>) {
    while let Poll::Ready(event) = poll(socket.receive(inbox)) {
        let fed = match event.unwrap() {
            Event::Text(text) => poll(socket.feed_text(&text)),
            Event::Binary(data) => poll(socket.feed_binary(&data)),
            _ => continue,
        };
        if fed.is_pending() {
            return;
        }
    }
}

/// What is said to each connection, for as long as the test runs.
fn traffic<R: End>() -> &'static [u8] {
    let bytes = R::from_peer(&[
        frame(0x81, "text"),
        frame(0x82, [0; 3000]),
        frame(0x01, "frag"),
        frame(0x89, "ping"),
        frame(0x80, "ments"),
    ]);
    bytes.leak()
}

#[test]
fn an_idle_connection_holds_no_heap() {
    fn law<R: End>() {
        let input = traffic::<R>();
        let pipe = || Pipe {
            input,
            room: usize::MAX,
        };
        // What the thread keeps is there then.
        converse(&mut peer::<R>(pipe()));
        let mut peers: Vec<Peer<R>> = (0..1000).map(|_| peer(pipe())).collect();
        let heap = heap(|| peers.iter_mut().for_each(converse));
        assert!(
            peers
                .iter()
                .all(|(socket, _)| socket.stream().input.is_empty())
        );
        assert_eq!((heap.kept, heap.calls), (0, 0), "{} {heap:?}", R::NAME);
    }
    law::<Server>();
    law::<Client>();
}

#[test]
fn an_idle_connection_is_as_large_as_published() {
    // With the inbox, which is in the task.
    assert_eq!(size_of::<Socket<Open<Server>, TcpStream>>(), 120);
    assert_eq!(size_of::<Socket<Open<Client>, TcpStream>>(), 224);
    assert_eq!(size_of::<Inbox>(), 192);
    assert_eq!(size_of::<MessageStream<Server, TcpStream>>(), 384);
    // A task is as large as its future, whose parts are those and what is under way.
    fn size<T>(_: impl FnOnce(TcpStream) -> T) -> usize {
        size_of::<T>()
    }
    assert!(size(echo) <= 1100, "{}", size(echo));
    assert!(size(echo_messages) <= 1400, "{}", size(echo_messages));
}

/// What `examples/tokio_echo_server.rs` does.
async fn echo(stream: TcpStream) -> Result<(), Error> {
    let mut inbox = Inbox::new();
    let mut socket = accept(stream, &mut inbox).await?;
    let mut closed = loop {
        match socket.receive(&mut inbox).await? {
            Event::Text(text) => socket.feed_text(&text).await?,
            Event::Binary(data) => socket.feed_binary(&data).await?,
            Event::Ping(_) | Event::Pong(_) => {}
            Event::Close(close) => break socket.acknowledge(close),
        }
    };
    closed.end().await?;
    Ok(())
}

async fn echo_messages(stream: TcpStream) -> Result<(), Error> {
    let mut inbox = Inbox::new();
    let mut messages = accept(stream, &mut inbox).await?.messages(inbox);
    while let Some(message) = messages.next().await {
        messages.send(message?).await?;
    }
    Ok(())
}

#[test]
fn what_a_thread_keeps_is_bounded() {
    let heap = heap(|| {
        // Each in the middle of a message, so that each has memory of its own, until it ends.
        let half = Server::from_peer(&[frame(0x02, vec![0; 400_000])]).leak();
        let rest: &[u8] = frame(0x80, "").bytes(Some(KEY)).leak();
        let mut peers: Vec<Peer<Server>> = (0..100)
            .map(|_| {
                peer(Pipe {
                    input: half,
                    room: 0,
                })
            })
            .collect();
        peers.iter_mut().for_each(converse);
        for (socket, inbox) in peers {
            let (phase, outbox, _) = socket.into_parts();
            let pipe = Pipe {
                input: rest,
                room: usize::MAX,
            };
            converse(&mut (Socket::new(phase, outbox, pipe), inbox));
        }
    });
    // 4 MiB at most, as no outbox had much in it, and what is leaked here.
    assert!(heap.peak > 40 << 20, "{heap:?}");
    assert!(heap.kept < (4 << 20) + 1_000_000, "{heap:?}");
}

#[test]
fn a_peer_that_does_not_read_makes_us_hold_a_bounded_amount() {
    // It sends 40 MB, and takes nothing of what comes back.
    let bytes = frame(0x82, vec![0; 10_000]).bytes(Some(KEY));
    let input: &[u8] = bytes.repeat(4000).leak();
    let mut slow = peer::<Server>(Pipe { input, room: 0 });
    let held = heap(|| converse(&mut slow));
    assert!(held.peak < 700_000, "{held:?}");

    // Nor do pings make it more.
    let input: &[u8] = frame(0x89, [0; 125])
        .bytes(Some(KEY))
        .repeat(300_000)
        .leak();
    let mut slow = peer::<Server>(Pipe { input, room: 0 });
    let held = heap(|| converse(&mut slow));
    assert!(slow.0.stream().input.is_empty(), "it is heard all the same");
    assert!(held.peak < 700_000, "{held:?}");
}
