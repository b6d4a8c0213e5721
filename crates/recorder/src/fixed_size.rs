//! The batch size of one run, fixed from outside.
//!
//! Two runs of different sizes tell what a batch needs, where one run does not. So that a second one needs no edit of
//! the job or its config, a variable of its environment fixes the size.

use memtool_profile_model::{AdaptiveConfig, BatchSizes, Predictive};

/// The environment variable whose number is the size of every batch of a run, whatever its config says.
pub const BATCH_SIZE_VARIABLE: &str = "MEMTOOL_BATCH_SIZE";

/// The config with every size as the variable has it; as it is without one. The text of a value that is no size above 0
/// is the error.
pub(crate) fn with_fixed_size(config: AdaptiveConfig, value: Option<&str>) -> Result<AdaptiveConfig, String> {
    let Some(value) = value else { return Ok(config) };
    let size = value.trim().parse::<u32>().ok().filter(|size| *size > 0).ok_or_else(|| {
        format!(
            "{BATCH_SIZE_VARIABLE} is \"{}\", a number of items above 0 is expected",
            value.escape_debug()
        )
    })?;
    Ok(AdaptiveConfig {
        batch_sizes: BatchSizes { low: size, medium: size, high: size, fallback: size },
        predictive: Predictive { enabled: false, ..config.predictive },
        ..config
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_fixes_every_size_and_switches_predictions_off() {
        let predictive = Predictive { enabled: true, ..Predictive::default() };
        let config = AdaptiveConfig { predictive, ..AdaptiveConfig::default() };
        assert_eq!(with_fixed_size(config.clone(), None), Ok(config.clone()));
        let fixed = with_fixed_size(config, Some(" 125 ")).expect("a size");
        let sizes = fixed.batch_sizes;
        assert_eq!([sizes.low, sizes.medium, sizes.high, sizes.fallback], [125; 4]);
        assert!(!fixed.predictive.enabled && fixed.validate(None).is_empty());
    }

    #[test]
    fn what_is_no_size_is_an_error() {
        for value in ["", "0", "-5", "many", "12.5"] {
            let error = with_fixed_size(AdaptiveConfig::default(), Some(value)).expect_err(value);
            assert!(error.contains(BATCH_SIZE_VARIABLE), "{error}");
        }
    }
}
