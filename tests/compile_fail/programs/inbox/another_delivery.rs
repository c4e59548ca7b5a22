//! There are two modes of delivery.

use wsproto::*;

struct Mine;

#[cfg(refused)] // E0277
fn read(_: &mut Inbox<Mine>) {}
#[cfg(allowed)]
fn read(_: &mut Inbox<Chunks>) {}

pub fn main() {}
