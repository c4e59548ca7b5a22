//! What was agreed is not what is offered.

use wsproto::*;

#[cfg(refused)] // E0277
fn ask(_: Handshaking<Client, Deflate>, _: ClientProgress<Deflate>) {}
#[cfg(allowed)]
fn ask(_: Handshaking<Client, DeflateOffer>, _: ClientProgress<DeflateOffer>) {}

pub fn main() {}
