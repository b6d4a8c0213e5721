//! The recorder's two threads: one samples and writes, one runs the host's callbacks.

mod callback;
pub(crate) mod sampling;
