//! The data of messages, lent by the inbox: whole messages and pieces of them.
//!
//! Knows nothing of connections. Its one idea: a loan remembers whether its memory was
//! assembled for it, so that owning it costs no copy then.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::borrow::Borrow;
use core::fmt;
use core::marker::PhantomData;
use core::mem;
use core::ops::Deref;

use crate::delivery::{End, Messages};

/// Where the payload of an event lies.
pub(crate) enum Payload<'e, B: ?Sized + ToOwned> {
    /// In one frame, as it was read, or as a decoder wrote it.
    InPlace(&'e B),
    /// Assembled from several reads or frames.
    Assembled(&'e mut B::Owned),
}

/// The data of a message, of `str` or `[u8]`, which it dereferences to: a whole message, or, from
/// an [`Inbox<Chunks>`](crate::Inbox), a piece of one.
///
/// A piece of text is cut between characters. A piece may be empty.
pub struct Data<'e, B: ?Sized + ToOwned, D = Messages> {
    payload: Payload<'e, B>,
    end: End,
    delivery: PhantomData<fn() -> D>,
}

impl<'e, B: ?Sized + ToOwned, D> Data<'e, B, D> {
    #[inline(always)]
    pub(crate) fn new(payload: Payload<'e, B>, end: End) -> Self {
        Self {
            payload,
            end,
            delivery: PhantomData,
        }
    }

    /// The payload, owned: without a copy where it had to be assembled, with one where it lay in
    /// a single frame, or is text that came compressed as a whole message.
    #[must_use]
    pub fn into_owned(self) -> B::Owned
    where
        B::Owned: Default,
    {
        match self.payload {
            Payload::InPlace(payload) => payload.to_owned(),
            Payload::Assembled(payload) => mem::take(payload),
        }
    }
}

impl<D> Data<'_, str, D> {
    /// As [`into_owned`](Self::into_owned).
    #[must_use]
    pub fn into_string(self) -> String {
        self.into_owned()
    }
}

impl<D> Data<'_, [u8], D> {
    /// As [`into_owned`](Self::into_owned).
    #[must_use]
    pub fn into_vec(self) -> Vec<u8> {
        self.into_owned()
    }
}

impl<B: ?Sized + ToOwned, D> Data<'_, B, D> {
    /// Whether this is the last piece of its frame, as a whole message is. Only for those who care
    /// how the peer cut the message.
    #[must_use]
    pub fn frame_finished(&self) -> bool {
        self.end >= End::Frame
    }

    /// Whether this is the last piece of its message, as a whole message is.
    #[must_use]
    pub fn message_finished(&self) -> bool {
        self.end >= End::Message
    }
}

impl<B: ?Sized + ToOwned, D> Deref for Data<'_, B, D> {
    type Target = B;

    #[inline(always)]
    fn deref(&self) -> &B {
        match &self.payload {
            Payload::InPlace(payload) => payload,
            Payload::Assembled(payload) => (**payload).borrow(),
        }
    }
}

impl<B: ?Sized + ToOwned, D> AsRef<B> for Data<'_, B, D> {
    fn as_ref(&self) -> &B {
        self
    }
}

impl<B: ?Sized + ToOwned + AsRef<[u8]>, D> fmt::Debug for Data<'_, B, D> {
    /// The length; payloads are nobody's business.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes: &[u8] = (**self).as_ref();
        write!(f, "Data({} bytes)", bytes.len())
    }
}
