//! The blocking driver: over transports that follow a script, and over TCP.
#![cfg(feature = "std")]

mod common;

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use common::{End, Frame, Heard, KEY, Wire, binary, close, frame, ping, pong, text, unmasked};
use wsproto::blocking::{self, Asked, Socket};
use wsproto::{
    Acceptance, Broadcast, Chunks, Client, CloseCode, CloseReason, Closed, Delivery, Error, Event,
    ExtraHeaders, HandshakeError, Handshaking, Inbox, Keepalive, Limits, Listening, Open, Outbox,
    RejectStatus, Request, Server, Side, Violation,
};

/// What a read finds.
enum Read_ {
    Bytes(Vec<u8>),
    Fails(ErrorKind),
    Eof,
}
use Read_::{Bytes as Comes, Eof, Fails};

/// A transport that does what it is told, and remembers what was done to it.
#[derive(Default)]
struct Script {
    reads: VecDeque<Read_>,
    /// What happens to each write: an error, or so many bytes are taken. Then all are.
    writes: VecDeque<Result<usize, ErrorKind>>,
    written: Vec<u8>,
    calls: Vec<Call>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Call {
    Read,
    Write,
    Flush,
    Shutdown,
}
use Call::{Flush as Flushed, Read as Reads, Shutdown as ShutDown, Write as Writes};

impl Read for Script {
    /// Where the script has ended, nothing would ever come.
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        self.calls.push(Reads);
        match self.reads.pop_front() {
            None => Err(ErrorKind::WouldBlock.into()),
            Some(Fails(kind)) => Err(kind.into()),
            Some(Eof) => Ok(0),
            Some(Comes(mut bytes)) => {
                let len = bytes.len().min(space.len());
                space[..len].copy_from_slice(&bytes[..len]);
                if len < bytes.len() {
                    self.reads.push_front(Comes(bytes.split_off(len)));
                }
                Ok(len)
            }
        }
    }
}

impl Write for Script {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.calls.push(Writes);
        let len = self.writes.pop_front().unwrap_or(Ok(usize::MAX))?;
        let len = len.min(bytes.len());
        self.written.extend(&bytes[..len]);
        Ok(len)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.calls.push(Flushed);
        Ok(())
    }
}

/// An open connection over a transport that reads this.
fn open<R: End>(reads: impl IntoIterator<Item = Read_>) -> Socket<Open<R>, Script> {
    let script = Script {
        reads: reads.into_iter().collect(),
        ..Script::default()
    };
    Socket::new(R::open(Limits::default()), Outbox::new(), script)
}

fn from_peer<R: End>(frames: &[Frame]) -> Read_ {
    Comes(R::from_peer(frames))
}

fn wire<R: End, P>(socket: &Socket<P, Script>) -> Wire {
    unmasked::<R>(&socket.stream().written)
}

fn frames(frames: &[Frame]) -> Wire {
    Wire(frames.iter().flat_map(|frame| frame.bytes(None)).collect())
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

/// Receives until there is nothing more, and says why there is not.
fn hear_all<P: Listening, S: Read + Write>(
    socket: &mut Socket<P, S>,
    inbox: &mut Inbox,
) -> (Vec<Heard>, Error) {
    let mut all = Vec::new();
    loop {
        match socket.receive(inbox) {
            Ok(event) => all.push(heard(event)),
            Err(error) => return (all, error),
        }
    }
}

fn is(error: &Error, kind: ErrorKind) -> bool {
    matches!(error, Error::Transport(error) if error.kind() == kind)
}

#[test]
fn what_one_read_brought_is_answered_in_one_write() {
    fn law<R: End>() {
        let messages: Vec<Frame> = (0..100).map(|n| frame(0x81, format!("{n}"))).collect();
        let mut socket = open::<R>([from_peer::<R>(&messages)]);
        let mut inbox = Inbox::new();
        let waits = loop {
            match socket.receive(&mut inbox) {
                // The event is lent still: an echo takes no copy.
                Ok(Event::Text(text)) => socket.feed_text(&text).unwrap(),
                Ok(other) => panic!("{other:?}"),
                Err(error) => break error,
            }
        };
        assert!(is(&waits, ErrorKind::WouldBlock), "{waits}");
        assert_eq!(socket.stream().calls, [Reads, Writes, Flushed, Reads]);
        assert_eq!(wire::<R, _>(&socket), frames(&messages));
    }
    law::<Server>();
    law::<Client>();
}

#[test]
fn a_send_is_written_before_it_returns_and_a_feed_waits() {
    let mut socket = open::<Server>([]);
    socket.send_text("text").unwrap();
    assert_eq!(socket.stream().calls, [Writes, Flushed]);
    socket.feed_text("a").unwrap();
    socket.feed_binary(b"b").unwrap();
    socket.feed_bytes(Bytes::from_static(b"c")).unwrap();
    socket.feed_broadcast(&Broadcast::text("d")).unwrap();
    assert_eq!(socket.stream().calls.len(), 2);
    socket.ping("e".try_into().unwrap()).unwrap();
    assert_eq!(socket.stream().calls[2..], [Writes, Flushed]);
    socket.send_binary(b"f").unwrap();
    socket.send_bytes(Bytes::from_static(b"g")).unwrap();
    socket.send_broadcast(&Broadcast::binary(b"h")).unwrap();
    socket.pong("i".try_into().unwrap()).unwrap();
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
    socket.flush().unwrap();
    assert_eq!(socket.stream().calls.len(), 12);
}

#[test]
fn what_is_fed_without_end_is_written_as_it_becomes_much() {
    let mut socket = open::<Server>([]);
    let message = vec![0; 1000];
    for _ in 0..1000 {
        socket.feed_binary(&message).unwrap();
    }
    let waits = 1000 * 1004 - socket.stream().written.len();
    assert!(waits <= (64 << 10) + 1004, "{waits} bytes wait");
    let writes = socket.stream().calls.iter().filter(|it| **it == Writes);
    assert!(writes.count() <= 16);
}

#[test]
fn a_large_shared_payload_goes_out_in_one_vectored_write() {
    let mut vectored = Vectored::default();
    let payload = Bytes::from(vec![7; 100_000]);
    let phase = Server::open(Limits::default());
    let mut socket = Socket::new(phase, Outbox::new(), &mut vectored);
    socket.send_bytes(payload.clone()).unwrap();
    drop(socket);
    assert_eq!(vectored.0, [vec![10, 100_000]]);
}

/// Remembers how long the slices of each write were.
#[derive(Default)]
struct Vectored(Vec<Vec<usize>>);

impl Write for Vectored {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_vectored(&[io::IoSlice::new(bytes)])
    }

    fn write_vectored(&mut self, slices: &[io::IoSlice<'_>]) -> io::Result<usize> {
        self.0.push(slices.iter().map(|it| it.len()).collect());
        Ok(slices.iter().map(|it| it.len()).sum())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_ping_is_answered_before_anything_is_waited_for() {
    let mut socket = open::<Server>([from_peer::<Server>(&[frame(0x89, "1"), frame(0x89, "2")])]);
    let (all, waits) = hear_all(&mut socket, &mut Inbox::new());
    assert_eq!(all, [ping("1"), ping("2")]);
    assert!(is(&waits, ErrorKind::WouldBlock));
    assert_eq!(socket.stream().calls, [Reads, Writes, Flushed, Reads]);
    let pongs = frames(&[frame(0x8a, "1"), frame(0x8a, "2")]);
    assert_eq!(wire::<Server, _>(&socket), pongs);
}

#[test]
fn an_interruption_and_a_timeout_at_any_byte_lose_nothing() {
    fn law<R: End>() {
        let input = R::from_peer(&[
            frame(0x81, "text"),
            frame(0x01, "frag"),
            frame(0x89, "ping"),
            frame(0x80, "ments"),
            frame(0x82, [1; 300]),
        ]);
        let reads = input.iter().flat_map(|byte| {
            [
                Fails(ErrorKind::TimedOut),
                Fails(ErrorKind::Interrupted),
                Comes(vec![*byte]),
            ]
        });
        let mut socket = open::<R>(reads);
        let writes = [
            Err(ErrorKind::Interrupted),
            Err(ErrorKind::WouldBlock),
            Ok(1),
        ];
        socket = with(socket, |script| {
            script.writes = writes.into_iter().cycle().take(3000).collect();
        });
        let mut inbox = Inbox::new();
        let mut all = Vec::new();
        while all.len() < 4 {
            match socket.receive(&mut inbox) {
                Ok(event) => all.push(heard(event)),
                Err(error) if is(&error, ErrorKind::TimedOut) => {}
                Err(error) if is(&error, ErrorKind::WouldBlock) => {}
                Err(error) => panic!("{error}"),
            }
        }
        let expected = [
            text("text"),
            ping("ping"),
            text("fragments"),
            binary([1; 300]),
        ];
        assert_eq!(all, expected, "{}", R::NAME);
        socket.feed_text("answer").unwrap();
        while let Err(error) = socket.flush() {
            assert!(is(&error, ErrorKind::WouldBlock), "{error}");
        }
        let sent = frames(&[frame(0x8a, "ping"), frame(0x81, "answer")]);
        assert_eq!(wire::<R, _>(&socket), sent, "{}", R::NAME);
    }
    law::<Server>();
    law::<Client>();
}

#[test]
fn a_send_that_has_timed_out_has_taken_its_message_however_much_waits() {
    let mut socket = with(open::<Server>([]), |script| {
        script.writes = [Err(ErrorKind::WouldBlock)].into();
    });
    socket.feed_binary(&[0; 100_000]).unwrap();
    let error = socket.send_text("taken").unwrap_err();
    assert!(is(&error, ErrorKind::WouldBlock), "{error}");
    socket.flush().unwrap();
    let sent = frames(&[frame(0x82, [0; 100_000]), frame(0x81, "taken")]);
    assert!(wire::<Server, _>(&socket) == sent);
}

/// The same socket with its script changed.
fn with<P>(socket: Socket<P, Script>, change: impl FnOnce(&mut Script)) -> Socket<P, Script> {
    let (phase, outbox, mut script) = socket.into_parts();
    change(&mut script);
    Socket::new(phase, outbox, script)
}

#[test]
fn a_transport_that_takes_nothing_is_an_error() {
    let mut socket = with(open::<Server>([]), |script| script.writes = [Ok(0)].into());
    let error = socket.send_text("text").unwrap_err();
    assert!(is(&error, ErrorKind::WriteZero), "{error}");
}

#[test]
fn what_the_peer_said_before_it_was_gone_is_heard_where_writes_fail() {
    let gone = [
        ErrorKind::BrokenPipe,
        ErrorKind::ConnectionReset,
        ErrorKind::ConnectionAborted,
    ];
    for gone in gone {
        for last in [Eof, Fails(ErrorKind::TimedOut), Fails(gone)] {
            let reads = [
                from_peer::<Server>(&[frame(0x81, "one"), frame(0x01, "tw")]),
                from_peer::<Server>(&[frame(0x80, "o")]),
                last,
            ];
            let mut socket = with(open::<Server>(reads), |script| {
                script.writes = [Err(gone); 3].into();
            });
            socket.feed_text("never read").unwrap();
            let (all, error) = hear_all(&mut socket, &mut Inbox::new());
            assert_eq!(all, [text("one"), text("two")]);
            assert!(is(&error, gone), "{error}");
        }
        let close_frame = from_peer::<Server>(&[frame(0x88, b"\x03\xe9bye")]);
        let mut socket = with(open::<Server>([close_frame]), |script| {
            script.writes = [Err(gone)].into();
        });
        assert!(is(&socket.send_text("never read").unwrap_err(), gone));
        let (all, error) = hear_all(&mut socket, &mut Inbox::new());
        assert_eq!(all, [close(1001, "bye")]);
        assert!(matches!(error, Error::Eof), "{error}");
    }
}

#[test]
fn a_write_that_times_out_is_no_reason_to_read() {
    for slow in [ErrorKind::WouldBlock, ErrorKind::TimedOut] {
        let reads = [from_peer::<Server>(&[frame(0x81, "text")])];
        let mut socket = with(open::<Server>(reads), |script| {
            script.writes = [Err(slow)].into();
        });
        socket.feed_text("later").unwrap();
        let error = socket.receive(&mut Inbox::new()).unwrap_err();
        assert!(is(&error, slow), "{error}");
        assert_eq!(socket.stream().calls, [Writes]);
    }
}

#[test]
fn a_violation_is_told_to_the_peer_once_and_nothing_follows_it() {
    fn law<R: End>() {
        // The second row is found only where the text is lent.
        for (bad, violation, code) in [
            (frame(0x83, ""), Violation::ReservedOpcode, "\x03\u{ea}"),
            (frame(0x81, b"\xff"), Violation::InvalidUtf8, "\x03\u{ef}"),
        ] {
            let code: Vec<u8> = code.chars().map(|it| it as u8).collect();
            let told = frames(&[frame(0x88, code)]);
            let input = [bad, frame(0x81, "never heard"), frame(0x89, "")];
            let mut socket = open::<R>([from_peer::<R>(&input), Eof]);
            let mut inbox = Inbox::new();
            for _ in 0..2 {
                let error = socket.receive(&mut inbox).unwrap_err();
                assert!(
                    matches!(error, Error::Violation(it) if it == violation),
                    "{error}"
                );
                assert_eq!(wire::<R, _>(&socket), told, "{violation}");
            }
            for result in [
                socket.send_text("text"),
                socket.feed_binary(b"bytes"),
                socket.ping("".try_into().unwrap()),
            ] {
                assert!(matches!(result, Err(Error::Violation(it)) if it == violation));
            }
            let mut streaming = socket.start_text();
            assert!(streaming.write("text").is_err());
            let mut closed = streaming.finish("text").fail(violation);
            let end = closed.end_with(|_| Ok(())).unwrap();
            assert_eq!(end.violation(), Some(violation));
            assert_eq!(wire::<R, _>(&closed), told, "{violation}");
        }
        // Nor does a Close, by another way.
        let mut socket = open::<R>([from_peer::<R>(&[frame(0x83, "")])]);
        socket.receive(&mut Inbox::new()).unwrap_err();
        let mut closing = socket.close(CloseCode::NORMAL, CloseReason::default());
        closing.flush().unwrap();
        let told = frames(&[frame(0x88, b"\x03\xea")]);
        assert_eq!(wire::<R, _>(&closing), told);
    }
    law::<Server>();
    law::<Client>();
}

#[test]
fn a_violation_is_told_where_the_transport_fails_too() {
    let socket = open::<Server>([from_peer::<Server>(&[frame(0x83, "")])]);
    let mut socket = with(socket, |script| {
        script.writes = [Err(ErrorKind::BrokenPipe)].into();
    });
    let error = socket.receive(&mut Inbox::new()).unwrap_err();
    assert!(matches!(error, Error::Violation(Violation::ReservedOpcode)));
}

#[test]
fn a_violation_while_we_are_closing_gets_no_second_close() {
    let mut closing = open::<Server>([from_peer::<Server>(&[frame(0x83, "")])])
        .close(CloseCode::GOING_AWAY, CloseReason::default());
    let error = closing.receive(&mut Inbox::new()).unwrap_err();
    let Error::Violation(violation) = error else {
        panic!("{error}");
    };
    let closed = closing.fail(violation);
    let ours = frames(&[frame(0x88, b"\x03\xe9")]);
    assert_eq!(wire::<Server, _>(&closed), ours);
    assert_eq!(closed.phase().violation(), Some(violation));
}

#[test]
fn an_end_without_a_close_is_an_error_and_1006() {
    for input in [&[][..], &[0x81], &[0x01, 0x80, 0, 0, 0, 0]] {
        let mut socket = open::<Server>([Comes(input.to_vec()), Eof]);
        let (all, error) = hear_all(&mut socket, &mut Inbox::new());
        assert!(all.is_empty() && matches!(error, Error::Eof), "{error}");
        let closed = socket.eof();
        assert_eq!(closed.phase().code().get(), 1006);
        assert!(!closed.phase().is_clean());
    }
}

#[test]
fn behind_a_close_nothing_is_waited_for() {
    let mut socket = open::<Server>([from_peer::<Server>(&[frame(0x88, ""), frame(0x81, "a")])]);
    let (all, error) = hear_all(&mut socket, &mut Inbox::new());
    assert_eq!(all, [close(1005, "")]);
    assert!(matches!(error, Error::Eof), "{error}");
    assert_eq!(socket.stream().calls, [Reads]);
    assert!(socket.eof().phase().is_clean());
}

/// Reads that time out one after another, each after a millisecond.
struct Silent(usize);

impl Read for Silent {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0 += 1;
        let start = Instant::now();
        while start.elapsed() < Duration::from_millis(1) {
            std::hint::spin_loop();
        }
        Err(ErrorKind::WouldBlock.into())
    }
}

impl Write for Silent {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn with_keepalive_a_timeout_is_silence() {
    let silent = || Socket::new(Server::open(Limits::default()), Outbox::new(), Silent(0));
    let some = Duration::from_millis(5);
    let keepalive = Keepalive::default().ping_interval(some).pong_timeout(some);
    let mut socket = silent().keepalive(keepalive);
    let start = Instant::now();
    let error = socket.receive(&mut Inbox::new()).unwrap_err();
    assert!(is(&error, ErrorKind::WouldBlock), "{error}");
    assert!(start.elapsed() >= 2 * some && socket.stream().0 > 5);

    let idle = Keepalive::default().idle_deadline(some);
    let mut socket = silent().keepalive(idle);
    let error = socket.receive(&mut Inbox::new()).unwrap_err();
    assert!(matches!(error, Error::Idle), "{error}");
    // A Ping of ours is no message.
    socket.ping("".try_into().unwrap()).unwrap();
    let error = socket.receive(&mut Inbox::new()).unwrap_err();
    assert!(matches!(error, Error::Idle), "{error}");
    // The wait for the peer's Close has the transport's own timeout.
    let mut closing = socket.close_without_code();
    let error = closing.receive(&mut Inbox::new()).unwrap_err();
    assert!(is(&error, ErrorKind::WouldBlock), "{error}");
}

#[test]
fn with_keepalive_a_silent_peer_is_pinged() {
    let reads = (0..).map(|_| Fails(ErrorKind::TimedOut)).take(3);
    let pong = Comes(frame(0x8a, [0, 0, 0, 1]).bytes(Some(KEY)));
    let at_once = Keepalive::default().ping_interval(Duration::ZERO);
    let mut socket = open::<Server>(reads.chain([pong])).keepalive(at_once);
    let event = heard(socket.receive(&mut Inbox::new()).unwrap());
    assert_eq!(event, common::pong([0, 0, 0, 1]));
    let pinged = frames(&[frame(0x89, [0, 0, 0, 1])]);
    assert_eq!(wire::<Server, _>(&socket), pinged);
}

/// What happens to a transport between the last word and its end.
fn end<R: End>(mut closed: Socket<Closed<R>, Script>) -> (Vec<Call>, Wire) {
    closed
        .end_with(|script| {
            script.calls.push(ShutDown);
            Ok(())
        })
        .unwrap();
    (closed.stream().calls.clone(), wire::<R, _>(&closed))
}

/// What is there to read, and then an acknowledgement of the Close that is in it.
fn acknowledged<R: End>(reads: impl IntoIterator<Item = Read_>) -> Socket<Closed<R>, Script> {
    let mut socket = open::<R>(reads);
    match socket.receive(&mut Inbox::new()).unwrap() {
        Event::Close(close) => socket.acknowledge(close),
        other => panic!("{other:?}"),
    }
}

#[test]
fn rfc6455_7_1_1_a_server_ends_its_side_and_then_discards_what_comes() {
    let bytes = frame(0x88, b"\x0b\xb8gone").bytes(Some(KEY));
    let rest = [Comes(vec![0; 10_000]), Fails(ErrorKind::Interrupted), Eof];
    let closed = acknowledged::<Server>([Comes(bytes)].into_iter().chain(rest));
    assert!(closed.phase().is_clean());
    let (calls, sent) = end(closed);
    // 10 000 bytes in pieces of 4 KiB, an interruption, and the end.
    let before = [Reads, Writes, Flushed, ShutDown];
    assert_eq!(calls[..4], before);
    assert_eq!(calls[4..], [Reads; 5]);
    assert_eq!(sent, frames(&[frame(0x88, b"\x0b\xb8")]));
}

#[test]
fn rfc6455_7_1_1_a_client_waits_for_the_server_to_end() {
    let closed = acknowledged::<Client>([from_peer::<Client>(&[frame(0x88, "")]), Eof]);
    let (calls, sent) = end(closed);
    assert_eq!(calls, [Reads, Writes, Flushed, Reads]);
    assert_eq!(sent, frames(&[frame(0x88, "")]));
}

#[test]
fn a_peer_that_sends_for_ever_does_not_keep_the_transport() {
    let much = (0..1000).map(|_| Comes(vec![0; 64 << 10]));
    let input = [from_peer::<Server>(&[frame(0x88, "")])];
    let (calls, _) = end(acknowledged::<Server>(input.into_iter().chain(much)));
    assert_eq!(calls[4..], [Reads; 256]);
}

#[test]
fn a_peer_that_has_reset_or_is_silent_is_not_waited_for() {
    for kind in [ErrorKind::ConnectionReset, ErrorKind::TimedOut] {
        let input = [from_peer::<Server>(&[frame(0x88, "")]), Fails(kind)];
        let (calls, _) = end(acknowledged::<Server>(input));
        assert_eq!(calls[4..], [Reads]);
    }
    // Where the writing side cannot be ended, the peer would not know that it is to end.
    let mut closed = acknowledged::<Server>([from_peer::<Server>(&[frame(0x88, "")])]);
    closed
        .end_with(|_| Err(ErrorKind::NotConnected.into()))
        .unwrap();
    assert_eq!(closed.stream().calls, [Reads, Writes, Flushed]);
}

#[test]
fn the_closing_handshake_delivers_and_answers_pings_to_its_end() {
    let input = [
        frame(0x81, "late"),
        frame(0x89, "p"),
        frame(0x88, b"\x03\xe8bye"),
    ];
    let reason = || CloseReason::from_static("enough");
    let mut closing =
        open::<Client>([from_peer::<Client>(&input), Eof]).close(CloseCode::NORMAL, reason());
    assert!(
        closing.stream().calls.is_empty(),
        "a transition does no I/O"
    );
    let mut inbox = Inbox::new();
    assert_eq!(heard(closing.receive(&mut inbox).unwrap()), text("late"));
    let close = closing.receive_close(&mut inbox).unwrap();
    let mut closed = closing.finish(close);
    let end = closed.end_with(|_| panic!("a client does not end first"));
    let end = end.unwrap();
    assert!(end.is_clean());
    assert_eq!((end.code().get(), end.reason()), (1000, "bye"));
    assert_eq!(end.initiator(), Some(Side::Us));
    let sent = frames(&[frame(0x88, b"\x03\xe8enough"), frame(0x8a, "p")]);
    assert_eq!(wire::<Client, _>(&closed), sent);

    let mut closing = open::<Client>([Eof]).close_without_code();
    let error = closing.receive_close(&mut Inbox::new()).unwrap_err();
    assert!(matches!(error, Error::Eof));
    assert_eq!(closing.eof().phase().sent_code().get(), 1005);
}

#[test]
fn a_message_goes_out_and_comes_in_piece_by_piece() {
    fn law<R: End>() {
        let input = [frame(0x01, "Hel"), frame(0x89, "p"), frame(0x80, "lo")];
        let mut streaming = open::<R>([from_peer::<R>(&input), Eof]).start_text();
        streaming.write("to be ").unwrap();
        assert_eq!(streaming.stream().calls, [Writes, Flushed]);
        // It receives meanwhile.
        let mut inbox = Inbox::<Chunks>::chunks();
        let mut pieces = Vec::new();
        for _ in 0..3 {
            match streaming.receive(&mut inbox).unwrap() {
                Event::Text(piece) => pieces.push((piece.to_string(), piece.message_finished())),
                Event::Ping(_) => {}
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(pieces, [("Hel".into(), false), ("lo".into(), true)]);
        streaming.ping("q".try_into().unwrap()).unwrap();
        streaming.pong("r".try_into().unwrap()).unwrap();
        let mut socket = streaming.finish("continued");
        socket.flush().unwrap();
        let mut streaming = socket.start_binary();
        streaming.write(&[1]).unwrap();
        streaming.finish(&[2]).flush().unwrap();
    }
    law::<Server>();
    law::<Client>();
}

#[test]
fn the_frames_of_a_streamed_message_are_whole() {
    let mut streaming = open::<Client>([]).start_text();
    streaming.write("to be ").unwrap();
    streaming.ping("q".try_into().unwrap()).unwrap();
    let closing = streaming.finish("continued").start_binary();
    let mut closing = closing.close(CloseCode::NORMAL, CloseReason::default());
    closing.flush().unwrap();
    let sent = [
        frame(0x01, "to be "),
        frame(0x89, "q"),
        frame(0x80, "continued"),
        frame(0x88, b"\x03\xe8"),
    ];
    assert_eq!(wire::<Client, _>(&closing), frames(&sent));
}

/// The two ends of a TCP connection.
fn tcp() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    (client, listener.accept().unwrap().0)
}

fn request() -> Request {
    let request = Request::new("127.0.0.1", "/chat").unwrap();
    request.subprotocols(&["superchat", "chat"]).unwrap()
}

#[test]
#[cfg(feature = "getrandom")]
fn a_client_and_a_server_talk_over_tcp_from_the_handshake_to_the_end() {
    let (client, server) = tcp();
    let server = thread::spawn(move || {
        let mut inbox = Inbox::new();
        let mut socket = blocking::accept(server, &mut inbox)?;
        let mut closed = loop {
            match socket.receive(&mut inbox)? {
                Event::Text(text) => socket.feed_text(&text)?,
                Event::Binary(data) => socket.feed_binary(&data)?,
                Event::Ping(_) | Event::Pong(_) => {}
                Event::Close(close) => break socket.acknowledge(close),
            }
        };
        let end = closed.end()?;
        assert!(end.is_clean());
        Ok::<_, Error>(end.code().get())
    });
    let mut inbox = Inbox::new();
    let mut socket = blocking::connect(client, &request(), &mut inbox)
        .unwrap()
        .socket;
    let large = vec![5; 1 << 20];
    for _ in 0..20 {
        socket.send_text("hello").unwrap();
        socket.send_binary(&large).unwrap();
        assert_eq!(heard(socket.receive(&mut inbox).unwrap()), text("hello"));
        assert!(heard(socket.receive(&mut inbox).unwrap()) == binary(&large));
    }
    let mut closing = socket.close(CloseCode::NORMAL, CloseReason::default());
    let close = closing.receive_close(&mut inbox).unwrap();
    let mut closed = closing.finish(close);
    assert!(closed.end().unwrap().is_clean());
    assert_eq!(server.join().unwrap().unwrap(), 1000);
}

#[test]
fn a_close_that_came_before_a_reset_is_heard() {
    let (ours, mut theirs) = tcp();
    let mut socket = Socket::new(Server::open(Limits::default()), Outbox::new(), ours);
    socket.send_text("never read").unwrap();
    // The message is there, unread: the peer resets.
    theirs.peek(&mut [0]).unwrap();
    let close_frame = Server::from_peer(&[frame(0x88, b"\x03\xe9bye")]);
    theirs.write_all(&close_frame).unwrap();
    drop(theirs);
    while socket.send_text("never read").is_ok() {}
    let (all, _) = hear_all(&mut socket, &mut Inbox::new());
    assert_eq!(all, [close(1001, "bye")]);
}

#[test]
fn rfc6455_7_1_1_our_close_arrives_though_we_had_not_read_all() {
    let (mut client, server) = tcp();
    let server = thread::spawn(move || {
        let phase = Server::open(Limits::default());
        let mut socket = Socket::new(phase, Outbox::new(), server);
        let error = socket.receive(&mut Inbox::new()).unwrap_err();
        let Error::Violation(violation) = error else {
            panic!("{error}");
        };
        socket.fail(violation).end().map(|_| ())
    });
    // More than the server will have read when it fails the connection.
    let mut bytes = vec![0x83, 0x80];
    bytes.resize(300_000, 0);
    client.write_all(&bytes).unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    let mut answer = Vec::new();
    client.read_to_end(&mut answer).unwrap();
    assert_eq!(Wire(answer), frames(&[frame(0x88, b"\x03\xea")]));
    server.join().unwrap().unwrap();
}

const REQUEST: &str = "GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: superchat, chat\r\n\r\n";

fn script(reads: impl IntoIterator<Item = Read_>) -> Script {
    Script {
        reads: reads.into_iter().collect(),
        ..Script::default()
    }
}

#[test]
fn a_request_is_looked_at_and_accepted_and_frames_behind_it_are_kept() {
    let mut bytes = REQUEST.as_bytes().to_vec();
    bytes.extend(Server::from_peer(&[frame(0x81, "early")]));
    let one_by_one = bytes.iter().map(|byte| Comes(vec![*byte]));
    for reads in [vec![Comes(bytes.clone())], one_by_one.collect()] {
        let mut inbox = Inbox::new();
        let asked = blocking::receive_request(script(reads), Limits::default(), &mut inbox);
        let Ok(Asked::Requested(requested)) = asked else {
            panic!("{asked:?}", asked = asked.map(|_| ()));
        };
        assert_eq!(requested.phase().target(), "/chat");
        let chat = requested.phase().choose_subprotocol(&["chat"]);
        let mut socket = requested.accept(Acceptance::default().subprotocol(chat));
        assert!(
            socket.stream().written.is_empty(),
            "a transition does no I/O"
        );
        assert_eq!(heard(socket.receive(&mut inbox).unwrap()), text("early"));
        socket.flush().unwrap();
        let written = std::str::from_utf8(&socket.stream().written).unwrap();
        assert!(written.starts_with("HTTP/1.1 101 ") && written.contains("Protocol: chat\r\n"));
    }
}

#[test]
fn a_request_is_rejected_with_a_body_whole_or_in_pieces() {
    let requested = || {
        let reads = script([Comes(REQUEST.into()), Eof]);
        match blocking::receive_request(reads, Limits::default(), &mut Inbox::new()) {
            Ok(Asked::Requested(requested)) => requested,
            other => panic!("{:?}", other.map(|_| ())),
        }
    };
    let headers = ExtraHeaders::new();
    let mut whole = requested().reject(RejectStatus::NOT_FOUND, &headers, b"not here");
    assert_eq!(whole.end_with(|_| Ok(())).unwrap().status(), 404);
    let written = std::str::from_utf8(&whole.stream().written).unwrap();
    assert!(written.starts_with("HTTP/1.1 404 ") && written.ends_with("\r\n\r\nnot here"));

    let mut rejecting = requested().start_reject(RejectStatus::NOT_FOUND, &headers);
    rejecting.write(b"not ").unwrap();
    assert!(rejecting.stream().written.ends_with(b"4\r\nnot \r\n"));
    let mut rejected = rejecting.finish();
    rejected.end_with(|_| Ok(())).unwrap();
    assert!(rejected.stream().written.ends_with(b"\r\n0\r\n\r\n"));
}

#[test]
fn a_request_that_is_none_is_refused_and_told_why() {
    let bad = "POST / HTTP/1.1\r\nHost: a\r\n\r\n";
    let reads = script([Comes(bad.into()), Eof]);
    let asked = blocking::receive_request(reads, Limits::default(), &mut Inbox::new());
    let Ok(Asked::Refused(mut refused)) = asked else {
        panic!("it is refused");
    };
    let error = refused.end_with(|script| {
        script.calls.push(ShutDown);
        Ok(())
    });
    assert_eq!(*error.unwrap(), HandshakeError::MethodNotGet);
    let calls = [Reads, Writes, Flushed, ShutDown, Reads];
    assert_eq!(refused.stream().calls, calls);
    assert!(refused.stream().written.starts_with(b"HTTP/1.1 405 "));

    let (mut client, server) = tcp();
    client.write_all(bad.as_bytes()).unwrap();
    let error = blocking::accept(server, &mut Inbox::new()).unwrap_err();
    assert!(
        matches!(error, Error::Handshake(HandshakeError::MethodNotGet)),
        "{error}"
    );
    let mut answer = Vec::new();
    client.read_to_end(&mut answer).unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 405 "));

    for part in [0, 1, 100] {
        let reads = script([Comes(REQUEST[..part].into()), Eof]);
        let error = blocking::accept(reads, &mut Inbox::new()).unwrap_err();
        assert!(
            matches!(error, Error::Handshake(HandshakeError::EarlyEof)),
            "{error}"
        );
    }
}

/// A client that has sent its request, over this script.
fn asking(reads: impl IntoIterator<Item = Read_>) -> Socket<Handshaking<Client>, Script> {
    let mut outbox = Outbox::new();
    let limits = Limits::default();
    let phase = Handshaking::<Client>::start_with(&request(), limits, [7; 32], &mut outbox);
    Socket::new(phase, outbox, script(reads))
}

#[test]
fn a_refusal_says_why_piece_by_piece() {
    let pieces = [
        "HTTP/1.1 403 Forbid",
        "den\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nnot\r\n",
        "5",
        "\r\n here\r\n0\r\n",
        "\r\n",
    ];
    let reads = pieces.map(|piece| Comes(piece.into()));
    let mut inbox = Inbox::new();
    let answer = asking(reads).receive_answer(&mut inbox).unwrap();
    let blocking::Answer::Rejected(mut rejected) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!(rejected.phase().status(), 403);
    let mut body = Vec::new();
    while rejected.receive_body(&mut inbox, &mut body).unwrap() {}
    assert_eq!(body, b"not here");
    assert!(rejected.stream().reads.is_empty());

    // Until the end of the transport, and cut short by it.
    for (head, is_whole) in [("", true), ("Content-Length: 9\r\n", false)] {
        let bytes = format!("HTTP/1.1 403 Forbidden\r\n{head}\r\nnot here");
        let answer = asking([Comes(bytes.into()), Eof]).receive_answer(&mut inbox);
        let Ok(blocking::Answer::Rejected(mut rejected)) = answer else {
            panic!("{:?}", answer.map(|_| ()));
        };
        let mut body = Vec::new();
        assert!(rejected.receive_body(&mut inbox, &mut body).unwrap());
        assert_eq!(body, b"not here");
        let end = rejected.receive_body(&mut inbox, &mut body);
        assert_eq!(end.is_ok_and(|more| !more), is_whole);
    }
}

#[test]
#[cfg(feature = "getrandom")]
fn connect_says_what_became_of_it() {
    let refused = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n";
    let error = blocking::connect(
        script([Comes(refused.into())]),
        &request(),
        &mut Inbox::new(),
    );
    let error = error.unwrap_err();
    assert_eq!(error.to_string(), "the server refused: 503 Busy");
    assert!(matches!(error, Error::Rejected(it) if it.status() == 503));

    for (answer, error) in [
        ("HTTP/1.1 101 \r\n\r\n", HandshakeError::MissingUpgrade),
        ("HTTP/1.1 1", HandshakeError::EarlyEof),
    ] {
        let reads = script([Comes(answer.into()), Eof]);
        let found = blocking::connect(reads, &request(), &mut Inbox::new()).unwrap_err();
        assert!(
            matches!(found, Error::Handshake(it) if it == error),
            "{found}"
        );
    }
}

#[test]
fn an_error_becomes_one_of_io_for_those_who_have_only_that() {
    for (error, kind) in [
        (Error::Eof, ErrorKind::UnexpectedEof),
        (Error::Violation(Violation::Masked), ErrorKind::InvalidData),
        (
            Error::Transport(ErrorKind::TimedOut.into()),
            ErrorKind::TimedOut,
        ),
    ] {
        let text = error.to_string();
        let error = io::Error::from(error);
        assert_eq!((error.kind(), error.to_string()), (kind, text));
    }
}
