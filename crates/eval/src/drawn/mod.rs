//! How right memtool is on programs drawn from seeds, as `experiments/programs` records them: part by part.
//!
//! Leaks and churn are asked of the samples alone, of streams with batch records, and of recordings from
//! outside. Peaks of the fixed sizes are predicted from one run with the default thresholds, and held against
//! the runs without a limit. `tune` and the predictive policy are held against the best fixed size.

mod choice;
mod confidence;
mod peaks;
mod program;
mod table;
mod verdicts;

use crate::corpus::RecordedCase;
use program::Program;
use table::Table;
use verdicts::{INPUTS, verdicts};

/// The runs of one part, such as A or B.
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) cases: Vec<RecordedCase>,
}

/// Every table, a line for each part; with `names` also the programs behind the mistakes.
pub(crate) fn page(parts: &[Part], names: bool) -> String {
    let judged: Vec<(&str, Judgement)> =
        parts.iter().map(|part| (part.name.as_str(), Judgement::of(&part.cases))).collect();
    let tables: Vec<(&str, &[Table])> = judged.iter().map(|(name, j)| (*name, j.tables.as_slice())).collect();
    let mut page = format!("== drawn programs\n{}\n", table::page(&tables));
    for (name, judgement) in &judged {
        page.push_str(&format!("confidence of findings, part {name}\n{}\n", judgement.confidence));
    }
    if names {
        page.push_str(&table::names(&tables));
    }
    page
}

/// What is said of one part.
struct Judgement {
    tables: Vec<Table>,
    confidence: String,
}

impl Judgement {
    fn of(cases: &[RecordedCase]) -> Self {
        let programs = Program::all(cases);
        let (mut tables, mut all) = (vec![counted(cases, &programs)], Vec::new());
        for input in &INPUTS {
            let found = verdicts(cases, input);
            tables.extend([
                verdicts::leaks(input.name, &found),
                verdicts::churn(input.name, &found),
                verdicts::repeats(input.name, &found),
            ]);
            all.extend(found);
        }
        tables.extend([
            peaks::table("peaks, streams", &programs, |case| &case.records),
            peaks::table("peaks, samples", &programs, |case| &case.samples),
            choice::tuned(&programs),
            choice::predictive(&programs),
        ]);
        Self { tables, confidence: confidence::table(&all) }
    }
}

fn counted(cases: &[RecordedCase], programs: &[Program]) -> Table {
    Table::new("recorded").count("programs", programs.len()).count("runs", cases.len())
}
