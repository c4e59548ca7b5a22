//! The receiving half of a connection: bytes in the inbox become events.
//!
//! Knows frames, messages and limits, and nothing of what we send. Its one idea: a data frame that
//! is a message by itself and lies whole in the inbox is delivered where it lies, and changes
//! nothing here; everything else is consumed as it arrives.

use core::fmt;

use crate::close::{CloseCode, CloseReason, CloseStatus, PeerClose};
use crate::delivery::{Delivery, End};
use crate::error::Violation;
use crate::event::Event;
use crate::extension::{Coding, Decode, Extension};
use crate::frame::{self, Header, Opcode};
use crate::inbox::{DataKind, Inbox, Ready};
use crate::limits::Limits;
use crate::mask::Mask;
use crate::payload::{Data, Payload};
use crate::role::Role;
use crate::text;

/// Whether the peer may still be listened to.
#[derive(Clone, Copy)]
pub(crate) enum Life {
    Live,
    PeerClosed(CloseStatus),
    Failed(Violation),
}

/// The frame whose payload is arriving.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Current {
    /// None: a header comes next.
    Header,
    /// One that ends its message.
    Last,
    /// One after which the message goes on.
    Fragment,
}

/// The message that is arriving, where it is not delivered in place.
#[derive(Clone, Copy)]
pub(crate) struct Message {
    pub(crate) kind: DataKind,
    pub(crate) coding: Coding,
}

pub(crate) struct Incoming<R: Role, X: Extension> {
    pub(crate) decoder: X::Decoder,
    /// Bytes of a message's payload, decoded.
    pub(crate) max_message: usize,
    /// Bytes of a frame's payload; at most `max_wire`.
    pub(crate) max_frame: usize,
    /// Bytes of the payloads of a message's frames.
    max_wire: usize,
    max_fragments: u32,
    max_pongs: u16,
    pub(crate) life: Life,
    pub(crate) message: Option<Message>,
    pub(crate) current: Current,
    /// The start of a character, in a text message.
    pub(crate) partial: text::Partial,
    /// Of the message: the payloads of its frames so far, each counted when its header came.
    /// At most `max_wire`.
    wire: usize,
    /// Of the message: its frames so far. At most `max_fragments`.
    fragments: u32,
    /// Of the current frame: the bytes of its payload that were not consumed yet. Where a header
    /// comes next: the bytes of the payload behind it that were found to be whole characters.
    pub(crate) left: usize,
    /// Of the current frame: the mask of the next byte that is masked still.
    pub(crate) mask: R::Received,
}

impl<R: Role, X: Extension> Incoming<R, X> {
    pub(crate) fn new(decoder: X::Decoder, limits: &Limits) -> Self {
        Self {
            decoder,
            max_message: limits.message_payload,
            max_frame: limits.frame_bytes().min(limits.wire_bytes()),
            max_wire: limits.wire_bytes(),
            max_fragments: limits.fragments.max(1),
            max_pongs: limits.pending_pongs.max(1),
            life: Life::Live,
            message: None,
            current: Current::Header,
            partial: text::Partial::default(),
            wire: 0,
            fragments: 0,
            left: 0,
            mask: R::Received::default(),
        }
    }

    /// The same connection with another decoder, and the one that it had.
    pub(crate) fn replace_decoder<Y: Extension>(
        self,
        decoder: Y::Decoder,
    ) -> (Incoming<R, Y>, X::Decoder) {
        let incoming = Incoming {
            decoder,
            max_message: self.max_message,
            max_frame: self.max_frame,
            max_wire: self.max_wire,
            max_fragments: self.max_fragments,
            max_pongs: self.max_pongs,
            life: self.life,
            message: self.message,
            current: self.current,
            partial: self.partial,
            wire: self.wire,
            fragments: self.fragments,
            left: self.left,
            mask: self.mask,
        };
        (incoming, self.decoder)
    }

    pub(crate) fn max_pongs(&self) -> u16 {
        self.max_pongs
    }

    /// The peer's Close, if it was heard: its code, as the reason went to whoever heard it.
    pub(crate) fn heard_close(&self) -> Option<PeerClose> {
        match self.life {
            Life::PeerClosed(status) => Some(PeerClose {
                status,
                reason: CloseReason::default(),
            }),
            Life::Live | Life::Failed(_) => None,
        }
    }

    /// The next event, as a place in the inbox.
    #[inline(always)]
    pub(crate) fn advance<D: Delivery>(
        &mut self,
        inbox: &mut Inbox<D>,
    ) -> Result<Option<Ready>, Violation> {
        match self.at_once(inbox) {
            AtOnce::Ready(ready) => Ok(Some(ready)),
            AtOnce::Incomplete => Ok(None),
            AtOnce::Other => self.step_by_step(inbox),
        }
    }

    /// The next event, as a place in the inbox, whatever it is.
    #[inline(always)]
    pub(crate) fn step_by_step<D: Delivery>(
        &mut self,
        inbox: &mut Inbox<D>,
    ) -> Result<Option<Ready>, Violation> {
        let found = self.find(inbox);
        if let Err(violation) = found {
            self.life = Life::Failed(violation);
        }
        found
    }

    #[inline(always)]
    fn find<D: Delivery>(&mut self, inbox: &mut Inbox<D>) -> Result<Option<Ready>, Violation> {
        loop {
            match self.life {
                Life::Live => {}
                Life::PeerClosed(_) => return Ok(None),
                Life::Failed(violation) => return Err(violation),
            }
            if self.current != Current::Header {
                match self.payload(inbox)? {
                    Payloads::Event(ready) => return Ok(Some(ready)),
                    Payloads::Incomplete => return Ok(None),
                    Payloads::FrameFinished => {}
                }
            }
            let window = inbox.buffer.window_mut();
            let owned = self.decoder.in_force(X::RSV);
            let Some(header) = frame::read::<R>(window, owned, self.message.is_some())? else {
                return Ok(None);
            };
            if header.opcode.is_control() {
                return Self::control(&header, inbox);
            }
            let kind = match header.opcode {
                Opcode::Text => DataKind::Text,
                Opcode::Binary => DataKind::Binary,
                _ => {
                    self.start_frame(&header, inbox)?;
                    continue;
                }
            };
            let coding = self.decoder.begin(header.rsv);
            if header.fin
                && coding == Coding::Plain
                && header.payload <= self.max_message as u64
                && header.payload <= self.max_frame as u64
                && header.payload <= (window.len() - header.size) as u64
            {
                let end = header.size + header.payload as usize;
                header.mask.apply(&mut window[header.size..end]);
                let start = inbox.buffer.start();
                inbox.buffer.take(end);
                let (from, to) = (start + header.size, start + end);
                return Ok(Some(Ready::InPlace {
                    kind,
                    end: End::Message,
                    from,
                    to,
                }));
            }
            self.start_message(Message { kind, coding }, inbox);
            self.start_frame(&header, inbox)?;
        }
    }

    /// A control frame: nothing until all of it is there, at most 131 bytes.
    fn control<D: Delivery>(
        header: &Header<R::Received>,
        inbox: &mut Inbox<D>,
    ) -> Result<Option<Ready>, Violation> {
        let end = header.size + header.payload as usize;
        let Some(payload) = inbox.buffer.window_mut().get_mut(header.size..end) else {
            return Ok(None);
        };
        header.mask.apply(payload);
        let start = inbox.buffer.start();
        inbox.buffer.take(end);
        let (from, to) = (start + header.size, start + end);
        Ok(Some(match header.opcode {
            Opcode::Ping => Ready::Ping { from, to },
            Opcode::Pong => Ready::Pong { from, to },
            _ => {
                check_close(&inbox.buffer.bytes()[from..to])?;
                Ready::Close { from, to }
            }
        }))
    }

    /// Puts a Ping of `len` bytes, which was found last, back to where it was found, as it was.
    pub(crate) fn put_back_ping<D: Delivery>(len: usize, inbox: &mut Inbox<D>) {
        let header = frame::size(len) + R::Received::SIZE;
        inbox.buffer.put_back(header + len);
        let frame = &mut inbox.buffer.window_mut()[..header + len];
        let mask = R::Received::read(&frame[header - R::Received::SIZE..]);
        mask.apply(&mut frame[header..]);
    }

    pub(crate) fn start_message<D: Delivery>(&mut self, message: Message, inbox: &mut Inbox<D>) {
        assert!(
            inbox.held.message.is_none(),
            "the inbox holds part of another connection's message"
        );
        inbox.held.text.clear();
        inbox.held.binary.clear();
        inbox.held.message = Some(0);
        inbox.held.decoded = 0;
        inbox.held.full = false;
        self.message = Some(message);
        self.wire = 0;
        self.fragments = 0;
    }

    /// The header of a data frame has come: checks it against what is left of the budgets.
    pub(crate) fn start_frame<D: Delivery>(
        &mut self,
        header: &Header<R::Received>,
        inbox: &mut Inbox<D>,
    ) -> Result<(), Violation> {
        self.check_inbox(inbox);
        let plain = matches!(
            self.message,
            Some(Message {
                coding: Coding::Plain,
                ..
            })
        );
        if plain && header.payload > self.max_message.saturating_sub(self.wire) as u64 {
            return Err(Violation::MessageTooBig);
        }
        if header.payload > (self.max_wire - self.wire) as u64 {
            return Err(Violation::TooManyWireBytes);
        }
        if header.payload > self.max_frame as u64 {
            return Err(Violation::FrameTooBig);
        }
        if self.fragments == self.max_fragments {
            return Err(Violation::TooManyFragments);
        }
        inbox.buffer.take(header.size);
        self.fragments += 1;
        // At most `max_frame`, so it fits.
        self.left = header.payload as usize;
        self.wire += self.left;
        inbox.held.message = Some(self.wire);
        self.mask = header.mask;
        self.current = if header.fin {
            Current::Last
        } else {
            Current::Fragment
        };
        Ok(())
    }

    /// Whether the current frame is a message by itself.
    pub(crate) fn is_only_frame(&self) -> bool {
        self.current == Current::Last && self.fragments == 1
    }

    pub(crate) fn check_inbox<D: Delivery>(&self, inbox: &Inbox<D>) {
        assert!(
            inbox.held.message == Some(self.wire),
            "the inbox does not hold what this connection left in it"
        );
    }

    /// What `ready` says, as a loan of the inbox.
    #[inline(always)]
    pub(crate) fn event<'e, D: Delivery>(
        &mut self,
        ready: Ready,
        inbox: &'e mut Inbox<D>,
    ) -> Result<Event<'e, D>, Violation> {
        Ok(match ready {
            Ready::InPlace {
                kind: DataKind::Binary,
                end,
                from,
                to,
            } => Event::Binary(Data::new(
                Payload::InPlace(&inbox.buffer.bytes()[from..to]),
                end,
            )),
            Ready::InPlace {
                kind: DataKind::Text,
                end,
                from,
                to,
            } => {
                let bytes = &inbox.buffer.bytes()[from..to];
                // What ends a message here began it, or follows a whole character.
                let text = match end {
                    End::Message => text::whole(bytes),
                    End::Frame | End::Nothing => text::start(bytes).map(|(text, cut)| {
                        self.partial = cut;
                        text
                    }),
                };
                let Ok(text) = text else {
                    self.life = Life::Failed(Violation::InvalidUtf8);
                    return Err(Violation::InvalidUtf8);
                };
                Event::Text(Data::new(Payload::InPlace(text), end))
            }
            Ready::DecodedText => {
                let Ok(text) = text::whole(&inbox.held.binary) else {
                    self.life = Life::Failed(Violation::InvalidUtf8);
                    return Err(Violation::InvalidUtf8);
                };
                Event::Text(Data::new(Payload::InPlace(text), End::Message))
            }
            Ready::Assembled {
                kind: DataKind::Text,
                end,
            } => Event::Text(Data::new(Payload::Assembled(&mut inbox.held.text), end)),
            Ready::Assembled {
                kind: DataKind::Binary,
                end,
            } => Event::Binary(Data::new(Payload::Assembled(&mut inbox.held.binary), end)),
            Ready::Ping { from, to } => Event::Ping(&inbox.buffer.bytes()[from..to]),
            Ready::Pong { from, to } => Event::Pong(&inbox.buffer.bytes()[from..to]),
            Ready::Close { from, to } => {
                let close = peer_close(&inbox.buffer.bytes()[from..to]);
                self.life = Life::PeerClosed(close.status);
                Event::Close(close)
            }
        })
    }

    /// Whether [`event`](Self::event) will give an event and not an error.
    pub(crate) fn check<D: Delivery>(
        &mut self,
        ready: Ready,
        inbox: &Inbox<D>,
    ) -> Result<(), Violation> {
        let text = match ready {
            Ready::InPlace {
                kind: DataKind::Text,
                end,
                from,
                to,
            } => {
                let bytes = &inbox.buffer.bytes()[from..to];
                match end {
                    End::Message => text::whole(bytes),
                    End::Frame | End::Nothing => text::start(bytes).map(|(text, _)| text),
                }
            }
            Ready::DecodedText => text::whole(&inbox.held.binary),
            _ => return Ok(()),
        };
        if text.is_err() {
            self.life = Life::Failed(Violation::InvalidUtf8);
            return Err(Violation::InvalidUtf8);
        }
        Ok(())
    }
}

/// What comes of the start of the inbox without a look at anything but ordinary messages.
pub(crate) enum AtOnce {
    Ready(Ready),
    Incomplete,
    /// It takes more than that to say.
    Other,
}

/// What came of the bytes of the current frame's payload that are there.
pub(crate) enum Payloads {
    Event(Ready),
    FrameFinished,
    Incomplete,
}

/// Checks the payload of a Close frame, which does not have one byte (RFC 6455 5.5.1, 7.4).
fn check_close(payload: &[u8]) -> Result<(), Violation> {
    let Some((code, reason)) = payload.split_first_chunk() else {
        return Ok(());
    };
    if CloseCode::new(u16::from_be_bytes(*code)).is_none() {
        return Err(Violation::ReservedCloseCode);
    }
    match core::str::from_utf8(reason) {
        Ok(_) => Ok(()),
        Err(_) => Err(Violation::InvalidCloseReason),
    }
}

/// What a checked Close frame says.
fn peer_close(payload: &[u8]) -> PeerClose {
    let (status, reason) = match payload.split_first_chunk() {
        Some((code, reason)) => (
            CloseCode::new(u16::from_be_bytes(*code)).map(CloseStatus::from),
            reason,
        ),
        None => (None, payload),
    };
    let reason = core::str::from_utf8(reason).unwrap_or_default();
    PeerClose {
        status: status.unwrap_or(CloseStatus::NONE),
        reason: CloseReason::try_from(reason).unwrap_or_default(),
    }
}

impl<R: Role, X: Extension> fmt::Debug for Incoming<R, X> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.life {
            Life::Live if self.message.is_some() => "inside a message",
            Life::Live => "between messages",
            Life::PeerClosed(_) => "peer closed",
            Life::Failed(violation) => violation.as_str(),
        };
        f.write_str(state)
    }
}
