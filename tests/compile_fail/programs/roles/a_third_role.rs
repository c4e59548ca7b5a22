//! There are two roles.

use wsproto::*;

struct Mine;

#[cfg(refused)] // E0277
impl Role for Mine {}
#[cfg(allowed)]
impl Unpin for Mine {}

pub fn main() {}
