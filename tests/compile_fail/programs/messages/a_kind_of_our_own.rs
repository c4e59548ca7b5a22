//! Nobody adds a kind of messages.

use wsproto::*;

struct Mine;

#[cfg(refused)] // E0277
impl Kind for Mine { type Data = str; }
#[cfg(allowed)]
impl AsRef<str> for Mine { fn as_ref(&self) -> &str { "" } }

pub fn main() {}
