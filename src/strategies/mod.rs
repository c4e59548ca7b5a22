//! Strategies for property tests of what is built on this crate, with the [`proptest`] crate.
//!
//! A protocol on top of WebSocket has a few laws that no list of examples covers, and that hold
//! for any input. Each has its strategies here:
//!
//! | law | input |
//! |---|---|
//! | *What a peer says is all that counts, and not in which pieces it comes.* | [`speech`], [`cuts`] |
//! | *Whatever a peer sends, we do not panic, and we notice what is wrong.* | [`broken_speech`], [`hostile_bytes`] |
//! | *What one end says, the other hears.* | [`schedule`], and an [`Endpoint`] for each end |
//! | *Our own connection type tells all that was said.* | [`conversation`], and an [`Actor`] |
//!
//! Messages are yours: [`speech`], [`fragments`] and [`conversation`] take a strategy of what your
//! protocol says, and wrap it into all that WebSocket allows around it. [`message`] is for a
//! protocol that takes anything. The [guide](crate::guide::testing_your_protocol) finds a bug with
//! them.
//!
//! They shrink towards few, small messages that arrive whole. (proptest shrinks from left to right,
//! so what cuts stands before what is cut.) Values show their bytes when they are printed, as a
//! counterexample has to.
//!
//! ```
//! use proptest::prelude::*;
//! use wsproto::strategies::{Heard, cuts, message, speech};
//! use wsproto::{Client, Event, Inbox, Limits, Open, Outbox, Server};
//!
//! proptest! {
//!     # /*
//!     #[test]
//!     # */
//!     # #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]
//!     fn pieces_do_not_matter(cuts in cuts(), speech in speech::<Client>(message())) {
//!         let mut open = Open::<Server>::after_upgrade((), Limits::default());
//!         let (mut inbox, mut outbox) = (Inbox::new(), Outbox::new());
//!         let mut heard: Vec<Heard> = Vec::new();
//!         for piece in cuts.pieces(speech.bytes()) {
//!             inbox.extend(piece);
//!             while let Some(event) = open.receive(&mut inbox, &mut outbox)? {
//!                 heard.push((&event).into());
//!             }
//!         }
//!         prop_assert_eq!(heard, speech.heard());
//!     }
//! }
//! # pieces_do_not_matter();
//! ```
//!
//! [`proptest`]: https://docs.rs/proptest

// This folder uses the crate as any user does, by its public names alone: `tests/properties.rs`
// compiles it as its own.
mod broken;
mod conversation;
mod cuts;
mod end;
mod frames;
mod hostile;
mod speech;
mod values;
mod wire;

pub use broken::{BrokenFrame, broken_frame};
pub use conversation::{Act, Actor, Conversation, Step, conversation};
pub use cuts::{Cuts, cuts};
pub use end::End;
pub use frames::{Frame, close_frame, fragments, frame};
pub use hostile::{damaged, hostile_bytes};
pub use speech::{Heard, Speech, broken_speech, speech};
pub use values::{Message, binary, close_code, close_reason, control_payload, message, text};
pub use wire::{Endpoint, Schedule, Turn, schedule, turn};
