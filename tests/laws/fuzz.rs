//! The bodies of the fuzz targets: each takes bytes of no meaning, and panics where a law is
//! broken.

use wsproto::{Client, Server};

use super::conversation::{Course, Ending, converse};
use super::handshakes::Heads;
use super::input::{Input, cut};
use super::listener::Side;
use super::receiving::{Bounds, cuts_are_invisible};
use super::reference::is_read_by_the_rfc;
use super::talker::Act;
use super::{extension_header as header, handshakes};
#[cfg(feature = "deflate")]
use wsproto::DeflateOffer;

/// A fuzz target: its name, and its body.
pub type Target = (&'static str, fn(&[u8]));

/// All that need nothing but this crate.
pub const TARGETS: &[Target] = &[
    ("server_receive", server_receive),
    ("client_receive", client_receive),
    ("server_handshake", server_handshake),
    ("client_handshake", client_handshake),
    ("extension_header", extension_header),
    #[cfg(feature = "deflate")]
    ("deflate_decode", deflate_decode),
    #[cfg(feature = "deflate")]
    ("deflate_roundtrip", super::deflate::round_trip),
    ("conversation", conversation),
];

/// Limits that are soon reached, and those of every day.
fn bounds(choice: u8) -> Bounds {
    match choice & 3 {
        0 => Bounds::new(1 << 20, 1 << 20, (1 << 20) + (64 << 10), 1 << 17, 1024),
        1 => Bounds::new(64, 48, 200, 3, 2),
        2 => Bounds::new(8, 8, 8, 2, 0),
        _ => Bounds::new(300, 1000, 900, 8, 1),
    }
}

/// The first byte chooses limits and extension, the second how the rest is cut; the rest arrives.
fn receive<R: Side>(data: &[u8]) {
    let mut input = Input(data);
    let (choice, sizes) = (input.byte(), sizes(input.byte()));
    let (bounds, bytes) = (bounds(choice), input.0);
    let pieces = cut(bytes, &sizes);
    match choice & 4 {
        #[cfg(feature = "deflate")]
        4 => {
            let offer = match choice & 8 {
                0 => DeflateOffer::default(),
                _ => DeflateOffer::default()
                    .client_no_context_takeover()
                    .server_no_context_takeover(),
            };
            cuts_are_invisible::<R, _>(&offer, bounds, bytes, &[&pieces]);
        }
        _ => {
            let outcome = cuts_are_invisible::<R, _>(&(), bounds, bytes, &[&pieces]);
            if choice & 3 == 0 {
                is_read_by_the_rfc::<R>(bytes, bounds, &outcome);
            }
        }
    }
}

/// Sizes of pieces from one byte: all the same, or of two kinds by turns.
fn sizes(choice: u8) -> [u8; 2] {
    [1 + (choice & 0x0f), 1 + (choice >> 4) * 8]
}

/// What a server hears, of any bytes: [`cuts_are_invisible`].
pub fn server_receive(data: &[u8]) {
    receive::<Server>(data);
}

/// What a client hears, of any bytes: [`cuts_are_invisible`].
pub fn client_receive(data: &[u8]) {
    receive::<Client>(data);
}

fn head_limits(choice: u8) -> Heads {
    match choice & 1 {
        0 => Heads::default(),
        _ => Heads::new(300, 8),
    }
}

/// What a server makes of a request: [`handshakes::server`].
pub fn server_handshake(data: &[u8]) {
    let mut input = Input(data);
    let (choice, sizes) = (input.byte(), sizes(input.byte()));
    let pieces = cut(input.0, &sizes);
    match choice & 2 {
        #[cfg(feature = "deflate")]
        2 => {
            let offer = DeflateOffer::default();
            handshakes::server(&offer, head_limits(choice), input.0, &[&pieces]);
        }
        _ => {
            handshakes::server(&(), head_limits(choice), input.0, &[&pieces]);
        }
    }
}

/// What a client makes of an answer: [`handshakes::client`].
pub fn client_handshake(data: &[u8]) {
    let mut input = Input(data);
    let (choice, sizes) = (input.byte(), sizes(input.byte()));
    let pieces = cut(input.0, &sizes);
    match choice & 2 {
        #[cfg(feature = "deflate")]
        2 => {
            let offer = DeflateOffer::default();
            handshakes::client(&offer, head_limits(choice), input.0, &[&pieces]);
        }
        _ => {
            handshakes::client(&(), head_limits(choice), input.0, &[&pieces]);
        }
    }
}

/// What both roles make of a `Sec-WebSocket-Extensions`: see [`header`].
pub fn extension_header(data: &[u8]) {
    // A head is bounded, and what is above that bound is another law's matter.
    let value = &data[..data.len().min(4096)];
    header::offer(value);
    header::answer(value);
}

/// What a decoder makes of a payload: [`decodes_alike`](super::deflate::decodes_alike).
#[cfg(feature = "deflate")]
pub fn deflate_decode(data: &[u8]) {
    let mut input = Input(data);
    let (choice, sizes) = (input.byte(), sizes(input.byte()));
    super::deflate::decodes_alike(bounds(choice), input.0, &sizes);
}

/// Two ends and any acts: [`converse`].
pub fn conversation(data: &[u8]) {
    let mut input = Input(data);
    let (modes, choice) = (input.byte(), input.byte());
    let ending = match choice & 3 {
        0 => Ending::Vanishes,
        1 => Ending::ServerCloses,
        _ => Ending::ClientCloses,
    };
    let mut acts = Vec::new();
    // Of more than these a message might be above the limits.
    while !input.is_empty() && acts.len() < 100 {
        let byte = input.byte();
        acts.push((byte & 1 == 0, Act::read(&mut input)));
    }
    let course = Course {
        modes,
        limits: None,
        deflate: choice & 4 != 0,
        acts: &acts,
        ending,
    };
    match choice & 4 {
        #[cfg(feature = "deflate")]
        4 => {
            let offer = DeflateOffer::default().threshold(u32::from(choice >> 3));
            converse(&offer, &offer, course);
        }
        _ => converse(&(), &(), course),
    }
}
