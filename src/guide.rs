//! Pages for reading, beside the reference.

#[doc = include_str!("../docs/driving.md")]
pub mod driving {}

#[doc = include_str!("../docs/closing.md")]
pub mod closing {}

#[doc = include_str!("../docs/limits.md")]
pub mod limits {}

#[cfg(feature = "deflate")]
#[cfg_attr(docsrs, doc(cfg(feature = "deflate")))]
#[doc = include_str!("../docs/extensions.md")]
pub mod extensions {}

#[doc = include_str!("../docs/coming-from-wsproto.md")]
pub mod coming_from_wsproto {}

#[doc = include_str!("../docs/versioning.md")]
pub mod versioning {}

#[doc = include_str!("../docs/writing-an-extension.md")]
pub mod writing_an_extension {}

#[cfg(feature = "http")]
#[cfg_attr(docsrs, doc(cfg(feature = "http")))]
#[doc = include_str!("../docs/http.md")]
pub mod http {}

#[cfg(feature = "proptest")]
#[cfg_attr(docsrs, doc(cfg(feature = "proptest")))]
#[doc = include_str!("../docs/testing-your-protocol.md")]
pub mod testing_your_protocol {}

#[doc = include_str!("../docs/coming-from-tungstenite.md")]
pub mod coming_from_tungstenite {}

#[doc = include_str!("../docs/left-to-you.md")]
pub mod left_to_you {}
