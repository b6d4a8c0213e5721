//! Blocks that `free -s` prints, with stamps between them or without.

use memtool_profile_model::{Measure, Mib, Precision, ReadError, Run, Snapshot, TimeBase};

use crate::clock::moment;
use crate::head::Head;
use crate::input::Input;
use crate::number::{number, size};
use crate::reader::{Caution, Certainty, Reader};
use crate::trace::{Trace, sample};
use crate::traces::finished;

pub(crate) const READER: Reader = Reader {
    name: "free",
    tool: "free",
    versions: "procps 3.3 and 4.0",
    record: "while sleep 1; do date +%s; free -k; done > free.txt",
    tells: "memory in use of the whole machine",
    cannot_tell: "which job used it; times, without a stamp before each block",
    cautions: &[NO_TIME, UNIT_GUESSED],
    sniff,
    read,
};

const NO_TIME: Caution = Caution {
    code: "no_time",
    text: "no time stands in the file: samples count as one second apart",
    seen: "procps 4.0: free -s prints none",
};

const UNIT_GUESSED: Caution = Caution {
    code: "unit_guessed",
    text: "free prints no unit: it was taken from the sizes",
    seen: "procps 4.0: -m, -k and none look alike",
};

const KIB: f64 = 1024.0;

fn header(line: &str) -> Option<Vec<&str>> {
    let names: Vec<&str> = line.split_ascii_whitespace().collect();
    names.starts_with(&["total", "used", "free"]).then_some(names)
}

fn sniff(head: &Head<'_>) -> Certainty {
    (head.lines().any(|line| header(line).is_some()) && head.has_line("Mem:")).into()
}

/// The unit of sizes without one, in bytes. Memory is handed out in pages of 4 KiB, so sizes in KiB
/// are multiples of 4 and sizes in bytes of 4096.
fn unit(cells: &[&str]) -> f64 {
    let figures: Vec<f64> = cells.iter().filter_map(|cell| number(cell)).collect();
    let total = figures.first().copied().unwrap_or(0.0);
    let all_of = |page: f64| figures.iter().all(|figure| figure % page == 0.0);
    match total {
        total if total >= 1e8 && all_of(4096.0) => 1.0,
        total if total >= 1e5 && all_of(4.0) => KIB,
        total if total >= 512.0 => KIB * KIB,
        _ => KIB * KIB * KIB,
    }
}

fn read(input: &mut Input<'_>) -> Result<Vec<Run>, ReadError> {
    let mut names: Vec<String> = Vec::new();
    let (mut at, mut rows, mut bare) = (None, 0_i64, None);
    let mut trace =
        Trace::new(READER.origin(Measure::Machine, Precision::Sampled, TimeBase::None), input.limits.samples);
    while let Some(line) = input.lines.next()? {
        if let Some(found) = header(line.text) {
            names = found.into_iter().map(str::to_owned).collect();
            continue;
        }
        if let Some(found) = moment(line.text).filter(|_| !line.text.trim().is_empty()) {
            if rows == 0 {
                trace = Trace::new(
                    READER.origin(Measure::Machine, Precision::Sampled, TimeBase::Absolute),
                    input.limits.samples,
                );
            }
            at = Some(found);
            continue;
        }
        let Some(rest) = line.text.strip_prefix("Mem:") else { continue };
        let cells: Vec<&str> = rest.split_ascii_whitespace().collect();
        let has_units = cells.iter().any(|cell| cell.ends_with(|c: char| c.is_ascii_alphabetic()));
        let unit = if has_units { 1.0 } else { *bare.get_or_insert_with(|| unit(&cells)) };
        let cell = |name: &str| size(cells.get(names.iter().position(|column| column == name)?)?, unit);
        rows += 1;
        let time = at.unwrap_or(rows * 1_000_000_000);
        let available = cell("available");
        let taken = cell("used").is_some_and(|used| {
            trace.run.host.total_mb = cell("total").filter(|total| *total > Mib::ZERO);
            trace.push(time, Snapshot { available, ..sample(used) })
        });
        if !taken {
            input.faults.expected(line.number, "total, used and free", line.text);
        }
    }
    if at.is_none() {
        trace.warn(NO_TIME.warning());
    }
    if bare.is_some() {
        trace.warn(UNIT_GUESSED.warning());
    }
    finished([trace], &input.faults, "log of free")
}
