//! The payload of a frame that is not delivered in place: consumed as it arrives.
//!
//! Knows messages and their decoding, and nothing of headers. Its one idea: a block is unmasked,
//! validated and moved while it is in the first-level cache.

use crate::delivery::{Delivery, End};
use crate::error::Violation;
use crate::extension::{Coding, Decode, Extension, Progress};
use crate::inbox::{DataKind, Inbox, Ready};
use crate::incoming::{Current, Incoming, Payloads};
use crate::mask::Mask;
use crate::role::Role;
use crate::text;

/// Bytes that are unmasked, validated and moved while they are in the first-level cache.
const BLOCK: usize = 16 << 10;

impl<R: Role, X: Extension> Incoming<R, X> {
    /// More of the current frame's payload.
    #[inline(never)]
    pub(crate) fn payload<D: Delivery>(
        &mut self,
        inbox: &mut Inbox<D>,
    ) -> Result<Payloads, Violation> {
        let Some(message) = self.message else {
            return Ok(Payloads::Incomplete);
        };
        self.check_inbox(inbox);
        match message.coding {
            Coding::Plain if D::WHOLE => match message.kind {
                DataKind::Text => self.assemble_text(inbox),
                DataKind::Binary => Ok(self.assemble(inbox)),
            },
            Coding::Plain => self.deliver(message.kind, inbox),
            Coding::Coded if D::WHOLE && message.kind == DataKind::Text => self.decode_text(inbox),
            Coding::Coded => self.decode(message.kind, inbox),
        }
    }

    /// A binary message in one frame: stays where it lies, and is unmasked as it arrives.
    fn settle<D: Delivery>(&mut self, inbox: &mut Inbox<D>) -> Payloads {
        let held = &mut inbox.held;
        let here = self.left.min(inbox.buffer.len());
        let arrived = &mut inbox.buffer.window_mut()[held.plain..here];
        self.mask.apply(arrived);
        self.mask = self.mask.after(arrived.len());
        held.plain = here;
        let missing = self.left - here;
        held.missing = if self.left < BLOCK { 0 } else { missing };
        if missing > 0 {
            return Payloads::Incomplete;
        }
        held.plain = 0;
        self.left = 0;
        let from = inbox.buffer.start();
        inbox.buffer.take(here);
        Payloads::Event(Ready::InPlace {
            kind: DataKind::Binary,
            end: self.leave_frame(inbox),
            from,
            to: from + here,
        })
    }

    /// Whole messages of bytes: moves what has arrived to the rest of its message.
    fn assemble<D: Delivery>(&mut self, inbox: &mut Inbox<D>) -> Payloads {
        if self.is_only_frame() {
            return self.settle(inbox);
        }
        let message = &mut inbox.held.binary;
        let here = self.left.min(inbox.buffer.len());
        if message.capacity() - message.len() < here {
            message.reserve_exact(self.more(message.len(), here));
        }
        for block in inbox.buffer.window_mut()[..here].chunks_mut(BLOCK) {
            self.mask.apply(block);
            self.mask = self.mask.after(block.len());
            message.extend_from_slice(block);
        }
        inbox.buffer.take(here);
        self.left -= here;
        if self.left > 0 {
            return Payloads::Incomplete;
        }
        self.finish_assembled(DataKind::Binary, inbox)
    }

    /// Whole messages of text: the same, but for a character that is cut at the end.
    fn assemble_text<D: Delivery>(&mut self, inbox: &mut Inbox<D>) -> Result<Payloads, Violation> {
        let new = self.left.min(inbox.buffer.len());
        if new == 0 && self.left > 0 {
            return Ok(Payloads::Incomplete);
        }
        let mut plain = self.put_character_back(inbox);
        let here = plain + new;
        let message = &mut inbox.held.text;
        if message.capacity() - message.len() < here {
            message.reserve_exact(self.more(message.len(), here));
        }
        let window = &mut inbox.buffer.window_mut()[..here];
        let mut known = 0;
        while plain < here {
            let end = here.min(plain + BLOCK);
            self.mask.apply(&mut window[plain..end]);
            self.mask = self.mask.after(end - plain);
            plain = end;
            let (text, cut) = text::start(&window[known..end]).map_err(invalid_utf8)?;
            message.push_str(text);
            known += text.len();
            self.partial = cut;
        }
        inbox.buffer.take(here);
        self.left -= new;
        if self.left > 0 {
            return Ok(Payloads::Incomplete);
        }
        if self.current == Current::Last && !self.partial.is_empty() {
            return Err(Violation::InvalidUtf8);
        }
        Ok(self.finish_assembled(DataKind::Text, inbox))
    }

    /// Puts the start of a character that was cut before the rest of it: over what came before that,
    /// a frame's header it may be. How many bytes it has.
    #[inline(always)]
    fn put_character_back<D: Delivery>(&mut self, inbox: &mut Inbox<D>) -> usize {
        let begun = self.partial.len();
        inbox.buffer.put_in_front(self.partial.bytes(), begun);
        begun
    }

    /// How much memory to ask for beside `len` bytes of a message for `here` more: twice as much each
    /// time, and no more than can come.
    fn more(&self, len: usize, here: usize) -> usize {
        let most = match self.current {
            Current::Last => self.left,
            Current::Fragment | Current::Header => usize::MAX,
        };
        len.min(most).max(here)
    }

    fn finish_assembled<D: Delivery>(&mut self, kind: DataKind, inbox: &mut Inbox<D>) -> Payloads {
        match self.leave_frame(inbox) {
            End::Message => Payloads::Event(Ready::Assembled {
                kind,
                end: End::Message,
            }),
            _ => Payloads::FrameFinished,
        }
    }

    /// Chunks: delivers what has arrived where it lies.
    fn deliver<D: Delivery>(
        &mut self,
        kind: DataKind,
        inbox: &mut Inbox<D>,
    ) -> Result<Payloads, Violation> {
        let new = self.left.min(inbox.buffer.len());
        if new == 0 && self.left > 0 {
            return Ok(Payloads::Incomplete);
        }
        let begun = self.put_character_back(inbox);
        let here = begun + new;
        let from = inbox.buffer.start();
        let piece = &mut inbox.buffer.window_mut()[..here];
        self.mask.apply(&mut piece[begun..]);
        self.mask = self.mask.after(new);
        self.left -= new;
        // A piece of whole characters is validated when it is delivered, and with it what is cut.
        let is_cut = kind == DataKind::Text && self.left > 0 && text::cut_character(piece) == here;
        self.partial = match is_cut {
            true => text::start(piece).map_err(invalid_utf8)?.1,
            false => text::Partial::default(),
        };
        inbox.buffer.take(here);
        if is_cut {
            return Ok(Payloads::Incomplete);
        }
        Ok(Payloads::Event(Ready::InPlace {
            kind,
            end: match self.left {
                0 => self.leave_frame(inbox),
                _ => End::Nothing,
            },
            from,
            to: from + here,
        }))
    }

    /// Whole messages of text, through the decoder: they stay where it writes them.
    fn decode_text<D: Delivery>(&mut self, inbox: &mut Inbox<D>) -> Result<Payloads, Violation> {
        // What was decoded before is known to be text, but for a character that was cut.
        let known = inbox.held.binary.len() - self.partial.len();
        self.partial = text::Partial::default();
        let found = self.decode(DataKind::Text, inbox);
        if let Ok(Payloads::Event(_)) = found {
            // Validated when it is delivered, as what is lent has to be.
            return Ok(Payloads::Event(Ready::DecodedText));
        }
        let new = &inbox.held.binary[known..];
        self.partial = text::start(new).map_err(invalid_utf8)?.1;
        found
    }

    /// Either delivery, through the decoder. Text of whole messages is not validated.
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
                if !D::WHOLE && kind == DataKind::Text {
                    let begun = &self.partial.bytes()[3 - self.partial.len()..];
                    held.binary.extend_from_slice(begun);
                }
                let before = held.binary.len();
                let room = self.max_message - held.decoded;
                // By what has arrived, and by how much of the message has been moved on from here.
                let moved = held.decoded - before;
                let expected = (4 * held.plain).max(moved).clamp(512, BLOCK);
                // What is above the limit takes one byte to see.
                let most = room.saturating_add(1);
                if held.binary.capacity() - before < expected.min(most) {
                    let doubled = expected.max(before);
                    held.binary.reserve_exact(doubled.min(most).max(64));
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
                if !D::WHOLE && kind == DataKind::Text {
                    let spare = held.text.capacity() - held.text.len();
                    // A character that was begun takes up to three bytes more.
                    if spare < allowed + 3 {
                        let doubled = held.text.len().max(allowed + 3);
                        held.text.reserve_exact(doubled.min(room.saturating_add(3)));
                    }
                    let new = &held.binary[..before + allowed];
                    let (text, cut) = text::start(new).map_err(invalid_utf8)?;
                    held.text.push_str(text);
                    self.partial = cut;
                    held.binary.clear();
                }
                if added > room {
                    held.binary.truncate(before + allowed);
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
}

fn invalid_utf8(_: text::InvalidUtf8) -> Violation {
    Violation::InvalidUtf8
}
