//! That no answer holds a number that is none.

use std::fmt::Debug;

use serde::Serialize;

/// What stands in the debug form of a value outside its texts.
fn without_texts(form: &str) -> String {
    let (mut plain, mut inside, mut escaped) = (String::new(), false, false);
    for letter in form.chars() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if inside => escaped = true,
            '"' => inside = !inside,
            _ if !inside => plain.push(letter),
            _ => {}
        }
    }
    plain
}

/// Panics where a value holds NaN or an infinite number, or has no JSON form.
///
/// JSON writes such numbers as `null`, like a figure that is not known: only the value itself tells them apart.
pub fn assert_finite(value: &(impl Debug + Serialize)) {
    let plain = without_texts(&format!("{value:?}"));
    let mut words = plain.split(|letter: char| !(letter.is_alphanumeric() || letter == '_'));
    let odd = words.find(|word| matches!(*word, "NaN" | "inf"));
    assert!(odd.is_none(), "a number that is none: {plain}");
    let text = serde_json::to_string(value).expect("an answer has a JSON form");
    serde_json::from_str::<serde_json::Value>(&text).expect("it is JSON");
}
