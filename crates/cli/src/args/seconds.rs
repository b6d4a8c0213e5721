//! Times, as they are typed.

/// Seconds between two samples, or of work.
pub(super) fn seconds(text: &str) -> Result<f64, String> {
    match text.trim().parse::<f64>() {
        Ok(value) if (0.01..=3600.0).contains(&value) => Ok(value),
        _ => Err("expected seconds from 0.01 to 3600".to_owned()),
    }
}
