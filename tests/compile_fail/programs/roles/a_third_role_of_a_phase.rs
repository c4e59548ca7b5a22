//! Nothing else stands for a role.

use wsproto::*;

struct Mine;

#[cfg(refused)] // E0277
fn serve(_: Open<Mine>) {}
#[cfg(allowed)]
fn serve(_: Open<Server>) {}

pub fn main() {}
