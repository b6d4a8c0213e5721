//! The version of the rules: a report stored in a table is used while the version is the same.

/// Raise it with every change of a run's report. Reports stored in tables are used while it is the same.
pub(super) const RULES_VERSION: &str = "12";

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;
    use std::path::{Path, PathBuf};

    use serde_json::Value;

    use super::RULES_VERSION;
    use crate::report::{Reading, analyze};

    /// What this version says of the runs in fixtures/runs.
    const REPORTS: u32 = 0x89f7_5a10;

    /// All recordings in a folder and below it, in order of name.
    fn recordings(folder: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
        let mut entries: Vec<PathBuf> = entries.collect();
        entries.sort();
        let of = |path: PathBuf| if path.is_dir() { recordings(&path) } else { vec![path] };
        entries.into_iter().flat_map(of).collect()
    }

    /// Adds up a report: keys in order, numbers with six digits, since the last ones depend on the machine's
    /// mathematics library; its path left out.
    fn add(sum: &mut crc32fast::Hasher, value: &Value) {
        match value {
            Value::Number(number) => {
                sum.update(format!("{:.5e}", number.as_f64().expect("a number")).as_bytes());
            }
            Value::Array(values) => values.iter().for_each(|value| add(sum, value)),
            Value::Object(fields) => {
                let named: BTreeMap<_, _> = fields.iter().filter(|(name, _)| *name != "path").collect();
                for (name, value) in named {
                    sum.update(name.as_bytes());
                    add(sum, value);
                }
            }
            Value::Null | Value::Bool(_) | Value::String(_) => sum.update(value.to_string().as_bytes()),
        }
    }

    #[test]
    fn other_reports_have_another_version() {
        let mut sum = crc32fast::Hasher::new();
        for path in recordings(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/runs")) {
            let analysis = analyze(&[path], Reading::default(), |_, _| {}).expect("one report");
            add(&mut sum, &serde_json::to_value(&analysis.profiles).expect("plain data"));
        }
        let found = sum.finalize();
        assert_eq!(
            found, REPORTS,
            "reports of fixtures/runs have changed (digest {found:#010x}): raise RULES_VERSION, which is \
             {RULES_VERSION}, so that stored reports are made again, and enter the digest above it"
        );
    }
}
