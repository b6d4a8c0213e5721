//! The kernel's text files, opened once and parsed without allocation.

mod kernel_file;
pub(crate) mod libraries;
pub(crate) mod text;

pub(crate) use kernel_file::KernelFile;
