//! scalene's JSON: the largest footprint, and a hundred random samples of it.

use std::fmt;

use memtool_profile_model::{Measure, Precision, ReadError, Run, Task, TimeBase};
use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor};

use crate::head::Head;
use crate::input::Input;
use crate::number::{MIB, sized};
use crate::reader::{Caution, Certainty, Reader};
use crate::trace::{Trace, nanos, sample};
use crate::traces::finished;

/// The reader of scalene's JSON.
pub(crate) const READER: Reader = Reader {
    name: "scalene",
    tool: "scalene",
    versions: "2.4",
    record: "scalene run -o profile.json job.py",
    tells: "the largest footprint; a hundred random samples of it; start and duration",
    cannot_tell: "the course between the samples; RSS; memory that libraries map themselves",
    cautions: &[RANDOM_SAMPLES, HEAP_ONLY],
    marks: &["alloc_samples"],
    sniff,
    read,
};

const RANDOM_SAMPLES: Caution = Caution {
    code: "random_samples",
    text: "its samples are a hundred random ones, and the peak is not among them",
    seen: "2.4: peak 48.6 MiB, largest sample 21.0",
};

const HEAP_ONLY: Caution = Caution {
    code: "outside_heap",
    text: "scalene counts what Python and malloc handed out since it began: RSS holds more",
    seen: "2.4",
};

fn sniff(head: &Head<'_>) -> Certainty {
    (head.is_json() && head.text().contains("\"alloc_samples\"")).into()
}

#[derive(Deserialize)]
struct Profile {
    max_footprint_mb: Option<f64>,
    elapsed_time_sec: Option<f64>,
    start_time_absolute: Option<f64>,
    memory: Option<bool>,
    program: Option<String>,
    #[serde(default)]
    samples: Samples,
}

/// `[nanoseconds, MiB]` pairs.
#[derive(Default)]
struct Samples(Vec<(f64, f64)>);

/// The tool keeps a hundred.
const MOST_SAMPLES: usize = 100_000;

impl<'de> Deserialize<'de> for Samples {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(SamplesVisitor)
    }
}

struct SamplesVisitor;

impl<'de> Visitor<'de> for SamplesVisitor {
    type Value = Samples;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("pairs of nanoseconds and MiB")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut pairs: A) -> Result<Samples, A::Error> {
        let mut samples = Vec::new();
        while let Some(pair) = pairs.next_element()? {
            if samples.len() < MOST_SAMPLES {
                samples.push(pair);
            }
        }
        Ok(Samples(samples))
    }
}

fn read(input: &mut Input<'_>) -> Result<Vec<Run>, ReadError> {
    let profile: Profile = input.json("profile with --reduced-profile")?;
    if profile.memory == Some(false) {
        return Err(ReadError::Refused {
            what: "scalene profile without memory (--cpu-only)".into(),
            advice: "record it again without --cpu-only or --gpu".into(),
        });
    }
    let start = profile.start_time_absolute.and_then(nanos);
    let time_base = if start.is_some() { TimeBase::Absolute } else { TimeBase::Relative };
    let origin = READER.origin(Measure::HeapUsed, Precision::LowerBound, time_base);
    let mut trace = Trace::new(origin, input.limits.samples);
    let start = start.unwrap_or(0);
    trace.starts(start);
    let largest = add_samples(&mut trace, start, &profile.samples.0);
    if let Some(peak) = profile.max_footprint_mb.and_then(|peak| sized(peak, MIB)) {
        if peak.get() > largest {
            trace.states_peak(peak);
            trace.warn(RANDOM_SAMPLES.warning());
        }
        if trace.len() == 0 {
            let _in_range = trace.push(start, sample(peak));
        }
    }
    trace.run.process.command = profile.program;
    trace.run.task = Some(Task { runtime_s: profile.elapsed_time_sec, ..Task::default() });
    trace.warn(HEAP_ONLY.warning());
    finished([trace], &input.faults, "scalene profile")
}

/// Adds the samples, and gives the largest in MiB.
fn add_samples(trace: &mut Trace, start: i64, samples: &[(f64, f64)]) -> f64 {
    let mut largest = 0.0_f64;
    for (at, mebibytes) in samples {
        let at = nanos(at / 1e9).map(|at| start.saturating_add(at));
        if let Some((at, heap)) = at.zip(sized(*mebibytes, MIB))
            && trace.push(at, sample(heap))
        {
            largest = largest.max(heap.get());
        } else {
            trace.missing();
        }
    }
    largest
}
