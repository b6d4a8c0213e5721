//! Shares of runs that may fail, as they are typed.

/// A share of runs that may fail for memory.
pub(super) fn risk(text: &str) -> Result<f64, String> {
    match text.trim().parse::<f64>() {
        Ok(value) if (0.0001..=0.5).contains(&value) => Ok(value),
        _ => Err("expected a share from 0.0001 to 0.5, such as 0.01".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_no_percentage() {
        assert_eq!(risk("0.01"), Ok(0.01));
        assert!(["1", "5", "0", "-0.1", "nan", "1%"].iter().all(|text| risk(text).is_err()));
    }
}
