//! A second set of thresholds, which the job reads beside the block.

use memtool_profile_model::SETTINGS;
use serde_yaml::{Mapping, Value};

use crate::locate::Locator;
use crate::note::ConfigNote;

/// Where the job looks for it, below whatever else.
const PLACE: [&str; 3] = ["resource_management", "memory_monitoring", "thresholds"];

/// A note on each second set of thresholds in a file.
pub(super) fn second_thresholds(root: &Mapping, locator: &Locator<'_>) -> Vec<ConfigNote> {
    let mut found = Vec::new();
    collect(root, &mut Vec::new(), &mut |path, thresholds| found.extend(note(path, thresholds, locator)));
    found
}

/// Gives every mapping at the place to `take`. Lists are not searched.
fn collect<'a>(mapping: &'a Mapping, path: &mut Vec<&'a str>, take: &mut dyn FnMut(&[&str], &Mapping)) {
    for (key, value) in mapping {
        let (Some(key), Value::Mapping(inner)) = (key.as_str(), value) else { continue };
        path.push(key);
        if path.ends_with(&PLACE) {
            take(path, inner);
        } else {
            collect(inner, path, take);
        }
        path.pop();
    }
}

fn note(path: &[&str], thresholds: &Mapping, locator: &Locator<'_>) -> Option<ConfigNote> {
    let values: Vec<(String, f64)> =
        names().filter_map(|name| Some((name.to_owned(), thresholds.get(name)?.as_f64()?))).collect();
    let rising = values.windows(2).all(|pair| pair[0].1 < pair[1].1);
    let line = locator.line_of_path(path);
    (!values.is_empty()).then(|| ConfigNote::SecondThresholds { line, path: path.join("."), values, rising })
}

/// The three thresholds of pressure, from low to high.
fn names() -> impl Iterator<Item = &'static str> {
    let all = SETTINGS.iter().filter_map(|setting| setting.path.strip_prefix("thresholds."));
    all.filter(|name| ["moderate_mb", "high_mb", "critical_mb"].contains(name))
}

#[cfg(test)]
mod tests {
    use crate::read_config;

    fn notes(text: &str) -> Vec<String> {
        read_config(text).expect("a config").notes.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_second_set_is_named_with_its_values() {
        let text = "optimization:\n  adaptive_memory: {enabled: true}\nworkers:\n  resource_management:\n    \
                    memory_monitoring:\n      thresholds: {high_mb: 900, moderate_mb: 600.5, critical_mb: 1200}\n";
        assert_eq!(
            notes(text),
            [
                "line 6: workers.resource_management.memory_monitoring.thresholds: a second set of thresholds, which the \
              job reads as well: moderate_mb 600.5, high_mb 900, critical_mb 1200"
            ]
        );
        let falling = text.replace("600.5", "1000");
        assert!(notes(&falling)[0].ends_with("they do not rise from moderate to critical"), "{falling}");
    }

    #[test]
    fn other_thresholds_are_none_of_the_jobs() {
        for text in
            ["a: {thresholds: {high_mb: 1}}\n", "resource_management: {memory_monitoring: {thresholds: 3}}\n"]
        {
            assert_eq!(notes(text), ["no adaptive_memory block: the job runs with the defaults"]);
        }
    }
}
