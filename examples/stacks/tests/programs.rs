//! Each program as it is run, over loopback.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const HYPER: &str = env!("CARGO_BIN_EXE_hyper_server");
const AXUM: &str = env!("CARGO_BIN_EXE_axum_server");

/// A program that serves until the test ends.
struct Server {
    child: Child,
    address: String,
    output: BufReader<std::process::ChildStdout>,
}

impl Server {
    fn start(program: &str) -> Self {
        let mut command = Command::new(program);
        let command = command.arg("127.0.0.1:0").stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let line = next_line(&mut output);
        let address = line.strip_prefix("listening on http://").unwrap().into();
        Self {
            child,
            address,
            output,
        }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        let patience = Some(Duration::from_secs(20));
        stream.set_read_timeout(patience).unwrap();
        stream
    }

    /// What comes back for these bytes, until the server ends the connection.
    fn all(&self, sent: &[u8]) -> Vec<u8> {
        let mut stream = self.connect();
        stream.write_all(sent).unwrap();
        let mut received = Vec::new();
        stream.read_to_end(&mut received).unwrap();
        received
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn next_line(output: &mut impl BufRead) -> String {
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    line.trim_end().into()
}

/// The request of RFC 6455 1.3 for /echo, with `version` and more header lines.
fn request(version: &str, more: &str) -> Vec<u8> {
    format!(
        "GET /echo HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: {version}\r\n\
         {more}\r\n"
    )
    .into_bytes()
}

/// A head in lower case, and what is behind it.
fn split(response: &[u8]) -> (String, &[u8]) {
    let end = response.windows(4).position(|it| it == b"\r\n\r\n");
    let (head, rest) = response.split_at(end.expect("a head") + 4);
    (String::from_utf8_lossy(head).to_lowercase(), rest)
}

/// "Hello", masked as in RFC 6455 5.7; a Ping; and Close with 1000.
const FRAMES: &[u8] =
    b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58\x89\x81\0\0\0\0p\x88\x82\0\0\0\0\x03\xe8";
/// Their echo, pong and answer.
const ANSWERS: &[u8] = b"\x81\x05Hello\x8a\x01p\x88\x02\x03\xe8";

#[test]
fn a_websocket_echoes_whether_its_frames_came_with_the_request_or_later() {
    for program in [HYPER, AXUM] {
        let mut server = Server::start(program);
        // Read ahead with the head: they must not be lost.
        let received = server.all(&[&request("13", ""), FRAMES].concat());
        let (head, frames) = split(&received);
        assert!(head.starts_with("http/1.1 101 "), "{program}: {head}");
        assert!(head.contains("\r\nsec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=\r\n"));
        assert_eq!(frames, ANSWERS, "{program}");
        assert_eq!(
            next_line(&mut server.output),
            "closed with 1000, cleanly: true"
        );

        let mut stream = server.connect();
        stream.write_all(&request("13", "")).unwrap();
        let mut received = Vec::new();
        while !received.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            received.extend(byte);
        }
        stream.write_all(FRAMES).unwrap();
        let mut frames = Vec::new();
        stream.read_to_end(&mut frames).unwrap();
        assert_eq!(frames, ANSWERS, "{program}");
    }
}

#[test]
fn ordinary_http_is_on_the_same_port() {
    for program in [HYPER, AXUM] {
        let server = Server::start(program);
        let page = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
        let none = b"GET /none HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        let received = server.all(&[&page[..], none].concat());
        let received = String::from_utf8(received).unwrap();
        assert!(
            received.starts_with("HTTP/1.1 200 OK\r\n"),
            "{program}: {received}"
        );
        assert!(received.contains("a WebSocket that echoes is at /echo\n"));
        assert!(
            received.contains("HTTP/1.1 404 Not Found\r\n"),
            "{program}: {received}"
        );
    }
}

#[test]
fn what_is_not_a_handshake_is_refused_and_the_connection_ends() {
    for program in [HYPER, AXUM] {
        let server = Server::start(program);
        // The connection ends, though the client has not asked for it.
        let received = server.all(b"GET /echo HTTP/1.1\r\nHost: localhost\r\n\r\n");
        let (head, body) = split(&received);
        assert!(head.starts_with("http/1.1 400 "), "{program}: {head}");
        assert!(
            head.contains("\r\nconnection: close\r\n"),
            "{program}: {head}"
        );
        assert_eq!(body, b"no Upgrade to websocket");

        let received = server.all(&request("8", ""));
        let (head, body) = split(&received);
        assert!(head.starts_with("http/1.1 426 "), "{program}: {head}");
        assert!(
            head.contains("\r\nsec-websocket-version: 13\r\n"),
            "{program}: {head}"
        );
        assert_eq!(body, b"Sec-WebSocket-Version is not 13");
    }
}

#[test]
fn axum_answers_only_its_own_pages() {
    let server = Server::start(AXUM);
    let received = server.all(&request("13", "Origin: https://evil.example.com\r\n"));
    let (head, body) = split(&received);
    assert!(head.starts_with("http/1.1 403 "), "{head}");
    assert_eq!(body, b"not from this page\n");
    let own = request("13", "Origin: http://localhost:8080\r\n");
    let received = server.all(&[&own, FRAMES].concat());
    assert!(split(&received).0.starts_with("http/1.1 101 "));
}

#[test]
fn a_stream_of_http_2_holds_a_websocket() {
    let ran = Command::new(env!("CARGO_BIN_EXE_h2_websocket"))
        .output()
        .unwrap();
    assert!(
        ran.status.success(),
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    let said = String::from_utf8(ran.stdout).unwrap();
    let of = |end: &str| -> Vec<String> {
        let lines = said.lines().filter_map(|line| line.strip_prefix(end));
        lines.map(Into::into).collect()
    };
    assert_eq!(
        of("server: "),
        [
            "asked for /chat of localhost",
            "closed with 1000, cleanly: true"
        ]
    );
    assert_eq!(
        of("client: "),
        [
            "open, with status 200 OK",
            "heard \"hello in a stream\"",
            "closed with 1000, cleanly: true",
            "the server has ended the stream: true",
        ]
    );
}

#[test]
fn the_guide_shows_what_runs() {
    let guide = include_str!("../../../docs/http.md");
    let (_, shown) = guide.split_once("```rust,ignore\n").unwrap();
    let (shown, _) = shown.split_once("```").unwrap();
    assert!(
        shown.lines().count() < 30,
        "a route is upgraded in under 30 lines"
    );
    assert!(include_str!("../src/bin/hyper_server.rs").contains(shown));
}
