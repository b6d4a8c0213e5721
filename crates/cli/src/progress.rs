//! Progress on standard error, on a terminal, for work that takes a while.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Files below which no bar is shown.
const FEW_FILES: usize = 8;

/// A bar; it shows nothing where standard error is no terminal.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// A bar that counts files.
    pub(crate) fn files() -> Self {
        let bar = on_terminal();
        let style = ProgressStyle::with_template("{spinner} {pos}/{len} files  {elapsed}  {wide_bar} {eta}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self(bar)
    }

    /// A bar that counts steps.
    pub(crate) fn counted(things: &'static str) -> Self {
        let bar = on_terminal().with_message(things);
        let style = ProgressStyle::with_template("{spinner} {pos}/{len} {msg}  {elapsed}  {wide_bar} {eta}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self(bar)
    }

    /// Sets how many are done.
    pub(crate) fn at(&self, done: usize, of: usize) {
        if of >= FEW_FILES {
            self.0.set_length(of as u64);
            self.0.set_position(done as u64);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

fn on_terminal() -> ProgressBar {
    ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10))
}
