//! How data is delivered: whole messages, or as it arrives.
//!
//! Knows the shapes of data, and nothing of where it comes from. Its one idea: the choice is a
//! type, so that neither kind of user writes code for the other.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::payload::{BinaryChunk, BinaryMessage, Payload, TextChunk, TextMessage};

/// How data is delivered: [`Messages`] or [`Chunks`]. Sealed.
pub trait Delivery: sealed::Delivery {
    /// What [`Event::Text`](crate::Event::Text) holds.
    type Text<'e>: fmt::Debug;
    /// What [`Event::Binary`](crate::Event::Binary) holds.
    type Binary<'e>: fmt::Debug;
}

/// Each data event is a whole message.
#[derive(Debug)]
pub enum Messages {}

/// Data is delivered as it arrives, in memory that does not depend on the message's size.
#[derive(Debug)]
pub enum Chunks {}

pub(crate) mod sealed {
    use super::{End, Payload, String, Vec};

    pub trait Delivery: 'static {
        const WHOLE: bool;

        fn text<'e>(payload: Payload<'e, str, String>, end: End) -> Self::Text<'e>
        where
            Self: super::Delivery;

        fn binary<'e>(payload: Payload<'e, [u8], Vec<u8>>, end: End) -> Self::Binary<'e>
        where
            Self: super::Delivery;
    }
}

impl Delivery for Messages {
    type Text<'e> = TextMessage<'e>;
    type Binary<'e> = BinaryMessage<'e>;
}

impl Delivery for Chunks {
    type Text<'e> = TextChunk<'e>;
    type Binary<'e> = BinaryChunk<'e>;
}

impl sealed::Delivery for Messages {
    const WHOLE: bool = true;

    #[inline(always)]
    fn text<'e>(payload: Payload<'e, str, String>, _: End) -> TextMessage<'e> {
        TextMessage { payload }
    }

    #[inline(always)]
    fn binary<'e>(payload: Payload<'e, [u8], Vec<u8>>, _: End) -> BinaryMessage<'e> {
        BinaryMessage { payload }
    }
}

impl sealed::Delivery for Chunks {
    const WHOLE: bool = false;

    #[inline(always)]
    fn text<'e>(payload: Payload<'e, str, String>, end: End) -> TextChunk<'e> {
        TextChunk {
            payload,
            frame_finished: end >= End::Frame,
            message_finished: end >= End::Message,
        }
    }

    #[inline(always)]
    fn binary<'e>(payload: Payload<'e, [u8], Vec<u8>>, end: End) -> BinaryChunk<'e> {
        BinaryChunk {
            payload,
            frame_finished: end >= End::Frame,
            message_finished: end >= End::Message,
        }
    }
}

/// What ends with a piece of data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    Nothing,
    Frame,
    Message,
}
