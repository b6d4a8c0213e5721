//! What `tune` chooses from one predictive run, and what that run itself did, against the best fixed size.

use memtool_analyzer::profile;
use memtool_analyzer::tune::{Evidence, Machine, Reader, TuneOptions, tune};

use super::program::Program;
use super::table::Table;
use crate::corpus::RecordedCase;
use crate::figures::{quantile, share};

/// Number of the slowest predictive runs that are named.
const NAMED: usize = 5;

/// A program with a predictive run and the pace of the best fixed size.
struct Asked<'a> {
    program: &'a Program<'a>,
    run: &'a RecordedCase,
    best: f64,
}

fn asked<'a>(programs: &'a [Program<'a>]) -> Vec<Asked<'a>> {
    let of = |program: &'a Program<'a>| {
        Some(Asked { program, run: program.first("predictive")?, best: program.best_pace()? })
    };
    programs.iter().filter_map(of).collect()
}

/// `tune` for the recorder under the program's limit: answered, beyond the limit, pace. A tuned size is not
/// run: its memory and pace are read off the line between the fixed sizes beside it.
pub(super) fn tuned(programs: &[Program]) -> Table {
    let asked = asked(programs);
    let (mut refused, mut beyond, mut paces) = (Vec::new(), Vec::new(), Vec::new());
    for one in &asked {
        let (name, limit) = (one.program.name, one.run.limit_mb);
        let Some(size) = chosen_size(one.run) else {
            refused.push(name.to_owned());
            continue;
        };
        let charged = one.program.at(size, |run| run.charged_mb).unwrap_or(f64::NAN);
        if charged > limit {
            beyond.push(format!("{name} {size}: {charged:.0} of {limit:.0}"));
        } else {
            let pace = one.program.at(size, one.program.pace()).unwrap_or(f64::NAN);
            paces.push((pace / one.best, format!("{name} {size}")));
        }
    }
    let table = Table::new("tune")
        .count("asked", asked.len())
        .count("answered", asked.len() - refused.len())
        .count("violations", beyond.len());
    against_best(table, paces, 1).programs("refused", refused).programs("violated", beyond)
}

fn chosen_size(run: &RecordedCase) -> Option<u32> {
    let report = profile(&run.profile, &run.records);
    let evidence = [Evidence { run: &run.records, leak: Some(&report.leak) }];
    let machine = Machine::with_limit(run.limit_mb);
    let options = TuneOptions { reader: Reader::Recorder, ..TuneOptions::default() };
    let tuning = tune(&evidence, &[machine], &options, |_, _, _| 1.0);
    Some(tuning.machines.first()?.chosen.as_ref()?.batch_sizes.high)
}

/// The first runs under the predictive policy: killed, pace and peak.
pub(super) fn predictive(programs: &[Program]) -> Table {
    let asked = asked(programs);
    let killed: Vec<String> =
        asked.iter().filter(|one| one.run.killed).map(|one| one.program.name.to_owned()).collect();
    let done = || asked.iter().filter(|one| one.run.completed && one.run.items_per_cpu_s > 0.0);
    let paces =
        done().map(|one| (one.program.pace()(one.run) / one.best, one.program.name.to_owned())).collect();
    let saved: Vec<f64> = done()
        .filter_map(|one| Some(1.0 - one.run.peak_mb / one.program.fixed().get(&1000)?.peak_mb))
        .collect();
    let table = Table::new("predictive").count("runs", asked.len()).count("killed", killed.len());
    against_best(table, paces, NAMED)
        .share("peak below fixed 1000, median", (!saved.is_empty()).then(|| quantile(&saved, 0.5)))
        .programs("killed in", killed)
}

/// Median and worst of paces over that of the best fixed size, the slowest named.
fn against_best(table: Table, mut paces: Vec<(f64, String)>, named: usize) -> Table {
    paces.sort_by(|a, b| a.0.total_cmp(&b.0));
    let ratios: Vec<f64> = paces.iter().map(|(ratio, _)| *ratio).collect();
    let fast = ratios.iter().filter(|ratio| **ratio >= 0.95).count();
    table
        .share("of the best fixed, median", (!ratios.is_empty()).then(|| quantile(&ratios, 0.5)))
        .share("worst", ratios.first().copied())
        .share("at least 95 %", share(fast, ratios.len()))
        .programs(
            "worst in",
            paces.iter().take(named).map(|(ratio, name)| format!("{name} {ratio:.2}")).collect(),
        )
}
