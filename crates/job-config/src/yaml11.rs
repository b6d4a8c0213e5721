//! Booleans and numbers that YAML 1.1, which Python reads, takes otherwise than YAML 1.2.

/// The number as a count, if it is one.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be whole and in range"
)]
pub(crate) fn whole(number: f64) -> Option<u32> {
    let inside = number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number);
    inside.then_some(number as u32)
}

/// The booleans of YAML 1.1 as `PyYAML` has them: not `y` and `n`, and no mixed case.
pub(crate) fn boolean(word: &str) -> Option<bool> {
    match word {
        "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Some(true),
        "no" | "No" | "NO" | "off" | "Off" | "OFF" => Some(false),
        _ => None,
    }
}

/// A YAML 1.1 number with underscores, such as `2_000.5`.
pub(crate) fn with_underscores(text: &str) -> Option<f64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let shape = digits.starts_with(|c: char| ('1'..='9').contains(&c))
        && digits.contains('_')
        && digits.chars().all(|c| c.is_ascii_digit() || c == '_' || c == '.');
    shape.then(|| text.replace('_', "").parse().ok()).flatten()
}

/// Whether `PyYAML` takes a written number as text: an exponent without point or sign, or
/// an octal number of YAML 1.2.
pub(crate) fn is_text_to_python(written: &str) -> bool {
    let digits = written.trim_start_matches(['+', '-']);
    if digits.starts_with("0o") {
        return true;
    }
    if digits.starts_with("0x") || !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return false;
    }
    digits
        .split_once(['e', 'E'])
        .is_some_and(|(mantissa, exponent)| !mantissa.contains('.') || !exponent.starts_with(['+', '-']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_python_takes_as_text() {
        assert!(["2e3", "2.0e3", "2E+3", "0o17"].iter().all(|text| is_text_to_python(text)));
        assert!(!["2.0e+3", "2000", "0x1e3", ".5", "", "'2e3'"].iter().any(|text| is_text_to_python(text)));
    }
}
