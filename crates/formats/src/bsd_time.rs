//! What `/usr/bin/time -l` of macOS and the BSDs prints at a command's end: one figure.

use memtool_profile_model::{Measure, Mib, Precision, ReadError, Run, Task, TimeBase};

use crate::head::Head;
use crate::input::Input;
use crate::number::{KIB, number, sized};
use crate::reader::{Caution, Certainty, Reader};
use crate::trace::single;
use crate::traces::told;

pub(crate) const READER: Reader = Reader {
    name: "bsd-time",
    tool: "time -l of macOS and the BSDs",
    versions: "macOS 10.15 to 15, FreeBSD 14 (from their sources)",
    record: "/usr/bin/time -l python job.py 2> time.txt",
    tells: "exact peak of the largest process, runtime",
    cannot_tell: "anything over time; the sum of a tree of processes; how it ended",
    cautions: &[LARGEST_PROCESS, UNIT_TOLD],
    marks: &[PEAK],
    sniff,
    read,
};

const LARGEST_PROCESS: Caution = Caution {
    code: "largest_process",
    text: "the figure is of the largest single process that was waited for, never of the tree",
    seen: "ru_maxrss of the children, by its manual",
};

const UNIT_TOLD: Caution = Caution {
    code: "unit_told_by_pages",
    text: "macOS prints bytes and the BSDs KiB: as no line of macOS stands below, the figure is taken for bytes where it is a whole \
           number of pages in bytes",
    seen: "macOS before 10.15 prints neither instructions nor the footprint",
};

const PEAK: &str = "maximum resident set size";
/// Lines that only macOS prints.
const OF_MACOS: [&str; 3] = ["instructions retired", "cycles elapsed", "peak memory footprint"];
/// Line that only the BSDs and macOS print, and that closes what both do.
const CLOSES: &str = "involuntary context switches";
/// A page, in bytes.
const PAGE: f64 = 4096.0;

/// The figure before the words of a line.
fn figure(line: &str, words: &str) -> Option<f64> {
    let figure = line.trim().strip_suffix(words)?;
    figure.ends_with(' ').then(|| number(figure))?
}

fn sniff(head: &Head<'_>) -> Certainty {
    let has = |words: &str| head.lines().any(|line| figure(line, words).is_some());
    (has(PEAK) && (has("page reclaims") || has(CLOSES))).into()
}

/// What one command's block has told so far.
#[derive(Default)]
struct Block {
    runtime_s: Option<f64>,
    peak: Option<f64>,
    of_macos: bool,
}

impl Block {
    fn finish(self) -> Option<Run> {
        let peak = self.peak?;
        let in_bytes = self.of_macos || peak % PAGE == 0.0;
        let peak: Mib = sized(peak, if in_bytes { 1.0 } else { KIB })?;
        let task = Task { runtime_s: self.runtime_s, ..Task::default() };
        let origin = READER.origin(Measure::ProcessRss, Precision::SingleFigure, TimeBase::None);
        let mut run = single(origin, peak, None, task);
        run.warnings.push(LARGEST_PROCESS.warning());
        if !self.of_macos {
            run.warnings.push(UNIT_TOLD.warning());
        }
        Some(run)
    }
}

fn read(input: &mut Input<'_>) -> Result<Vec<Run>, ReadError> {
    let (mut runs, mut block) = (Vec::new(), Block::default());
    while let Some(line) = input.lines.next()? {
        let text = line.text.trim();
        if let Some(runtime_s) = runtime(text) {
            runs.extend(std::mem::take(&mut block).finish());
            block.runtime_s = Some(runtime_s);
        } else if let Some(peak) = figure(text, PEAK) {
            block.peak = Some(peak);
        } else if text.ends_with(PEAK) {
            input.faults.unread(line, "a size before its name");
        } else {
            block.of_macos |=
                block.peak.is_some() && OF_MACOS.iter().any(|words| figure(text, words).is_some());
        }
        if runs.len() == input.limits.runs {
            break;
        }
    }
    runs.extend(block.finish());
    told(runs, &input.faults, "output of time -l")
}

/// Seconds of `2.34 real  1.98 user  0.22 sys`.
fn runtime(line: &str) -> Option<f64> {
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    match words[..] {
        [real, "real", _, "user", _, "sys"] => number(real),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peaks(text: &str) -> Vec<(f64, Option<f64>, usize)> {
        let runs = READER.runs(text);
        let figures = |run: &Run| {
            let runtime = run.task.as_ref().and_then(|task| task.runtime_s);
            (run.snapshots[0].rss.map_or(0.0, Mib::get), runtime, run.warnings.len())
        };
        runs.iter().map(figures).collect()
    }

    #[test]
    fn macos_prints_bytes_and_a_bsd_kibibytes() {
        let block = |peak: &str, more: &str| {
            format!(
                "done\n  2.34 real   1.98 user  0.22 sys\n  {peak}  maximum resident set size\n  31502  page reclaims\n   \
                 512  involuntary context switches\n{more}"
            )
        };
        let macos = block("512360449", "  498073600  peak memory footprint\n");
        assert_eq!(peaks(&macos), [(512_360_449.0 / 1_048_576.0, Some(2.34), 1)]);
        let old = block("104857600", "");
        let bsd = block("204804", "");
        assert_eq!(
            peaks(&format!("{old}{bsd}")),
            [(100.0, Some(2.34), 2), (204_804.0 / 1024.0, Some(2.34), 2)]
        );
    }
}
