//! Pages for reading, beside the reference.

#[doc = include_str!("../docs/left-to-you.md")]
pub mod left_to_you {}

#[doc = include_str!("../docs/coming-from-wsproto.md")]
pub mod coming_from_wsproto {}

#[doc = include_str!("../docs/versioning.md")]
pub mod versioning {}

#[doc = include_str!("../docs/writing-an-extension.md")]
pub mod writing_an_extension {}

#[cfg(feature = "proptest")]
#[cfg_attr(docsrs, doc(cfg(feature = "proptest")))]
#[doc = include_str!("../docs/testing-your-protocol.md")]
pub mod testing_your_protocol {}
