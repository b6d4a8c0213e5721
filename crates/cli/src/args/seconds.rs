//! A time, as it is typed: between two samples, or of work.

use jiff::SignedDuration;

/// Parses seconds, or a duration with its unit such as `100ms`, from 10 milliseconds to an hour.
pub(super) fn seconds(text: &str) -> Result<f64, String> {
    let duration = || text.parse::<SignedDuration>().ok().map(|duration| duration.as_secs_f64());
    match text.parse().ok().or_else(duration) {
        Some(seconds) if (0.01..=3600.0).contains(&seconds) => Ok(seconds),
        _ => Err("expected seconds from 0.01 to 3600, or a duration such as 100ms".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_taken() {
        assert_eq!(seconds("0.1"), Ok(0.1));
        assert_eq!(seconds("100ms"), Ok(0.1));
        assert_eq!(seconds("2 min"), Ok(120.0));
    }

    #[test]
    fn what_is_no_time_between_samples_is_refused() {
        for text in ["", "0", "1ms", "2h", "-1", "NaN", "inf", "soon"] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }
}
