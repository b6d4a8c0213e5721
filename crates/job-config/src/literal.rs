//! Values as YAML text that Python's parser and newer ones read alike.

use memtool_profile_model::Scalar;

/// A setting's value as text; a whole number has no decimal point if `whole` says so.
pub(super) fn scalar_text(scalar: Scalar, whole: bool) -> String {
    match scalar {
        Scalar::Bool(value) => value.to_string(),
        Scalar::Count(value) => value.to_string(),
        Scalar::Number(value) if whole && value.is_finite() && value.fract() == 0.0 => format!("{value}"),
        Scalar::Number(value) => decimal(value),
    }
}

/// A float in plain decimals. An exponent would be text to Python: `1e16` lacks what it
/// wants, a point and a sign.
fn decimal(value: f64) -> String {
    if value.is_nan() {
        return ".nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    let text = format!("{value}");
    if text.contains('.') { text } else { format!("{text}.0") }
}

/// Whether a character may stand as it is in a line of YAML: printable to `PyYAML`, no line
/// break of any YAML version, and nothing that reorders text on a terminal.
pub(super) fn is_printable(c: char) -> bool {
    let reorders =
        matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{61c}');
    let breaks = matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}');
    let unprintable = matches!(c, '\u{feff}' | '\u{fffe}' | '\u{ffff}');
    !(c.is_control() || reorders || breaks || unprintable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_plain_decimals() {
        assert_eq!(scalar_text(Scalar::Number(2000.0), false), "2000.0");
        assert_eq!(scalar_text(Scalar::Number(1e16), false), "10000000000000000.0");
        assert_eq!(scalar_text(Scalar::Number(0.000_000_1), false), "0.0000001");
        assert_eq!(scalar_text(Scalar::Number(5.0), true), "5");
        assert_eq!(scalar_text(Scalar::Number(2.5), true), "2.5");
    }
}
