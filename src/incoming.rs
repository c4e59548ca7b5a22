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
use crate::extension::{Coding, Decode, Extension, Progress};
use crate::frame::{self, Header, Opcode};
use crate::inbox::{DataKind, Inbox, Ready};
use crate::limits::Limits;
use crate::mask::Mask;
use crate::payload::{Data, Payload};
use crate::role::Role;
use crate::text;

/// Bytes that are unmasked, validated and moved while they are in the first-level cache.
const BLOCK: usize = 16 << 10;

/// Whether the peer may still be listened to.
#[derive(Clone, Copy)]
enum Life {
    Live,
    PeerClosed(CloseStatus),
    Failed(Violation),
}

/// The frame whose payload is arriving.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Current {
    /// None: a header comes next.
    Header,
    /// One that ends its message.
    Last,
    /// One after which the message goes on.
    Fragment,
}

/// The message that is arriving, where it is not delivered in place.
#[derive(Clone, Copy)]
struct Message {
    kind: DataKind,
    coding: Coding,
}

pub(crate) struct Incoming<R: Role, X: Extension> {
    decoder: X::Decoder,
    /// Bytes of a message's payload, decoded.
    max_message: usize,
    /// Bytes of a frame's payload; at most `max_wire`.
    max_frame: usize,
    /// Bytes of the payloads of a message's frames.
    max_wire: usize,
    max_fragments: u32,
    max_pongs: u16,
    life: Life,
    message: Option<Message>,
    current: Current,
    /// The start of a character, in a text message.
    partial: text::Partial,
    /// Of the message: the payloads of its frames so far, each counted when its header came.
    /// At most `max_wire`.
    wire: usize,
    /// Of the message: its frames so far. At most `max_fragments`.
    fragments: u32,
    /// Of the current frame: the bytes of its payload that were not consumed yet.
    left: usize,
    /// Of the current frame: the mask of the next byte that is masked still.
    mask: R::Received,
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
                && header.payload <= (window.len() - header.size) as u64
                && header.payload <= self.max_message as u64
                && header.payload <= self.max_frame as u64
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

    fn start_message<D: Delivery>(&mut self, message: Message, inbox: &mut Inbox<D>) {
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
    fn start_frame<D: Delivery>(
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

    fn check_inbox<D: Delivery>(&self, inbox: &Inbox<D>) {
        assert!(
            inbox.held.message == Some(self.wire),
            "the inbox does not hold what this connection left in it"
        );
    }

    /// More of the current frame's payload.
    #[inline(never)]
    fn payload<D: Delivery>(&mut self, inbox: &mut Inbox<D>) -> Result<Payloads, Violation> {
        let Some(message) = self.message else {
            return Ok(Payloads::Incomplete);
        };
        self.check_inbox(inbox);
        match message.coding {
            Coding::Plain if D::WHOLE => self.assemble(message.kind, inbox),
            Coding::Plain => self.deliver(message.kind, inbox),
            Coding::Coded => self.decode(message.kind, inbox),
        }
    }

    /// Whole messages: moves what has arrived to the rest of its message.
    fn assemble<D: Delivery>(
        &mut self,
        kind: DataKind,
        inbox: &mut Inbox<D>,
    ) -> Result<Payloads, Violation> {
        let held = &mut inbox.held;
        let here = self.left.min(inbox.buffer.len());
        for block in inbox.buffer.window_mut()[..here].chunks_mut(BLOCK) {
            self.mask.apply(block);
            self.mask = self.mask.after(block.len());
            match kind {
                DataKind::Text => append_text(&mut self.partial, block, &mut held.text)?,
                DataKind::Binary => held.binary.extend_from_slice(block),
            }
        }
        inbox.buffer.take(here);
        self.left -= here;
        if self.left > 0 {
            return Ok(Payloads::Incomplete);
        }
        match self.finish_frame(inbox)? {
            End::Message => Ok(Payloads::Event(Ready::Assembled {
                kind,
                end: End::Message,
            })),
            _ => Ok(Payloads::FrameFinished),
        }
    }

    /// Chunks: delivers what has arrived where it lies.
    fn deliver<D: Delivery>(
        &mut self,
        kind: DataKind,
        inbox: &mut Inbox<D>,
    ) -> Result<Payloads, Violation> {
        loop {
            let mut here = self.left.min(inbox.buffer.len());
            if here == 0 && self.left > 0 {
                return Ok(Payloads::Incomplete);
            }
            let text = kind == DataKind::Text;
            let begun = text && !self.partial.is_empty();
            if begun {
                here = here.min(self.partial.missing());
            }
            let from = inbox.buffer.start();
            let piece = &mut inbox.buffer.window_mut()[..here];
            self.mask.apply(piece);
            self.mask = self.mask.after(here);
            self.left -= here;
            let mut finished = None;
            let mut nothing_whole = false;
            if begun {
                // A character that was cut lies in two places, so it is put together by itself.
                finished = self.partial.finish(piece).map_err(invalid_utf8)?.0;
                nothing_whole = finished.is_none();
            } else if text && text::cut_character(piece) == here && here > 0 {
                self.partial.split(piece).map_err(invalid_utf8)?;
                nothing_whole = true;
            }
            inbox.buffer.take(here);
            if nothing_whole && self.left > 0 {
                continue;
            }
            let end = if self.left > 0 {
                End::Nothing
            } else if begun || nothing_whole || !text {
                self.finish_frame(inbox)?
            } else {
                // The piece itself is validated when it is delivered.
                self.leave_frame(inbox)
            };
            if begun || nothing_whole {
                inbox.held.text.clear();
                inbox.held.text.extend(finished);
                return Ok(Payloads::Event(Ready::Assembled { kind, end }));
            }
            return Ok(Payloads::Event(Ready::InPlace {
                kind,
                end,
                from,
                to: from + here,
            }));
        }
    }

    /// Either delivery, through the decoder.
    fn decode<D: Delivery>(
        &mut self,
        kind: DataKind,
        inbox: &mut Inbox<D>,
    ) -> Result<Payloads, Violation> {
        let held = &mut inbox.held;
        if !D::WHOLE {
            held.text.clear();
            held.binary.clear();
        }
        loop {
            // A decoder that has more to write is called with what it left, and nothing else.
            if held.plain == 0 && !held.full {
                let here = self.left.min(inbox.buffer.len()).min(BLOCK);
                self.mask.apply(&mut inbox.buffer.window_mut()[..here]);
                self.mask = self.mask.after(here);
                held.plain = here;
            }
            let last = self.current == Current::Last && held.plain == self.left;
            let mut progress = Progress::Done;
            if held.plain > 0 || last || held.full {
                let before = held.binary.len();
                let room = self.max_message - held.decoded;
                if held.binary.capacity() - before < BLOCK.min(before.max(64)) {
                    // Doubles, but for what is above the limit: that takes one byte to see.
                    let expected = held.plain.saturating_mul(4).clamp(512, BLOCK).max(before);
                    held.binary
                        .reserve_exact(expected.min(room.saturating_add(1)).max(64));
                }
                let mut input = &inbox.buffer.window()[..held.plain];
                let result =
                    self.decoder
                        .decode(&mut input, &mut held.binary, last, &mut inbox.pool);
                let used = held.plain - input.len();
                let unread = input.len();
                inbox.buffer.take(used);
                held.plain -= used;
                self.left -= used;

                let added = held.binary.len() - before;
                let allowed = added.min(room);
                if kind == DataKind::Text {
                    let spare = held.text.capacity() - held.text.len();
                    // A character that was begun takes up to three bytes more.
                    if spare < allowed + 3 {
                        let doubled = held.text.len().max(allowed + 3);
                        held.text.reserve_exact(doubled.min(room.saturating_add(3)));
                    }
                    append_text(&mut self.partial, &held.binary[..allowed], &mut held.text)?;
                    held.binary.clear();
                }
                if added > room {
                    return Err(Violation::MessageTooBig);
                }
                held.decoded += added;
                progress = result?;
                held.full = progress == Progress::Full;
                if used == 0 && added == 0 && (progress == Progress::Full || unread > 0) {
                    // A decoder that has input and space, and does nothing, would never end.
                    return Err(Violation::InvalidCoding);
                }
            }
            if progress == Progress::Done && self.left == 0 {
                let end = self.finish_frame(inbox)?;
                return Ok(if D::WHOLE && end == End::Frame {
                    Payloads::FrameFinished
                } else {
                    Payloads::Event(Ready::Assembled { kind, end })
                });
            }
            let starved = progress == Progress::Done && inbox.buffer.is_empty();
            let some = !held.text.is_empty() || !held.binary.is_empty();
            if !D::WHOLE && some {
                return Ok(Payloads::Event(Ready::Assembled {
                    kind,
                    end: End::Nothing,
                }));
            }
            if starved {
                return Ok(Payloads::Incomplete);
            }
        }
    }

    /// The current frame has ended, and text up to here is known.
    fn finish_frame<D: Delivery>(&mut self, inbox: &mut Inbox<D>) -> Result<End, Violation> {
        if self.current == Current::Last && !self.partial.is_empty() {
            return Err(Violation::InvalidUtf8);
        }
        Ok(self.leave_frame(inbox))
    }

    fn leave_frame<D: Delivery>(&mut self, inbox: &mut Inbox<D>) -> End {
        let end = if self.current == Current::Last {
            End::Message
        } else {
            End::Frame
        };
        self.current = Current::Header;
        if end == End::Message {
            self.message = None;
            inbox.finish_message();
        }
        end
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
                    End::Frame | End::Nothing => self.partial.split(bytes),
                };
                let Ok(text) = text else {
                    self.life = Life::Failed(Violation::InvalidUtf8);
                    return Err(Violation::InvalidUtf8);
                };
                Event::Text(Data::new(Payload::InPlace(text), end))
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
        if let Ready::InPlace {
            kind: DataKind::Text,
            end,
            from,
            to,
        } = ready
        {
            let bytes = &inbox.buffer.bytes()[from..to];
            let mut partial = self.partial;
            let text = match end {
                End::Message => text::whole(bytes),
                End::Frame | End::Nothing => partial.split(bytes),
            };
            if text.is_err() {
                self.life = Life::Failed(Violation::InvalidUtf8);
                return Err(Violation::InvalidUtf8);
            }
        }
        Ok(())
    }
}

/// What came of the bytes of the current frame's payload that are there.
enum Payloads {
    Event(Ready),
    FrameFinished,
    Incomplete,
}

fn invalid_utf8(_: text::InvalidUtf8) -> Violation {
    Violation::InvalidUtf8
}

/// Appends the text in `bytes` to `text`, but for a character that is cut at the end.
fn append_text(
    partial: &mut text::Partial,
    bytes: &[u8],
    text: &mut alloc::string::String,
) -> Result<(), Violation> {
    let (character, used) = partial.finish(bytes).map_err(invalid_utf8)?;
    text.extend(character);
    if partial.is_empty() {
        text.push_str(partial.split(&bytes[used..]).map_err(invalid_utf8)?);
    }
    Ok(())
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
