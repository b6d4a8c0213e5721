//! The answer of `query_range` and `query`, streamed: samples never lie in memory as text. Several answers may follow each
//! other in one file: what Kubernetes says of containers is joined to their memory.

use std::collections::{HashMap, HashSet};

use memtool_profile_model::number::float;
use memtool_profile_model::{Mib, Precision, ReadError, Run, printable};

use super::cautions::{CAUTIONS, NOT_IN_USE, SUMS_LEFT_OUT, UNIT_ASSUMED};
use super::cluster::Cluster;
use super::lives::{Series, lives};
use super::metric::{Kind, Labels, origin};
use super::scanner::Scanner;
use super::series::kept;
use super::spans::Spans;
use crate::faults::Faults;
use crate::head::Head;
use crate::input::Input;
use crate::limits::Limits;
use crate::reader::{Certainty, Reader};
use crate::trace::{Trace, nanos, sample};
use crate::traces::Traces;

/// The reader of answers of `query_range` and `query`.
pub(crate) const ANSWER: Reader = Reader {
    name: "prometheus",
    tool: "Prometheus and servers with its HTTP API",
    versions: "2.42",
    record: "curl 'http://HOST:9090/api/v1/query_range?query=process_resident_memory_bytes&start=…&end=…&step=1s' > \
             answer.json",
    tells: "one run per series: what its name says, such as process or container memory; with kube-state-metrics beside it \
            workload, limit, request, restarts and kills of each container",
    cannot_tell: "what happens between two steps; where one process ends and the next begins under the same labels",
    cautions: CAUTIONS,
    marks: &["resultType", "errorType"],
    sniff,
    read,
};

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
    kept(answer.runs()?).ok_or(refusal)
}

/// An answer that is being read.
struct Answer {
    traces: Traces<usize>,
    faults: Faults,
    series: usize,
    /// What the server says went wrong.
    error: Option<String>,
    /// A series that is no memory.
    other: Option<String>,
    scalar: bool,
    /// The series of containers, by their place.
    containers: HashMap<usize, Series>,
    /// The series that are sums over containers.
    sums: HashSet<usize>,
    cluster: Cluster,
}

/// What takes the samples of a series.
enum Sink<'a> {
    Memory(&'a mut Trace),
    State(&'a mut Spans),
    Nothing,
}

impl Sink<'_> {
    fn take(&mut self, at: f64, value: f64) {
        match self {
            Self::Memory(trace) => take(trace, at, value),
            Self::State(spans) => {
                if let Some(at) = nanos(at) {
                    spans.push(at, value);
                }
            }
            Self::Nothing => {}
        }
    }
}

impl Answer {
    fn new(limits: Limits) -> Self {
        Self {
            traces: Traces::new(limits),
            faults: Faults::default(),
            series: 0,
            error: None,
            other: None,
            scalar: false,
            containers: HashMap::new(),
            sums: HashSet::new(),
            cluster: Cluster::default(),
        }
    }

    /// Reads all answers of a file; one that breaks off is read so far.
    ///
    /// # Errors
    /// Where nothing in it can be read.
    fn of(input: &mut Input<'_>) -> Result<Self, ReadError> {
        let mut answer = Self::new(input.limits);
        let mut scanner = Scanner::new(input.lines.reader());
        loop {
            let line = scanner.line();
            match answer.document(&mut scanner, true) {
                Err(ReadError::Json { reason, .. }) if answer.series > 0 => {
                    answer.faults.add(scanner.line(), || reason);
                    return Ok(answer);
                }
                other => other?,
            }
            if scanner.peek()?.is_none() {
                return Ok(answer);
            }
            // Of several answers one that is an error must not pass unseen.
            if let Some(error) = answer.error.take() {
                answer.faults.add(line, || format!("the server said: {error}"));
            }
        }
    }

    /// Its runs. Sums over containers are left out where containers are there one by one.
    ///
    /// # Errors
    /// Where no series has a sample.
    fn runs(self) -> Result<Vec<Run>, ReadError> {
        let Self { traces, mut containers, sums, cluster, faults, .. } = self;
        let (mut runs, mut of_containers, mut of_sums) = (Vec::new(), Vec::new(), Vec::new());
        for (place, run) in traces.finish_keyed(&faults, "answer of Prometheus")? {
            match containers.remove(&place) {
                _ if sums.contains(&place) => of_sums.push(run),
                Some(series) => of_containers.push((series, run)),
                None => runs.push(run),
            }
        }
        if of_containers.is_empty() {
            runs.append(&mut of_sums);
        }
        runs.extend(lives(of_containers, &cluster));
        if let (Some(sum), Some(first)) = (of_sums.into_iter().next(), runs.first_mut()) {
            // The first run read bears what is to be told of the file.
            first.warnings.extend(sum.warnings);
            first.warnings.push(SUMS_LEFT_OUT.warning());
        }
        Ok(runs)
    }

    /// Reads an object with results, or one whose `data` has them.
    fn document(&mut self, scanner: &mut Scanner<'_>, outer: bool) -> Result<(), ReadError> {
        scanner.expect(b'{')?;
        let mut first = true;
        while scanner.another(&mut first, b'}')? {
            let name = key(scanner)?;
            match name.as_str() {
                "data" if outer && scanner.peek()? == Some(b'{') => self.document(scanner, false)?,
                "result" if scanner.peek()? == Some(b'[') => self.result(scanner)?,
                "error" if scanner.peek()? == Some(b'"') => self.error = Some(scanner.text()?),
                _ => scanner.skip()?,
            }
        }
        Ok(())
    }

    fn result(&mut self, scanner: &mut Scanner<'_>) -> Result<(), ReadError> {
        scanner.expect(b'[')?;
        let mut first = true;
        while scanner.another(&mut first, b']')? {
            if scanner.peek()? == Some(b'{') {
                self.one_series(scanner)?;
            } else {
                self.scalar = true;
                scanner.skip()?;
            }
        }
        Ok(())
    }

    fn one_series(&mut self, scanner: &mut Scanner<'_>) -> Result<(), ReadError> {
        scanner.expect(b'{')?;
        let (mut first, mut labels, mut state) = (true, Labels::default(), Spans::default());
        while scanner.another(&mut first, b'}')? {
            let name = key(scanner)?;
            match name.as_str() {
                "metric" if scanner.peek()? == Some(b'{') => labels = self::labels(scanner)?,
                "values" => {
                    let mut sink = self.sink(&labels, &mut state);
                    scanner.expect(b'[')?;
                    samples(scanner, &mut sink)?;
                }
                "value" => {
                    let mut sink = self.sink(&labels, &mut state);
                    if let Sink::Memory(trace) = &mut sink
                        && let Some(origin) = trace.run.origin.as_mut()
                    {
                        origin.precision = Precision::SingleFigure;
                    }
                    one_sample(scanner, &mut sink)?;
                }
                _ => scanner.skip()?,
            }
        }
        if Cluster::is_told_by(&labels) {
            self.cluster.take(&labels, state);
        }
        self.series += 1;
        Ok(())
    }

    /// What takes the samples of a series.
    fn sink<'a>(&'a mut self, labels: &Labels, state: &'a mut Spans) -> Sink<'a> {
        if Cluster::is_told_by(labels) {
            return Sink::State(state);
        }
        if let Some(series) = Series::of(labels) {
            self.containers.insert(self.series, series);
        }
        if labels.is_sum() {
            self.sums.insert(self.series);
        }
        self.trace(labels).map_or(Sink::Nothing, Sink::Memory)
    }

    /// The run of a series; `None` where it is no memory.
    fn trace(&mut self, labels: &Labels) -> Option<&mut Trace> {
        let (measure, caution) = match labels.kind() {
            Kind::Memory(measure) => (measure, None),
            Kind::NotInUse(measure) => (measure, Some(&NOT_IN_USE)),
            Kind::Expression(measure) => (measure, Some(&UNIT_ASSUMED)),
            Kind::Other => {
                self.other.get_or_insert_with(|| labels.selector());
                return None;
            }
        };
        let trace = self.traces.of(self.series, || origin(&ANSWER, labels, measure))?;
        trace.run.process.job = labels.job().map(printable);
        if let Some(caution) = caution {
            trace.warn(caution.warning());
        }
        Some(trace)
    }

    /// Why the answer has no series of memory.
    fn refusal(&self) -> ReadError {
        let refused = |what: &str, advice: String| ReadError::Refused { what: what.to_owned(), advice };
        if let Some(error) = &self.error {
            return refused(
                "an error answer of Prometheus",
                format!("the server said: {}", printable(error)),
            );
        }
        if self.scalar {
            let advice = "a scalar or text has no labels; ask for the series itself, with query_range";
            return refused("an answer of Prometheus with one number", advice.to_owned());
        }
        if !self.cluster.is_empty() {
            let advice = "put the answers into one file, with container_memory_working_set_bytes among them: cat limits.json \
                          restarts.json memory.json > cluster.json";
            return refused("what Kubernetes says of containers, without their memory", advice.to_owned());
        }
        if let Some(other) = &self.other {
            let advice =
                format!("{other} is not memory in bytes; ask for process_resident_memory_bytes or the like");
            return refused("an answer of Prometheus without memory", advice);
        }
        let advice = "no series, or none with a finite value in bytes: check the selector and the time";
        refused("an empty answer of Prometheus", advice.to_owned())
    }
}

fn key(scanner: &mut Scanner<'_>) -> Result<String, ReadError> {
    let name = scanner.text()?;
    scanner.expect(b':')?;
    Ok(name)
}

fn labels(scanner: &mut Scanner<'_>) -> Result<Labels, ReadError> {
    let (mut first, mut labels) = (true, Labels::default());
    scanner.expect(b'{')?;
    while scanner.another(&mut first, b'}')? {
        let name = key(scanner)?;
        let value = scanner.text()?;
        if labels.0.len() < 100 {
            labels.0.push((name, value));
        }
    }
    Ok(labels)
}

/// Reads samples up to the end of their list.
fn samples(scanner: &mut Scanner<'_>, sink: &mut Sink<'_>) -> Result<(), ReadError> {
    let mut first = true;
    loop {
        scanner.refill()?;
        if !first {
            let read = plain_samples(scanner.ahead(), sink);
            scanner.pass(read);
        }
        if !scanner.another(&mut first, b']')? {
            return Ok(());
        }
        one_sample(scanner, sink)?;
    }
}

/// Reads samples of the usual form, `,[1795976184.5,"30408704"]`, as many as lie ahead whole, and tells
/// how many bytes they take.
fn plain_samples(ahead: &[u8], sink: &mut Sink<'_>) -> usize {
    let mut rest = ahead;
    while let Some((at, value, after)) = plain_sample(rest) {
        sink.take(at, value);
        rest = after;
    }
    ahead.len() - rest.len()
}

fn plain_sample(text: &[u8]) -> Option<(f64, f64, &[u8])> {
    let (at, rest) = float(text.strip_prefix(b",[")?)?;
    let (value, rest) = float(rest.strip_prefix(b",\"")?)?;
    Some((at, value, rest.strip_prefix(b"\"]")?))
}

/// Reads a sample of any form.
fn one_sample(scanner: &mut Scanner<'_>, sink: &mut Sink<'_>) -> Result<(), ReadError> {
    scanner.expect(b'[')?;
    let at = scanner.number()?;
    scanner.expect(b',')?;
    let value = scanner.text()?;
    scanner.expect(b']')?;
    sink.take(at, value.parse().unwrap_or(f64::NAN));
    Ok(())
}

/// Adds a sample of bytes at a Unix time.
pub(super) fn take(trace: &mut Trace, at: f64, bytes: f64) {
    let size = (0.0..=1e15).contains(&bytes).then(|| Mib::new(bytes / Mib::BYTES));
    match nanos(at).zip(size) {
        Some((at, size)) if trace.push(at, sample(size)) => {}
        _ => trace.missing(),
    }
}
