//! The answer of `query_range` and `query`, streamed: samples never lie in memory as text.

use memtool_profile_model::number::float;
use memtool_profile_model::{Mib, Precision, ReadError, Run, printable};

use super::cautions::{CAUTIONS, NOT_IN_USE, UNIT_ASSUMED};
use super::metric::{Kind, Labels, origin};
use super::scanner::Scanner;
use super::series::kept;
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
    tells: "one run per series: what its name says, such as process or container memory",
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
    let runs = answer.traces.finish(&answer.faults, "answer of Prometheus")?;
    kept(runs).ok_or(refusal)
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
        }
    }

    /// Reads an answer; one that breaks off is read so far.
    ///
    /// # Errors
    /// Where nothing in it can be read.
    fn of(input: &mut Input<'_>) -> Result<Self, ReadError> {
        let mut answer = Self::new(input.limits);
        let mut scanner = Scanner::new(input.lines.reader());
        match answer.document(&mut scanner, true) {
            Err(ReadError::Json { reason, .. }) if answer.series > 0 => {
                answer.faults.add(scanner.line(), || reason);
            }
            other => other?,
        }
        Ok(answer)
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
        let (mut first, mut labels) = (true, Labels::default());
        while scanner.another(&mut first, b'}')? {
            let name = key(scanner)?;
            match name.as_str() {
                "metric" if scanner.peek()? == Some(b'{') => labels = self::labels(scanner)?,
                "values" => {
                    let trace = self.trace(&labels);
                    scanner.expect(b'[')?;
                    samples(scanner, trace)?;
                }
                "value" => {
                    let mut trace = self.trace(&labels);
                    if let Some(origin) = trace.as_mut().and_then(|trace| trace.run.origin.as_mut()) {
                        origin.precision = Precision::SingleFigure;
                    }
                    one_sample(scanner, trace)?;
                }
                _ => scanner.skip()?,
            }
        }
        self.series += 1;
        Ok(())
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
fn samples(scanner: &mut Scanner<'_>, mut trace: Option<&mut Trace>) -> Result<(), ReadError> {
    let mut first = true;
    loop {
        scanner.refill()?;
        if !first {
            let read = plain_samples(scanner.ahead(), trace.as_deref_mut());
            scanner.pass(read);
        }
        if !scanner.another(&mut first, b']')? {
            return Ok(());
        }
        one_sample(scanner, trace.as_deref_mut())?;
    }
}

/// Reads samples of the usual form, `,[1795976184.5,"30408704"]`, as many as lie ahead whole, and tells
/// how many bytes they take.
fn plain_samples(ahead: &[u8], mut trace: Option<&mut Trace>) -> usize {
    let mut rest = ahead;
    while let Some((at, value, after)) = plain_sample(rest) {
        take(trace.as_deref_mut(), at, value);
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
fn one_sample(scanner: &mut Scanner<'_>, trace: Option<&mut Trace>) -> Result<(), ReadError> {
    scanner.expect(b'[')?;
    let at = scanner.number()?;
    scanner.expect(b',')?;
    let value = scanner.text()?;
    scanner.expect(b']')?;
    take(trace, at, value.parse().unwrap_or(f64::NAN));
    Ok(())
}

/// Adds a sample of bytes at a Unix time.
pub(super) fn take(trace: Option<&mut Trace>, at: f64, bytes: f64) {
    let Some(trace) = trace else { return };
    let size = (0.0..=1e15).contains(&bytes).then(|| Mib::new(bytes / 1_048_576.0));
    match nanos(at).zip(size) {
        Some((at, size)) if trace.push(at, sample(size)) => {}
        _ => trace.missing(),
    }
}
