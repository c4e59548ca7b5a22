//! Whole conversations: what both ends do, when the wire moves, and what each has to hear.

use core::fmt;
use core::ops::Range;
use std::borrow::ToOwned;
use std::string::String;
use std::vec::Vec;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::Index;

use super::frames::split;
use super::speech::Heard;
use super::values::{Message, Shown, close_code, close_reason, control_payload};
use super::wire::{Endpoint, Schedule, Turn, turn};
use crate::{CloseCode, CloseReason, CloseStatus, ControlPayload};

/// Something that one end does.
#[derive(Clone, PartialEq, Eq)]
pub enum Act {
    /// Sends a message in one piece.
    Send(Message),
    /// Sends the next fragment of a message, whose first it is where none is unfinished.
    Write(Message),
    /// Sends the last fragment of the message that is unfinished.
    Finish(Message),
    /// Sends a Ping.
    Ping(ControlPayload),
    /// Says Close, also inside an unfinished message. It is the last act of its end.
    Close(CloseCode, CloseReason),
}

impl fmt::Debug for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Send(message) => write!(f, "Send({message:?})"),
            Self::Write(piece) => write!(f, "Write({piece:?})"),
            Self::Finish(piece) => write!(f, "Finish({piece:?})"),
            Self::Ping(payload) => write!(f, "Ping({})", Shown(payload)),
            Self::Close(code, reason) => write!(f, "Close({code}, {:?})", reason.as_str()),
        }
    }
}

/// An end that can do what a [`Conversation`] asks of it.
pub trait Actor: Endpoint {
    /// Does `act`.
    fn act(&mut self, act: &Act);
}

/// A step of a [`Conversation`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The client does something.
    Client(Act),
    /// The server does something.
    Server(Act),
    /// The wire carries something.
    Carry(Turn),
}

/// A program of legal acts of two ends, with the wire between them.
///
/// No end has anything to do after it has heard a Close, which each answers as
/// [`Open::acknowledge`](crate::Open::acknowledge) does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation {
    steps: Vec<Step>,
}

impl Conversation {
    /// Its steps, after which all is carried.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Has both ends do it, and carries all there is then.
    ///
    /// # Panics
    ///
    /// As [`Schedule::run`].
    pub fn run(&self, client: &mut impl Actor, server: &mut impl Actor) {
        for step in &self.steps {
            match step {
                Step::Client(act) => client.act(act),
                Step::Server(act) => server.act(act),
                Step::Carry(turn) => turn.carry(client, server),
            }
        }
        Schedule::default().run(client, server);
    }

    /// What the client hears, in order, without the Pongs that answer its Pings.
    #[must_use]
    pub fn client_hears(&self) -> Vec<Heard> {
        hears(self.acts(false), self.acts(true))
    }

    /// What the server hears, in order, without the Pongs that answer its Pings.
    #[must_use]
    pub fn server_hears(&self) -> Vec<Heard> {
        hears(self.acts(true), self.acts(false))
    }

    fn acts(&self, of_client: bool) -> impl Iterator<Item = &Act> {
        self.steps.iter().filter_map(move |step| match step {
            Step::Client(act) if of_client => Some(act),
            Step::Server(act) if !of_client => Some(act),
            _ => None,
        })
    }
}

/// What is heard of one end's acts, and of its answer to a Close of the other's.
fn hears<'a>(
    said: impl Iterator<Item = &'a Act>,
    mut own: impl Iterator<Item = &'a Act>,
) -> Vec<Heard> {
    let (mut heard, mut unfinished, mut closed) = (Vec::new(), None, false);
    for act in said {
        match act {
            Act::Send(message) => heard.push(Heard::Message(message.clone())),
            Act::Write(piece) => add(&mut unfinished, piece),
            Act::Finish(piece) => {
                add(&mut unfinished, piece);
                heard.extend(unfinished.take().map(Heard::Message));
            }
            Act::Ping(payload) => heard.push(Heard::Ping(payload.to_vec())),
            Act::Close(code, reason) => {
                heard.push(Heard::Close((*code).into(), reason.as_str().to_owned()));
                closed = true;
            }
        }
    }
    let answer = own.find_map(|act| match act {
        Act::Close(code, _) if !closed => Some(CloseStatus::from(*code)),
        _ => None,
    });
    heard.extend(answer.map(|code| Heard::Close(code, String::new())));
    heard
}

fn add(unfinished: &mut Option<Message>, piece: &Message) {
    match (unfinished, piece) {
        (Some(Message::Text(whole)), Message::Text(piece)) => whole.push_str(piece),
        (Some(Message::Binary(whole)), Message::Binary(piece)) => whole.extend(piece),
        (unfinished, piece) => *unfinished = Some(piece.clone()),
    }
}

/// An act with what happens after it.
type Part = (Act, Vec<Turn>);

/// Any legal conversation: messages whole and in fragments, pings anywhere, and in half of all
/// cases a Close of one end or of both at once, also inside a message that is never finished.
///
/// ```
/// use proptest::prelude::*;
/// use wsproto::strategies::{End, conversation, message};
/// use wsproto::{Client, Server};
///
/// proptest!(|(conversation in conversation(message()))| {
///     let (mut client, mut server) = (End::<Client>::default(), End::<Server>::default());
///     conversation.run(&mut client, &mut server);
///     prop_assert_eq!(client.heard(), conversation.client_hears());
///     prop_assert_eq!(server.heard(), conversation.server_hears());
/// });
/// ```
pub fn conversation(
    message: impl Strategy<Value: Into<Message>> + 'static,
) -> impl Strategy<Value = Conversation> {
    let message = message.prop_map(Into::into).boxed();
    let parts = vec((any::<bool>(), parts(message.clone())), 0..10);
    (parts, end(message)).prop_map(|(parts, end)| {
        let mut steps = Vec::new();
        for (is_client, parts) in parts {
            for (act, turns) in parts {
                steps.push(step(is_client, act));
                steps.extend(turns.into_iter().map(Step::Carry));
            }
        }
        steps.extend(end);
        Conversation { steps }
    })
}

fn step(is_client: bool, act: Act) -> Step {
    match is_client {
        true => Step::Client(act),
        false => Step::Server(act),
    }
}

fn turns() -> impl Strategy<Value = Vec<Turn>> {
    prop_oneof![1 => Just(Vec::new()), 1 => vec(turn(), 1..4)]
}

/// A message or a Ping.
fn parts(message: BoxedStrategy<Message>) -> impl Strategy<Value = Vec<Part>> {
    let ping = || (control_payload().prop_map(Act::Ping), turns());
    let whole = (message.clone().prop_map(Act::Send), turns()).prop_map(|part| [part].into());
    let cut = (any::<Index>(), turns(), option::weighted(0.3, ping()));
    let fragments = (message, vec(cut, 1..4), turns()).prop_map(|(message, mut cuts, last)| {
        let ranges = split(message.as_bytes().len(), cuts.iter().map(|cut| cut.0));
        let mut parts = Vec::new();
        for range in ranges {
            let piece = piece(&message, range);
            match cuts.pop() {
                Some((_, turns, ping)) => {
                    parts.push((Act::Write(piece), turns));
                    parts.extend(ping);
                }
                None => parts.push((Act::Finish(piece), last.clone())),
            }
        }
        parts
    });
    prop_oneof![3 => whole, 2 => ping().prop_map(|part| [part].into()), 2 => fragments]
}

/// A part of a message; of text, between characters.
fn piece(message: &Message, range: Range<usize>) -> Message {
    match message {
        Message::Binary(data) => Message::Binary(data[range].to_vec()),
        Message::Text(text) => {
            let boundary = |mut at: usize| {
                while !text.is_char_boundary(at) {
                    at -= 1;
                }
                at
            };
            Message::Text(text[boundary(range.start)..boundary(range.end)].to_owned())
        }
    }
}

/// One end closes, or both before they hear the other, or neither.
fn end(message: BoxedStrategy<Message>) -> impl Strategy<Value = Vec<Step>> {
    let close = (option::weighted(0.3, message), close_code(), close_reason());
    let close = (any::<bool>(), close).prop_map(|(is_client, (unfinished, code, reason))| {
        let unfinished = unfinished.map(|message| step(is_client, Act::Write(message)));
        let close = step(is_client, Act::Close(code, reason));
        let steps: Vec<_> = unfinished.into_iter().chain([close]).collect();
        (is_client, steps)
    });
    let other = option::weighted(0.3, (close_code(), close_reason()));
    let closes = (close, other).prop_map(|((is_client, mut steps), other)| {
        let other = other.map(|(code, reason)| step(!is_client, Act::Close(code, reason)));
        steps.extend(other);
        steps
    });
    prop_oneof![1 => Just(Vec::new()), 1 => closes]
}
