//! The tokio driver: over transports that follow a script and are polled by hand, and over pipes of
//! tokio with paused time.
#![cfg(feature = "tokio")]

mod common;

use std::collections::VecDeque;
use std::io::{self, ErrorKind, IoSlice};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use common::{
    End, Frame, Heard, KEY, Wire, binary, close, frame, parse, ping, pong, text, unmasked,
};
use futures_util::{SinkExt, StreamExt};
use tokio::io::{
    AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf, duplex,
};
use tokio::time::Instant;
use wsproto::tokio::{Answer, Message, Socket, accept, receive_request};
use wsproto::{
    Acceptance, Broadcast, Client, CloseCode, CloseReason, Closed, Delivery, Error, Event,
    ExtraHeaders, HandshakeError, Handshaking, Inbox, Keepalive, Limits, Listening, Open, Outbox,
    RejectStatus, Request, Server, Violation,
};

/// What a read finds. At the end of the script nothing comes.
enum Found {
    Pending,
    Bytes(Vec<u8>),
    Fails(ErrorKind),
    Eof,
}

/// What becomes of a write, a flush or a shutdown. At the end of the script all is taken.
#[derive(Clone, Copy)]
enum Taken {
    Pending,
    Some(usize),
    Fails(ErrorKind),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Call {
    Read,
    Write,
    Flush,
    Shutdown,
}

/// A transport that does what it is told, and remembers what was done to it. It wakes nobody: its
/// futures are polled by hand.
#[derive(Default)]
struct Script {
    reads: VecDeque<Found>,
    writes: VecDeque<Taken>,
    written: Vec<u8>,
    /// What was done and did not have to wait.
    calls: Vec<Call>,
    /// Slices that each vectored write had.
    slices: Option<Vec<usize>>,
}

impl Script {
    fn comes_to(&mut self, call: Call, len: usize) -> Poll<io::Result<usize>> {
        let taken = match self.writes.pop_front() {
            Some(Taken::Pending) => return Poll::Pending,
            Some(Taken::Fails(kind)) => Err(kind.into()),
            Some(Taken::Some(most)) => Ok(len.min(most)),
            None => Ok(len),
        };
        self.calls.push(call);
        Poll::Ready(taken)
    }
}

impl AsyncRead for Script {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        space: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let result = match self.reads.pop_front() {
            None | Some(Found::Pending) => return Poll::Pending,
            Some(Found::Fails(kind)) => Err(kind.into()),
            Some(Found::Eof) => {
                self.reads.push_front(Found::Eof);
                Ok(())
            }
            Some(Found::Bytes(mut bytes)) => {
                let len = bytes.len().min(space.remaining());
                space.put_slice(&bytes[..len]);
                if len < bytes.len() {
                    self.reads.push_front(Found::Bytes(bytes.split_off(len)));
                }
                Ok(())
            }
        };
        self.calls.push(Call::Read);
        Poll::Ready(result)
    }
}

impl AsyncWrite for Script {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let taken = self.comes_to(Call::Write, bytes.len());
        if let Poll::Ready(Ok(len)) = taken {
            self.written.extend(&bytes[..len]);
        }
        taken
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let lens = self.slices.as_mut().expect("it is not vectored");
        lens.extend(slices.iter().map(|it| it.len()));
        let bytes: Vec<u8> = slices.iter().flat_map(|it| it.iter().copied()).collect();
        self.poll_write(cx, &bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.slices.is_some()
    }

    fn poll_flush(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.comes_to(Call::Flush, 0).map_ok(|_| ())
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.comes_to(Call::Shutdown, 0).map_ok(|_| ())
    }
}

fn script(reads: impl IntoIterator<Item = Found>) -> Script {
    Script {
        reads: reads.into_iter().collect(),
        ..Script::default()
    }
}

/// An open connection over a transport.
fn open<R: End, S>(stream: S) -> Socket<Open<R>, S> {
    Socket::new(R::open(Limits::default()), Outbox::new(), stream)
}

/// The socket with its script changed.
fn with<P>(socket: Socket<P, Script>, change: impl FnOnce(&mut Script)) -> Socket<P, Script> {
    let (phase, outbox, mut script) = socket.into_parts();
    change(&mut script);
    Socket::new(phase, outbox, script)
}

/// Polls a future so often, and drops it.
fn polled<T>(times: usize, future: impl Future<Output = T>) -> Poll<T> {
    let mut future = pin!(future);
    for _ in 0..times {
        let polled = future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()));
        if polled.is_ready() {
            return polled;
        }
    }
    Poll::Pending
}

/// Polls a future to its end, which a script comes to.
fn done<T>(future: impl Future<Output = T>) -> T {
    match polled(100_000, future) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it waits for ever"),
    }
}

fn is_pending<T>(future: impl Future<Output = T>) -> bool {
    polled(1, future).is_pending()
}

fn frames(frames: &[Frame]) -> Wire {
    Wire(frames.iter().flat_map(|frame| frame.bytes(None)).collect())
}

fn wire<R: End, P>(socket: &Socket<P, Script>) -> Wire {
    unmasked::<R>(&socket.stream().written)
}

fn from_peer<R: End>(frames: &[Frame]) -> Found {
    Found::Bytes(R::from_peer(frames))
}

/// An event, owned.
fn heard<D: Delivery>(event: Event<'_, D>) -> Heard {
    match event {
        Event::Text(it) => text(&*it),
        Event::Binary(it) => binary(&*it),
        Event::Ping(it) => ping(it),
        Event::Pong(it) => pong(it),
        Event::Close(it) => close(it.code().get(), it.reason()),
    }
}

fn is(error: &Error, kind: ErrorKind) -> bool {
    matches!(error, Error::Transport(error) if error.kind() == kind)
}

#[test]
fn what_one_read_brought_is_answered_in_one_write() {
    fn law<R: End>() {
        let messages: Vec<Frame> = (0..100).map(|n| frame(0x81, format!("{n}"))).collect();
        let mut socket = open::<R, _>(script([from_peer::<R>(&messages)]));
        let mut inbox = Inbox::new();
        while let Poll::Ready(event) = polled(1, socket.receive(&mut inbox)) {
            match event.unwrap() {
                // The event is lent still: an echo takes no copy.
                Event::Text(text) => done(socket.feed_text(&text)).unwrap(),
                other => panic!("{other:?}"),
            }
        }
        let calls = [Call::Read, Call::Write, Call::Flush];
        assert_eq!(socket.stream().calls, calls);
        assert_eq!(wire::<R, _>(&socket), frames(&messages));
    }
    law::<Server>();
    law::<Client>();
}

#[test]
fn a_send_is_written_before_it_returns_and_a_feed_waits() {
    let mut socket = open::<Server, _>(script([]));
    done(socket.send_text("text")).unwrap();
    assert_eq!(socket.stream().calls, [Call::Write, Call::Flush]);
    done(socket.feed_text("a")).unwrap();
    done(socket.feed_binary(b"b")).unwrap();
    done(socket.feed_bytes(Bytes::from_static(b"c"))).unwrap();
    done(socket.feed_broadcast(&Broadcast::text("d"))).unwrap();
    assert_eq!(socket.stream().calls.len(), 2);
    done(socket.ping("e".try_into().unwrap())).unwrap();
    assert_eq!(socket.stream().calls[2..], [Call::Write, Call::Flush]);
    done(socket.send_binary(b"f")).unwrap();
    done(socket.send_bytes(Bytes::from_static(b"g"))).unwrap();
    done(socket.send_broadcast(&Broadcast::binary(b"h"))).unwrap();
    done(socket.pong("i".try_into().unwrap())).unwrap();
    assert_eq!(socket.stream().calls.len(), 12);
    let sent = [
        frame(0x81, "text"),
        frame(0x81, "a"),
        frame(0x82, "b"),
        frame(0x82, "c"),
        frame(0x81, "d"),
        frame(0x89, "e"),
        frame(0x82, "f"),
        frame(0x82, "g"),
        frame(0x82, "h"),
        frame(0x8a, "i"),
    ];
    assert_eq!(wire::<Server, _>(&socket), frames(&sent));
    // Nothing waits, so there is nothing to flush.
    done(socket.flush()).unwrap();
    assert_eq!(socket.stream().calls.len(), 12);
}

#[test]
fn what_waits_goes_out_while_an_event_is_waited_for() {
    let mut socket = open::<Server, _>(script([]));
    socket = with(socket, |script| {
        script.writes = [Taken::Pending, Taken::Some(1), Taken::Pending].into();
    });
    done(socket.feed_text("text")).unwrap();
    let mut inbox = Inbox::new();
    for written in [0, 1, 6] {
        assert!(is_pending(socket.receive(&mut inbox)));
        assert_eq!(socket.stream().written.len(), written);
    }
}

#[test]
fn a_peer_that_does_not_read_is_heard_nevertheless() {
    let mut socket = open::<Server, _>(script([from_peer::<Server>(&[frame(0x81, "text")])]));
    socket = with(socket, |script| script.writes = [Taken::Pending; 9].into());
    done(socket.feed_binary(&[0; 1 << 20])).unwrap();
    let mut inbox = Inbox::new();
    let event = polled(1, socket.receive(&mut inbox));
    assert!(matches!(event, Poll::Ready(Ok(Event::Text(_)))));
}

#[test]
fn a_send_waits_while_more_than_the_high_water_mark_waits() {
    let socket = open::<Server, _>(script([])).high_water_mark(1000);
    let mut blocked = socket;
    let (phase, outbox, mut stream) = blocked.into_parts();
    stream.writes = [Taken::Pending; 100].into();
    blocked = Socket::new(phase, outbox, stream).high_water_mark(1000);
    let mut fed = 0;
    while !is_pending(blocked.feed_binary(&[7; 96])) {
        fed += 1;
    }
    // 98 bytes each: the one that finds 1 000 or less waiting is the last.
    assert_eq!(fed, 11);
    assert!(is_pending(blocked.send_text("text")));
    assert!(is_pending(blocked.ping("ping".try_into().unwrap())));
    // None of those that waited was taken.
    let (_, outbox, _) = blocked.into_parts();
    assert_eq!(outbox.len(), 11 * 98);

    // By default it is 256 KiB.
    let mut blocked = with(open::<Server, _>(script([])), |script| {
        script.writes = [Taken::Pending; 1000].into();
    });
    let mut fed = 0;
    while !is_pending(blocked.feed_binary(&[7; 1020])) {
        fed += 1;
    }
    assert_eq!(fed, 257);
}

#[test]
fn a_large_shared_payload_goes_out_in_one_vectored_write() {
    let mut socket = with(open::<Server, _>(script([])), |script| {
        script.slices = Some(Vec::new());
    });
    done(socket.send_bytes(Bytes::from(vec![7; 100_000]))).unwrap();
    assert_eq!(socket.stream().slices, Some(vec![10, 100_000]));
    assert_eq!(socket.stream().calls, [Call::Write, Call::Flush]);
}

#[test]
fn a_large_owned_text_is_not_copied_by_the_sink() {
    let mut script = script([]);
    script.slices = Some(Vec::new());
    let text = "x".repeat(100_000);
    let mut messages = open::<Server, _>(&mut script).messages(Inbox::new());
    done(messages.send("short".into())).unwrap();
    done(messages.send(text.clone().into())).unwrap();
    drop(messages);
    // The short one went alone, which is no vectored write.
    assert_eq!(script.slices, Some(vec![10, 100_000]));
    let expected = [frame(0x81, "short"), frame(0x81, &text)];
    assert_eq!(unmasked::<Server>(&script.written), frames(&expected));
}

#[test]
fn a_large_message_is_not_copied_as_far_as_the_transport_takes_it() {
    let vectored = || {
        with(open::<Server, _>(script([])), |script| {
            script.slices = Some(Vec::new());
        })
    };
    let message = vec![b'x'; 100_000];
    let text = str::from_utf8(&message).unwrap();
    let expected = frames(&[
        frame(0x81, "before"),
        frame(0x82, &message),
        frame(0x81, text),
    ]);
    let mut socket = vectored();
    done(socket.feed_text("before")).unwrap();
    done(socket.feed_binary(&message)).unwrap();
    done(socket.feed_text(text)).unwrap();
    // What waits, with the header, and the payload.
    assert_eq!(socket.stream().slices, Some(vec![18, 100_000, 10, 100_000]));
    assert_eq!(socket.stream().calls, [Call::Write, Call::Write]);
    assert_eq!(wire::<Server, _>(&socket), expected);
    // The transport has it, and may hold it back: that is what a flush is for.
    done(socket.flush()).unwrap();
    assert_eq!(socket.stream().calls[2..], [Call::Flush]);

    // Whatever becomes of each write, and wherever: all goes out, once.
    for first in [0, 1, 8, 9, 18, 20, 5000, 100_017] {
        for then in [
            vec![],
            vec![Taken::Pending],
            vec![Taken::Some(3), Taken::Pending],
            vec![Taken::Fails(ErrorKind::Interrupted)],
            vec![Taken::Some(0)],
        ] {
            let writes = [Taken::Some(first)].into_iter().chain(then).collect();
            let mut socket = with(vectored(), |script| script.writes = writes);
            done(socket.feed_text("before")).unwrap();
            done(socket.feed_binary(&message)).unwrap();
            done(socket.feed_text(text)).unwrap();
            let _ = polled(1, socket.flush());
            socket = with(socket, |script| script.writes.clear());
            done(socket.flush()).unwrap();
            assert!(wire::<Server, _>(&socket) == expected, "{first}");
        }
    }
}

#[test]
fn a_header_does_not_go_by_itself_where_writes_are_not_vectored() {
    let mut socket = open::<Server, _>(script([]));
    done(socket.send_binary(&[7; 100_000])).unwrap();
    assert_eq!(socket.stream().calls, [Call::Write, Call::Flush]);
    assert_eq!(socket.stream().written.len(), 100_010);
}

#[test]
fn a_transport_that_takes_nothing_is_an_error() {
    let mut socket = with(open::<Server, _>(script([])), |script| {
        script.writes = [Taken::Some(0)].into();
    });
    let error = done(socket.send_text("text")).unwrap_err();
    assert!(is(&error, ErrorKind::WriteZero), "{error}");
    for kind in [ErrorKind::BrokenPipe, ErrorKind::ConnectionReset] {
        socket = with(socket, |script| script.writes = [Taken::Fails(kind)].into());
        let error = done(socket.flush()).unwrap_err();
        assert!(is(&error, kind), "{error}");
    }
}

#[test]
fn what_the_peer_said_before_it_was_gone_is_heard_where_writes_fail() {
    for gone in [ErrorKind::BrokenPipe, ErrorKind::ConnectionReset] {
        for last in [
            Found::Eof,
            Found::Pending,
            Found::Fails(ErrorKind::TimedOut),
        ] {
            let reads = [
                from_peer::<Server>(&[frame(0x81, "one"), frame(0x01, "tw")]),
                from_peer::<Server>(&[frame(0x80, "o")]),
                last,
            ];
            let mut socket = with(open::<Server, _>(script(reads)), |script| {
                script.writes = [Taken::Fails(gone); 3].into();
            });
            done(socket.feed_text("never read")).unwrap();
            let mut inbox = Inbox::new();
            for expected in ["one", "two"] {
                let event = heard(done(socket.receive(&mut inbox)).unwrap());
                assert_eq!(event, text(expected));
            }
            let error = done(socket.receive(&mut inbox)).unwrap_err();
            assert!(is(&error, gone), "{error}");
        }
        let close_frame = from_peer::<Server>(&[frame(0x88, b"\x03\xe9bye")]);
        let mut socket = with(open::<Server, _>(script([close_frame])), |script| {
            script.writes = [Taken::Fails(gone); 2].into();
        });
        assert!(is(&done(socket.send_text("never read")).unwrap_err(), gone));
        let mut inbox = Inbox::new();
        let event = heard(done(socket.receive(&mut inbox)).unwrap());
        assert_eq!(event, close(1001, "bye"));
    }
}

/// Each byte by itself, and a wait before each.
fn one_by_one(bytes: &[u8]) -> impl Iterator<Item = Found> + use<> {
    let steps = bytes
        .iter()
        .flat_map(|byte| [Found::Pending, Found::Bytes(vec![*byte])]);
    steps.collect::<Vec<_>>().into_iter()
}

/// A wait before each byte that is written, and before each flush and shutdown.
fn reluctant(steps: usize) -> VecDeque<Taken> {
    let steps = [Taken::Pending, Taken::Some(1)]
        .into_iter()
        .cycle()
        .take(steps);
    steps.collect()
}

/// Repeats a future that is cancel safe, dropping it after so many polls each time.
macro_rules! dropped_after {
    ($times:expr, $future:expr) => {
        loop {
            if let Poll::Ready(result) = polled($times, $future) {
                break result;
            }
        }
    };
}

#[test]
fn nothing_is_lost_where_futures_are_dropped_at_every_await_point() {
    fn law<R: End>(times: usize) {
        let input = R::from_peer(&[
            frame(0x81, "text"),
            frame(0x01, "frag"),
            frame(0x89, "ping"),
            frame(0x80, "ments"),
            frame(0x82, [1; 300]),
            frame(0x88, b"\x03\xe8"),
        ]);
        let reads = one_by_one(&input).chain([Found::Pending, Found::Eof]);
        let mut socket = with(open::<R, _>(script(reads)), |script| {
            script.writes = reluctant(2000);
        });
        let mut inbox = Inbox::new();
        let mut all = Vec::new();
        let close = loop {
            let event = loop {
                // Polonius would see that the loan ends: today's borrow checker wants two steps.
                if let Poll::Ready(result) = polled(times, socket.receive(&mut inbox)) {
                    break match result.unwrap() {
                        Event::Close(close) => Err(close),
                        event => Ok(heard(event)),
                    };
                }
            };
            match event {
                Ok(event) => all.push(event),
                Err(close) => break close,
            }
            dropped_after!(times, socket.feed_text("answer")).unwrap();
        };
        let expected = [
            text("text"),
            ping("ping"),
            text("fragments"),
            binary([1; 300]),
        ];
        assert_eq!(all, expected, "{} {times}", R::NAME);
        dropped_after!(times, socket.flush()).unwrap();
        let mut streaming = socket.start_binary();
        dropped_after!(times, streaming.feed_fragment(b"piece")).unwrap();
        let mut closed = streaming.finish(b"").acknowledge(close);
        assert!(dropped_after!(times, closed.end()).unwrap().is_clean());
        // Each message once, and the pong where it was owed.
        let mut sent: Vec<Frame> = vec![frame(0x81, "answer"); 4];
        sent.insert(1, frame(0x8a, "ping"));
        sent.extend([
            frame(0x02, "piece"),
            frame(0x80, ""),
            frame(0x88, b"\x03\xe8"),
        ]);
        assert_eq!(wire::<R, _>(&closed), frames(&sent), "{} {times}", R::NAME);
        let shutdowns = closed.stream().calls.iter();
        let shutdowns = shutdowns.filter(|it| **it == Call::Shutdown).count();
        assert_eq!(shutdowns, usize::from(R::NAME == "server"));
    }
    // Timers are made where nobody reads: a runtime has to be there, and its time does not pass.
    paused(|| {
        for times in [1, 2, 3, 7] {
            law::<Server>(times);
            law::<Client>(times);
        }
    });
}

/// Runs where there is a runtime whose time is paused.
fn paused(run: impl FnOnce()) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let _guard = runtime.enter();
    run();
}

#[test]
fn a_send_that_is_dropped_leaves_no_frame_cut_and_no_message_twice() {
    for times in 1..40 {
        let mut socket = with(open::<Client, _>(script([])), |script| {
            script.writes = reluctant(200);
        });
        let first = polled(times, socket.send_text("first"));
        done(socket.send_text("second")).unwrap();
        let sent: Vec<_> = parse::<Client>(&socket.stream().written)
            .into_iter()
            .map(|frame| String::from_utf8(frame.payload).unwrap())
            .collect();
        assert_eq!(sent, ["first", "second"], "{times} {first:?}");
    }
}

#[test]
fn a_feed_has_taken_its_message_when_it_returns_and_not_before() {
    let (phase, outbox, mut stream) = open::<Server, _>(script([])).into_parts();
    stream.writes = [Taken::Pending, Taken::Pending, Taken::Pending].into();
    let mut socket = Socket::new(phase, outbox, stream).high_water_mark(0);
    done(socket.feed_text("1")).unwrap();
    for _ in 0..3 {
        assert!(is_pending(socket.feed_text("2")));
    }
    done(socket.feed_text("2")).unwrap();
    done(socket.flush()).unwrap();
    let sent = [frame(0x81, "1"), frame(0x81, "2")];
    assert_eq!(wire::<Server, _>(&socket), frames(&sent));
}

#[test]
fn a_violation_is_told_to_the_peer_once_and_nothing_follows_it() {
    fn law<R: End>(times: usize) {
        // The second row is found only where the text is lent.
        for (bad, violation, code) in [
            (frame(0x83, ""), Violation::ReservedOpcode, [3, 0xea]),
            (frame(0x81, b"\xff"), Violation::InvalidUtf8, [3, 0xef]),
        ] {
            let told = frames(&[frame(0x88, code)]);
            let input = [bad, frame(0x81, "never heard"), frame(0x89, "")];
            let reads = [from_peer::<R>(&input), Found::Pending, Found::Eof];
            let mut socket = with(open::<R, _>(script(reads)), |script| {
                script.writes = reluctant(60);
            });
            let mut inbox = Inbox::new();
            for _ in 0..2 {
                let error = loop {
                    if let Poll::Ready(result) = polled(times, socket.receive(&mut inbox)) {
                        break result.unwrap_err();
                    }
                };
                assert!(
                    matches!(error, Error::Violation(it) if it == violation),
                    "{error}"
                );
                // All is done with the transport that RFC 6455 7.1.1 wants.
                assert_eq!(wire::<R, _>(&socket), told, "{violation}");
                let ended = socket.stream().calls.contains(&Call::Shutdown);
                assert_eq!(ended, R::NAME == "server");
            }
            for result in [
                done(socket.send_text("text")),
                done(socket.feed_binary(b"bytes")),
                done(socket.ping("".try_into().unwrap())),
            ] {
                assert!(matches!(result, Err(Error::Violation(it)) if it == violation));
            }
            let mut streaming = socket.start_text();
            assert!(done(streaming.write("text")).is_err());
            let mut closed = streaming.finish("text").fail(violation);
            let end = done(closed.end()).unwrap();
            assert_eq!(end.violation(), Some(violation));
            assert_eq!(wire::<R, _>(&closed), told, "{violation}");
        }
        // Nor does a Close, by another way.
        let reads = [from_peer::<R>(&[frame(0x83, "")]), Found::Eof];
        let mut socket = open::<R, _>(script(reads));
        done(socket.receive(&mut Inbox::new())).unwrap_err();
        let mut closing = socket.close(CloseCode::NORMAL, CloseReason::default());
        done(closing.flush()).unwrap();
        assert_eq!(wire::<R, _>(&closing), frames(&[frame(0x88, [3, 0xea])]));
    }
    paused(|| {
        for times in [1, 2, 1000] {
            law::<Server>(times);
            law::<Client>(times);
        }
    });
}

#[test]
fn a_violation_is_told_where_the_transport_fails_too() {
    let reads = [from_peer::<Server>(&[frame(0x83, "")])];
    let mut socket = with(open::<Server, _>(script(reads)), |script| {
        script.writes = [Taken::Fails(ErrorKind::BrokenPipe)].into();
    });
    let error = done(socket.receive(&mut Inbox::new())).unwrap_err();
    assert!(matches!(error, Error::Violation(Violation::ReservedOpcode)));
}

#[test]
fn an_end_without_a_close_is_an_error_and_1006() {
    for input in [&[0x81][..], &[0x01, 0x80, 0, 0, 0, 0]] {
        let reads = [Found::Bytes(input.to_vec()), Found::Eof];
        let mut socket = open::<Server, _>(script(reads));
        let error = done(socket.receive(&mut Inbox::new())).unwrap_err();
        assert!(matches!(error, Error::Eof), "{error}");
        let closed = socket.eof();
        assert_eq!(closed.phase().code().get(), 1006);
        assert!(!closed.phase().is_clean());
    }
    let mut socket = open::<Server, _>(script([Found::Fails(ErrorKind::ConnectionReset)]));
    let error = done(socket.receive(&mut Inbox::new())).unwrap_err();
    assert!(is(&error, ErrorKind::ConnectionReset), "{error}");
}

#[test]
fn behind_a_close_nothing_is_waited_for() {
    let input = [frame(0x88, ""), frame(0x81, "a")];
    let mut socket = open::<Server, _>(script([from_peer::<Server>(&input)]));
    let mut inbox = Inbox::new();
    assert_eq!(
        heard(done(socket.receive(&mut inbox)).unwrap()),
        close(1005, "")
    );
    let error = done(socket.receive(&mut inbox)).unwrap_err();
    assert!(matches!(error, Error::Eof), "{error}");
    assert!(socket.eof().phase().is_clean());
}

/// An acknowledgement of the Close that is there to read, with what follows it.
fn acknowledged<R: End>(reads: impl IntoIterator<Item = Found>) -> Socket<Closed<R>, Script> {
    let close = [from_peer::<R>(&[frame(0x88, "")])];
    let mut socket = open::<R, _>(script(close.into_iter().chain(reads)));
    match done(socket.receive(&mut Inbox::new())).unwrap() {
        Event::Close(close) => socket.acknowledge(close),
        other => panic!("{other:?}"),
    }
}

#[test]
fn rfc6455_7_1_1_a_server_ends_its_side_and_then_discards_what_comes() {
    let rest = [Found::Bytes(vec![0; 10_000]), Found::Eof];
    let mut closed = acknowledged::<Server>(rest);
    done(closed.end()).unwrap();
    let calls = [Call::Read, Call::Write, Call::Flush, Call::Shutdown];
    assert_eq!(closed.stream().calls[..4], calls);
    assert_eq!(closed.stream().calls[4..], [Call::Read; 4]);
    assert_eq!(wire::<Server, _>(&closed), frames(&[frame(0x88, "")]));

    // A client waits for the server to end.
    let mut closed = acknowledged::<Client>([Found::Eof]);
    done(closed.end()).unwrap();
    let calls = [Call::Read, Call::Write, Call::Flush, Call::Read];
    assert_eq!(closed.stream().calls, calls);
}

#[test]
fn a_peer_that_sends_for_ever_does_not_keep_the_transport() {
    let much = (0..1000).map(|_| Found::Bytes(vec![0; 64 << 10]));
    let mut closed = acknowledged::<Server>(much);
    done(closed.end()).unwrap();
    assert_eq!(closed.stream().calls[4..], [Call::Read; 256]);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_is_silent_is_waited_for_a_second() {
    async fn law<R: End>() {
        let (stream, mut peer) = duplex(1000);
        let mut socket = open::<R, _>(stream);
        let close = frame(0x88, "").bytes(R::KEY);
        peer.write_all(&close).await.unwrap();
        let Ok(Event::Close(close)) = socket.receive(&mut Inbox::new()).await else {
            panic!("a Close");
        };
        let start = Instant::now();
        socket.acknowledge(close).end().await.unwrap();
        assert_eq!(start.elapsed().as_secs(), 1, "{}", R::NAME);
        let mut answer = Vec::new();
        peer.read_to_end(&mut answer).await.unwrap();
        assert_eq!(unmasked::<R>(&answer), frames(&[frame(0x88, "")]));
    }
    law::<Server>().await;
    law::<Client>().await;
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_never_closes_is_waited_for_as_long_as_it_has() {
    for (timeout, seconds) in [(None, 10), (Some(Duration::from_secs(3)), 3)] {
        for floods in [false, true] {
            let (stream, mut peer) = duplex(1 << 10);
            let mut socket = open::<Server, _>(stream);
            if let Some(timeout) = timeout {
                socket = socket.close_timeout(timeout);
            }
            let flood = tokio::spawn(async move {
                let ping = frame(0x81, [b'a'; 100]).bytes(Some(KEY));
                while floods && peer.write_all(&ping).await.is_ok() {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                std::future::pending::<DuplexStream>().await;
                drop(peer);
            });
            let start = Instant::now();
            let mut closing = socket.close(CloseCode::NORMAL, CloseReason::default());
            let error = closing.receive_close(&mut Inbox::new()).await.unwrap_err();
            assert!(is(&error, ErrorKind::TimedOut), "{error}");
            assert_eq!(start.elapsed().as_secs(), seconds);
            flood.abort();
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_does_not_read_our_last_words_has_as_long() {
    let (stream, peer) = duplex(10);
    let mut socket = open::<Server, _>(stream);
    socket.feed_binary(&[0; 1000]).await.unwrap();
    let start = Instant::now();
    let error = socket.eof().end().await.map(|_| ()).unwrap_err();
    assert!(is(&error, ErrorKind::TimedOut), "{error}");
    assert_eq!(start.elapsed().as_secs(), 10);
    drop(peer);
}

#[test]
fn the_closing_handshake_delivers_and_answers_pings_to_its_end() {
    paused(|| {
        let input = [
            frame(0x81, "late"),
            frame(0x89, "p"),
            frame(0x88, b"\x03\xe8bye"),
        ];
        let reads = one_by_one(&Client::from_peer(&input)).chain([Found::Eof]);
        let socket = open::<Client, _>(script(reads));
        let mut closing = socket.close(CloseCode::NORMAL, CloseReason::from_static("enough"));
        assert!(
            closing.stream().calls.is_empty(),
            "a transition does no I/O"
        );
        let mut inbox = Inbox::new();
        let late = heard(done(closing.receive(&mut inbox)).unwrap());
        assert_eq!(late, text("late"));
        let close = dropped_after!(1, closing.receive_close(&mut inbox)).unwrap();
        let mut closed = closing.finish(close);
        let end = done(closed.end()).unwrap();
        assert!(end.is_clean());
        assert_eq!((end.code().get(), end.reason()), (1000, "bye"));
        let sent = frames(&[frame(0x88, b"\x03\xe8enough"), frame(0x8a, "p")]);
        assert_eq!(wire::<Client, _>(&closed), sent);
    });
}

#[test]
fn a_message_goes_out_and_comes_in_piece_by_piece() {
    let input = [frame(0x01, "Hel"), frame(0x89, "p"), frame(0x80, "lo")];
    let mut streaming = open::<Client, _>(script([from_peer::<Client>(&input)])).start_text();
    done(streaming.write("to be ")).unwrap();
    assert_eq!(streaming.stream().calls, [Call::Write, Call::Flush]);
    // It receives meanwhile.
    let mut inbox = Inbox::chunks();
    let mut pieces = Vec::new();
    for _ in 0..3 {
        match done(streaming.receive(&mut inbox)).unwrap() {
            Event::Text(piece) => pieces.push((piece.to_string(), piece.message_finished())),
            Event::Ping(_) => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(pieces, [("Hel".into(), false), ("lo".into(), true)]);
    done(streaming.ping("q".try_into().unwrap())).unwrap();
    done(streaming.pong("r".try_into().unwrap())).unwrap();
    let mut socket = streaming.finish("continued");
    done(socket.flush()).unwrap();
    let sent = [
        frame(0x01, "to be "),
        frame(0x8a, "p"),
        frame(0x89, "q"),
        frame(0x8a, "r"),
        frame(0x80, "continued"),
    ];
    assert_eq!(wire::<Client, _>(&socket), frames(&sent));
}

const REQUEST: &str = "GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: superchat, chat\r\n\r\n";

#[test]
fn a_request_is_looked_at_and_accepted_and_frames_behind_it_are_kept() {
    let mut bytes = REQUEST.as_bytes().to_vec();
    bytes.extend(Server::from_peer(&[frame(0x81, "early")]));
    for reads in [
        vec![Found::Bytes(bytes.clone())],
        one_by_one(&bytes).collect(),
    ] {
        let mut inbox = Inbox::new();
        let request = receive_request(script(reads), Limits::default(), &mut inbox);
        let requested = done(request).unwrap();
        assert_eq!(requested.phase().target(), "/chat");
        let chat = requested.phase().choose_subprotocol(&["chat"]);
        let mut socket = requested.accept(Acceptance::default().subprotocol(chat));
        assert!(
            socket.stream().written.is_empty(),
            "a transition does no I/O"
        );
        assert_eq!(
            heard(done(socket.receive(&mut inbox)).unwrap()),
            text("early")
        );
        done(socket.flush()).unwrap();
        let written = std::str::from_utf8(&socket.stream().written).unwrap();
        assert!(written.starts_with("HTTP/1.1 101 ") && written.contains("Protocol: chat\r\n"));
    }
}

#[test]
fn a_request_is_rejected_with_a_body_whole_or_in_pieces() {
    let requested = || {
        let reads = script([Found::Bytes(REQUEST.into()), Found::Eof]);
        done(receive_request(reads, Limits::default(), &mut Inbox::new())).unwrap()
    };
    let headers = ExtraHeaders::new();
    let mut whole = requested().reject(RejectStatus::NOT_FOUND, &headers, b"not here");
    assert_eq!(done(whole.end()).unwrap().status(), 404);
    let written = std::str::from_utf8(&whole.stream().written).unwrap();
    assert!(written.starts_with("HTTP/1.1 404 ") && written.ends_with("\r\n\r\nnot here"));

    let mut rejecting = requested().start_reject(RejectStatus::NOT_FOUND, &headers);
    done(rejecting.write(b"not ")).unwrap();
    assert!(rejecting.stream().written.ends_with(b"4\r\nnot \r\n"));
    let mut rejected = rejecting.finish();
    done(rejected.end()).unwrap();
    assert!(rejected.stream().written.ends_with(b"\r\n0\r\n\r\n"));
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_none_is_refused_and_told_why() {
    let (stream, mut client) = duplex(1 << 16);
    client
        .write_all(b"POST / HTTP/1.1\r\nHost: a\r\n\r\nbody")
        .await
        .unwrap();
    let error = accept(stream, &mut Inbox::new()).await.unwrap_err();
    assert!(
        matches!(error, Error::Handshake(HandshakeError::MethodNotGet)),
        "{error}"
    );
    let mut answer = Vec::new();
    client.read_to_end(&mut answer).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 405 "));

    for part in [0, 1, 100] {
        let reads = script([Found::Bytes(REQUEST[..part].into()), Found::Eof]);
        let error = accept(reads, &mut Inbox::new()).await.unwrap_err();
        assert!(
            matches!(error, Error::Handshake(HandshakeError::EarlyEof)),
            "{error}"
        );
    }
}

fn request() -> Request {
    let request = Request::new("127.0.0.1", "/chat").unwrap();
    request.subprotocols(&["superchat", "chat"]).unwrap()
}

/// A client that has sent its request, over this script.
fn asking(reads: impl IntoIterator<Item = Found>) -> Socket<Handshaking<Client>, Script> {
    let mut outbox = Outbox::new();
    let limits = Limits::default();
    let phase = Handshaking::<Client>::start_with(&request(), limits, [7; 32], &mut outbox);
    Socket::new(phase, outbox, script(reads))
}

#[test]
fn a_refusal_says_why_piece_by_piece() {
    let head = b"HTTP/1.1 403 Forbidden\r\n";
    let body = b"Transfer-Encoding: chunked\r\n\r\n3\r\nnot\r\n5\r\n here\r\n0\r\n\r\n";
    let reads = one_by_one(&[&head[..], body].concat());
    let mut inbox = Inbox::new();
    let answer = done(asking(reads).receive_answer(&mut inbox)).unwrap();
    let Answer::Rejected(mut rejected) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!(rejected.phase().status(), 403);
    let mut body = Vec::new();
    while dropped_after!(1, rejected.receive_body(&mut inbox, &mut body)).unwrap() {}
    assert_eq!(body, b"not here");

    // Until the end of the transport, and cut short by it.
    for (head, is_whole) in [("", true), ("Content-Length: 9\r\n", false)] {
        let bytes = format!("HTTP/1.1 403 Forbidden\r\n{head}\r\nnot here");
        let reads = [Found::Bytes(bytes.into()), Found::Eof];
        let answer = done(asking(reads).receive_answer(&mut inbox)).unwrap();
        let Answer::Rejected(mut rejected) = answer else {
            panic!("{answer:?}");
        };
        let mut body = Vec::new();
        assert!(done(rejected.receive_body(&mut inbox, &mut body)).unwrap());
        assert_eq!(body, b"not here");
        let end = done(rejected.receive_body(&mut inbox, &mut body));
        assert_eq!(end.is_ok_and(|more| !more), is_whole);
    }
}

#[test]
#[cfg(feature = "getrandom")]
fn connect_says_what_became_of_it() {
    use wsproto::tokio::connect;
    let refused = script([Found::Bytes(
        "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n".into(),
    )]);
    let error = done(connect(refused, &request(), &mut Inbox::new())).unwrap_err();
    assert_eq!(error.to_string(), "the server refused: 503 Busy");
    for (answer, error) in [
        ("HTTP/1.1 101 \r\n\r\n", HandshakeError::MissingUpgrade),
        ("HTTP/1.1 1", HandshakeError::EarlyEof),
    ] {
        let reads = script([Found::Bytes(answer.into()), Found::Eof]);
        let found = done(connect(reads, &request(), &mut Inbox::new())).unwrap_err();
        assert!(
            matches!(found, Error::Handshake(it) if it == error),
            "{found}"
        );
    }
}

/// A client and a server that have shaken hands over a pipe.
#[cfg(feature = "getrandom")]
async fn pair(
    size: usize,
) -> (
    Socket<Open<Client>, DuplexStream>,
    Socket<Open<Server>, DuplexStream>,
) {
    let (client, server) = duplex(size);
    let (request, mut theirs, mut ours) = (request(), Inbox::new(), Inbox::new());
    let client = wsproto::tokio::connect(client, &request, &mut ours);
    let (client, server) = tokio::join!(client, accept(server, &mut theirs));
    (client.unwrap().socket, server.unwrap())
}

#[tokio::test(start_paused = true)]
#[cfg(feature = "getrandom")]
async fn a_client_and_a_server_talk_from_the_handshake_to_the_end() {
    for (size, len) in [(1, 3000), (100, 30_000), (1 << 16, 1 << 20)] {
        let (mut client, mut server) = pair(size).await;
        let server = tokio::spawn(async move {
            let mut inbox = Inbox::new();
            let mut closed = loop {
                match server.receive(&mut inbox).await? {
                    Event::Text(text) => server.feed_text(&text).await?,
                    Event::Binary(data) => server.feed_binary(&data).await?,
                    Event::Ping(_) | Event::Pong(_) => {}
                    Event::Close(close) => break server.acknowledge(close),
                }
            };
            closed
                .end()
                .await
                .map(|it| (it.code().get(), it.is_clean()))
        });
        let mut inbox = Inbox::new();
        let large = vec![5; len];
        for _ in 0..3 {
            client.send_text("hello").await.unwrap();
            client.send_binary(&large).await.unwrap();
            let event = client.receive(&mut inbox).await.unwrap();
            assert_eq!(heard(event), text("hello"));
            let event = client.receive(&mut inbox).await.unwrap();
            assert!(heard(event) == binary(&large));
        }
        let mut closing = client.close(CloseCode::NORMAL, CloseReason::default());
        let close = closing.receive_close(&mut inbox).await.unwrap();
        let mut closed = closing.finish(close);
        assert!(closed.end().await.unwrap().is_clean());
        assert_eq!(server.await.unwrap().unwrap(), (1000, true));
    }
}

#[tokio::test(start_paused = true)]
#[cfg(feature = "getrandom")]
async fn messages_are_a_stream_and_a_sink() {
    let (client, server) = pair(1000).await;
    let server = tokio::spawn(async move {
        let mut messages = server.messages(Inbox::new());
        while let Some(message) = messages.next().await {
            messages.send(message?).await?;
        }
        Ok::<_, Error>(messages.closed().unwrap().code().get())
    });
    let mut messages = client.messages(Inbox::new());
    for message in [
        Message::from("hello"),
        Message::from(Bytes::from(vec![1; 5000])),
    ] {
        messages.send(message.clone()).await.unwrap();
        assert_eq!(messages.next().await.unwrap().unwrap(), message);
    }
    messages.close().await.unwrap();
    let refused = messages.send("too late".into()).await;
    assert!(matches!(refused, Err(Error::Closed)), "{refused:?}");
    assert!(messages.next().await.is_none());
    assert!(messages.next().await.is_none());
    assert!(messages.closed().unwrap().is_clean());
    assert_eq!(server.await.unwrap().unwrap(), 1000);
}

#[tokio::test(start_paused = true)]
#[cfg(feature = "getrandom")]
async fn a_stream_and_a_sink_in_two_tasks_wake_each_other() {
    // A pipe that is so narrow that both wait for it all the time.
    let (client, server) = pair(7).await;
    let server = tokio::spawn(async move {
        let messages = server.messages(Inbox::new());
        let (sink, stream) = messages.split();
        stream.forward(sink).await
    });
    let (mut sink, stream) = client.messages(Inbox::new()).split();
    let send = tokio::spawn(async move {
        for number in 0..300 {
            sink.send(Message::Text(format!("message {number}")))
                .await
                .unwrap();
        }
        // A Ping of the other side, whose answer leaves by the sink's task or by the stream's.
        sink
    });
    let heard: Vec<_> = stream.take(300).map(Result::unwrap).collect().await;
    let expected: Vec<_> = (0..300)
        .map(|number| Message::Text(format!("message {number}")))
        .collect();
    assert_eq!(heard, expected);
    drop(send.await.unwrap());
    // The client is gone without a Close.
    assert!(matches!(
        server.await.unwrap(),
        Err(Error::Eof | Error::Transport(_))
    ));
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_waits_learns_that_the_sink_has_said_close() {
    let (stream, _peer) = duplex(1000);
    let (mut sink, mut stream) = open::<Server, _>(stream).messages(Inbox::new()).split();
    let receive = tokio::spawn(async move { stream.next().await });
    tokio::time::sleep(Duration::from_secs(1)).await;
    sink.close().await.unwrap();
    // The peer never answers.
    let ended = tokio::time::timeout(Duration::from_secs(11), receive).await;
    let error = ended.unwrap().unwrap().unwrap().unwrap_err();
    assert!(is(&error, ErrorKind::TimedOut), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_sink_that_waits_learns_that_the_stream_has_ended() {
    // The first waits for room, and the second for all to be written.
    for high_water_mark in [0, 1 << 20] {
        let (stream, _peer) = duplex(10);
        let socket = open::<Server, _>(stream)
            .high_water_mark(high_water_mark)
            .keepalive(Keepalive::default());
        let (mut sink, mut stream) = socket.messages(Inbox::new()).split();
        let send = tokio::spawn(async move {
            sink.feed("x".repeat(1000).as_str().into()).await?;
            sink.send("y".into()).await
        });
        let error = stream.next().await.unwrap().unwrap_err();
        assert!(is(&error, ErrorKind::TimedOut), "{error}");
        let sent = tokio::time::timeout(Duration::from_secs(1), send).await;
        let error = sent.unwrap().unwrap().unwrap_err();
        assert!(matches!(error, Error::Closed), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_does_not_read_before_it_has_written_is_told_too() {
    let (stream, mut peer) = duplex(100);
    let mut socket = open::<Server, _>(stream);
    socket.feed_binary(&[0; 1000]).await.unwrap();
    let peer = tokio::spawn(async move {
        let mut bytes = frame(0x83, "").bytes(Some(KEY));
        bytes.extend([0; 10_000]);
        peer.write_all(&bytes).await.unwrap();
        let mut answer = Vec::new();
        peer.read_to_end(&mut answer).await.unwrap();
        answer
    });
    let error = socket.receive(&mut Inbox::new()).await.unwrap_err();
    assert!(matches!(error, Error::Violation(_)), "{error}");
    let told = frames(&[frame(0x82, [0; 1000]), frame(0x88, [3, 0xea])]);
    let answer = tokio::time::timeout(Duration::from_secs(1), peer).await;
    assert_eq!(Wire(answer.unwrap().unwrap()), told);
}

#[tokio::test(start_paused = true)]
async fn an_error_is_the_last_that_a_stream_gives() {
    let rows = [
        (vec![frame(0x83, "")], Some(Violation::ReservedOpcode)),
        (vec![frame(0x81, b"\xff")], Some(Violation::InvalidUtf8)),
        (vec![], None),
    ];
    for (input, violation) in rows {
        let (stream, mut peer) = duplex(1000);
        let mut messages = open::<Server, _>(stream).messages(Inbox::new());
        let first = Server::from_peer(&[frame(0x81, "first"), frame(0x89, "ping")]);
        peer.write_all(&first).await.unwrap();
        peer.write_all(&Server::from_peer(&input)).await.unwrap();
        peer.shutdown().await.unwrap();
        assert_eq!(messages.next().await.unwrap().unwrap(), "first".into());
        let error = messages.next().await.unwrap().unwrap_err();
        match violation {
            Some(violation) => {
                assert!(
                    matches!(error, Error::Violation(it) if it == violation),
                    "{error}"
                );
            }
            None => assert!(matches!(error, Error::Eof), "{error}"),
        }
        assert!(messages.next().await.is_none());
        assert_eq!(messages.closed().unwrap().violation(), violation);
        assert!(messages.send("text".into()).await.is_err());
        drop(messages);
        let mut sent = Vec::new();
        peer.read_to_end(&mut sent).await.unwrap();
        let mut expected = vec![frame(0x8a, "ping")];
        expected.extend(violation.map(|it| frame(0x88, it.close_code().get().to_be_bytes())));
        assert_eq!(Wire(sent), frames(&expected));
    }
}

/// Reads what has come, without waiting for more.
async fn news(peer: &mut DuplexStream) -> Vec<u8> {
    let mut bytes = vec![0; 1 << 16];
    let read = tokio::time::timeout(Duration::ZERO, peer.read(&mut bytes)).await;
    bytes.truncate(read.map_or(0, Result::unwrap));
    bytes
}

#[tokio::test(start_paused = true)]
async fn keepalive_pings_a_silent_peer_and_gives_it_up() {
    let (stream, mut peer) = duplex(1000);
    let mut socket = open::<Server, _>(stream).keepalive(Keepalive::default());
    let start = Instant::now();
    let receive = tokio::spawn(async move { socket.receive(&mut Inbox::new()).await.map(heard) });
    tokio::time::sleep(Duration::from_millis(19_999)).await;
    assert!(news(&mut peer).await.is_empty());
    tokio::time::sleep(Duration::from_millis(2)).await;
    assert_eq!(
        Wire(news(&mut peer).await),
        frames(&[frame(0x89, [0, 0, 0, 1])])
    );
    let error = receive.await.unwrap().unwrap_err();
    assert!(is(&error, ErrorKind::TimedOut), "{error}");
    assert_eq!(start.elapsed().as_secs(), 40);
}

#[tokio::test(start_paused = true)]
async fn keepalive_does_not_give_up_a_peer_that_answers_or_talks() {
    let (stream, mut peer) = duplex(1000);
    let mut socket = open::<Server, _>(stream).keepalive(Keepalive::default());
    let receive = tokio::spawn(async move {
        let mut inbox = Inbox::new();
        loop {
            if let Event::Close(_) = socket.receive(&mut inbox).await? {
                return Ok::<_, Error>(());
            }
        }
    });
    for number in 1..=10_u32 {
        tokio::time::sleep(Duration::from_secs(21)).await;
        let ping = frames(&[frame(0x89, number.to_be_bytes())]);
        assert_eq!(Wire(news(&mut peer).await), ping);
        let pong = frame(0x8a, number.to_be_bytes()).bytes(Some(KEY));
        peer.write_all(&pong).await.unwrap();
    }
    // A peer that talks is sent none.
    for _ in 0..10 {
        tokio::time::sleep(Duration::from_secs(15)).await;
        peer.write_all(&frame(0x81, "text").bytes(Some(KEY)))
            .await
            .unwrap();
    }
    assert!(news(&mut peer).await.is_empty());
    peer.write_all(&frame(0x88, "").bytes(Some(KEY)))
        .await
        .unwrap();
    receive.await.unwrap().unwrap();
}

#[test]
fn what_came_just_after_a_read_found_nothing_is_no_silence() {
    paused(|| {
        let reads = [Found::Pending, from_peer::<Server>(&[frame(0x81, "text")])];
        let mut socket = open::<Server, _>(script(reads)).keepalive(Keepalive::default());
        let mut inbox = Inbox::new();
        let event = polled(1, socket.receive(&mut inbox));
        assert!(matches!(event, Poll::Ready(Ok(Event::Text(_)))));
    });
}

#[tokio::test(start_paused = true)]
async fn pings_go_on_at_their_interval_however_long_a_peer_may_take_to_answer() {
    for pong_timeout in [Duration::from_secs(300), Duration::MAX] {
        let (stream, mut peer) = duplex(1000);
        let keepalive = Keepalive::default().pong_timeout(pong_timeout);
        let mut socket = open::<Server, _>(stream).keepalive(keepalive);
        let receive = tokio::spawn(async move {
            let mut inbox = Inbox::new();
            while let Ok(Event::Pong(_)) = socket.receive(&mut inbox).await {}
        });
        let start = Instant::now();
        for number in 1..4 {
            let mut pinged = [0; 6];
            let read = peer.read_exact(&mut pinged);
            let read = tokio::time::timeout(Duration::from_secs(1000), read).await;
            assert!(read.is_ok(), "no Ping {number}");
            let ping = frame(0x89, [0, 0, 0, number]);
            assert_eq!(Wire(pinged.to_vec()), frames(&[ping]));
            assert_eq!(start.elapsed().as_secs(), 20 * u64::from(number));
            let pong = frame(0x8a, [0, 0, 0, number]).bytes(Some(KEY));
            peer.write_all(&pong).await.unwrap();
        }
        receive.abort();
    }
}

#[tokio::test(start_paused = true)]
async fn a_busy_application_is_no_dead_peer() {
    let (stream, mut peer) = duplex(1000);
    let mut socket = open::<Server, _>(stream).keepalive(Keepalive::default());
    let mut inbox = Inbox::new();
    let wait = Duration::from_secs(30);
    // A Ping is sent, and answered while the application is away for an hour.
    assert!(
        tokio::time::timeout(wait, socket.receive(&mut inbox))
            .await
            .is_err()
    );
    peer.write_all(&frame(0x8a, [0, 0, 0, 1]).bytes(Some(KEY)))
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_secs(3600)).await;
    let event = socket.receive(&mut inbox).await.unwrap();
    assert_eq!(heard(event), pong([0, 0, 0, 1]));
    assert!(
        tokio::time::timeout(wait, socket.receive(&mut inbox))
            .await
            .is_err()
    );
}

#[tokio::test(start_paused = true)]
async fn an_idle_connection_is_told_apart_from_a_dead_one() {
    let keepalive = Keepalive::default()
        .ping_interval(Duration::MAX)
        .idle_deadline(Duration::from_secs(600));
    let (stream, mut peer) = duplex(1000);
    let mut socket = open::<Server, _>(stream).keepalive(keepalive);
    let start = Instant::now();
    let mut inbox = Inbox::new();
    socket.send_text("text").await.unwrap();
    tokio::time::sleep(Duration::from_secs(60)).await;
    socket.send_text("text").await.unwrap();
    let error = socket.receive(&mut inbox).await.map(heard).unwrap_err();
    assert!(matches!(error, Error::Idle), "{error}");
    assert_eq!(start.elapsed().as_secs(), 660);

    // A stream closes it by itself.
    let mut messages = socket.messages(inbox);
    let next = tokio::spawn(async move { messages.next().await });
    tokio::time::sleep(Duration::from_secs(1)).await;
    let sent = news(&mut peer).await;
    assert_eq!(
        Wire(sent[12..].to_vec()),
        frames(&[frame(0x88, b"\x03\xe8idle")])
    );
    peer.write_all(&frame(0x88, b"\x03\xe8").bytes(Some(KEY)))
        .await
        .unwrap();
    drop(peer);
    assert!(next.await.unwrap().is_none());
}

#[test]
fn all_is_send_and_sync_and_as_large_as_published() {
    fn law<T: Send + Sync>(_: &T) {}
    fn is_send<T: Send>(_: T) {}
    let mut socket = open::<Server, _>(script([]));
    law(&socket);
    let mut inbox = Inbox::new();
    is_send(socket.receive(&mut inbox));
    is_send(socket.send_text("text"));
    is_send(socket.flush());
    law(&socket.messages(inbox));
    is_send(accept(script([]), &mut Inbox::new()));
    type Tcp = Socket<Open<Server>, tokio::net::TcpStream>;
    assert_eq!(size_of::<Tcp>(), 120);
    fn listens<P: Listening>() {}
    listens::<Open<Server>>();
}
