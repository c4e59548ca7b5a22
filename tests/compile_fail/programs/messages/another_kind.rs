//! RFC 6455 knows two kinds of messages.

use wsproto::*;

struct Mine;

#[cfg(refused)] // E0277
fn go_on(_: Streaming<Server, (), Mine>) {}
#[cfg(allowed)]
fn go_on(_: Streaming<Server, (), Binary>) {}

pub fn main() {}
