//! A check and what became of it.

/// How bad a failed check is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// To be acted on now.
    Error,
    /// To be planned for.
    Warning,
    /// To be known.
    Note,
}

/// What became of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Nothing was found.
    Passed,
    /// Something was found.
    Found {
        /// How bad it is.
        level: Level,
        /// Whether it fails the command.
        fails: bool,
        /// What was found, where, and what to do.
        message: String,
    },
    /// The data is inconclusive.
    Undecided(String),
    /// The input could not be read.
    Unreadable(String),
}

/// One rule, applied to one subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Check {
    /// The rule's stable name.
    pub(crate) rule: String,
    /// What the rule is about within the suite, such as an operation; empty for all of it.
    pub(crate) subject: String,
    pub(crate) outcome: Outcome,
}

/// The checks of one run, or of one comparison.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Suite {
    pub(crate) name: String,
    /// The file that was judged.
    pub(crate) path: String,
    /// RFC 3339, in UTC; empty where nothing has begun.
    pub(crate) started: String,
    pub(crate) seconds: f64,
    pub(crate) checks: Vec<Check>,
}

/// One suite after the other.
pub(crate) type Suites<'a> = Box<dyn Iterator<Item = anyhow::Result<Suite>> + 'a>;

/// All checks of a command.
pub(crate) struct CheckReport<'a> {
    /// The command, such as `analyze`.
    pub(crate) command: &'static str,
    /// Name and one sentence of each rule, in order.
    pub(crate) rules: Vec<(String, String)>,
    /// Makes the suites at each call: those of 100,000 runs are not kept in memory.
    pub(crate) suites: Box<dyn Fn() -> Suites<'a> + 'a>,
}

impl CheckReport<'_> {
    /// A report of few suites.
    pub(crate) fn of(command: &'static str, rules: Vec<(String, String)>, suites: Vec<Suite>) -> Self {
        let each = move || -> Suites<'_> { Box::new(suites.clone().into_iter().map(Ok)) };
        Self { command, rules, suites: Box::new(each) }
    }
}

/// The rule that a file which cannot be read breaks.
const READABLE: &str = "readable_file";

/// Its name and its sentence.
pub(crate) fn readable_rule() -> (String, String) {
    (READABLE.to_owned(), "The file can be read.".to_owned())
}

/// The check that a file which cannot be read did not pass.
pub(crate) fn unreadable_check(reason: String) -> Check {
    Check { rule: READABLE.to_owned(), subject: String::new(), outcome: Outcome::Unreadable(reason) }
}

/// The suite of a file that cannot be read.
pub(crate) fn unreadable(path: &str, error: &str) -> Suite {
    Suite {
        name: path.to_owned(),
        path: path.to_owned(),
        started: String::new(),
        seconds: 0.0,
        checks: vec![unreadable_check(error.to_owned())],
    }
}

#[cfg(test)]
pub(crate) mod sample {
    use super::*;

    /// A report with one check of each outcome, and text that each format must escape.
    pub(crate) fn report() -> CheckReport<'static> {
        let check = |rule: &str, subject: &str, outcome| Check {
            rule: rule.to_owned(),
            subject: subject.to_owned(),
            outcome,
        };
        let found = |level, fails| Outcome::Found {
            level,
            fails,
            message: "50 % <&\"> more\n::error::x]]>".to_owned(),
        };
        let suite = |name: &str, path: &str, checks| Suite {
            name: name.to_owned(),
            path: path.to_owned(),
            started: "2026-11-23T04:30:10.71Z".to_owned(),
            seconds: 12.5,
            checks,
        };
        let rules = [("leak", "Memory leaks."), ("churn", "Garbage in bulk.")];
        CheckReport::of(
            "analyze",
            rules.map(|(name, text)| (name.to_owned(), text.to_owned())).into(),
            vec![
                suite(
                    "etl · 04:30",
                    "runs/a b%,:é.json",
                    vec![
                        check("leak", "load \u{1}<op>", found(Level::Error, true)),
                        check("churn", "", found(Level::Note, false)),
                        check("churn", "", Outcome::Passed),
                    ],
                ),
                suite(
                    "bad",
                    "runs/bad.json",
                    vec![check("leak", "", Outcome::Unreadable("line 3: <junk>".to_owned()))],
                ),
                suite(
                    "short",
                    "runs/short.json",
                    vec![check("leak", "", Outcome::Undecided("few samples".to_owned()))],
                ),
            ],
        )
    }
}
