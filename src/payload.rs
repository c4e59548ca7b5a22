//! The data of messages, lent by the inbox: whole messages and pieces of them.
//!
//! Knows nothing of connections. Its one idea: a loan remembers whether its memory was
//! assembled for it, so that owning it costs no copy then.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::mem;
use core::ops::Deref;

/// Where the payload of an event lies.
#[derive(Debug)]
pub enum Payload<'e, B: ?Sized, O> {
    /// In one frame, as it was read.
    InPlace(&'e B),
    /// Assembled from several reads or frames.
    Assembled(&'e mut O),
}

impl<B: ?Sized, O: Deref<Target = B>> Deref for Payload<'_, B, O> {
    type Target = B;

    #[inline(always)]
    fn deref(&self) -> &B {
        match self {
            Self::InPlace(payload) => payload,
            Self::Assembled(payload) => payload,
        }
    }
}

impl<B: ?Sized + ToOwned<Owned = O>, O: Default> Payload<'_, B, O> {
    fn into_owned(self) -> O {
        match self {
            Self::InPlace(payload) => payload.to_owned(),
            Self::Assembled(payload) => mem::take(payload),
        }
    }
}

macro_rules! payloads {
    ($(
        $(#[$doc:meta])*
        $name:ident: $borrowed:ty, $owned:ty, $into:ident { $($field:ident),* }
    )*) => { $(
        $(#[$doc])*
        pub struct $name<'e> {
            pub(crate) payload: Payload<'e, $borrowed, $owned>,
            $(pub(crate) $field: bool,)*
        }

        impl $name<'_> {
            /// The payload, owned: without a copy where it had to be assembled, with one
            /// where it lay in a single frame.
            #[must_use]
            pub fn $into(self) -> $owned {
                self.payload.into_owned()
            }
        }

        impl Deref for $name<'_> {
            type Target = $borrowed;

            #[inline(always)]
            fn deref(&self) -> &$borrowed {
                &self.payload
            }
        }

        impl AsRef<$borrowed> for $name<'_> {
            fn as_ref(&self) -> &$borrowed {
                self
            }
        }

        impl fmt::Debug for $name<'_> {
            /// The length; payloads are nobody's business.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({} bytes)"), self.len())
            }
        }
    )* };
}

payloads! {
    /// A whole text message. Dereferences to [`str`].
    TextMessage: str, String, into_string {}
    /// A whole binary message. Dereferences to `[u8]`.
    BinaryMessage: [u8], Vec<u8>, into_vec {}
    /// A piece of a text message, cut between characters; may be empty. Dereferences to [`str`].
    TextChunk: str, String, into_string { frame_finished, message_finished }
    /// A piece of a binary message; may be empty. Dereferences to `[u8]`.
    BinaryChunk: [u8], Vec<u8>, into_vec { frame_finished, message_finished }
}

macro_rules! finished {
    ($($name:ident)*) => { $(
        impl $name<'_> {
            /// Whether this is the last piece of its frame. Only for those who care how the peer
            /// cut the message.
            #[must_use]
            pub fn frame_finished(&self) -> bool {
                self.frame_finished
            }

            /// Whether this is the last piece of its message.
            #[must_use]
            pub fn message_finished(&self) -> bool {
                self.message_finished
            }
        }
    )* };
}

finished! { TextChunk BinaryChunk }
