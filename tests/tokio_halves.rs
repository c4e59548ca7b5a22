//! The halves of a connection on tokio, in two tasks.
#![cfg(feature = "tokio")]

mod common;

use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use common::{End, Frame, Heard as Event_, KEY, Wire, binary, frame, parse, ping, pong, text};
use tokio::io::{
    AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadHalf, WriteHalf, duplex, split,
};
use tokio::time::{Instant, sleep, timeout};
use wsproto::tokio::{Heard, ReceiveHalf, SendHalf, Socket};
use wsproto::{
    Client, CloseCode, CloseReason, Error, Event, Inbox, Keepalive, Limits, Outbox, Sender, Server,
    Violation,
};

type Halves<R> = (
    SendHalf<Sender<R>, WriteHalf<DuplexStream>>,
    ReceiveHalf<R, ReadHalf<DuplexStream>>,
);

fn halves<R: End>(size: usize) -> (Halves<R>, DuplexStream) {
    let (stream, peer) = duplex(size);
    let socket = Socket::new(R::open(Limits::default()), Outbox::new(), stream);
    (socket.split_with(split), peer)
}

fn frames(frames: &[Frame]) -> Wire {
    Wire(frames.iter().flat_map(|frame| frame.bytes(None)).collect())
}

fn heard(event: Event<'_>) -> Event_ {
    match event {
        Event::Text(it) => text(&*it),
        Event::Binary(it) => binary(&*it),
        Event::Ping(it) => ping(it),
        Event::Pong(it) => pong(it),
        Event::Close(_) => panic!("that is for the other half"),
    }
}

/// Hears all there is, and what kept it from hearing more.
async fn hear_all<R: End>(
    mut receive: ReceiveHalf<R, ReadHalf<DuplexStream>>,
) -> (Vec<Event_>, Option<Error>) {
    let mut inbox = Inbox::new();
    let mut all = Vec::new();
    let error = loop {
        match receive.receive(&mut inbox).await {
            Ok(Some(event)) => all.push(heard(event)),
            Ok(None) => break None,
            Err(error) => break Some(error),
        }
    };
    receive.end().await;
    (all, error)
}

#[tokio::test(start_paused = true)]
async fn a_large_message_comes_whole_behind_what_the_other_half_owes() {
    async fn law<R: End>(size: usize) {
        let large = vec![b'x'; 100_000];
        let ((mut send, receive), mut peer) = halves::<R>(size);
        let receive = tokio::spawn(hear_all(receive));
        peer.write_all(&R::from_peer(&[frame(0x89, "ping")]))
            .await
            .unwrap();
        sleep(Duration::from_secs(1)).await;
        let sender = tokio::spawn({
            let large = large.clone();
            async move {
                send.feed_text(str::from_utf8(&large).unwrap())
                    .await
                    .unwrap();
                send.send_binary(&large).await.unwrap();
                send
            }
        });
        let mask = if R::IS_CLIENT { 4 } else { 0 };
        let mut output = vec![0; 2 + 4 + 2 * (10 + 100_000) + 3 * mask];
        peer.read_exact(&mut output).await.unwrap();
        let _ = sender.await.unwrap();
        receive.abort();
        let sent: Vec<_> = parse::<R>(&output)
            .into_iter()
            .map(|frame| (frame.first, frame.payload))
            .collect();
        let expected = [
            (0x8a, b"ping".to_vec()),
            (0x81, large.clone()),
            (0x82, large),
        ];
        assert!(sent == expected, "{} frames", sent.len());
    }
    for size in [7, 5000, 1 << 20] {
        law::<Server>(size).await;
        law::<Client>(size).await;
    }
}

#[tokio::test(start_paused = true)]
async fn one_half_hears_and_the_other_answers() {
    async fn law<R: End>(size: usize) {
        let ((mut send, receive), mut peer) = halves::<R>(size);
        let receive = tokio::spawn(hear_all(receive));
        let sender = tokio::spawn(async move {
            send.send_text("text").await?;
            let mut streaming = send.start_binary();
            streaming.write(b"pie").await?;
            let mut send = streaming.finish(b"ces");
            send.feed_bytes(b"bytes"[..].into()).await?;
            let Heard::Close(close) = send.ended().await? else {
                panic!("it ends with a Close");
            };
            let mut closed = send.acknowledge(close);
            closed.end().await?;
            Ok::<_, Error>(closed.phase().is_clean())
        });
        // The Ping is answered while the half that sends waits for the end.
        sleep(Duration::from_secs(1)).await;
        let input = [frame(0x81, "a"), frame(0x89, "ping"), frame(0x81, "b")];
        let (mut reads, mut writes) = split(&mut peer);
        let say = async {
            writes.write_all(&R::from_peer(&input)).await.unwrap();
            sleep(Duration::from_secs(1)).await;
            let close = R::from_peer(&[frame(0x88, [3, 0xe8])]);
            writes.write_all(&close).await.unwrap();
            writes.shutdown().await.unwrap();
        };
        let mut answer = Vec::new();
        let (_, read) = tokio::join!(say, reads.read_to_end(&mut answer));
        read.unwrap();
        // Where the pong goes out among them depends on how fast the peer reads.
        let (pongs, sent): (Vec<_>, Vec<_>) = parse::<R>(&answer)
            .into_iter()
            .map(|sent| (sent.first, sent.payload))
            .partition(|(first, _)| *first == 0x8a);
        assert_eq!(pongs, [(0x8a, b"ping".to_vec())]);
        let expected = [
            (0x81, &b"text"[..]),
            (0x02, b"pie"),
            (0x80, b"ces"),
            (0x82, b"bytes"),
            (0x88, &[3, 0xe8]),
        ];
        assert_eq!(
            sent,
            expected.map(|(first, payload)| (first, payload.to_vec()))
        );
        assert!(sender.await.unwrap().unwrap());
        let (all, error) = receive.await.unwrap();
        assert_eq!(all, [text("a"), ping("ping"), text("b")]);
        assert!(error.is_none());
    }
    for size in [3, 1000] {
        law::<Server>(size).await;
        law::<Client>(size).await;
    }
}

#[tokio::test(start_paused = true)]
async fn only_the_newest_ping_is_answered_where_nobody_sends() {
    let ((mut send, receive), mut peer) = halves::<Server>(1 << 16);
    let receive = tokio::spawn(hear_all(receive));
    for number in 0..100 {
        let ping = frame(0x89, [number]).bytes(Some(KEY));
        peer.write_all(&ping).await.unwrap();
    }
    sleep(Duration::from_secs(1)).await;
    send.flush().await.unwrap();
    drop(send);
    peer.shutdown().await.unwrap();
    let (all, error) = receive.await.unwrap();
    assert_eq!(all.len(), 100);
    assert!(matches!(error, Some(Error::Eof)));
    let mut answer = Vec::new();
    peer.read_to_end(&mut answer).await.unwrap();
    assert_eq!(Wire(answer), frames(&[frame(0x8a, [99])]));
}

#[tokio::test(start_paused = true)]
async fn a_violation_that_one_half_found_the_other_tells() {
    for (bad, violation) in [
        (frame(0x83, ""), Violation::ReservedOpcode),
        (frame(0x81, b"\xff"), Violation::InvalidUtf8),
    ] {
        let ((mut send, receive), mut peer) = halves::<Server>(1000);
        let receive = tokio::spawn(hear_all(receive));
        peer.write_all(&bad.bytes(Some(KEY))).await.unwrap();
        let Ok(Heard::Violation(found)) = send.ended().await else {
            panic!("it ends with a violation");
        };
        assert_eq!(found, violation);
        let mut closed = send.fail(found);
        closed.end().await.unwrap();
        assert_eq!(closed.phase().violation(), Some(violation));
        drop(closed);
        let (_, error) = receive.await.unwrap();
        assert!(matches!(error, Some(Error::Violation(it)) if it == violation));
        let mut answer = Vec::new();
        peer.read_to_end(&mut answer).await.unwrap();
        let code = violation.close_code().get().to_be_bytes();
        assert_eq!(Wire(answer), frames(&[frame(0x88, code)]));
    }
}

/// RFC 6455 7.1.1: the server ends the transport, and a client waits for that, for a second.
#[tokio::test(start_paused = true)]
async fn a_client_in_halves_leaves_it_to_the_server_to_end_the_transport() {
    async fn answered() -> (Halves<Client>, DuplexStream) {
        let ((send, mut receive), mut peer) = halves::<Client>(1000);
        let close = Client::from_peer(&[frame(0x88, [3, 0xe8])]);
        peer.write_all(&close).await.unwrap();
        let mut inbox = Inbox::new();
        assert!(receive.receive(&mut inbox).await.unwrap().is_none());
        ((send, receive), peer)
    }
    /// Answers the Close, and ends.
    async fn end(mut send: SendHalf<Sender<Client>, WriteHalf<DuplexStream>>) {
        let Ok(Heard::Close(close)) = send.ended().await else {
            panic!("it ends with a Close");
        };
        send.acknowledge(close).end().await.unwrap();
    }
    const SECOND: Duration = Duration::from_secs(1);
    let mut answer = Vec::new();

    // A server that ends it.
    let ((send, mut receive), mut peer) = answered().await;
    let sender = tokio::spawn(end(send));
    let receiver = tokio::spawn(async move { receive.end().await });
    let early = timeout(SECOND / 2, peer.read_to_end(&mut answer)).await;
    assert!(early.is_err(), "the client was first");
    assert_eq!(answer.len(), 8, "its Close was sent");
    peer.shutdown().await.unwrap();
    let start = Instant::now();
    peer.read_to_end(&mut answer).await.unwrap();
    assert_eq!((answer.len(), start.elapsed()), (8, Duration::ZERO));
    sender.await.unwrap();
    receiver.await.unwrap();

    // One that does not, whether that half of the client listens or does nothing.
    for listens in [true, false] {
        let ((send, mut receive), mut peer) = answered().await;
        let start = Instant::now();
        let receiver = tokio::spawn(async move {
            match listens {
                true => receive.end().await,
                false => std::future::pending().await,
            }
        });
        let (_, read) = tokio::join!(end(send), peer.read_to_end(&mut answer));
        read.unwrap();
        let took = start.elapsed();
        assert!((SECOND..SECOND * 2).contains(&took), "{took:?}");
        receiver.abort();
    }

    // Nobody who could see it.
    let ((send, receive), mut peer) = answered().await;
    drop(receive);
    let start = Instant::now();
    let (_, read) = tokio::join!(end(send), peer.read_to_end(&mut answer));
    read.unwrap();
    assert_eq!(start.elapsed(), Duration::ZERO);
}

/// Takes all that is written, and gives that when it is to be ended.
struct Ends(Poll<ErrorKind>);

impl AsyncWrite for Ends {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.map(|kind| Err(kind.into()))
    }
}

/// As for a socket that is whole: a peer may have reset the connection once it has read our Close.
#[tokio::test(start_paused = true)]
async fn how_the_transport_ends_behind_our_last_words_is_no_error() {
    async fn law<R: End>() {
        for (ends, seconds) in [
            (Poll::Ready(ErrorKind::NotConnected), 0),
            (Poll::Pending, 1),
        ] {
            let socket = Socket::new(R::open(Limits::default()), Outbox::new(), ());
            let (send, receive) = socket.split_with(|()| (tokio::io::empty(), Ends(ends)));
            drop(receive);
            let start = Instant::now();
            send.eof().end().await.unwrap();
            assert_eq!(start.elapsed().as_secs(), seconds);
        }
    }
    law::<Server>().await;
    law::<Client>().await;
}

#[tokio::test(start_paused = true)]
async fn a_half_that_is_gone_is_noticed() {
    let ((mut send, receive), _peer) = halves::<Server>(1000);
    drop(receive);
    assert!(matches!(send.ended().await, Ok(Heard::Eof)));
    assert_eq!(send.eof().phase().code().get(), 1006);
}

#[tokio::test(start_paused = true)]
async fn a_transport_that_has_ended_is_noticed_while_the_half_that_receives_is_there() {
    let ((mut send, mut receive), peer) = halves::<Server>(1000);
    drop(peer);
    let error = receive.receive(&mut Inbox::new()).await.unwrap_err();
    assert!(matches!(error, Error::Eof));
    let heard = timeout(Duration::from_secs(60), send.ended()).await;
    assert!(matches!(heard, Ok(Ok(Heard::Eof))));
    drop(receive);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_never_closes_is_waited_for_as_long_as_it_has() {
    let (stream, _peer) = duplex(1000);
    let socket = Socket::new(Server::open(Limits::default()), Outbox::new(), stream);
    let socket = socket.close_timeout(Duration::from_secs(3));
    let (send, receive) = socket.split_with(split);
    let receive = tokio::spawn(hear_all(receive));
    let mut closing = send.close(CloseCode::NORMAL, CloseReason::default());
    let heard = timeout(Duration::from_secs(4), closing.ended()).await;
    let error = heard.unwrap().unwrap_err();
    assert!(matches!(error, Error::Transport(it) if it.kind() == ErrorKind::TimedOut));
    receive.abort();
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_was_heard_by_a_half_is_not_dead_when_they_become_one_again() {
    let (stream, mut peer) = duplex(1000);
    let socket = Socket::new(Server::open(Limits::default()), Outbox::new(), stream);
    let keepalive = Keepalive::default().idle_deadline(Duration::from_secs(60));
    let mut socket = socket.keepalive(keepalive);
    let mut inbox = Inbox::new();
    // A Ping is out when it is split.
    let pinged = timeout(Duration::from_secs(25), socket.receive(&mut inbox)).await;
    assert!(pinged.is_err());
    let (send, mut receive) = socket.split_with(split);
    sleep(Duration::from_secs(60)).await;
    let bytes = Server::from_peer(&[frame(0x8a, [0, 0, 0, 1]), frame(0x81, "alive")]);
    peer.write_all(&bytes).await.unwrap();
    for expected in [pong([0, 0, 0, 1]), text("alive")] {
        let event = receive.receive(&mut inbox).await.unwrap().unwrap();
        assert_eq!(heard(event), expected);
    }
    let mut socket = send.join_with(receive, |reads, writes| reads.unsplit(writes));
    let again = timeout(Duration::from_secs(5), socket.receive(&mut inbox)).await;
    assert!(again.is_err(), "{again:?}");
}

#[tokio::test(start_paused = true)]
async fn a_wait_for_the_end_that_is_dropped_loses_nothing() {
    let ((mut send, receive), mut peer) = halves::<Server>(1000);
    let moment = Duration::from_millis(1);
    assert!(tokio::time::timeout(moment, send.ended()).await.is_err());
    let receive = tokio::spawn(hear_all(receive));
    let input = [frame(0x89, "ping"), frame(0x88, "")];
    peer.write_all(&Server::from_peer(&input)).await.unwrap();
    sleep(moment).await;
    let mut closing = send.close(CloseCode::NORMAL, CloseReason::default());
    let Ok(Heard::Close(close)) = closing.ended().await else {
        panic!("it ends with a Close");
    };
    let mut closed = closing.finish(close);
    assert!(closed.end().await.unwrap().is_clean());
    drop((closed, receive.await.unwrap()));
    let mut answer = Vec::new();
    peer.read_to_end(&mut answer).await.unwrap();
    let sent = [frame(0x88, [3, 0xe8]), frame(0x8a, "ping")];
    assert_eq!(Wire(answer), frames(&sent));
}

#[tokio::test(start_paused = true)]
async fn halves_become_one_again() {
    let ((mut send, mut receive), mut peer) = halves::<Server>(1000);
    let mut inbox = Inbox::new();
    let bytes = Server::from_peer(&[frame(0x89, "owed"), frame(0x81, "text")]);
    peer.write_all(&bytes[..bytes.len() - 1]).await.unwrap();
    let event = receive.receive(&mut inbox).await.unwrap().unwrap();
    assert_eq!(heard(event), ping("owed"));
    send.feed_text("first").await.unwrap();
    let mut socket = send.join_with(receive, |reads, writes| reads.unsplit(writes));
    peer.write_all(&bytes[bytes.len() - 1..]).await.unwrap();
    assert_eq!(
        heard(socket.receive(&mut inbox).await.unwrap()),
        text("text")
    );
    socket.send_text("second").await.unwrap();
    drop(socket);
    let mut answer = Vec::new();
    peer.read_to_end(&mut answer).await.unwrap();
    // What is owed goes out first where the half that sends does anything.
    let sent = [
        frame(0x8a, "owed"),
        frame(0x81, "first"),
        frame(0x81, "second"),
    ];
    assert_eq!(Wire(answer), frames(&sent));
}

#[tokio::test(start_paused = true)]
async fn the_high_water_mark_is_that_of_the_socket() {
    let (stream, _peer) = duplex(1);
    let socket = Socket::new(Server::open(Limits::default()), Outbox::new(), stream);
    let (mut send, _receive) = socket.high_water_mark(100).split_with(split);
    let moment = Duration::from_millis(1);
    let mut fed = 0;
    while let Ok(result) = tokio::time::timeout(moment, send.feed_binary(&[0; 18])).await {
        result.unwrap();
        fed += 1;
    }
    // 20 bytes each, one of which is in the pipe: the one that finds 100 or less waiting is the last.
    assert_eq!(fed, 6);
}
