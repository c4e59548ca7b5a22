//! What is no extension does not stand for one.

use wsproto::*;

struct Mine;

#[cfg(refused)] // E0277
fn serve(_: Open<Server, Mine>) {}
#[cfg(allowed)]
fn serve(_: Open<Server, Option<()>>) {}

pub fn main() {}
