//! What GNU `time -f FORMAT` prints, in formats that people use: `maxrss=%M`, `Max RSS: %M KB`, `%E %M`.

use memtool_profile_model::{Measure, Mib, Precision, ReadError, Run, Task, TimeBase};

use crate::clock;
use crate::head::Head;
use crate::input::Input;
use crate::number::{KIB, number, sized};
use crate::reader::{Caution, Certainty, Reader};
use crate::trace::single;
use crate::traces::told;

pub(crate) const READER: Reader = Reader {
    name: "gnu-time-format",
    tool: "GNU time -f",
    versions: "1.9",
    record: "/usr/bin/time -f 'elapsed=%e maxrss=%M' -o time.txt python job.py",
    tells: "exact peak of the largest process, and the runtime, of each line",
    cannot_tell: "anything over time; the sum of a tree of processes; how it ended",
    cautions: &[BY_ITS_FORM],
    marks: &[],
    sniff,
    read,
};

const BY_ITS_FORM: Caution = Caution {
    code: "by_its_form",
    text: "the line is taken for what `time -f` printed, and its whole number for %M: KiB of the largest single process, never of the tree",
    seen: "1.9: a whole number of pages, behind max rss or beside a %E",
};

/// Words before %M, in small letters.
const NAMES: [&str; 7] = ["maxrss", "max_rss", "max-rss", "max rss", "maximum rss", "peak rss", "peak_rss"];
/// Words before %e or %E.
const TIMES: [&str; 4] = ["elapsed", "real", "wall", "time"];
/// The kernel counts pages of so many KiB.
const PAGE_KIB: u64 = 4;
/// No process is smaller.
const LEAST_KIB: u64 = 512;

/// A whole number of pages in KiB.
fn pages(text: &str) -> Option<Mib> {
    let kib: u64 = text.parse().ok().filter(|kib| *kib >= LEAST_KIB && kib % PAGE_KIB == 0)?;
    #[expect(clippy::cast_precision_loss, reason = "a size in memory")]
    sized(kib as f64, KIB)
}

/// Where a line has named the peak, in KiB.
fn named(line: &str) -> Option<(Option<f64>, Mib)> {
    let small = line.to_ascii_lowercase();
    let (at, name) = NAMES.iter().find_map(|name| Some((small.find(name)?, name)))?;
    let is_word = !small[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    let value = small[at + name.len()..].trim_start_matches(|c: char| " =:\t".contains(c));
    let digits = value.len() - value.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let unit = value[digits..].trim_start().split(|c: char| !c.is_ascii_alphabetic()).next()?;
    let is_kib = ["", "k", "kb", "kib", "kbytes"].contains(&unit)
        || value[digits..].starts_with([' ', ',', ';', '\t']) && !is_size(unit);
    let peak = pages(&value[..digits]).filter(|_| is_word && is_kib && !value[digits..].starts_with('.'))?;
    let elapsed = TIMES.iter().find_map(|time| {
        let rest = small.split_once(time)?.1.trim_start_matches(|c: char| " =:\t".contains(c));
        let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == ':')).unwrap_or(rest.len());
        clock::duration(&rest[..end])
    });
    Some((elapsed, peak))
}

/// Whether a word is a unit of a size.
fn is_size(unit: &str) -> bool {
    ["b", "bytes", "m", "mb", "mib", "g", "gb", "gib"].contains(&unit)
}

/// A line of numbers of which one is `%E` as `m:ss.cc`, and one `%M`: a time of day has no hundredths.
fn bare(line: &str) -> Option<(Option<f64>, Mib)> {
    let words: Vec<&str> = line
        .split(|c: char| c.is_whitespace() || c == ',' || c == ';')
        .filter(|word| !word.is_empty())
        .collect();
    let is_elapsed = |word: &&&str| {
        let seconds = word.split_once(':').map(|(_, seconds)| seconds.as_bytes());
        matches!(seconds, Some([_, _, b'.', _, _])) && clock::duration(word).is_some()
    };
    let elapsed: Vec<&&str> = words.iter().filter(is_elapsed).collect();
    let sizes: Vec<Mib> = words.iter().filter_map(|word| pages(word)).collect();
    let is_number = |word: &&str| number(word.trim_end_matches('%')).is_some() || is_elapsed(&word);
    match (&elapsed[..], &sizes[..]) {
        ([elapsed], [peak]) if words.iter().all(is_number) => Some((clock::duration(elapsed), *peak)),
        _ => None,
    }
}

fn formatted(line: &str) -> Option<(Option<f64>, Mib)> {
    // An object has names and values of its own.
    if line.trim_start().starts_with('{') {
        return None;
    }
    named(line).or_else(|| bare(line))
}

fn sniff(head: &Head<'_>) -> Certainty {
    if head.lines().any(|line| formatted(line).is_some()) { Certainty::Maybe } else { Certainty::No }
}

fn read(input: &mut Input<'_>) -> Result<Vec<Run>, ReadError> {
    let mut runs = Vec::new();
    while let Some(line) = input.lines.next()? {
        // A number that nothing ends may go on.
        if let Some((runtime_s, peak)) = formatted(line.certain()) {
            let origin = READER.origin(Measure::ProcessRss, Precision::SingleFigure, TimeBase::None);
            let mut run = single(origin, peak, None, Task { runtime_s, ..Task::default() });
            run.warnings.push(BY_ITS_FORM.warning());
            runs.push(run);
        }
        if runs.len() == input.limits.runs {
            break;
        }
    }
    told(runs, &input.faults, "output of time -f")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_that_people_use() {
        let mib = |kib: f64| Mib::new(kib / 1024.0);
        for (line, elapsed) in [
            ("MAXRSS=63088", None),
            ("elapsed=1.25 maxrss=63088", Some(1.25)),
            ("Max RSS: 63088 KB", None),
            ("Max RSS: 63088 KB, elapsed 0:01.25", Some(1.25)),
            ("0:01.25 63088", Some(1.25)),
            ("1.10,0.12,0:01.25,97%,63088", Some(1.25)),
            ("real 1.25 maxrss 63088k", Some(1.25)),
        ] {
            assert_eq!(formatted(line), Some((elapsed, mib(63088.0))), "{line}");
        }
    }

    #[test]
    fn other_lines_are_none() {
        for line in [
            "max rss: 512 MB",
            "max rss 63088 bytes",
            "maxrss=63089",
            "peak rss: 61.6 MiB",
            "18:13:43 63088",
            "0:01.25 63088 64000",
            "0:01.25 step 63088",
            "1795976224 63088",
            "{\"maxrss\": 63088}",
            "climaxrss=63088",
        ] {
            assert_eq!(formatted(line), None, "{line}");
        }
    }
}
