//! yawc 0.5, with `simd` and `zlib`: its `Sink`, and `poll_next_frame` rather than its `Stream`,
//! which hides errors. UTF-8 is checked, which it does not do by default.

use bytes::Bytes;
use yawc::{CompressionLevel, Frame, HttpRequest, HttpStream, OpCode, Options, WebSocket};

use super::{Contestant, Run, audience, hyper, polled};
use crate::handshakes::{HEADERS, URL};
use crate::wire::Wire;
use crate::workloads::{Deflate, Role, Row};

pub struct Yawc;

impl Contestant for Yawc {
    fn name(&self) -> &'static str {
        "yawc"
    }

    fn receive(&self, row: &Row, wire: Wire) -> Option<Run> {
        Some(polled::receive(socket(row, wire), next))
    }

    fn send(&self, row: &Row, messages: Vec<Bytes>, wire: Wire) -> Option<Run> {
        let socket = socket(row, wire);
        Some(if row.content.is_text() {
            polled::send(socket, messages, Frame::text)
        } else {
            polled::send(socket, messages, Frame::binary)
        })
    }

    fn echo(&self, row: &Row, wire: Wire) -> Option<Run> {
        Some(polled::echo(socket(row, wire), next))
    }

    fn accept(&self, connect: Box<dyn Fn() -> Wire>) -> Option<Run> {
        Some(hyper::accept(connect, |request| {
            WebSocket::<HttpStream>::upgrade(request).unwrap()
        }))
    }

    fn connect(&self, connect: Box<dyn Fn() -> Wire>) -> Option<Run> {
        Some(hyper::connect(connect, |wire| async move {
            let mut request = HttpRequest::builder();
            for (name, value) in HEADERS {
                request = request.header(name, value);
            }
            let (url, options) = (URL.parse().unwrap(), Options::default());
            WebSocket::handshake_with_request(url, wire, options, request)
                .await
                .unwrap()
        }))
    }

    fn broadcast(&self, messages: Vec<Bytes>, connect: Box<dyn Fn() -> Wire>) -> Option<Run> {
        let sockets = audience(connect, |wire| {
            WebSocket::from_stream(wire, yawc::Role::Server, Options::default()).unwrap()
        });
        Some(polled::broadcast(sockets, messages, Frame::binary))
    }
}

fn socket(row: &Row, wire: Wire) -> WebSocket<Wire> {
    // Its limits are exclusive. Its buffers hold 8 KiB if not told otherwise.
    let mut options = Options::default()
        .with_utf8()
        .with_limits(4 << 20, 8 << 20)
        .with_read_buffer_capacity(row.buffer)
        .with_write_buffer_capacity(row.buffer)
        .with_backpressure_boundary(row.buffer);
    let role = match row.role {
        Role::Server => yawc::Role::Server,
        Role::Client => yawc::Role::Client,
    };
    let extensions = match row.deflate {
        None => None,
        Some(deflate) => {
            options = options.with_compression_level(CompressionLevel::new(6));
            Some(match deflate {
                Deflate::Takeover => "permessage-deflate",
                Deflate::NoTakeover => {
                    "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
                }
            })
        }
    };
    WebSocket::from_stream_with_extensions(wire, role, extensions, options).unwrap()
}

#[inline]
fn next(socket: &mut WebSocket<Wire>) -> Frame {
    match socket.poll_next_frame(&mut polled::context()) {
        std::task::Poll::Ready(frame) => frame.unwrap(),
        std::task::Poll::Pending => panic!("the transport has always something to read"),
    }
}

impl polled::Message for Frame {
    #[inline]
    fn data(&self) -> Option<&[u8]> {
        match self.opcode() {
            // `as_str` would validate text again, with std.
            OpCode::Text | OpCode::Binary => Some(self.payload()),
            _ => None,
        }
    }
}
