//! The version of the rules: a report that stands in a table is used while it is the same.

/// To be raised with every change of what a report says of a run. Where none was made, reports of tables stay as they are.
pub(super) const RULES_VERSION: &str = "1";

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use serde_json::Value;

    use super::RULES_VERSION;
    use crate::report::{Reading, analyze};

    /// What this version says of the runs in fixtures/runs.
    const REPORTS: u32 = 0;

    /// All recordings in a folder and below it, in order of name.
    fn recordings(folder: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
        let mut entries: Vec<PathBuf> = entries.collect();
        entries.sort();
        let of = |path: PathBuf| if path.is_dir() { recordings(&path) } else { vec![path] };
        entries.into_iter().flat_map(of).collect()
    }

    /// Numbers with six digits: the last ones depend on the machine's mathematics library.
    fn rounded(value: &mut Value) {
        match value {
            Value::Number(number) => {
                let digits = format!("{:.5e}", number.as_f64().expect("a number"));
                *value = Value::String(digits);
            }
            Value::Array(values) => values.iter_mut().for_each(rounded),
            Value::Object(fields) => {
                fields.remove("path");
                fields.values_mut().for_each(rounded);
            }
            Value::Null | Value::Bool(_) | Value::String(_) => {}
        }
    }

    #[test]
    fn other_reports_have_another_version() {
        let mut sum = crc32fast::Hasher::new();
        for path in recordings(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/runs")) {
            let analysis = analyze(&[path], Reading::default(), |_, _| {}).expect("analyzed");
            let mut reports = serde_json::to_value(&analysis.profiles).expect("plain data");
            rounded(&mut reports);
            sum.update(reports.to_string().as_bytes());
        }
        let found = sum.finalize();
        assert_eq!(
            found, REPORTS,
            "reports of fixtures/runs have changed (digest {found:#010x}): raise RULES_VERSION, which is \
             {RULES_VERSION}, so that stored reports are made again, and enter the digest above it"
        );
    }
}
