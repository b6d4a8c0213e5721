//! Options of a comparison.

/// How to compare.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CompareOptions {
    /// A change for the worse up to this share never counts.
    pub floor: f64,
    /// A tolerance beyond this share is no gauge: without a regression there is no verdict.
    pub widest: f64,
}

impl Default for CompareOptions {
    /// 5 % is where a change of the peak begins to matter; repeats of adaptive runs differ by
    /// up to 20 %, so that a tolerance of a quarter still tells more than their noise.
    fn default() -> Self {
        Self { floor: 0.05, widest: 0.25 }
    }
}
