//! What the page shows beside the view.

use std::time::Duration;

/// The page's own state.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Page {
    pub(crate) coloured: bool,
    pub(crate) window: Window,
    /// How long nothing was heard, if too long.
    pub(crate) silent: Option<Duration>,
    /// The writer is gone and left no footer.
    pub(crate) cut_off: bool,
}

/// The part of the run that the chart shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Window {
    #[default]
    All,
    TenMinutes,
    OneMinute,
}

impl Window {
    pub(crate) const fn next(self) -> Self {
        match self {
            Self::All => Self::TenMinutes,
            Self::TenMinutes => Self::OneMinute,
            Self::OneMinute => Self::All,
        }
    }

    /// Its seconds; `None` for the whole run.
    pub(crate) const fn seconds(self) -> Option<f64> {
        match self {
            Self::All => None,
            Self::TenMinutes => Some(600.0),
            Self::OneMinute => Some(60.0),
        }
    }

    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::All => "whole run",
            Self::TenMinutes => "last 10 min",
            Self::OneMinute => "last minute",
        }
    }
}
