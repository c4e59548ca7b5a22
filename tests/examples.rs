//! The parts of the examples that can go wrong, without their command lines.
#![cfg(all(feature = "std", feature = "getrandom"))]

#[allow(dead_code)] // Its `main`.
#[path = "../examples/record_replay.rs"]
mod record_replay;

#[allow(dead_code)] // Its `main`.
#[path = "../examples/proxy_client.rs"]
mod proxy_client;

#[allow(dead_code)] // Its `main`.
#[path = "../examples/reconnect.rs"]
mod reconnect;

mod record_and_replay {
    use super::record_replay::{replay, serve};

    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\
        Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
        Sec-WebSocket-Version: 13\r\n\r\n";

    /// A log of a client that sends these frames, and the bytes that it heard.
    fn recorded(frames: &[u8]) -> (String, Vec<u8>) {
        let mut heard = Vec::new();
        let input = [REQUEST, frames].concat();
        let log = serve(&*input, &mut heard, || Ok(()));
        (log, heard)
    }

    #[test]
    fn what_was_recorded_happens_again() {
        for (frames, events) in [
            // Text, half a text, a ping, the other half, a Close; and the end.
            (
                &b"\x81\x85\0\0\0\0hello\x01\x81\0\0\0\0a\x89\x81\0\0\0\0p\x80\x81\0\0\0\0b\
                   \x88\x82\0\0\0\0\x03\xe8"[..],
                5,
            ),
            // No mask.
            (b"\x81\x05hello", 1),
            // The transport ends.
            (b"\x81\x85\0\0\0\0hell", 1),
        ] {
            let (log, _) = recorded(frames);
            assert_eq!(replay(&log), Ok(events), "{log}");
        }
    }

    #[test]
    fn it_is_an_echo_server_that_is_recorded() {
        let (_, heard) = recorded(b"\x82\x83\0\0\0\0abc\x88\x82\0\0\0\0\x03\xe8");
        assert!(heard.ends_with(b"\r\n\r\n\x82\x03abc\x88\x02\x03\xe8"));
    }

    #[test]
    fn what_does_not_happen_again_is_noticed() {
        let (log, _) = recorded(b"\x81\x82\0\0\0\0hi\x88\x82\0\0\0\0\x03\xe8");
        for (is, was) in [
            // Another byte was read, another was written, another event came, or one less.
            ("68, 69, 88", "68, 6a, 88"),
            ("81, 02, 68", "81, 02, 69"),
            ("Text(2 bytes)", "Text(3 bytes)"),
            ("event Text(2 bytes)\n", ""),
            ("in [", "in [zz, "),
        ] {
            assert!(log.contains(is), "no {is} in {log}");
            let error = replay(&log.replacen(is, was, 1));
            assert!(error.is_err(), "{is} was {was}");
        }
    }
}

mod reconnecting {
    use std::io::{Read, Write};
    use std::net::{Shutdown, TcpListener, TcpStream};
    use std::thread;
    use std::time::Duration;

    use super::reconnect::{Next, attempt, persist};
    use wsproto::{CloseCode, CloseReason, Inbox, Request, blocking};

    /// A server that does one of these with each connection in turn.
    #[derive(Clone, Copy)]
    enum Act {
        Leave,
        Answer(&'static str),
        OpenAndLeave,
        Close(CloseCode),
    }

    impl Act {
        fn run(self, mut stream: TcpStream) {
            let mut inbox = Inbox::new();
            match self {
                Self::Leave => {}
                Self::Answer(head) => {
                    let mut request = Vec::new();
                    while !request.ends_with(b"\r\n\r\n") {
                        let mut byte = [0];
                        stream.read_exact(&mut byte).unwrap();
                        request.extend(byte);
                    }
                    let answer = format!("HTTP/1.1 {head}\r\nContent-Length: 0\r\n\r\n");
                    stream.write_all(answer.as_bytes()).unwrap();
                }
                Self::OpenAndLeave => {
                    let socket = blocking::accept(stream, &mut inbox).unwrap();
                    socket.stream().shutdown(Shutdown::Both).unwrap();
                }
                Self::Close(code) => {
                    let mut socket = blocking::accept(stream, &mut inbox).unwrap();
                    socket.send_text("news").unwrap();
                    let mut closing = socket.close(code, CloseReason::default());
                    let close = closing.receive_close(&mut inbox).unwrap();
                    closing.finish(close).end().unwrap();
                }
            }
        }
    }

    /// How it ended, what it waited in seconds, and how often the server spoke.
    fn run(acts: &[Act], chance: f64) -> (Result<(), String>, Vec<f64>, usize) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let request = Request::new(&format!("127.0.0.1:{port}"), "/").unwrap();
        let acts = acts.to_vec();
        let server = thread::spawn(move || {
            for act in acts {
                act.run(listener.accept().unwrap().0);
            }
        });
        let (mut waits, mut news) = (Vec::new(), 0);
        let ended = persist(
            || attempt(&request, |_| news += 1),
            |wait| waits.push(wait.as_secs_f64()),
            || chance,
        );
        server.join().unwrap();
        (ended, waits, news)
    }

    #[test]
    fn it_waits_up_to_twice_as_long_each_time_until_a_connection_was_open() {
        let refused = Act::Answer("503 Service Unavailable");
        let later = Act::Answer("429 Too Many Requests\r\nRetry-After: 7");
        let acts = [
            Act::Leave,
            refused,
            later,
            Act::OpenAndLeave,
            Act::Close(CloseCode::SERVICE_RESTART),
            Act::Leave,
            Act::Close(CloseCode::NORMAL),
        ];
        let (ended, waits, news) = run(&acts, 1.0);
        assert_eq!(ended, Ok(()));
        assert_eq!(waits, [5.0, 10.0, 7.0 + 20.0, 5.0, 5.0, 10.0]);
        assert_eq!(news, 2);
        let (_, waits, _) = run(&acts, 0.5);
        assert_eq!(waits, [2.5, 5.0, 7.0 + 10.0, 2.5, 2.5, 5.0]);
    }

    #[test]
    fn it_gives_up_where_to_ask_again_is_of_no_use() {
        for (act, why) in [
            (Act::Answer("404 Not Found"), "refused with 404"),
            (Act::Answer("401 Unauthorized"), "refused with 401"),
            (Act::Close(CloseCode::POLICY_VIOLATION), "closed with 1008"),
        ] {
            let (ended, waits, _) = run(&[act], 1.0);
            assert_eq!(ended, Err(why.to_owned()));
            assert_eq!(waits, []);
        }
    }

    #[test]
    fn no_wait_is_longer_than_five_minutes_and_what_the_server_asks_for() {
        let mut left = 20;
        let mut longest = Duration::ZERO;
        let attempt = || {
            left -= 1;
            match left {
                0 => Next::Done,
                _ => Next::Again {
                    why: String::new(),
                    was_open: false,
                    at_least: Duration::ZERO,
                },
            }
        };
        persist(attempt, |wait| longest = wait, || 1.0).unwrap();
        assert_eq!(longest, Duration::from_secs(300));
    }
}

mod through_a_proxy {
    use std::io::{self, Read, Write};
    use std::net::{Shutdown, TcpListener, TcpStream};
    use std::thread;

    use super::proxy_client::{ask, tunnel};
    use wsproto::{Event, Inbox, Request, blocking};

    /// An echo server for one client.
    fn echo(listener: &TcpListener) {
        let mut inbox = Inbox::new();
        let mut socket = blocking::accept(listener.accept().unwrap().0, &mut inbox).unwrap();
        let mut closed = loop {
            match socket.receive(&mut inbox).unwrap() {
                Event::Text(text) => socket.feed_text(&text).unwrap(),
                Event::Close(close) => break socket.acknowledge(close),
                other => panic!("{other:?}"),
            }
        };
        closed.end().unwrap();
    }

    /// A proxy for one client, which gives the head that it was asked with.
    fn proxy(listener: &TcpListener, answer: &str) -> String {
        let mut client = listener.accept().unwrap().0;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            client.read_exact(&mut byte).unwrap();
            head.extend(byte);
        }
        let head = String::from_utf8(head).unwrap();
        client.write_all(answer.as_bytes()).unwrap();
        if answer.contains(" 200 ") {
            let target = head.split(' ').nth(1).unwrap();
            let server = TcpStream::connect(target).unwrap();
            let copy = |mut from: TcpStream, mut to: TcpStream| {
                // Either end may be gone before all of it is copied.
                let _ = io::copy(&mut from, &mut to);
                let _ = to.shutdown(Shutdown::Write);
            };
            let (from, to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            let up = thread::spawn(move || copy(from, to));
            copy(server, client);
            up.join().unwrap();
        }
        head
    }

    fn through(answer: &'static str, user: Option<&str>) -> (Result<String, String>, String, u16) {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = server.local_addr().unwrap().port();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let proxy = thread::spawn(move || proxy(&listener, answer));
        if answer.contains(" 200 ") {
            thread::spawn(move || echo(&server));
        }
        let request = Request::new(&format!("127.0.0.1:{port}"), "/").unwrap();
        let stream = TcpStream::connect(address).unwrap();
        let reply = ask(stream, &request, user, "hello").map_err(|error| error.to_string());
        (reply, proxy.join().unwrap(), port)
    }

    #[test]
    fn a_message_goes_through_the_tunnel_and_comes_back() {
        let (reply, head, port) = through("HTTP/1.1 200 Connection established\r\n\r\n", None);
        assert_eq!(reply, Ok("hello".to_owned()));
        let host = format!("127.0.0.1:{port}");
        let expected = format!("CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n\r\n");
        assert_eq!(head, expected);
    }

    #[test]
    fn a_proxy_may_want_to_know_who_asks_and_may_refuse() {
        let refusal = "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n";
        let (reply, head, _) = through(refusal, Some("user:secret"));
        let why = "the proxy refused: 407 Proxy Authentication Required";
        assert_eq!(reply, Err(why.to_owned()));
        assert!(head.contains("\r\nProxy-Authorization: Basic dXNlcjpzZWNyZXQ=\r\n"));
    }

    /// A transport that has read what is here, and writes nowhere.
    struct Script<'s>(&'s [u8]);

    impl Read for Script<'_> {
        fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
            self.0.read(space)
        }
    }

    impl Write for Script<'_> {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_follows_the_proxys_head_is_the_servers_and_no_more_is_taken_of_a_head_than_can_be() {
        let request = Request::from_uri("ws://[::1]/").unwrap();
        let mut inbox = Inbox::new();
        let answer = b"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1";
        tunnel(&mut Script(answer), &request, None, &mut inbox).unwrap();
        assert_eq!(inbox.unread(), b"HTTP/1.1");

        for (answer, why) in [
            (
                format!("HTTP/1.1 200 {}", "x".repeat(1 << 20)),
                "the proxy talks too much",
            ),
            ("HTTP/1.1 200 O".to_owned(), "the proxy left"),
        ] {
            let mut script = Script(answer.as_bytes());
            let error = tunnel(&mut script, &request, None, &mut inbox).unwrap_err();
            assert_eq!(error.to_string(), why);
        }
    }
}
