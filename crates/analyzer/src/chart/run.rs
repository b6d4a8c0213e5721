//! The data of the chart of one run.

/// Levels of memory that are drawn across the chart, in MiB; what is `None` or not finite is left out.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Thresholds {
    /// Where moderate pressure begins.
    pub moderate: Option<f64>,
    /// Where high pressure begins.
    pub high: Option<f64>,
    /// Where critical pressure begins.
    pub critical: Option<f64>,
    /// Where the recorder starts collections.
    pub gc_trigger: Option<f64>,
    /// The memory the job may use.
    pub limit: Option<f64>,
}

/// A straight line fitted to the samples, with its interval at both ends. Times in seconds, the rest in MiB.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trend {
    /// Where the fitted stretch begins.
    pub start_s: f64,
    /// Where the fitted stretch ends.
    pub end_s: f64,
    /// The line at its start.
    pub start_mb: f64,
    /// The line at its end.
    pub end_mb: f64,
    /// The interval's lower and upper end at the start.
    pub start_interval_mb: (f64, f64),
    /// The interval's lower and upper end at the end.
    pub end_interval_mb: (f64, f64),
}

/// Memory as it would have been with another configuration.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Predicted {
    /// What the configuration is called.
    pub label: String,
    /// Times in seconds, as those of the samples.
    pub seconds: Vec<f64>,
    /// Predicted RSS in MiB.
    pub rss_mb: Vec<f64>,
}

/// The heap that a runtime had committed, by the log that it wrote beside the run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HeapLine {
    /// Which runtime's.
    pub label: String,
    /// Times in seconds, as those of the samples.
    pub seconds: Vec<f64>,
    /// Committed from then on, in MiB.
    pub committed_mb: Vec<f64>,
}

/// What the chart of one run shows. Times are seconds since the run's start.
///
/// With [`predicted`](Self::predicted) it is the before-and-after chart of a simulated configuration.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RunChart<'a> {
    /// The headline.
    pub title: String,
    /// A second, quieter line: file, machine, length.
    pub subtitle: String,
    /// When the samples were taken.
    pub seconds: &'a [f64],
    /// RSS in MiB; a value that is not finite is a gap.
    pub rss_mb: &'a [f64],
    /// The run's peak, where it is known better than by its samples: when, and MiB.
    pub mark: Option<(f64, f64)>,
    /// Levels drawn across the chart.
    pub thresholds: Thresholds,
    /// From when on which batch size was allowed.
    pub batch_sizes: Vec<(f64, u32)>,
    /// When garbage was collected.
    pub gc_marks: Vec<f64>,
    /// From when to when fallback was on.
    pub fallback_spans: Vec<(f64, f64)>,
    /// When which operation began.
    pub operations: Vec<(f64, String)>,
    /// The fitted trend.
    pub trend: Option<Trend>,
    /// What is drawn, where it is not RSS.
    pub quantity: Option<&'static str>,
    /// Memory with another configuration.
    pub predicted: Option<Predicted>,
    /// The runtime's heap, where a log of it lies in time beside the run.
    pub heap: Option<HeapLine>,
}

impl<'a> RunChart<'a> {
    /// A chart of samples alone; the other fields are public.
    #[must_use]
    pub fn new(title: impl Into<String>, seconds: &'a [f64], rss_mb: &'a [f64]) -> Self {
        Self { title: title.into(), seconds, rss_mb, ..Self::default() }
    }
}
