//! `memtool.toml`: what the memory of jobs may be. The only place that names the TOML crate.

mod amount;
mod keys;
mod place;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use memtool_analyzer::gate::{Budgets, JobBudget};

use keys::{FileKeys, JobKeys};
use place::Place;

/// The file's usual name.
pub(crate) const NAME: &str = "memtool.toml";

/// What a budget file says.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct BudgetFile {
    /// The budgets.
    pub(crate) budgets: Budgets,
    /// Where the baseline lies: beside the file, unless its path is absolute.
    pub(crate) baseline: Option<PathBuf>,
}

/// Reads a budget file.
///
/// # Errors
/// Where it cannot be read, is no TOML, or a key or value is none that is known: the file, the line, the column, what
/// was expected and what was found.
pub(crate) fn read(path: &Path) -> anyhow::Result<BudgetFile> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let folder = path.parent().unwrap_or(Path::new(""));
    parse(&text, folder).map_err(|fault| anyhow::anyhow!("{}: {fault}", path.display()))
}

fn parse(text: &str, folder: &Path) -> Result<BudgetFile, String> {
    let keys: FileKeys = toml::from_str(text).map_err(|error| {
        let place = error.span().map_or_else(Place::default, |span| Place::of(text, span.start));
        format!("{place}: {}", error.message().replace('\n', " "))
    })?;
    let every = keys.budget.unwrap_or_default().budget(text)?;
    let jobs = keys.jobs.into_iter().map(|(name, keys)| Ok((name, job(keys, text)?)));
    Ok(BudgetFile {
        budgets: Budgets { every, jobs: jobs.collect::<Result<_, String>>()? },
        baseline: keys.baseline.map(|path| folder.join(path)),
    })
}

fn job(keys: JobKeys, text: &str) -> Result<JobBudget, String> {
    let (whole, operations) = keys.parts();
    let operations = operations.into_iter().map(|(name, keys)| Ok((name, keys.budget(text)?)));
    Ok(JobBudget { whole: whole.budget(text)?, operations: operations.collect::<Result<_, String>>()? })
}

#[cfg(test)]
mod tests {
    use memtool_analyzer::gate::LeakBudget;

    use super::*;

    const EXAMPLE: &str = r#"
baseline = "memtool-baseline.json"

[budget]
leak = "none"
headroom = ">= 15%"

[jobs.etl]
peak = "<= 2GiB"
tolerance = { peak = "5%", mean = "10 %" }

[jobs.etl.operations."load people"]
peak = "800 MiB"
"#;

    #[test]
    fn budgets_by_job_and_operation_are_read() {
        let file = parse(EXAMPLE, Path::new("ci")).expect("a budget file");
        assert_eq!(file.baseline, Some(PathBuf::from("ci/memtool-baseline.json")));
        let every = file.budgets.every;
        assert_eq!((every.leak, every.headroom), (Some(LeakBudget::None), Some(0.15)));
        let job = &file.budgets.jobs["etl"];
        assert_eq!((job.whole.peak_mb, job.whole.tolerances.mean), (Some(2048.0), Some(0.1)));
        assert_eq!(job.operations["load people"].peak_mb, Some(800.0));
        assert_eq!(parse("", Path::new("")).expect("empty"), BudgetFile::default());
    }

    #[test]
    fn a_fault_is_named_with_line_and_column() {
        for (text, place, words) in [
            ("[budget]\npeek = \"<= 1GiB\"", "line 2, column 1", "unknown field `peek`, expected one of"),
            ("[budget]\npeak = \"<= 1 apple\"", "line 2, column 8", "expected an amount of memory"),
            ("[budget]\npeak = \">= 1GiB\"", "line 2, column 8", "a budget for the peak is written <="),
            ("[budget]\nheadroom = \"15\"", "line 2, column 12", "expected percent"),
            ("[budget]\nleak = \"some\"", "line 2, column 8", "expected none or suspected, found some"),
            ("[budget]\npeak = 5", "line 2, column 8", "invalid type: integer `5`, expected a string"),
            (
                "[jobs.a]\ntolerance = { peak = \"0%\" }",
                "line 2, column 22",
                "expected percent from 0.5 to 100",
            ),
            ("[budget\n", "line 1, column 8", ""),
        ] {
            let fault = parse(text, Path::new("")).expect_err(text);
            assert!(fault.starts_with(place) && fault.contains(words), "{text}: {fault}");
        }
    }
}
