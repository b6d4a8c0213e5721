//! How right memtool is on programs recorded in all ways, as `experiments/programs` and `experiments/by_hand`
//! record them: a Markdown table for each question, with a line for each part of each folder.
//!
//! Findings are asked of the samples alone, of streams with batch records, and of recordings from
//! outside. Peaks of the fixed sizes are predicted from one run with the default thresholds, and compared with
//! the runs without a limit. `tune` and the predictive policy are compared with the best fixed size.

mod choice;
mod confidence;
mod peaks;
mod program;
mod table;
mod verdicts;

use memtool_analyzer::FindingKind;

use crate::corpus::RecordedCase;
use program::Program;
use table::Table;
use verdicts::{INPUTS, Verdict, verdicts};

/// The runs of one part of a folder, such as `drawn, A`.
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) cases: Vec<RecordedCase>,
}

/// Every table, a line for each part; with `names` also the programs behind the mistakes.
pub(crate) fn page(parts: &[Part], names: bool) -> String {
    let judged: Vec<(&str, Judgement)> =
        parts.iter().map(|part| (part.name.as_str(), Judgement::of(&part.cases))).collect();
    let tables: Vec<(&str, &[Table])> = judged.iter().map(|(name, j)| (*name, j.tables.as_slice())).collect();
    let mut page = table::page(&tables);
    let found: Vec<&Verdict> = judged.iter().flat_map(|(_, judgement)| &judgement.verdicts).collect();
    page.push_str(&format!("### confidence of findings\n\n{}\n", confidence::table(&found)));
    if names {
        page.push_str(&table::names(&tables));
    }
    page
}

/// The figures of one part.
struct Judgement<'a> {
    tables: Vec<Table>,
    verdicts: Vec<Verdict<'a>>,
}

impl<'a> Judgement<'a> {
    fn of(cases: &'a [RecordedCase]) -> Self {
        let programs = Program::all(cases);
        let (mut tables, mut all) = (vec![counted(cases, &programs)], Vec::new());
        for input in &INPUTS {
            let found = verdicts(cases, input);
            tables.extend([
                verdicts::leaks(input.name, &found),
                verdicts::others("churn", input.name, &found, FindingKind::GcChurn),
                verdicts::others("sustained high", input.name, &found, FindingKind::SustainedHigh),
                verdicts::others("flapping", input.name, &found, FindingKind::BatchFlapping),
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
        Self { tables, verdicts: all }
    }
}

fn counted(cases: &[RecordedCase], programs: &[Program]) -> Table {
    Table::new("recorded").count("number", programs.len()).count("runs", cases.len())
}
