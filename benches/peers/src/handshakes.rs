//! Handshakes as they stand on the wire, and the server that answers a client's.

use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};

use crate::contestants::Run;
use crate::measure::clock;
use crate::tally::Tally;

pub const HOST: &str = "chat.example.com";
pub const TARGET: &str = "/room/42?token=0123456789abcdef";
pub const URL: &str = "ws://chat.example.com/room/42?token=0123456789abcdef";

/// What a browser sends beside what a WebSocket client must.
pub const HEADERS: [(&str, &str); 7] = [
    ("Pragma", "no-cache"),
    ("Cache-Control", "no-cache"),
    (
        "User-Agent",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
         Chrome/131.0.0.0 Safari/537.36",
    ),
    ("Origin", "https://chat.example.com"),
    ("Accept-Encoding", "gzip, deflate, br, zstd"),
    ("Accept-Language", "en-US,en;q=0.9,de;q=0.8"),
    ("Cookie", COOKIE),
];

/// 300 bytes.
const COOKIE: &str = "session=4b7c1d9e2f3a5b6c7d8e9f0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e; \
    theme=dark; consent=eyJhbmFseXRpY3MiOnRydWUsImFkcyI6ZmFsc2V9; csrf=Zm9vYmFyYmF6cXV4; \
    _ga=GA1.2.1234567890.1700000000; _gid=GA1.2.0987654321.1700000000; locale=en_US; tz=Europe%2FBerlin; \
    ab=variant-b; last=0123456789ABCDEF01234";

/// A browser's request: twelve headers and the cookie.
pub fn request() -> Vec<u8> {
    assert_eq!(COOKIE.len(), 300);
    let mut request = format!("GET {TARGET} HTTP/1.1\r\nHost: {HOST}\r\nConnection: Upgrade\r\n");
    let (cookie, headers) = HEADERS.split_last().unwrap();
    for (name, value) in headers {
        request += &format!("{name}: {value}\r\n");
    }
    request += "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
    request += &format!("{}: {}\r\n", cookie.0, cookie.1);
    request += "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    request += "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n";
    request.into_bytes()
}

/// What that key must be answered with: the example of RFC 6455 1.3.
pub const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// A server that answers a request with what a server must, and what a proxy adds.
#[derive(Default)]
pub struct Answering {
    request: Vec<u8>,
    response: Vec<u8>,
    /// Bytes of the response that were read.
    read: usize,
}

impl Answering {
    pub fn new() -> Arc<Mutex<Self>> {
        Arc::default()
    }

    /// For the next client.
    pub fn clear(&mut self) {
        self.request.clear();
        self.response.clear();
        self.read = 0;
    }

    pub fn hear(&mut self, bytes: &[u8]) {
        self.request.extend_from_slice(bytes);
    }

    /// Reads the answer, once the request is whole.
    pub fn answer(&mut self, space: &mut [u8]) -> usize {
        if self.response.is_empty() && self.request.ends_with(b"\r\n\r\n") {
            self.respond();
        }
        let rest = &self.response[self.read..];
        let len = rest.len().min(space.len());
        space[..len].copy_from_slice(&rest[..len]);
        self.read += len;
        len
    }

    fn respond(&mut self) {
        const KEY: &[u8] = b"sec-websocket-key: ";
        let mut lines = memchr::memchr_iter(b'\n', &self.request);
        let key = lines.find_map(|at| {
            let line = self.request.get(at + 1..)?;
            let (name, rest) = line.split_at_checked(KEY.len())?;
            name.eq_ignore_ascii_case(KEY).then(|| &rest[..24])
        });
        let mut hash = Sha1::new();
        hash.update(key.expect("a request has a key"));
        hash.update(b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
        let mut accept = [0; 28];
        STANDARD.encode_slice(hash.finalize(), &mut accept).unwrap();
        self.response.extend_from_slice(
            b"HTTP/1.1 101 Switching Protocols\r\nServer: nginx\r\n\
              Date: Mon, 01 Jan 2024 00:00:00 GMT\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\
              Strict-Transport-Security: max-age=31536000\r\nSec-WebSocket-Accept: ",
        );
        self.response.extend_from_slice(&accept);
        self.response.extend_from_slice(b"\r\n\r\n");
    }
}

/// A client's run, without the time that its server takes to answer: that is measured by itself,
/// once for each handshake, and taken off twice.
pub fn less_answers(mut run: Run, server: Arc<Mutex<Answering>>) -> Run {
    Box::new(move |count, tally: &mut Tally| {
        run(count, tally);
        let mut server = server.lock().unwrap();
        let start = clock();
        for _ in 0..count {
            server.response.clear();
            server.respond();
        }
        tally.paused += (clock() - start) * 2;
    })
}
