//! `kubectl top` of pods, containers or nodes, in a loop.

use memtool_profile_model::{Measure, Precision, ReadError, Run};

use crate::head::Head;
use crate::input::Input;
use crate::number::size;
use crate::ps::stamp::stamp;
use crate::reader::{Caution, Certainty, Reader};
use crate::stamp_clock::StampClock;
use crate::trace::sample;
use crate::traces::Traces;

pub(crate) const READER: Reader = Reader {
    name: "kubectl-top",
    tool: "kubectl top",
    versions: "1.18 to 1.35 (from its documentation)",
    record: "while sleep 15; do date +%s; kubectl top pod --containers; done > top.txt",
    tells: "working set of each pod, container or node at each stamp",
    cannot_tell: "peaks between the metrics server's samples, 15 s apart or more; times, where no stamp stands before the rows",
    cautions: &[NO_TIME],
    marks: &["MEMORY(bytes)"],
    sniff,
    read,
};

const NO_TIME: Caution = Caution {
    code: "no_time",
    text: "no time stands in the file: samples count as one second apart",
    seen: "kubectl top prints none",
};

/// The column of memory, and that before it.
const MEMORY: &str = "MEMORY(bytes)";
const PROCESSOR: &str = "CPU(cores)";

/// Lines at the beginning that tell.
const LINES_SHOWN: usize = 50;

/// Where the columns stand: those of names lie before the processor's.
#[derive(Clone, Copy)]
struct Table {
    names: usize,
    memory: usize,
    of_nodes: bool,
}

impl Table {
    fn of(words: &[&str]) -> Option<Self> {
        let place = |name: &str| words.iter().position(|word| *word == name);
        let (names, memory) = (place(PROCESSOR)?, place(MEMORY)?);
        (names > 0).then(|| Self {
            names,
            memory,
            of_nodes: words.contains(&"CPU%") || words.contains(&"CPU(%)"),
        })
    }
}

fn words(line: &str) -> Vec<&str> {
    line.split_ascii_whitespace().collect()
}

fn sniff(head: &Head<'_>) -> Certainty {
    head.lines().take(LINES_SHOWN).any(|line| Table::of(&words(line)).is_some()).into()
}

fn read(input: &mut Input<'_>) -> Result<Vec<Run>, ReadError> {
    let mut clock = StampClock::default();
    let mut table: Option<Table> = None;
    let mut traces: Traces<String> = Traces::new(input.limits);
    while let Some(line) = input.lines.next()? {
        let words = words(line.certain());
        if let Some(found) = Table::of(&words) {
            table = Some(found);
            continue;
        }
        if words.is_empty() {
            continue;
        }
        if let Some(stamped) = stamp(line.text).filter(|stamped| stamped.rest.is_empty()) {
            clock.stamp(stamped.at);
            continue;
        }
        let found = table.and_then(|table| {
            let used = size(words.get(table.memory)?, 1.0)?;
            Some((words[..table.names].join(" "), used, table.of_nodes))
        });
        let Some((name, used, of_nodes)) = found else {
            // A node that does not answer has <unknown>.
            if !words.contains(&"<unknown>") {
                input.faults.unread(line, "names, processor and memory");
            }
            continue;
        };
        let (at, base) = clock.at(name.clone());
        let measure = if of_nodes { Measure::Machine } else { Measure::Container };
        let part = || READER.part(measure, Precision::Sampled, base, name.clone());
        let Some(trace) = traces.of(name.clone(), part) else { continue };
        if !trace.push(at, sample(used)) {
            input.faults.unread(line, "a time");
        }
    }
    if !clock.is_stamped() {
        traces.iter_mut().for_each(|(_, trace)| trace.warn(NO_TIME.warning()));
    }
    traces.finish(&input.faults, "log of kubectl top")
}

#[cfg(test)]
mod tests {
    use memtool_profile_model::Mib;

    use super::*;

    fn runs(text: &str) -> Vec<Run> {
        READER.runs(text)
    }

    #[test]
    fn pods_with_stamps_and_nodes_without() {
        let head = "POD       NAME   CPU(cores)   MEMORY(bytes)   \n";
        let text = format!(
            "2026-11-29T18:17:04Z\n{head}web-0     app    12m    345Mi   \n2026-11-29T18:17:14Z\n{head}web-0     app    12m    2Gi   \n"
        );
        let pods = runs(&text);
        let figures: Vec<(f64, Option<Mib>)> =
            pods[0].snapshots.iter().map(|s| (s.at.seconds(), s.rss)).collect();
        assert_eq!(figures, [(0.0, Some(Mib::new(345.0))), (10.0, Some(Mib::new(2048.0)))]);
        assert_eq!(pods[0].origin.as_ref().and_then(|origin| origin.part.as_deref()), Some("web-0 app"));
        let nodes = runs(
            "NAME  CPU(cores)  CPU%  MEMORY(bytes)  MEMORY%\nn1  100m  5%  1000Mi  12%\nn2  <unknown>  <unknown>  <unknown>  <unknown>\n",
        );
        assert_eq!(nodes[0].origin.as_ref().map(|origin| origin.measure), Some(Measure::Machine));
        assert_eq!((nodes.len(), nodes[0].warnings.clone()), (1, vec![NO_TIME.warning()]));
    }
}
