//! Notes on the runs behind some figures, each sentence once.

use std::collections::{BTreeMap, BTreeSet};

use memtool_profile_model::{Run, Warning};

use crate::run_label::file_stem;
use crate::text::counted;

/// Sentences, each with the names of the runs that it is about.
#[derive(Debug, Default)]
pub(crate) struct RunNotes {
    runs: BTreeSet<String>,
    about: BTreeMap<String, BTreeSet<String>>,
}

impl RunNotes {
    /// Takes the name of a run.
    pub(crate) fn add_name(&mut self, name: &str) {
        self.runs.insert(name.to_owned());
    }

    /// Takes what was left out of a run when it was read.
    pub(crate) fn add_run(&mut self, name: &str, run: &Run) {
        self.add_name(name);
        for warning in run.warnings.iter().filter(|warning| is_left_out(warning)) {
            self.add(name, &warning.to_string());
        }
    }

    /// Takes a sentence about a run.
    pub(crate) fn add(&mut self, name: &str, sentence: &str) {
        self.add_name(name);
        self.about.entry(sentence.to_owned()).or_default().insert(name.to_owned());
    }

    /// The sentences, each led by the runs that it is about unless those are all.
    pub(crate) fn sentences(&self) -> Vec<String> {
        self.about.iter().map(|(sentence, runs)| format!("{}{sentence}", self.lead(runs))).collect()
    }

    /// The run that a sentence is about, and how many others; empty where it is about all.
    fn lead(&self, runs: &BTreeSet<String>) -> String {
        match (runs.first(), runs.len()) {
            (None, _) => String::new(),
            (_, many) if many == self.runs.len() => String::new(),
            (Some(run), 1) => format!("{}: ", file_stem(run)),
            (Some(run), many) => format!("{} and {}: ", file_stem(run), counted(many - 1, "other run")),
        }
    }
}

/// Whether a warning says that records of the run are missing.
const fn is_left_out(warning: &Warning) -> bool {
    use Warning::{
        DamagedLines, KeptSome, LostRecords, MissingRss, NoRoom, ReversedBatches, Thinned, ThinnedTo,
        Unsampled,
    };
    matches!(
        warning,
        MissingRss(_)
            | ReversedBatches(_)
            | NoRoom(_)
            | DamagedLines { .. }
            | KeptSome { .. }
            | LostRecords(_)
            | Thinned(_)
            | ThinnedTo { .. }
            | Unsampled
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_names_its_runs_unless_it_is_about_all() {
        let missing =
            Run { warnings: vec![Warning::MissingRss(3), Warning::OutOfOrder(1)], ..Run::default() };
        let mut notes = RunNotes::default();
        notes.add_run("in/a.ndjson", &missing);
        assert_eq!(notes.sentences(), ["3 snapshots without a readable RSS were left out"]);
        notes.add_run("in/b.ndjson", &Run::default());
        assert_eq!(notes.sentences(), ["a: 3 snapshots without a readable RSS were left out"]);
        notes.add_run("in/c.ndjson", &missing);
        assert_eq!(
            notes.sentences(),
            ["a and 1 other run: 3 snapshots without a readable RSS were left out"]
        );
    }
}
