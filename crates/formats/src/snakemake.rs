//! Snakemake's benchmark files: a row a job, as tab-separated columns or JSON lines.

use std::collections::HashMap;

use memtool_profile_model::{Measure, Mib, Precision, ReadError, Run, Task, TimeBase};

use crate::head::Head;
use crate::input::Input;
use crate::number::{MIB, number, sized};
use crate::reader::{Caution, Certainty, Reader};
use crate::trace::single;
use crate::traces::told;

pub(crate) const READER: Reader = Reader {
    name: "snakemake",
    tool: "Snakemake benchmark",
    versions: "8 and 9",
    record: "snakemake --benchmark-extended (and `benchmark: \"benchmarks/{rule}.tsv\"` in the rule)",
    tells: "the largest sampled memory of each job's tree, runtime, rule, input size (extended)",
    cannot_tell: "anything over time; peaks between samples, which are 30 s apart after the first 15 s",
    cautions: &[SLEPT, NO_SAMPLE],
    marks: &["h:m:s"],
    sniff,
    read,
};

const SLEPT: Caution = Caution {
    code: "slept_through_peak",
    text: "the job ran longer than 15 s, from where on Snakemake samples once in 30 s: the peak may be missed",
    seen: "8 and 9: a peak of 310 MiB read as 10",
};

const NO_SAMPLE: Caution = Caution {
    code: "no_sample",
    text: "Snakemake wrote 0: the job ended before its first sample",
    seen: "9: `0` without decimals in the memory columns",
};

/// Samples of half a second come first, so many.
const DENSE_S: f64 = 15.0;

fn sniff(head: &Head<'_>) -> Certainty {
    let first = head.first_line();
    let table = first.starts_with("s\th:m:s\tmax_rss");
    let lines = first.starts_with('{')
        && ["\"max_rss\"", "\"h:m:s\"", "\"max_uss\""].iter().all(|key| first.contains(key));
    (table || lines).into()
}

fn read(input: &mut Input<'_>) -> Result<Vec<Run>, ReadError> {
    let mut names: Vec<String> = Vec::new();
    let mut runs = Vec::new();
    while let Some(line) = input.lines.next()? {
        if line.text.trim().is_empty() {
            continue;
        }
        if line.text.starts_with("s\th:m:s") {
            names = line.text.split('\t').map(str::to_owned).collect();
            continue;
        }
        let run = if line.text.starts_with('{') {
            serde_json::from_str::<HashMap<String, serde_json::Value>>(line.text).ok().and_then(|row| {
                run_of(|name| match row.get(name)? {
                    serde_json::Value::String(text) => Some(text.clone()),
                    other => Some(other.to_string()),
                })
            })
        } else {
            let cells: Vec<&str> = line.text.split('\t').collect();
            if !line.whole && cells.len() < names.len() {
                input.faults.torn(line.number);
                continue;
            }
            run_of(|name| {
                cells.get(names.iter().position(|column| column == name)?).map(|cell| (*cell).to_owned())
            })
        };
        match run {
            Some(run) if runs.len() < input.limits.runs => runs.push(run),
            Some(_) => break,
            None => input.faults.expected(line.number, "a row with s and max_rss", line.text),
        }
    }
    told(runs, &input.faults, "Snakemake benchmark")
}

/// The run of a row whose cells are known by name.
fn run_of(cell: impl Fn(&str) -> Option<String>) -> Option<Run> {
    let figure = |name: &str| number(&cell(name)?);
    let (runtime_s, rss) = (figure("s")?, sized(figure("max_rss").unwrap_or(0.0), MIB)?);
    let rule = cell("rule_name").filter(|name| !name.is_empty());
    let task = Task {
        group: rule,
        input_bytes: cell("input_size_mb").and_then(|sizes| input_bytes(&sizes)),
        requested_mb: cell("resources").and_then(|text| requested(&text)),
        runtime_s: Some(runtime_s),
        ..Task::default()
    };
    let mut run =
        single(READER.origin(Measure::TreeRss, Precision::SingleFigure, TimeBase::None), rss, None, task);
    run.snapshots[0].pss = figure("max_pss").and_then(|pss| sized(pss, MIB)).filter(|pss| *pss > Mib::ZERO);
    run.snapshots[0].vms = figure("max_vms").and_then(|vms| sized(vms, MIB));
    if rss == Mib::ZERO {
        run.warnings.push(NO_SAMPLE.warning());
    } else if runtime_s > DENSE_S {
        run.warnings.push(SLEPT.warning());
    }
    if rss == Mib::ZERO || runtime_s > DENSE_S {
        run.origin.iter_mut().for_each(|origin| origin.precision = Precision::LowerBound);
    }
    Some(run)
}

/// The sum of a dict's sizes, as Python or JSON prints it: `{'reads': 12.5}`, in MiB.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be a size")]
fn input_bytes(text: &str) -> Option<u64> {
    let sizes = text.trim_matches(['{', '}']).split(',').filter_map(|pair| number(pair.rsplit_once(':')?.1));
    let total: f64 = sizes.sum();
    sized(total, MIB).filter(|total| *total > Mib::ZERO).map(|_| (total * MIB) as u64)
}

/// `mem_mib` or `mem_mb` of a dict of resources; Snakemake counts a MB as 10^6 bytes.
fn requested(text: &str) -> Option<Mib> {
    let value = |key: &str| {
        let rest = &text
            [text.find(&format!("{key}'")).or_else(|| text.find(&format!("{key}\"")))? + key.len() + 1..];
        let value = rest.trim_start_matches([':', ' ']);
        number(&value[..value.find([',', '}']).unwrap_or(value.len())])
    };
    value("mem_mib").and_then(|size| sized(size, MIB)).or_else(|| sized(value("mem_mb")?, 1e6))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dicts_in_a_cell() {
        assert_eq!(input_bytes("{'a': 1.5, 'b': 0.5}"), Some(2 << 20));
        assert_eq!([input_bytes("{}"), input_bytes("")], [None, None]);
        assert_eq!(requested("{'mem_mb': 1048.576, 'mem_mib': 1000, '_cores': 1}"), Some(Mib::new(1000.0)));
        assert_eq!(requested("{\"mem_mb\": 1048.576}"), Some(Mib::new(1000.0)));
        assert_eq!(requested("{'tmpdir': '/tmp'}"), None);
    }
}
