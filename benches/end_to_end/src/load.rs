//! The load: prebuilt frames go out, and as many bytes as their echoes have are counted.
//!
//! Nothing is parsed, so that the load takes less than what it is put on. That the echoes are right is
//! looked at once per connection, before the time runs.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use clap::Parser;
use hdrhistogram::Histogram;
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

#[derive(Parser)]
pub struct Options {
    /// The server
    #[arg(long)]
    to: SocketAddr,
    #[arg(long, default_value_t = 1)]
    connections: usize,
    /// Bytes in a message
    #[arg(long, default_value_t = 1024)]
    size: usize,
    /// Messages of a connection that are under way at a time
    #[arg(long, default_value_t = 1)]
    depth: usize,
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
    /// Opens the connections, waits for a line on standard input, and ends
    #[arg(long)]
    idle: bool,
}

struct Connection {
    stream: TcpStream,
    /// Bytes of the echo that is arriving.
    heard: usize,
    /// Bytes of `unsent` copies of the frame that are written, of the first.
    written: usize,
    unsent: usize,
    /// When each message under way was sent.
    sent_at: VecDeque<Instant>,
}

pub fn run(options: &Options) -> io::Result<()> {
    let payload = vec![b'a'; options.size];
    let frame = frame(&payload, true);
    let echo = self::frame(&payload, false);
    let mut connections = Vec::with_capacity(options.connections);
    for _ in 0..options.connections {
        connections.push(open(options.to, &frame, &echo)?);
    }
    if options.idle {
        println!("open");
        io::stdin().read_line(&mut String::new())?;
        return Ok(());
    }

    let mut poll = Poll::new()?;
    for (index, connection) in connections.iter_mut().enumerate() {
        let interest = Interest::READABLE | Interest::WRITABLE;
        poll.registry()
            .register(&mut connection.stream, Token(index), interest)?;
        connection.unsent = options.depth;
        connection.write(&frame)?;
    }
    let mut latencies =
        Histogram::<u64>::new_with_max(60_000_000_000, 3).map_err(io::Error::other)?;
    let mut events = Events::with_capacity(1024);
    let mut buffer = vec![0; 256 << 10];
    let mut messages = 0_u64;
    let started = Instant::now();
    // The first fifth of the time is for warming up.
    let warm = Duration::from_secs_f64(options.seconds / 5.0);
    let end = Duration::from_secs_f64(options.seconds);
    let mut counted_from = None;
    let elapsed = loop {
        poll.poll(&mut events, Some(Duration::from_millis(100)))?;
        let now = started.elapsed();
        if counted_from.is_none() && now > warm {
            counted_from = Some(now);
            messages = 0;
            latencies.reset();
        }
        if now > end {
            break end - counted_from.unwrap_or_default();
        }
        for event in &events {
            let connection = &mut connections[event.token().0];
            messages += connection.read(&mut buffer, echo.len(), &mut latencies)?;
            connection.write(&frame)?;
        }
    };
    println!(
        r#"{{"messages_per_second": {:.0}, "messages": {messages}, "p50_us": {:.1}, "p99_us": {:.1}, "p999_us": {:.1}}}"#,
        messages as f64 / elapsed.as_secs_f64(),
        latencies.value_at_quantile(0.5) as f64 / 1e3,
        latencies.value_at_quantile(0.99) as f64 / 1e3,
        latencies.value_at_quantile(0.999) as f64 / 1e3,
    );
    Ok(())
}

impl Connection {
    /// Reads what there is; gives how many echoes ended with it, each of which makes room for one
    /// more message.
    fn read(
        &mut self,
        buffer: &mut [u8],
        echo: usize,
        latencies: &mut Histogram<u64>,
    ) -> io::Result<u64> {
        let mut messages = 0;
        loop {
            let read = match self.stream.read(buffer) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(messages),
                Err(error) => return Err(error),
            };
            self.heard += read;
            let now = Instant::now();
            while self.heard >= echo {
                self.heard -= echo;
                let sent = self.sent_at.pop_front().ok_or(io::ErrorKind::InvalidData)?;
                latencies.saturating_record((now - sent).as_nanos() as u64);
                messages += 1;
                self.unsent += 1;
            }
            if read < buffer.len() {
                return Ok(messages);
            }
        }
    }

    fn write(&mut self, frame: &[u8]) -> io::Result<()> {
        while self.unsent > 0 {
            if self.written == 0 {
                self.sent_at.push_back(Instant::now());
            }
            match self.stream.write(&frame[self.written..]) {
                Ok(written) => self.written += written,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if self.written == 0 {
                        self.sent_at.pop_back();
                    }
                    return Ok(());
                }
                Err(error) => return Err(error),
            }
            if self.written == frame.len() {
                self.written = 0;
                self.unsent -= 1;
            }
        }
        Ok(())
    }
}

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Sec-WebSocket-Version: 13\r\n\r\n";

/// A connection that has echoed once, and rightly.
fn open(to: SocketAddr, frame: &[u8], echo: &[u8]) -> io::Result<Connection> {
    let mut stream = std::net::TcpStream::connect(to)?;
    stream.set_nodelay(true)?;
    stream.write_all(REQUEST)?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    if !head.starts_with(b"HTTP/1.1 101") {
        return Err(io::Error::other("the server refuses"));
    }
    stream.write_all(frame)?;
    let mut answer = vec![0; echo.len()];
    stream.read_exact(&mut answer)?;
    if answer != echo {
        return Err(io::Error::other("that is no echo"));
    }
    stream.set_nonblocking(true)?;
    Ok(Connection {
        stream: TcpStream::from_std(stream),
        heard: 0,
        written: 0,
        unsent: 0,
        sent_at: VecDeque::new(),
    })
}

/// A binary message in one frame (RFC 6455 5.2), masked as a client's or not.
fn frame(payload: &[u8], masked: bool) -> Vec<u8> {
    let bit = if masked { 0x80 } else { 0 };
    let mut frame = vec![0x82];
    match payload.len() {
        len @ 0..=125 => frame.push(bit | len as u8),
        len @ 126..=0xffff => {
            frame.push(bit | 126);
            frame.extend((len as u16).to_be_bytes());
        }
        len => {
            frame.push(bit | 127);
            frame.extend((len as u64).to_be_bytes());
        }
    }
    if masked {
        let key = [0x37, 0xfa, 0x21, 0x3d];
        frame.extend(key);
        frame.extend(payload.iter().zip(key.iter().cycle()).map(|(a, b)| a ^ b));
    } else {
        frame.extend(payload);
    }
    frame
}
