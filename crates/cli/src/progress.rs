//! Progress on standard error, on a terminal, for work that takes a while.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Files below which nobody needs to be told.
const FEW_FILES: usize = 8;

/// A bar that counts files; it shows nothing where standard error is no terminal.
pub(crate) struct FileBar(ProgressBar);

impl FileBar {
    pub(crate) fn new() -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
        let style = ProgressStyle::with_template("{spinner} {pos}/{len} files  {elapsed}  {wide_bar} {eta}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.enable_steady_tick(Duration::from_millis(200));
        Self(bar)
    }

    /// So many files are done.
    pub(crate) fn at(&self, done: usize, of: usize) {
        if of >= FEW_FILES {
            self.0.set_length(of as u64);
            self.0.set_position(done as u64);
        }
    }
}

impl Drop for FileBar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
