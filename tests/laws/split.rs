//! Laws of halves: two of them hear and say what one connection does.

use std::collections::VecDeque;

use bytes::Bytes;
use wsproto::{
    Binary, CloseCode, CloseReason, Closed, Closing, ClosingSender, ControlPayload, Established,
    Event, Extension, Inbox, Limits, Negotiate, Open, Outbox, OwedPong, PeerClose, Received,
    Receiver, Role, Sender, Streaming, StreamingSender, Text, Violation,
};

use super::legal;
use super::listener::{Side, shake};
use super::talker::{Act, messages};
use crate::common::{self, Mode, drain};

/// A step of an end that may be split.
#[derive(Clone, Debug)]
pub enum Step {
    /// As [`Act`] says; `Carry` is for what arrives.
    Act(Act),
    /// Looks whether there is an event, and leaves it.
    Look,
    /// So many bytes are sent.
    Send(usize),
    /// The sending half takes so much of what is owed.
    Pay(usize),
    Split,
    Join,
}

/// When the sending half takes what is owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pays {
    AtOnce,
    /// When a step says so, and at the end.
    Later,
}

/// The sending half, in any phase: with the names of [`Established`].
pub enum Half<R: Role, X: Extension> {
    Open(Sender<R, X>),
    StreamingText(StreamingSender<R, X, Text>),
    StreamingBinary(StreamingSender<R, X, Binary>),
    Closing(ClosingSender<R, X>),
    Closed(Closed<R>),
}

/// What one connection and a sending half have in common.
pub trait Speaker<R: Role>: From<Closed<R>> {
    fn act(self, act: &Act, outbox: &mut Outbox) -> Self;

    /// The peer has said Close.
    fn acknowledge(self, close: PeerClose, outbox: &mut Outbox) -> Closed<R>;

    fn fail(self, violation: Violation, outbox: &mut Outbox) -> Closed<R>;

    fn eof(self) -> Closed<R>;
}

fn control(payload: &[u8]) -> ControlPayload {
    ControlPayload::try_from(&payload[..payload.len().min(ControlPayload::MAX)]).unwrap()
}

macro_rules! speaker {
    ($speaker:ident, $extension:ident: $bound:ident) => {
        impl<R: Role, $extension: $bound> Speaker<R> for $speaker<R, $extension> {
            fn act(self, act: &Act, outbox: &mut Outbox) -> Self {
                match (self, act) {
                    (Self::Open(mut it), Act::SendText(text)) => {
                        it.send_text(text, outbox);
                        Self::Open(it)
                    }
                    (Self::Open(mut it), Act::SendBinary(data)) => {
                        it.send_binary(data, outbox);
                        Self::Open(it)
                    }
                    (Self::Open(mut it), Act::SendBytes(data)) => {
                        it.send_bytes(Bytes::copy_from_slice(data), outbox);
                        Self::Open(it)
                    }
                    (Self::Open(it), Act::StartText) => Self::StreamingText(it.start_text()),
                    (Self::Open(it), Act::StartBinary) => Self::StreamingBinary(it.start_binary()),
                    (Self::StreamingText(mut it), Act::Write(piece)) => {
                        it.write(piece, outbox);
                        Self::StreamingText(it)
                    }
                    (Self::StreamingBinary(mut it), Act::Write(piece)) => {
                        it.write(piece.as_bytes(), outbox);
                        Self::StreamingBinary(it)
                    }
                    (Self::StreamingText(it), Act::Finish(piece)) => {
                        Self::Open(it.finish(piece, outbox))
                    }
                    (Self::StreamingBinary(it), Act::Finish(piece)) => {
                        Self::Open(it.finish(piece.as_bytes(), outbox))
                    }
                    (Self::Open(mut it), Act::Ping(payload)) => {
                        it.ping(control(payload), outbox);
                        Self::Open(it)
                    }
                    (Self::StreamingText(mut it), Act::Ping(payload)) => {
                        it.ping(control(payload), outbox);
                        Self::StreamingText(it)
                    }
                    (Self::StreamingBinary(mut it), Act::Ping(payload)) => {
                        it.ping(control(payload), outbox);
                        Self::StreamingBinary(it)
                    }
                    (Self::Open(mut it), Act::Pong(payload)) => {
                        it.pong(control(payload), outbox);
                        Self::Open(it)
                    }
                    (Self::StreamingText(mut it), Act::Pong(payload)) => {
                        it.pong(control(payload), outbox);
                        Self::StreamingText(it)
                    }
                    (Self::StreamingBinary(mut it), Act::Pong(payload)) => {
                        it.pong(control(payload), outbox);
                        Self::StreamingBinary(it)
                    }
                    (Self::Open(it), Act::CloseWithoutCode) => {
                        Self::Closing(it.close_without_code(outbox))
                    }
                    (Self::StreamingText(it), Act::CloseWithoutCode) => {
                        Self::Closing(it.close_without_code(outbox))
                    }
                    (Self::StreamingBinary(it), Act::CloseWithoutCode) => {
                        Self::Closing(it.close_without_code(outbox))
                    }
                    (it, Act::Close(code, reason)) => {
                        let Some(code) = CloseCode::new(*code) else {
                            return it;
                        };
                        let reason = CloseReason::truncated(reason);
                        match it {
                            Self::Open(it) => Self::Closing(it.close(code, reason, outbox)),
                            Self::StreamingText(it) => {
                                Self::Closing(it.close(code, reason, outbox))
                            }
                            Self::StreamingBinary(it) => {
                                Self::Closing(it.close(code, reason, outbox))
                            }
                            it => it,
                        }
                    }
                    (it, _) => it,
                }
            }

            fn acknowledge(self, close: PeerClose, outbox: &mut Outbox) -> Closed<R> {
                match self {
                    Self::Open(it) => it.acknowledge(close, outbox),
                    Self::StreamingText(it) => it.acknowledge(close, outbox),
                    Self::StreamingBinary(it) => it.acknowledge(close, outbox),
                    Self::Closing(it) => it.finish(close),
                    Self::Closed(closed) => closed,
                }
            }

            fn fail(self, violation: Violation, outbox: &mut Outbox) -> Closed<R> {
                match self {
                    Self::Open(it) => it.fail(violation, outbox),
                    Self::StreamingText(it) => it.fail(violation, outbox),
                    Self::StreamingBinary(it) => it.fail(violation, outbox),
                    Self::Closing(it) => it.fail(violation),
                    Self::Closed(closed) => closed,
                }
            }

            fn eof(self) -> Closed<R> {
                match self {
                    Self::Open(it) => it.eof(),
                    Self::StreamingText(it) => it.eof(),
                    Self::StreamingBinary(it) => it.eof(),
                    Self::Closing(it) => it.eof(),
                    Self::Closed(closed) => closed,
                }
            }
        }
    };
}

speaker!(Established, N: Negotiate);
speaker!(Half, X: Extension);

impl<R: Role, X: Extension> From<Closed<R>> for Half<R, X> {
    fn from(closed: Closed<R>) -> Self {
        Self::Closed(closed)
    }
}

impl<R: Role, X: Extension> Half<R, X> {
    pub fn answer(&mut self, pong: OwedPong, outbox: &mut Outbox) {
        match self {
            Self::Open(it) => it.answer(pong, outbox),
            Self::StreamingText(it) => it.answer(pong, outbox),
            Self::StreamingBinary(it) => it.answer(pong, outbox),
            Self::Closing(it) => it.answer(pong, outbox),
            // Nothing follows the end.
            Self::Closed(_) => drop(pong),
        }
    }
}

/// The halves of a connection; itself, where it has ended.
pub fn split<R: Role, N: Negotiate>(connection: Established<R, N>) -> Form<R, N> {
    match connection {
        Established::Open(it) => {
            let (sender, receiver) = it.split();
            Form::Halves(Half::Open(sender), receiver)
        }
        Established::StreamingText(it) => {
            let (sender, receiver) = it.split();
            Form::Halves(Half::StreamingText(sender), receiver)
        }
        Established::StreamingBinary(it) => {
            let (sender, receiver) = it.split();
            Form::Halves(Half::StreamingBinary(sender), receiver)
        }
        Established::Closing(it) => {
            let (sender, receiver) = it.split();
            Form::Halves(Half::Closing(sender), receiver)
        }
        closed => Form::Whole(closed),
    }
}

/// The connection of two halves; themselves, where it has ended.
pub fn join<R: Role, N: Negotiate>(
    half: Half<R, N::Agreed>,
    receiver: Receiver<R, N::Agreed>,
) -> Form<R, N> {
    Form::Whole(match half {
        Half::Open(it) => Open::join(it, receiver).into(),
        Half::StreamingText(it) => Streaming::join(it, receiver).into(),
        Half::StreamingBinary(it) => Streaming::join(it, receiver).into(),
        Half::Closing(it) => Closing::join(it, receiver).into(),
        closed => return Form::Halves(closed, receiver),
    })
}

/// What a connection is at the moment.
#[allow(clippy::large_enum_variant)] // There are a few of them, and none is moved often.
pub enum Form<R: Role, N: Negotiate> {
    Whole(Established<R, N>),
    Halves(Half<R, N::Agreed>, Receiver<R, N::Agreed>),
    /// Taken out.
    None,
}

/// An event as it was, pieces of messages included.
#[derive(Debug, PartialEq, Eq)]
enum Heard {
    Text(String, bool, bool),
    Binary(Vec<u8>, bool, bool),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close(u16, String),
}

/// One end, which may be split, and its memory.
struct End<R: Role, N: Negotiate, D: Mode> {
    form: Form<R, N>,
    inbox: Inbox<D>,
    outbox: Outbox,
    heard: Vec<Heard>,
    owed: VecDeque<OwedPong>,
    close: Option<PeerClose>,
    violation: Option<Violation>,
    /// Whether it said Close as a half that was not given the Close that the other half had heard.
    crossed: bool,
    sent: Vec<u8>,
}

impl<R: Side, N: Negotiate, D: Mode> End<R, N, D> {
    fn new(open: Open<R, N::Agreed>) -> Self {
        Self {
            form: Form::Whole(Established::Open(open)),
            inbox: D::inbox(),
            outbox: Outbox::new(),
            heard: Vec::new(),
            owed: VecDeque::new(),
            close: None,
            violation: None,
            crossed: false,
            sent: Vec::new(),
        }
    }

    fn step(&mut self, step: &Step, arriving: &mut &[u8]) {
        match step {
            Step::Act(Act::Carry(len)) => {
                let (here, later) = arriving.split_at(arriving.len().min(*len));
                self.inbox.extend(here);
                *arriving = later;
            }
            Step::Act(Act::Listen(events)) => (0..*events).for_each(|_| self.listen()),
            Step::Act(Act::Answer) => self.answer(),
            Step::Act(act) => {
                let says_close = matches!(act, Act::Close(..) | Act::CloseWithoutCode);
                let is_first = !matches!(self.form, Form::Halves(Half::Closing(_), _));
                let is_split = matches!(self.form, Form::Halves(..));
                self.crossed |= says_close && is_first && is_split && self.close.is_some();
                self.speak(act);
            }
            Step::Look => self.look(),
            Step::Send(len) => {
                let bytes = self.outbox.bytes_to_send(Some(*len));
                self.sent.extend_from_slice(&bytes);
            }
            Step::Pay(pongs) => self.pay(*pongs),
            Step::Split => self.split(),
            Step::Join => self.join(),
        }
    }

    fn speak(&mut self, act: &Act) {
        let outbox = &mut self.outbox;
        self.form = match std::mem::replace(&mut self.form, Form::None) {
            Form::Whole(it) => Form::Whole(it.act(act, outbox)),
            Form::Halves(it, receiver) => Form::Halves(it.act(act, outbox), receiver),
            Form::None => unreachable!(),
        };
    }

    /// Looks whether there is an event. The answer is what `receive` would give.
    fn look(&mut self) {
        let found = match &mut self.form {
            Form::Whole(it) => it.has_event(&mut self.inbox, &mut self.outbox),
            Form::Halves(_, receiver) => receiver.has_event(&mut self.inbox),
            Form::None => unreachable!(),
        };
        if let Err(violation) = found {
            assert_eq!(*self.violation.get_or_insert(violation), violation);
        }
    }

    fn listen(&mut self) {
        let (inbox, outbox) = (&mut self.inbox, &mut self.outbox);
        let heard = match &mut self.form {
            Form::Whole(it) => it.receive(inbox, outbox).map(|event| match event? {
                Event::Text(text) => Some(Received::Text(text)),
                Event::Binary(data) => Some(Received::Binary(data)),
                Event::Ping(payload) => {
                    self.heard.push(Heard::Ping(payload.to_vec()));
                    None
                }
                Event::Pong(payload) => Some(Received::Pong(payload)),
                Event::Close(close) => Some(Received::Close(close)),
            }),
            Form::Halves(_, receiver) => receiver.receive(inbox),
            Form::None => unreachable!(),
        };
        self.heard.push(match heard {
            Ok(None) => return,
            Ok(Some(Received::Text(text))) => {
                let (frame, message) = (text.frame_finished(), text.message_finished());
                Heard::Text(text.to_owned(), frame, message)
            }
            Ok(Some(Received::Binary(data))) => {
                let (frame, message) = (data.frame_finished(), data.message_finished());
                Heard::Binary(data.to_vec(), frame, message)
            }
            Ok(Some(Received::Ping(owed))) => {
                let payload = owed.payload().to_vec();
                self.owed.push_back(owed);
                Heard::Ping(payload)
            }
            Ok(Some(Received::Pong(payload))) => Heard::Pong(payload.to_vec()),
            Ok(Some(Received::Close(close))) => {
                let heard = Heard::Close(close.code().get(), close.reason().to_owned());
                self.close = Some(close);
                heard
            }
            Err(violation) => {
                assert_eq!(*self.violation.get_or_insert(violation), violation);
                return;
            }
        });
    }

    /// A connection that is whole owes something only if it was joined with it.
    fn pay(&mut self, pongs: usize) {
        let was_whole = matches!(self.form, Form::Whole(_));
        self.split();
        if let Form::Halves(sender, _) = &mut self.form {
            for pong in self.owed.drain(..pongs.min(self.owed.len())) {
                sender.answer(pong, &mut self.outbox);
            }
        }
        if was_whole {
            self.join();
        }
    }

    fn answer(&mut self) {
        self.pay(usize::MAX);
        let (close, violation, outbox) = (self.close.take(), self.violation, &mut self.outbox);
        fn end<R: Role, S: Speaker<R>>(
            it: S,
            close: Option<PeerClose>,
            violation: Option<Violation>,
            outbox: &mut Outbox,
        ) -> S {
            match (violation, close) {
                (Some(violation), _) => it.fail(violation, outbox).into(),
                (None, Some(close)) => it.acknowledge(close, outbox).into(),
                (None, None) => it,
            }
        }
        self.form = match std::mem::replace(&mut self.form, Form::None) {
            Form::Whole(it) => Form::Whole(end(it, close, violation, outbox)),
            Form::Halves(it, receiver) => Form::Halves(end(it, close, violation, outbox), receiver),
            Form::None => unreachable!(),
        };
    }

    fn split(&mut self) {
        self.form = match std::mem::replace(&mut self.form, Form::None) {
            Form::Whole(connection) => split(connection),
            form => form,
        };
    }

    fn join(&mut self) {
        self.form = match std::mem::replace(&mut self.form, Form::None) {
            Form::Halves(half, receiver) => join(half, receiver),
            form => form,
        };
    }

    fn split_or_join(&mut self) {
        match self.form {
            Form::Whole(_) => self.split(),
            _ => self.join(),
        }
    }

    fn end(mut self) -> (Closed<R>, Vec<u8>, Vec<Heard>, bool) {
        self.answer();
        let closed = match self.form {
            Form::Whole(it) => it.eof(),
            Form::Halves(it, _) => it.eof(),
            Form::None => unreachable!(),
        };
        self.sent.extend(drain(&mut self.outbox));
        (closed, self.sent, self.heard, self.crossed)
    }
}

/// What was said that is no Pong: the first byte of each frame, the control frames, and the messages,
/// as how they are compressed is also a matter of when; and the pongs, which may be ours as well as
/// answers, in no order.
type Said = (
    Vec<u8>,
    Vec<(u8, Vec<u8>)>,
    Vec<common::Heard>,
    Vec<Vec<u8>>,
);

fn said<R: Side>(bytes: &[u8], deflate: bool) -> Said {
    let frames = legal::check::<R>(bytes, deflate).into_iter();
    let (pongs, other): (Vec<_>, Vec<_>) = frames.partition(|(first, _)| *first == 0x8a);
    let mut pongs: Vec<_> = pongs.into_iter().map(|(_, payload)| payload).collect();
    pongs.sort();
    let first = other.iter().map(|(first, _)| *first).collect();
    let (controls, data) = other.into_iter().partition(|(first, _)| first & 0x08 != 0);
    (first, controls, messages(data), pongs)
}

/// Two halves hear and say exactly what one connection does, whatever arrives and whatever is done,
/// wherever it is split and joined; and where the sending half is late in taking what is owed, the
/// same but for when it answers.
pub fn halves_are_the_whole<R: Side, N: Negotiate + Clone, D: Mode>(
    proposal: &N,
    limits: Limits,
    deflate: bool,
    pays: Pays,
    stream: &[u8],
    steps: &[Step],
) {
    let new = || {
        let ends = shake(proposal.clone(), proposal.clone(), limits);
        End::<R, N, D>::new(R::of(ends))
    };
    let (mut whole, mut halves) = (new(), new());
    let (mut to_whole, mut to_halves) = (stream, stream);
    for step in steps {
        if !matches!(step, Step::Split | Step::Join | Step::Pay(_)) {
            whole.step(step, &mut to_whole);
        }
        halves.step(step, &mut to_halves);
        if pays == Pays::AtOnce {
            if let Step::Look = step {
                // One connection answers what it finds; a half when it is received.
                halves.split_or_join();
                whole.listen();
                halves.listen();
            }
            halves.pay(usize::MAX);
            assert_eq!(halves.outbox.len(), whole.outbox.len(), "after {step:?}");
        }
        assert_eq!(halves.heard, whole.heard, "after {step:?}");
        assert_eq!(halves.violation, whole.violation, "after {step:?}");
    }
    // What was looked at last.
    whole.listen();
    halves.listen();
    let (whole, sent, heard, _) = whole.end();
    let (halves, sent_by_halves, heard_by_halves, crossed) = halves.end();
    assert_eq!(heard_by_halves, heard);
    match pays {
        Pays::AtOnce => assert_eq!(sent_by_halves, sent, "each byte, and its mask"),
        Pays::Later => {
            let said = |bytes: &[u8]| said::<R>(bytes, deflate);
            assert_eq!(said(&sent_by_halves), said(&sent));
        }
    }
    let end = |closed: &Closed<R>| {
        (
            (closed.code(), closed.reason().to_owned()),
            (closed.sent_code(), closed.sent_reason().to_owned()),
            (closed.is_clean(), closed.violation(), closed.shutdown()),
        )
    };
    assert_eq!(end(&halves), end(&whole), "how it ended");
    if !crossed {
        assert_eq!(halves.initiator(), whole.initiator(), "who was first");
    }
}
