//! JSON of container engines' own interfaces: `/containers/NAME/stats` of Docker, and cAdvisor's `stats` of containers.

use memtool_profile_model::{Measure, Mib, Precision, ReadError, Run, TimeBase};
use serde_json::Value;

use crate::clock::moment;
use crate::head::Head;
use crate::input::Input;
use crate::lines::Line;
use crate::number::sized;
use crate::reader::{Certainty, Reader};
use crate::trace::sample;
use crate::traces::Traces;

pub(crate) const READER: Reader = Reader {
    name: "container-api",
    tool: "Docker's and cAdvisor's interface",
    versions: "Docker API 1.40 to 1.47, cAdvisor v1 and v2 (from their documentation)",
    record: "curl -sN --unix-socket /var/run/docker.sock http://v1.41/containers/NAME/stats > stats.jsonl",
    tells: "working set of each container over time",
    cannot_tell: "peaks between samples",
    cautions: &[],
    marks: &["\"memory_stats\"", "\"working_set\""],
    sniff,
    read,
};

const AS_LINES: &str = "ask for the figures of fewer minutes or containers";

fn sniff(head: &Head<'_>) -> Certainty {
    let docker = head.has_all(&["\"memory_stats\"", "\"read\"", "\"usage\""]);
    let cadvisor = head.has_all(&["\"timestamp\"", "\"memory\"", "\"working_set\"", "\"usage\""]);
    (head.is_json() && (docker || cadvisor)).into()
}

fn bytes(value: &Value) -> Option<Mib> {
    sized(value.as_f64()?, 1.0)
}

/// What a container is found under, and one of its samples.
struct Reading {
    traces: Traces<String>,
}

impl Reading {
    fn push(&mut self, name: &str, at: &str, used: Option<Mib>) -> Result<(), &'static str> {
        let at = moment(at).ok_or("a time")?;
        let used = used.ok_or("memory in use")?;
        let part =
            || READER.part(Measure::Container, Precision::Sampled, TimeBase::Absolute, name.to_owned());
        let Some(trace) = self.traces.of(name.to_owned(), part) else { return Ok(()) };
        if trace.push(at, sample(used)) { Ok(()) } else { Err("a time that can be") }
    }

    /// One object of Docker's stream: usage less the page cache that can be had back, as `docker stats` prints it.
    fn docker(&mut self, object: &Value) -> Result<(), &'static str> {
        let memory = &object["memory_stats"];
        // A container that does not run has none.
        let Some(usage) = bytes(&memory["usage"]) else { return Ok(()) };
        let inactive =
            ["inactive_file", "total_inactive_file"].iter().find_map(|name| bytes(&memory["stats"][*name]));
        let used = Mib::new((usage.get() - inactive.map_or(0.0, Mib::get)).max(0.0));
        let text = |name: &str| object[name].as_str();
        let name = text("name").or_else(|| text("id")).unwrap_or("container").trim_start_matches('/');
        self.push(name, text("read").ok_or("a time")?, Some(used))
    }

    /// cAdvisor's document: samples under the name of each container, in whatever depth.
    fn cadvisor(&mut self, value: &Value, name: &str) -> Result<(), &'static str> {
        match value {
            Value::Array(samples) if samples.iter().any(is_sample) => {
                for each in samples {
                    let used = bytes(&each["memory"]["working_set"]);
                    self.push(name, each["timestamp"].as_str().ok_or("a time")?, used)?;
                }
            }
            Value::Array(inner) => {
                for value in inner {
                    self.cadvisor(value, name)?;
                }
            }
            Value::Object(inner) => {
                let alias = inner.get("aliases").and_then(|aliases| aliases.get(0)?.as_str());
                let own = alias.or_else(|| inner.get("name").and_then(Value::as_str));
                for (key, value) in inner {
                    let deeper = if key.starts_with('/') { key } else { own.unwrap_or(name) };
                    self.cadvisor(value, deeper)?;
                }
            }
            _ => {}
        }
        Ok(())
    }
}

fn is_sample(value: &Value) -> bool {
    value.get("timestamp").is_some() && value["memory"].get("working_set").is_some()
}

fn read(input: &mut Input<'_>) -> Result<Vec<Run>, ReadError> {
    let mut reading = Reading { traces: Traces::new(input.limits) };
    let of_lines = is_docker(input.peek()?);
    if !of_lines {
        let document: Value = input.json(AS_LINES)?;
        if let Err(expected) = reading.cadvisor(&document, "container") {
            input.faults.expected(1, expected, "another");
        }
        return reading.traces.finish(&input.faults, "answer of cAdvisor");
    }
    while let Some(line) = input.lines.next()? {
        if line.text.trim().is_empty() {
            continue;
        }
        if let Err(expected) = take(&mut reading, &line) {
            input.faults.unread(line, expected);
        }
    }
    reading.traces.finish(&input.faults, "answer of Docker")
}

/// Whether an object with Docker's figures begins there.
fn is_docker(ahead: &[u8]) -> bool {
    let line = ahead.split(|byte| *byte == b'\n').next().unwrap_or_default();
    memchr::memmem::find(line, b"\"memory_stats\"").is_some()
}

fn take(reading: &mut Reading, line: &Line<'_>) -> Result<(), &'static str> {
    let object: Value = serde_json::from_str(line.text).map_err(|_| "an object with memory_stats")?;
    reading.docker(&object)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(text: &str) -> Vec<(String, Vec<f64>, usize)> {
        let runs = READER.runs(text);
        let of = |run: Run| {
            let sizes = run.snapshots.iter().filter_map(|s| s.rss).map(Mib::get).collect();
            (run.origin.and_then(|origin| origin.part).unwrap_or_default(), sizes, run.warnings.len())
        };
        runs.into_iter().map(of).collect()
    }

    #[test]
    fn dockers_stream_leaves_out_cache_that_can_be_had_back() {
        let line = |second: u32, usage: u32| {
            format!(
                "{{\"read\":\"2026-10-05T10:00:0{second}.123456789Z\",\"memory_stats\":{{\"usage\":{usage},\"stats\":{{\"inactive_file\":1048576}},\
                 \"limit\":2147483648}},\"name\":\"/job\",\"id\":\"1a\"}}\n"
            )
        };
        let stopped = "{\"read\":\"0001-01-01T00:00:00Z\",\"memory_stats\":{},\"name\":\"/job\"}\n";
        let text = line(0, 3_145_728) + &line(1, 4_194_304) + stopped + "{\"read\":\"2026";
        assert_eq!(runs(&text), [("job".to_owned(), vec![2.0, 3.0], 1)]);
    }

    #[test]
    fn cadvisor_of_both_versions() {
        let samples = r#"[{"timestamp":"2026-10-05T10:00:00.1Z","memory":{"usage":9,"working_set":1048576}},{"timestamp":"2026-10-05T10:00:01.1Z","memory":{"usage":9,"working_set":2097152}}]"#;
        let first =
            format!(r#"{{"/docker/1a":{{"name":"/docker/1a","aliases":["job","1a"],"stats":{samples}}}}}"#);
        let second = format!(r#"{{"/docker/1a":{samples}}}"#);
        assert_eq!(runs(&first), [("job".to_owned(), vec![1.0, 2.0], 0)]);
        assert_eq!(runs(&second), [("/docker/1a".to_owned(), vec![1.0, 2.0], 0)]);
    }
}
