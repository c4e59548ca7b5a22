//! Ordinary messages: in one frame, shorter than 64 KiB, with nothing of another before them.
//!
//! Knows nothing of fragments, control frames and large messages, which it leaves to others as
//! they are. Its one idea: what is received most often takes the shortest way, small enough to be
//! part of the caller's loop.

use crate::delivery::{Delivery, End};
use crate::extension::{Coding, Decode, Extension};
use crate::frame::{self, Header, Opcode, Ordinary};
use crate::inbox::{DataKind, Inbox, Ready};
use crate::incoming::{AtOnce, Current, Incoming, Life, Message};
use crate::mask::Mask;
use crate::role::Role;
use crate::rsv::Rsv;
use crate::text;

/// Bytes of a payload that are not worth looking at before they are all there.
const SMALL: usize = 4 << 10;

impl<R: Role, X: Extension> Incoming<R, X> {
    /// The next event by the shortest way, if it is an ordinary message in an inbox that keeps none.
    #[inline(always)]
    pub(crate) fn at_once<D: Delivery>(&mut self, inbox: &mut Inbox<D>) -> AtOnce {
        let is_between = self.current == Current::Header && self.message.is_none();
        if inbox.keeps() || !is_between || !matches!(self.life, Life::Live) {
            return AtOnce::Other;
        }
        let window = inbox.buffer.window_mut();
        let Some(header) = frame::read_ordinary::<R>(window) else {
            return AtOnce::Other;
        };
        if header.payload > self.max_message || header.payload > self.max_frame {
            return AtOnce::Other;
        }
        let payload = &mut window[header.size..];
        if header.payload > payload.len() {
            // Only text can be wrong before it is whole.
            let waits = D::WHOLE && header.payload <= SMALL;
            if waits && (!header.is_text || self.glance(header.mask, payload).is_ok()) {
                return AtOnce::Incomplete;
            }
            return AtOnce::Other;
        }
        if self.decoder.begin(Rsv::NONE) != Coding::Plain {
            self.start_coded(&header, inbox);
            return AtOnce::Other;
        }
        header.mask.apply(&mut payload[..header.payload]);
        let from = inbox.buffer.start() + header.size;
        inbox.buffer.take(header.size + header.payload);
        self.left = 0;
        AtOnce::Ready(Ready::InPlace {
            kind: match header.is_text {
                true => DataKind::Text,
                false => DataKind::Binary,
            },
            end: End::Message,
            from,
            to: from + header.payload,
        })
    }

    /// Leaves to others a message that its decoder was told of, and is told of no second time.
    #[cold]
    fn start_coded<D: Delivery>(&mut self, header: &Ordinary<R::Received>, inbox: &mut Inbox<D>) {
        let (kind, opcode) = match header.is_text {
            true => (DataKind::Text, Opcode::Text),
            false => (DataKind::Binary, Opcode::Binary),
        };
        let coding = Coding::Coded;
        self.start_message(Message { kind, coding }, inbox);
        let header = Header {
            fin: true,
            rsv: Rsv::NONE,
            opcode,
            mask: header.mask,
            payload: header.payload as u64,
            size: header.size,
        };
        if let Err(violation) = self.start_frame(&header, inbox) {
            self.life = Life::Failed(violation);
        }
    }

    /// Looks at what is new of a text that waits to be whole, and leaves it as it is.
    ///
    /// ASCII is seen where it lies: a copy that is looked at next is waited for.
    #[inline(always)]
    fn glance(&mut self, mask: R::Received, payload: &[u8]) -> Result<(), text::InvalidUtf8> {
        if payload.len() <= self.left {
            return Ok(());
        }
        if mask.after(self.left).is_ascii(&payload[self.left..]) {
            self.left = payload.len();
            return Ok(());
        }
        self.glance_at_copy(mask, payload)
    }

    /// The same, whatever it is. Never part of the caller's loop: in some of them it was compiled to
    /// steps of a byte.
    #[inline(never)]
    fn glance_at_copy(
        &mut self,
        mask: R::Received,
        payload: &[u8],
    ) -> Result<(), text::InvalidUtf8> {
        while self.left < payload.len() {
            let end = payload.len().min(self.left + text::GLANCE);
            let mask = mask.after(end);
            let block = match payload[..end].last_chunk() {
                Some(bytes) => mask.unmasked(bytes),
                None => {
                    let mut block = [0; text::GLANCE];
                    block[text::GLANCE - end..].copy_from_slice(&payload[..end]);
                    mask.unmasked(&block)
                }
            };
            let whole = text::glance(&block, end - self.left);
            self.left += whole?;
            if end == payload.len() {
                break;
            }
        }
        Ok(())
    }
}
