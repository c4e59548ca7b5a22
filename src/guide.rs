//! Pages for reading, beside the reference.

#[doc = include_str!("../docs/writing-an-extension.md")]
pub mod writing_an_extension {}
