//! SARIF 2.1.0 (OASIS), as code scanning reads it: rules with stable names, a result per finding.

use std::io::Write;

use serde::ser::{Error as _, SerializeSeq as _};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::check::{Check, CheckReport, Level, Outcome, Suite};
use super::exporter::CiExporter;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

pub(super) const EXPORTER: CiExporter =
    CiExporter { name: "sarif", about: "SARIF 2.1.0, for code scanning", export };

/// Writes the log.
///
/// # Errors
/// Where it cannot be written.
fn export(report: &CheckReport<'_>, out: &mut dyn Write) -> anyhow::Result<()> {
    let run = RunLog {
        automation_details: json!({ "id": format!("memtool/{}/", report.command) }),
        invocations: [Invocation {
            execution_successful: true,
            tool_execution_notifications: Each { report, of: notifications },
        }],
        results: Each { report, of: results },
        tool: json!({ "driver": {
            "name": "memtool",
            "version": env!("CARGO_PKG_VERSION"),
            "rules": report.rules.iter().map(rule).collect::<Vec<_>>(),
        }}),
    };
    serde_json::to_writer_pretty(&mut *out, &Log { schema: SCHEMA, runs: [run], version: "2.1.0" })?;
    out.write_all(b"\n")?;
    Ok(())
}

#[derive(Serialize)]
struct Log<'a, 's> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    runs: [RunLog<'a, 's>; 1],
    version: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RunLog<'a, 's> {
    automation_details: Value,
    invocations: [Invocation<'a, 's>; 1],
    results: Each<'a, 's>,
    tool: Value,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation<'a, 's> {
    execution_successful: bool,
    tool_execution_notifications: Each<'a, 's>,
}

/// A list of what each suite gives, which is written as it is made.
struct Each<'a, 's> {
    report: &'a CheckReport<'s>,
    of: fn(&CheckReport<'_>, &Suite) -> Vec<Value>,
}

impl Serialize for Each<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for suite in (self.report.suites)() {
            for value in (self.of)(self.report, &suite.map_err(S::Error::custom)?) {
                list.serialize_element(&value)?;
            }
        }
        list.end()
    }
}

fn rule((name, description): &(String, String)) -> Value {
    json!({ "id": name, "name": name, "shortDescription": { "text": description } })
}

/// The findings of a suite.
fn results(report: &CheckReport<'_>, suite: &Suite) -> Vec<Value> {
    suite.checks.iter().filter_map(|check| result(report, suite, check)).collect()
}

/// A finding; nothing for what passed or could not be judged.
fn result(report: &CheckReport<'_>, suite: &Suite, check: &Check) -> Option<Value> {
    let Outcome::Found { level, message, .. } = &check.outcome else { return None };
    let level = match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "note",
    };
    let about = if check.subject.is_empty() { String::new() } else { format!(" of {}", check.subject) };
    let mut result = json!({
        "ruleId": check.rule,
        "level": level,
        "message": { "text": format!("{}{about} in {}: {message}", check.rule, suite.name) },
        "locations": [location(&suite.path)],
        "partialFingerprints": { "memtool/v1": format!("{}|{}|{}", check.rule, check.subject, suite.path) },
    });
    if let Some(index) = report.rules.iter().position(|(name, _)| *name == check.rule) {
        result["ruleIndex"] = json!(index);
    }
    Some(result)
}

/// What of a suite could not be read or judged.
fn notifications(_report: &CheckReport<'_>, suite: &Suite) -> Vec<Value> {
    let of_check = |check: &Check| {
        let (level, reason) = match &check.outcome {
            Outcome::Unreadable(reason) => ("error", reason),
            Outcome::Undecided(reason) => ("note", reason),
            Outcome::Passed | Outcome::Found { .. } => return None,
        };
        let text = format!("{}: {}: {reason}", suite.name, check.rule);
        let locations = [location(&suite.path)];
        Some(json!({ "level": level, "message": { "text": text }, "locations": locations }))
    };
    suite.checks.iter().filter_map(of_check).collect()
}

fn location(path: &str) -> Value {
    json!({ "physicalLocation": {
        "artifactLocation": { "uri": uri(path) },
        "region": { "startLine": 1 },
    }})
}

/// A path as a URI reference (RFC 3986): all but unreserved characters and `/` are percent-encoded.
fn uri(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    path.replace('\\', "/")
        .bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log() -> Value {
        serde_json::from_str(&EXPORTER.of_sample()).expect("JSON")
    }

    #[test]
    fn a_result_names_its_rule_level_and_file() {
        let log = log();
        let results = log["runs"][0]["results"].as_array().expect("a list");
        assert_eq!(results.len(), 2);
        assert_eq!((&results[0]["ruleId"], &results[0]["ruleIndex"]), (&json!("leak"), &json!(0)));
        assert_eq!([&results[0]["level"], &results[1]["level"]], [&json!("error"), &json!("note")]);
        let uri = &results[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
        assert_eq!(uri, "runs/a%20b%25%2C%3A%C3%A9.json");
    }

    #[test]
    fn what_was_not_judged_is_a_notification() {
        let log = log();
        let notes =
            log["runs"][0]["invocations"][0]["toolExecutionNotifications"].as_array().expect("a list");
        assert_eq!(
            notes.iter().map(|note| note["level"].as_str()).collect::<Vec<_>>(),
            [Some("error"), Some("note")]
        );
    }
}
