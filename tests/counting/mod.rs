//! The heap of each thread, counted.
#![allow(dead_code)] // Each file of tests uses its part.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// Counts what each thread allocates, so that tests do not see one another.
struct Counting;

#[global_allocator]
static COUNTING: Counting = Counting;

thread_local! {
    static LIVE: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
    static TOTAL: Cell<usize> = const { Cell::new(0) };
    static CALLS: Cell<usize> = const { Cell::new(0) };
}

/// What this thread holds, in bytes.
pub fn live() -> isize {
    LIVE.get()
}

fn count(freed: usize, allocated: usize) {
    LIVE.set(LIVE.get() + allocated as isize - freed as isize);
    PEAK.set(PEAK.get().max(LIVE.get()));
    TOTAL.set(TOTAL.get() + allocated);
    CALLS.set(CALLS.get() + usize::from(allocated > 0));
}

// SAFETY: each method hands its arguments on to `System` as they are, and gives what it gives.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(0, layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(0, layout.size());
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(layout.size(), 0);
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(layout.size(), size);
        unsafe { System.realloc(pointer, layout, size) }
    }
}

/// What something did to the heap, in bytes but for `calls`.
#[derive(Debug)]
pub struct Heap {
    /// More at the end than at the start.
    pub kept: isize,
    /// The most there was, above the start.
    pub peak: isize,
    /// All that was ever allocated.
    pub total: usize,
    pub calls: usize,
}

pub fn heap(run: impl FnOnce()) -> Heap {
    let live = live();
    PEAK.set(live);
    TOTAL.set(0);
    CALLS.set(0);
    run();
    Heap {
        kept: LIVE.get() - live,
        peak: PEAK.get() - live,
        total: TOTAL.get(),
        calls: CALLS.get(),
    }
}
