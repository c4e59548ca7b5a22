//! The system's allocator, which counts the bytes that are in use.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

pub struct Counting;

static LIVE: AtomicUsize = AtomicUsize::new(0);

/// Bytes that are allocated and not yet given back.
pub fn live() -> usize {
    LIVE.load(Ordering::Relaxed)
}

/// One thread allocates: a load and a store cost each contestant next to nothing.
fn count(more: usize, less: usize) {
    let live = LIVE.load(Ordering::Relaxed);
    LIVE.store(
        live.wrapping_add(more).wrapping_sub(less),
        Ordering::Relaxed,
    );
}

// SAFETY: everything is left to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), 0);
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        count(0, layout.size());
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size, layout.size());
        unsafe { System.realloc(memory, layout, size) }
    }
}
