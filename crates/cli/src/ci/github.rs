//! Workflow commands of GitHub Actions: a line on the pull request for each finding.

use std::io::Write;

use super::check::{Check, CheckReport, Level, Outcome, Suite};
use super::exporter::CiExporter;

pub(super) const EXPORTER: CiExporter =
    CiExporter { name: "github", about: "Annotations of GitHub Actions", export };

/// The findings, the worst first; GitHub shows ten of each level.
fn export(report: &CheckReport<'_>, out: &mut dyn Write) -> anyhow::Result<()> {
    for level in [Level::Error, Level::Warning, Level::Note] {
        for suite in (report.suites)() {
            let suite = suite?;
            let lines = suite.checks.iter().filter_map(|check| line(report.command, &suite, check));
            for (_, line) in lines.filter(|(of, _)| *of == level) {
                writeln!(out, "{line}")?;
            }
        }
    }
    Ok(())
}

fn line(command: &str, suite: &Suite, check: &Check) -> Option<(Level, String)> {
    let (level, message) = match &check.outcome {
        Outcome::Passed => return None,
        Outcome::Found { level, message, .. } => (*level, message),
        Outcome::Undecided(reason) => (Level::Note, reason),
        Outcome::Unreadable(reason) => (Level::Warning, reason),
    };
    let word = match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "notice",
    };
    let about = if check.subject.is_empty() { String::new() } else { format!(" of {}", check.subject) };
    let title = format!("memtool {command}: {}{about} in {}", check.rule, suite.name);
    let line =
        format!("::{word} file={},title={}::{}", property(&suite.path), property(&title), data(message));
    Some((level, line))
}

/// Text after the second `::`, as the runner decodes it.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property, as the runner decodes it.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_per_finding_the_worst_first() {
        let text = EXPORTER.of_sample();
        let lines: Vec<&str> = text.lines().collect();
        let words: Vec<&str> = lines.iter().filter_map(|line| line.split([' ', ':']).nth(2)).collect();
        assert_eq!(words, ["error", "warning", "notice", "notice"]);
    }

    #[test]
    fn text_cannot_begin_a_command_or_a_property() {
        let text = EXPORTER.of_sample();
        assert!(
            text.starts_with("::error file=runs/a b%25%2C%3Aé.json,title=memtool analyze%3A leak of load"),
            "{text}"
        );
        assert!(text.contains("::50 %25 <&\"> more%0A::error::x]]>\n"), "{text}");
        assert!(text.lines().all(|line| line.starts_with("::")));
    }
}
