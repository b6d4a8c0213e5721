//! The figures of a run that a summary uses.

/// The figures of one run, or of a file that could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct RunFigures<'a> {
    /// Where the run is from.
    pub uri: &'a str,
    /// The job that it is a run of.
    pub job: Option<&'a str>,
    /// Whether the file could not be read: then nothing else of it counts.
    pub failed: bool,
    /// Samples with a readable RSS.
    pub samples: u64,
    /// First to last of them, in seconds.
    pub duration_s: f64,
    /// Largest RSS in MiB; `None` if unknown.
    pub peak_rss_mb: Option<f64>,
    /// The memory that the job may use, in MiB.
    pub limit_mb: Option<f64>,
    /// Whether the kernel killed it for want of memory.
    pub killed: bool,
    /// Whether memory leaks, by any tier.
    pub leaks: bool,
    /// Whether there is a finding.
    pub has_findings: bool,
}

impl RunFigures<'_> {
    /// The peak as a share of the limit.
    pub(super) fn limit_share(&self) -> Option<f64> {
        let limit = self.limit_mb.filter(|limit| *limit > 0.0)?;
        Some(self.peak_rss_mb? / limit)
    }
}
