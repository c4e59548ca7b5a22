//! Memory that no connection of this thread needs just now.
//!
//! Knows nothing of connections. Its one idea: a connection that waits for its peer needs no buffer,
//! and a thread does one thing at a time.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::cell::RefCell;

use crate::delivery::Delivery;
use crate::inbox::{Inbox, Memory};
use crate::outbox::Outbox;

/// Buffers of a kind that are kept.
const BUFFERS: usize = 16;

/// Bytes of a kind that are kept.
const BYTES: usize = 4 << 20;

/// What is kept of one kind.
struct Spare<T> {
    kept: Vec<T>,
    /// What `kept` holds. At most `BYTES`.
    bytes: usize,
}

impl<T> Spare<T> {
    const fn new() -> Self {
        Self {
            kept: Vec::new(),
            bytes: 0,
        }
    }

    fn take(&mut self, size: impl Fn(&T) -> usize) -> Option<T> {
        let memory = self.kept.pop()?;
        self.bytes -= size(&memory);
        Some(memory)
    }

    /// Keeps it, unless there is enough already.
    fn give(&mut self, memory: T, size: impl Fn(&T) -> usize) {
        let bytes = self.bytes + size(&memory);
        if self.kept.len() < BUFFERS && bytes <= BYTES {
            self.bytes = bytes;
            self.kept.push(memory);
        }
    }
}

std::thread_local! {
    static INBOXES: RefCell<Spare<Memory>> = const { RefCell::new(Spare::new()) };
    static OUTBOXES: RefCell<Spare<Box<Outbox>>> = const { RefCell::new(Spare::new()) };
}

/// Gives an idle inbox memory, if it has none.
pub(super) fn lend<D: Delivery>(inbox: &mut Inbox<D>) {
    if inbox.capacity() > 0 || !inbox.is_idle() {
        return;
    }
    // Nothing is kept of a thread that is ending.
    let memory = INBOXES.try_with(|spare| spare.borrow_mut().take(Memory::capacity));
    if let Ok(Some(memory)) = memory {
        inbox.give_memory(memory);
    }
}

/// Takes the memory of an inbox, if it is idle.
pub(super) fn take_back<D: Delivery>(inbox: &mut Inbox<D>) {
    if inbox.capacity() > 0 && inbox.is_idle() {
        let memory = inbox.take_memory();
        let _ = INBOXES.try_with(|spare| spare.borrow_mut().give(memory, Memory::capacity));
    }
}

/// An empty outbox.
pub(super) fn outbox() -> Box<Outbox> {
    let outbox = OUTBOXES.try_with(|spare| spare.borrow_mut().take(|it| it.capacity()));
    outbox.ok().flatten().unwrap_or_default()
}

/// Takes an outbox that is empty.
pub(super) fn take_back_outbox(outbox: Box<Outbox>) {
    debug_assert!(outbox.is_empty());
    let _ = OUTBOXES.try_with(|spare| spare.borrow_mut().give(outbox, |it| it.capacity()));
}
