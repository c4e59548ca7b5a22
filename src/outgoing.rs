//! The sending half of a connection: arguments that cannot be illegal become frames.
//!
//! Knows frames, and nothing of what we receive. Its one idea: a frame is written once, where it
//! will be sent from, its payload copied and masked in the same pass.

use bytes::Bytes;

use crate::broadcast::Broadcast;
use crate::close::CloseStatus;
use crate::extension::{Coding, Encode, Extension};
use crate::frame::{self, FIN, Opcode};
use crate::mask::Mask;
use crate::outbox::Outbox;
use crate::owed::OwedPong;
use crate::role::Role;
use crate::unsent::Unsent;

pub(crate) struct Outgoing<R: Role, X: Extension> {
    keys: R::Keys,
    encoder: X::Encoder,
}

/// How the fragments of the message that is being sent are written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fragments {
    /// The opcode of the next fragment, and the reserved bits of the first.
    first: u8,
    coding: Coding,
}

impl<R: Role, X: Extension> Outgoing<R, X> {
    pub(crate) fn new(keys: R::Keys, encoder: X::Encoder) -> Self {
        Self { keys, encoder }
    }

    pub(crate) fn into_parts(self) -> (R::Keys, X::Encoder) {
        (self.keys, self.encoder)
    }

    /// A whole message.
    #[inline(always)]
    pub(crate) fn message(&mut self, opcode: Opcode, payload: &[u8], outbox: &mut Outbox) {
        let (rsv, coding) = self.encoder.begin(Some(payload.len()));
        let first = FIN | (rsv.bits() & X::RSV.bits()) | opcode as u8;
        match coding {
            Coding::Plain => self.frame(first, payload, outbox),
            Coding::Coded => {
                self.encode(first, payload, true, outbox);
            }
        }
    }

    /// A whole message whose payload need not be copied.
    pub(crate) fn message_bytes(&mut self, opcode: Opcode, payload: Bytes, outbox: &mut Outbox) {
        if R::IS_CLIENT || !Outbox::shares(payload.len()) {
            return self.message(opcode, &payload, outbox);
        }
        let (rsv, coding) = self.encoder.begin(Some(payload.len()));
        let first = FIN | (rsv.bits() & X::RSV.bits()) | opcode as u8;
        if coding == Coding::Coded {
            self.encode(first, &payload, true, outbox);
            return;
        }
        Self::header(first, payload.len(), outbox);
        outbox.share(payload);
    }

    /// The header alone of a frame that is not masked.
    #[inline]
    fn header(first: u8, payload: usize, outbox: &mut Outbox) {
        let size = frame::size(payload);
        frame::write(outbox.put(size), first, payload, ());
    }

    /// A whole message, from where it lies if it goes out as it is.
    #[inline]
    pub(crate) fn message_in_place<'m>(
        &mut self,
        opcode: Opcode,
        payload: &'m [u8],
        outbox: &'m mut Outbox,
    ) -> Unsent<'m> {
        let (rsv, coding) = self.encoder.begin(Some(payload.len()));
        let first = FIN | (rsv.bits() & X::RSV.bits()) | opcode as u8;
        match coding {
            Coding::Plain if !R::IS_CLIENT => {
                Self::header(first, payload.len(), outbox);
                return Unsent::new(outbox, payload);
            }
            Coding::Plain => self.frame(first, payload, outbox),
            Coding::Coded => {
                self.encode(first, payload, true, outbox);
            }
        }
        Unsent::new(outbox, &[])
    }

    /// A message that was framed for many connections, from where it lies.
    #[inline]
    pub(crate) fn broadcast_in_place<'m>(
        &mut self,
        message: &'m Broadcast,
        outbox: &'m mut Outbox,
    ) -> Unsent<'m> {
        match self.encoder.broadcast(message) {
            Some(frame) => Unsent::shared(outbox, frame),
            None => self.message_in_place(message.opcode(), message.payload(), outbox),
        }
    }

    /// A message that was framed for many connections.
    #[inline]
    pub(crate) fn broadcast(&mut self, message: &Broadcast, outbox: &mut Outbox) {
        match self.encoder.broadcast(message) {
            Some(frame) if Outbox::shares(frame.len()) => outbox.share(frame.clone()),
            Some(frame) => outbox.write(frame),
            None => self.message(message.opcode(), message.payload(), outbox),
        }
    }

    /// Starts a message in fragments.
    pub(crate) fn start(&mut self, opcode: Opcode) -> Fragments {
        let (rsv, coding) = self.encoder.begin(None);
        Fragments {
            first: (rsv.bits() & X::RSV.bits()) | opcode as u8,
            coding,
        }
    }

    /// The next fragment of a message.
    #[inline]
    pub(crate) fn fragment(
        &mut self,
        fragments: &mut Fragments,
        payload: &[u8],
        last: bool,
        outbox: &mut Outbox,
    ) {
        let first = fragments.first | if last { FIN } else { 0 };
        match fragments.coding {
            Coding::Plain => self.frame(first, payload, outbox),
            Coding::Coded => {
                if !self.encode(first, payload, last, outbox) {
                    return;
                }
            }
        }
        fragments.first = Opcode::Continuation as u8;
    }

    #[inline(always)]
    pub(crate) fn control(&mut self, opcode: Opcode, payload: &[u8], outbox: &mut Outbox) {
        self.frame(FIN | opcode as u8, payload, outbox);
    }

    /// Answers a Ping, now or when there is room.
    pub(crate) fn pong(&mut self, payload: &[u8], limit: u16, outbox: &mut Outbox) {
        let first = FIN | Opcode::Pong as u8;
        if outbox.has_room_for_pong(limit) {
            self.frame(first, payload, outbox);
            outbox.wrote_pong();
        } else {
            let mask = R::draw(&mut self.keys);
            let size = frame::size(payload.len()) + R::Sent::SIZE;
            let frame = outbox.owe(size + payload.len(), limit);
            write_frame(frame, size, first, payload, mask);
        }
    }

    /// Answers a Ping that the receiving half of a connection got.
    pub(crate) fn answer(&mut self, owed: OwedPong, outbox: &mut Outbox) {
        if let Some(limit) = owed.limit() {
            self.pong(owed.payload(), limit, outbox);
        }
    }

    /// A Close frame with `status` and `reason`; without either for 1005.
    pub(crate) fn close(&mut self, status: CloseStatus, reason: &str, outbox: &mut Outbox) {
        outbox.write_owed();
        let mut payload = [0; 125];
        let mut len = 0;
        if let Some(code) = status.code() {
            payload[..2].copy_from_slice(&code.get().to_be_bytes());
            len = 2 + reason.len();
            payload[2..len].copy_from_slice(reason.as_bytes());
        }
        self.control(Opcode::Close, &payload[..len], outbox);
    }

    #[inline(always)]
    fn frame(&mut self, first: u8, payload: &[u8], outbox: &mut Outbox) {
        let mask = R::draw(&mut self.keys);
        let size = frame::size(payload.len()) + R::Sent::SIZE;
        let len = size + payload.len();
        write_frame(outbox.put(len), size, first, payload, mask);
    }

    /// Encodes `payload` where it will be sent from. Gives whether there is a frame: an encoder
    /// may hold everything back, and a fragment of nothing says nothing.
    fn encode(&mut self, first: u8, payload: &[u8], last: bool, outbox: &mut Outbox) -> bool {
        let (frame, pool) = outbox.append();
        let start = frame.len();
        // Seldom wrong: most of what is encoded becomes a little shorter.
        let guess = frame::size(payload.len()) + R::Sent::SIZE;
        frame.resize(start + guess, 0);
        self.encoder.encode(payload, last, frame, pool);
        assert!(frame.len() >= start + guess, "an encoder only appends");
        let len = frame.len() - start - guess;
        if len == 0 && !last {
            frame.truncate(start);
            return false;
        }
        let size = frame::size(len) + R::Sent::SIZE;
        if size != guess {
            frame.splice(start..start + guess, core::iter::repeat_n(0, size));
        }
        let (header, body) = frame[start..].split_at_mut(size);
        let mask = R::draw(&mut self.keys);
        frame::write(header, first, len, mask);
        mask.apply(body);
        outbox.appended();
        true
    }
}

/// Writes a frame into `frame`, which has exactly its size; `size` bytes of it are the header.
#[inline(always)]
fn write_frame<M: Mask>(frame: &mut [u8], size: usize, first: u8, payload: &[u8], mask: M) {
    let (header, body) = frame.split_at_mut(size);
    frame::write(header, first, payload.len(), mask);
    mask.copy(payload, body);
}
