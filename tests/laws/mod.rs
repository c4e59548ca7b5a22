//! What always holds, as functions of any input.
//!
//! One body for each law, for three callers: the properties (`tests/properties.rs`), the stored
//! inputs (`tests/fuzz_corpus.rs`) and the fuzz targets (`fuzz/`), which include this folder by
//! its path. A law that is broken panics.
#![allow(dead_code)] // Each caller uses its part.

pub mod conversation;
#[cfg(feature = "deflate")]
pub mod deflate;
pub mod erased;
pub mod extension_header;
pub mod fuzz;
pub mod handshakes;
pub mod input;
pub mod legal;
pub mod listener;
pub mod receiving;
pub mod reference;
pub mod split;
pub mod talker;
