//! From text to a YAML value, behind the guards that hostile or broken text needs.

use serde_yaml::{Mapping, Value};

use crate::error::ConfigError;
use crate::locate::Locator;

/// The largest config that is read; real ones are some tens of kilobytes.
const MAX_BYTES: usize = 1 << 20;

/// Deepest nesting of brackets, or of dashes in one line. The parser itself stops at 128,
/// but only after it has spent a time that grows with the whole text.
const MAX_DEPTH: usize = 100;

/// Takes off a byte order mark, which neither parser needs.
pub(super) fn without_bom(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// Reads the one document of a text as a mapping, with its `<<` merges applied as `PyYAML`
/// does. An empty text is an empty mapping.
pub(super) fn parse_mapping(text: &str) -> Result<Mapping, ConfigError> {
    let text = without_bom(text);
    guard(text)?;
    let mut value: Value = serde_yaml::from_str(text).map_err(|error| explain(&error, text))?;
    value.apply_merge().map_err(|error| explain(&error, text))?;
    match value {
        Value::Mapping(mapping) => Ok(mapping),
        Value::Null => Ok(Mapping::new()),
        other => Err(ConfigError::NotAMapping { found: describe(&other) }),
    }
}

/// Refuses what would cost the parser minutes.
pub(super) fn guard(text: &str) -> Result<(), ConfigError> {
    if text.len() > MAX_BYTES {
        return Err(ConfigError::TooLarge { bytes: text.len(), limit: MAX_BYTES });
    }
    let mut open = 0_usize;
    for (index, line) in text.lines().enumerate() {
        let mut indicators = 0_usize;
        let mut before = ' ';
        let mut only_indicators = true;
        let mut quoted = false;
        for c in line.chars() {
            match c {
                '#' if before.is_whitespace() && !quoted => break,
                '"' | '\'' => quoted = true,
                '[' | '{' => open += 1,
                ']' | '}' => open = open.saturating_sub(1),
                '-' | '?' | ':' if only_indicators => indicators += 1,
                _ => {}
            }
            only_indicators &= matches!(c, '-' | '?' | ':' | ' ');
            before = c;
        }
        let ruler = line.trim_end().chars().all(|c| c == '-');
        if open > MAX_DEPTH || (indicators > MAX_DEPTH && !ruler) {
            return Err(ConfigError::TooDeep { line: index + 1, limit: MAX_DEPTH });
        }
    }
    Ok(())
}

/// Turns the parser's error into ours; its kind shows only in its text.
fn explain(error: &serde_yaml::Error, text: &str) -> ConfigError {
    let message = error.to_string();
    if message.contains("more than one document") {
        return ConfigError::Refused {
            reason: "expected one YAML document, found several separated by `---`",
        };
    }
    if message.contains("repetition limit") {
        return ConfigError::Refused {
            reason: "expected a config, found aliases that multiply without bound",
        };
    }
    let location = error.location();
    if message.contains("duplicate entry") {
        if let Some((line, key)) = Locator::new(text).first_duplicate() {
            return ConfigError::DuplicateKey { line: Some(line), key };
        }
        let key = message.split('"').nth(1).unwrap_or("a key").to_owned();
        return ConfigError::DuplicateKey { line: None, key };
    }
    let (line, column) = location.map_or((1, 1), |at| (at.line(), at.column()));
    if message.contains("recursion limit") {
        return ConfigError::TooDeep { line, limit: MAX_DEPTH };
    }
    let source = text.lines().nth(line.saturating_sub(1)).unwrap_or("");
    let indent: String = source.chars().take_while(|c| c.is_whitespace()).collect();
    if indent.contains('\t') {
        let column = indent.chars().position(|c| c == '\t').unwrap_or(0) + 1;
        let message = "expected spaces as indentation, found a tab".to_owned();
        return ConfigError::Syntax { line, column, message };
    }
    ConfigError::Syntax { line, column, message: without_position(&message) }
}

/// The first half of a parser message such as `did not find … at line 2 column 1, while …`.
fn without_position(message: &str) -> String {
    message.split(" at line ").next().unwrap_or(message).to_owned()
}

/// A value in words, short and with control characters escaped.
pub(super) fn describe(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(value) => value.to_string(),
        Value::String(text) => format!("the text {}", shortened(text)),
        Value::Sequence(_) => "a list".to_owned(),
        Value::Mapping(_) => "a mapping".to_owned(),
        Value::Tagged(tagged) => format!("a value tagged {}", shortened(&tagged.tag.to_string())),
    }
}

/// A quoted, escaped text of at most 60 characters.
pub(super) fn shortened(text: &str) -> String {
    const LONGEST: usize = 60;
    if text.chars().count() <= LONGEST {
        return format!("{text:?}");
    }
    format!("{:?}…", text.chars().take(LONGEST).collect::<String>())
}

/// The text of a key; other kinds of keys are rare and shown in words.
pub(super) fn key_text(key: &Value) -> String {
    match key {
        Value::String(text) if is_tame(text) => text.clone(),
        Value::String(text) => shortened(text),
        other => describe(other),
    }
}

fn is_tame(text: &str) -> bool {
    text.len() <= 100 && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        parse_mapping(text).expect_err("refused").to_string()
    }

    #[test]
    fn too_large() {
        let text = format!("a: {}\n", "x".repeat(MAX_BYTES));
        assert_eq!(error(&text), format!("expected a config of at most 1048576 bytes, found {}", text.len()));
    }

    #[test]
    fn too_deep_in_brackets_and_dashes() {
        let started = std::time::Instant::now();
        assert_eq!(
            error(&"[".repeat(1_000_000)),
            "line 1: expected at most 100 levels of nesting, found more"
        );
        assert_eq!(
            error(&"- ".repeat(500_000)),
            "line 1: expected at most 100 levels of nesting, found more"
        );
        assert_eq!(
            error(&"{a: \n".repeat(1000)),
            "line 101: expected at most 100 levels of nesting, found more"
        );
        assert!(started.elapsed().as_secs() < 5);
    }

    #[test]
    fn too_deep_in_indentation() {
        let text: String = (0..300).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
        assert!(
            error(&text).ends_with("expected at most 100 levels of nesting, found more"),
            "{}",
            error(&text)
        );
    }

    #[test]
    fn brackets_in_comments_and_rulers_are_no_nesting() {
        let text = format!("# {}\n# {}\na: 1\n", "[".repeat(500), "-".repeat(500));
        assert!(parse_mapping(&text).is_ok());
    }

    #[test]
    fn a_tab_as_indentation() {
        assert_eq!(error("a:\n\tb: 1\n"), "line 2, column 1: expected spaces as indentation, found a tab");
    }

    #[test]
    fn an_open_bracket() {
        assert_eq!(error("a: [1\n"), "line 2, column 1: did not find expected ',' or ']'");
    }

    #[test]
    fn several_documents() {
        assert_eq!(
            error("a: 1\n---\nb: 2\n"),
            "expected one YAML document, found several separated by `---`"
        );
    }

    #[test]
    fn a_key_twice_is_named_with_the_second_line() {
        assert_eq!(error("a: 1\nb:\n  c: 1\n  c: 2\n"), "line 4: expected each key once, found c again");
    }

    #[test]
    fn aliases_that_multiply() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..30 {
            let row = vec![format!("*a{}", level - 1); 9].join(", ");
            text.push_str(&format!("a{level}: &a{level} [{row}]\n"));
        }
        assert_eq!(error(&text), "expected a config, found aliases that multiply without bound");
    }

    #[test]
    fn an_unknown_alias() {
        assert_eq!(error("a: *b\n"), "line 1, column 4: unknown anchor");
    }

    #[test]
    fn a_list_at_the_top() {
        assert_eq!(error("- 1\n"), "expected a mapping at the top of the file, found a list");
    }

    #[test]
    fn empty_texts_and_a_byte_order_mark() {
        assert!(parse_mapping("").expect("empty").is_empty());
        assert!(parse_mapping("# only words\n").expect("empty").is_empty());
        assert_eq!(parse_mapping("\u{feff}a: 1\n").expect("one key").len(), 1);
    }
}
