//! Live bytes: what the allocators have handed out, beside resident memory.
//!
//! A heap keeps pages that are free inside; live bytes do not have them. So they tell a leak from a
//! heap that does not shrink.

mod heap;
mod heap_watch;
mod pacer;

pub(crate) use heap::{HeapBytes, heap_bytes};
pub(crate) use heap_watch::HeapWatch;
pub(crate) use pacer::Pacer;
