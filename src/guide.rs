//! Pages for reading, beside the reference.

#[doc = include_str!("../docs/left-to-you.md")]
pub mod left_to_you {}

#[doc = include_str!("../docs/writing-an-extension.md")]
pub mod writing_an_extension {}
