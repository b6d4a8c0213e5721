//! Prometheus: answers of its HTTP API, and OpenMetrics text with times. One run per series.

mod answer;
mod exposition;
mod metric;
mod scanner;

use memtool_profile_model::{ReadError, Run, Snapshot};

use self::answer::Answer;
use crate::head::Head;
use crate::input::Input;
use crate::reader::{Caution, Certainty, Reader};

/// The reader of answers of `query_range` and `query`.
pub(crate) const ANSWER: Reader = Reader {
    name: "prometheus",
    tool: "Prometheus and servers with its HTTP API",
    versions: "2.42",
    record: "curl 'http://HOST:9090/api/v1/query_range?query=process_resident_memory_bytes&start=…&end=…&step=1s' > \
             answer.json",
    tells: "one run per series: what its name says, such as process or container memory",
    cannot_tell: "what happens between two steps; where one process ends and the next begins under the same labels",
    cautions: CAUTIONS,
    marks: &["resultType", "errorType"],
    sniff,
    read,
};

/// The reader of OpenMetrics text with times.
pub(crate) const TEXT: Reader = Reader {
    name: "openmetrics",
    tool: "OpenMetrics and Prometheus text with times (promtool tsdb dump)",
    versions: "2.42",
    record: "promtool tsdb dump --match=process_resident_memory_bytes DATA > metrics.txt",
    tells: "one run per series, at the times of the scrapes",
    cannot_tell: "what happens between two scrapes",
    cautions: CAUTIONS,
    marks: &[],
    sniff: exposition::sniff,
    read: exposition::read,
};

const CAUTIONS: &[Caution] = &[COARSE_STEP, RESTARTED, ALIVE_AFTER_DEATH, UNIT_ASSUMED, NOT_IN_USE];

const COARSE_STEP: Caution = Caution {
    code: "coarse_step",
    text: "what happens between two samples is not seen: a cycle about as long as the step reads as flat; \
           max_over_time(…[step]) keeps the peaks",
    seen: "2.42: a step of 5 s on a sawtooth of 5 s read 71 of 83 MiB",
};

const RESTARTED: Caution = Caution {
    code: "restarted",
    text: "the series is absent for a while and goes on lower: another process under the same labels",
    seen: "2.42: 7 s absent, from 73 to 24 MiB",
};

const ALIVE_AFTER_DEATH: Caution = Caution {
    code: "alive_after_death",
    text: "the last five minutes hold one value: an exporter that sends its own times looks alive that long after \
           the process has ended",
    seen: "2.42, lookback of 5 minutes",
};

const UNIT_ASSUMED: Caution = Caution {
    code: "unit_assumed",
    text: "the query was an expression: that its value is memory in bytes is assumed",
    seen: "2.42: sum(…) and max_over_time(…) drop the metric's name",
};

const NOT_IN_USE: Caution = Caution {
    code: "not_in_use",
    text: "by its name the series is not memory in use, but a limit, virtual or free memory",
    seen: "process-exporter 0.7 (memtype), node_exporter 1.5",
};

/// Seconds between samples from which a job's cycle may hide.
const COARSE_S: f64 = 5.0;
/// Prometheus shows a last value so long, in seconds, when its time is the exporter's.
const LOOKBACK_S: (f64, f64) = (285.0, 330.0);
/// Steps without a sample that make a gap.
const GAP_STEPS: f64 = 2.5;
/// What is left after a gap where another process goes on.
const LOWER: f64 = 0.7;
/// An expression whose largest value is below is no memory in bytes.
const SMALLEST_MEMORY_MB: f64 = 1.0 / 16.0;

fn sniff(head: &Head<'_>) -> Certainty {
    let answer =
        head.is_json() && head.has_all(&["\"status\"", "\"data\""]) && head.text().contains("\"resultType\"");
    let error = head.is_json() && head.has_all(&["\"status\"", "\"errorType\""]);
    (answer || error).into()
}

fn read(input: &mut Input<'_>) -> Result<Vec<Run>, ReadError> {
    let mut answer = Answer::of(input)?;
    if answer.traces.iter_mut().all(|(_, trace)| trace.len() == 0) {
        return Err(answer.refusal());
    }
    let refusal = answer.refusal();
    let runs = answer.traces.finish(&answer.faults, "answer of Prometheus")?;
    kept(runs).ok_or(refusal)
}

/// The runs with what is to be known of them, without expressions that cannot be bytes.
fn kept(mut runs: Vec<Run>) -> Option<Vec<Run>> {
    runs.retain(|run| !is_small_expression(run));
    runs.iter_mut().for_each(warn);
    (!runs.is_empty()).then_some(runs)
}

fn is_small_expression(run: &Run) -> bool {
    let largest = run.snapshots.iter().map(megabytes).fold(0.0, f64::max);
    run.warnings.contains(&UNIT_ASSUMED.warning()) && largest < SMALLEST_MEMORY_MB
}

fn megabytes(snapshot: &Snapshot) -> f64 {
    snapshot.rss.map_or(0.0, |rss| rss.get())
}

fn warn(run: &mut Run) {
    let step = run.config.monitoring_interval_seconds;
    let found = [
        (run.snapshots.len() > 1 && step >= COARSE_S, COARSE_STEP),
        (is_restarted(&run.snapshots, step), RESTARTED),
        (ends_flat(&run.snapshots), ALIVE_AFTER_DEATH),
    ];
    run.warnings.extend(found.iter().filter(|(is, _)| *is).map(|(_, caution)| caution.warning()));
}

fn is_restarted(samples: &[Snapshot], step: f64) -> bool {
    samples.windows(2).any(|pair| {
        let gap = pair[1].at.seconds_since(pair[0].at);
        gap >= GAP_STEPS * step && megabytes(&pair[1]) < LOWER * megabytes(&pair[0])
    })
}

/// Whether the last samples are equal for as long as a dead series is shown.
fn ends_flat(samples: &[Snapshot]) -> bool {
    let Some(last) = samples.last() else { return false };
    let flat = samples.iter().rev().take_while(|sample| sample.rss == last.rss).last();
    let seconds = flat.map_or(0.0, |first| last.at.seconds_since(first.at));
    (LOOKBACK_S.0..LOOKBACK_S.1).contains(&seconds)
}
