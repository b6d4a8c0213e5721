//! JUnit XML, as Jenkins and GitLab read it: a suite per run, a case per check.

use std::io::Write;

use super::check::{Check, CheckReport, Outcome, Suite};
use super::exporter::CiExporter;

pub(super) const EXPORTER: CiExporter =
    CiExporter { name: "junit", about: "JUnit XML, for Jenkins and GitLab", export };

/// Writes the file.
fn export(report: &CheckReport<'_>, out: &mut dyn Write) -> anyhow::Result<()> {
    out.write_all(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n")?;
    for (number, one) in (report.suites)().enumerate() {
        out.write_all(suite(report.command, number, &one?).as_bytes())?;
    }
    out.write_all(b"</testsuites>\n")?;
    Ok(())
}

fn suite(command: &str, number: usize, suite: &Suite) -> String {
    let count = |test: fn(&Outcome) -> bool| suite.checks.iter().filter(|check| test(&check.outcome)).count();
    let cases: String = suite.checks.iter().map(|check| case(command, &suite.name, check)).collect();
    format!(
        "  <testsuite id=\"{number}\" name=\"{}\" package=\"memtool.{command}\" timestamp=\"{}\" hostname=\"localhost\" \
         tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{:.3}\">\n    <properties>\n      \
         <property name=\"file\" value=\"{}\"/>\n    </properties>\n{cases}    <system-out></system-out>\n    \
         <system-err></system-err>\n  </testsuite>\n",
        escape(&suite.name),
        timestamp(&suite.started),
        suite.checks.len(),
        count(|outcome| matches!(outcome, Outcome::Found { fails: true, .. })),
        count(|outcome| matches!(outcome, Outcome::Unreadable(_))),
        count(|outcome| matches!(outcome, Outcome::Undecided(_) | Outcome::Found { fails: false, .. })),
        suite.seconds,
        escape(&suite.path),
    )
}

fn case(command: &str, suite: &str, check: &Check) -> String {
    let about = if check.subject.is_empty() { String::new() } else { format!(" of {}", check.subject) };
    let head = format!(
        "    <testcase name=\"{}\" classname=\"memtool.{command}.{}\" time=\"0\"",
        escape(&format!("{}{about}", check.rule)),
        escape(suite)
    );
    let element = |name: &str, message: &str| {
        let (first, text) = (escape(message.lines().next().unwrap_or_default()), escape(message));
        let rule = escape(&check.rule);
        format!(
            "{head}>\n      <{name} type=\"{rule}\" message=\"{first}\">{text}</{name}>\n    </testcase>\n"
        )
    };
    match &check.outcome {
        Outcome::Passed => format!("{head}/>\n"),
        Outcome::Found { fails: true, message, .. } => element("failure", message),
        Outcome::Unreadable(reason) => element("error", reason),
        Outcome::Found { message: reason, .. } | Outcome::Undecided(reason) => {
            format!("{head}>\n      <skipped message=\"{}\"/>\n    </testcase>\n", escape(reason))
        }
    }
}

/// A time as the schema has it: whole seconds, no zone.
fn timestamp(started: &str) -> String {
    let seconds = started.get(..19).filter(|text| text.as_bytes().get(10) == Some(&b'T'));
    seconds.unwrap_or("1970-01-01T00:00:00").to_owned()
}

/// Text in an element or attribute; characters that XML has not become a replacement.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push_str("&#10;"),
            '\t' => escaped.push(' '),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            c if c.is_control() => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suite_counts_its_cases() {
        let text = EXPORTER.of_sample();
        let counts = "tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"1\" time=\"12.500\"";
        assert!(text.contains(counts), "{text}");
        assert_eq!(text.matches("<testcase ").count(), 5);
        assert_eq!([text.matches("<failure ").count(), text.matches("<error ").count()], [1, 1]);
        assert!(text.contains("timestamp=\"2026-11-23T04:30:10\""), "{text}");
    }

    #[test]
    fn text_stays_text() {
        let text = EXPORTER.of_sample();
        assert!(text.contains("leak of load \u{fffd}&lt;op&gt;") && !text.contains("<op>"), "{text}");
        assert!(text.contains("50 % &lt;&amp;&quot;&gt; more&#10;::error::x]]&gt;"), "{text}");
    }
}
