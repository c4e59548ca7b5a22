//! The laws that the fuzz targets assert. All but one are the crate's own tests, by their path.

#[path = "../../tests/common/mod.rs"]
mod common;
pub mod differential;
#[path = "../../tests/laws/mod.rs"]
pub mod laws;
