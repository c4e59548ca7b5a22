//! How data is delivered: whole messages, or as it arrives.
//!
//! Knows nothing of where data comes from. Its one idea: the choice is a type, so that neither
//! kind of user writes code for the other.

/// How data is delivered: [`Messages`] or [`Chunks`]. Sealed.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a mode of delivery",
    label = "neither `Messages` nor `Chunks`",
    note = "an inbox delivers `Messages` or `Chunks`, and there is no other mode"
)]
pub trait Delivery: sealed::Delivery {}

/// Each data event is a whole message.
#[derive(Debug)]
pub enum Messages {}

/// Data is delivered as it arrives, in memory that does not depend on the message's size.
#[derive(Debug)]
pub enum Chunks {}

impl Delivery for Messages {}
impl Delivery for Chunks {}

pub(crate) mod sealed {
    #[diagnostic::on_unimplemented(
        message = "`{Self}` is not a mode of delivery",
        label = "neither `Messages` nor `Chunks`",
        note = "an inbox delivers `Messages` or `Chunks`, and there is no other mode"
    )]
    pub trait Delivery: 'static {
        const WHOLE: bool;
    }

    impl Delivery for super::Messages {
        const WHOLE: bool = true;
    }

    impl Delivery for super::Chunks {
        const WHOLE: bool = false;
    }
}

/// What ends with a piece of data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum End {
    Nothing,
    Frame,
    Message,
}
