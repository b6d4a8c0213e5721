//! Values as YAML text that Python's parser and newer ones read alike.

use serde_yaml::{Number, Value};

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

/// Any value on one line, collections in braces and brackets; `None` if it has a tag or is
/// no key of text or number.
pub(super) fn flow_text(value: &Value) -> Option<String> {
    Some(match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number_text(number),
        Value::String(text) => string_text(text),
        Value::Sequence(items) => {
            let items: Option<Vec<String>> = items.iter().map(flow_text).collect();
            format!("[{}]", items?.join(", "))
        }
        Value::Mapping(mapping) => {
            let entries: Option<Vec<String>> = mapping
                .iter()
                .map(|(key, value)| Some(format!("{}: {}", key_literal(key)?, flow_text(value)?)))
                .collect();
            format!("{{{}}}", entries?.join(", "))
        }
        Value::Tagged(_) => return None,
    })
}

/// A key as text; `None` for keys that are collections or tagged.
pub(super) fn key_literal(key: &Value) -> Option<String> {
    match key {
        Value::Sequence(_) | Value::Mapping(_) | Value::Tagged(_) => None,
        Value::String(text) if text.len() > 100 => None,
        scalar => flow_text(scalar),
    }
}

fn number_text(number: &Number) -> String {
    match (number.as_i64(), number.as_u64(), number.as_f64()) {
        (Some(value), ..) => value.to_string(),
        (_, Some(value), _) => value.to_string(),
        (_, _, Some(value)) => decimal(value),
        _ => number.to_string(),
    }
}

/// A string: bare if it is a plain word to every parser, else in double quotes with
/// everything escaped that is not printable.
fn string_text(text: &str) -> String {
    if is_plain_word(text) {
        return text.to_owned();
    }
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if is_printable(c) => quoted.push(c),
            c if u32::from(c) <= 0xff => quoted.push_str(&format!("\\x{:02x}", u32::from(c))),
            c if u32::from(c) <= 0xffff => quoted.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => quoted.push_str(&format!("\\U{:08x}", u32::from(c))),
        }
    }
    quoted.push('"');
    quoted
}

/// Whether a text is letters, digits and inner marks, and no word with a meaning of its own.
fn is_plain_word(text: &str) -> bool {
    const RESERVED: [&str; 9] = ["yes", "no", "on", "off", "true", "false", "null", "y", "n"];
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '/'))
        && !RESERVED.contains(&text.to_ascii_lowercase().as_str())
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

    #[test]
    fn words_that_mean_something_are_quoted() {
        for word in ["yes", "No", "1:30", "2025-01-01", "1e3", "", "a: b", "x #y", "~", "[", "null"] {
            assert_eq!(string_text(word), format!("\"{word}\""));
        }
        assert_eq!(string_text("dbt-run"), "dbt-run");
    }

    #[test]
    fn control_characters_are_escaped() {
        assert_eq!(string_text("a\nb\u{1b}\u{2028}\"\\\u{202e}"), r#""a\x0ab\x1b\u2028\"\\\u202e""#);
    }

    #[test]
    fn collections_stand_on_one_line() {
        let value: Value = serde_yaml::from_str("a:\n- 1\n- x y\nb: {c: 1.0, d: ~}\n").expect("YAML");
        assert_eq!(flow_text(&value).as_deref(), Some("{a: [1, \"x y\"], b: {c: 1.0, d: null}}"));
        let tagged: Value = serde_yaml::from_str("a: !t 1\n").expect("YAML");
        assert_eq!(flow_text(&tagged), None);
    }
}
