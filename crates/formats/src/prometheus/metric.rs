//! What a series measures, by its labels: the answer itself names no unit.

use std::fmt::Write;

use memtool_profile_model::{Measure, Origin, Precision, TimeBase, printable};

use crate::reader::Reader;

/// Words of a metric's name that make it one of memory.
const MEMORY: [&str; 5] = ["mem", "rss", "heap", "working_set", "resident"];
/// Endings of counters, which only rise.
const COUNTERS: [&str; 4] = ["_total", "_bucket", "_count", "_sum"];
/// Words of a name or a `memtype` for memory that is not in use.
const NOT_IN_USE: [&str; 11] = [
    "virtual",
    "limit",
    "max",
    "total",
    "free",
    "available",
    "committed",
    "swap",
    "reserved",
    "request",
    "quota",
];

/// The labels of a series, in the order of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Labels(pub(super) Vec<(String, String)>);

/// What a series is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Memory in bytes.
    Memory(Measure),
    /// Bytes of memory that are not in use, such as a limit or what is free.
    NotInUse(Measure),
    /// The value of an expression: its unit is not known.
    Expression(Measure),
    /// No memory.
    Other,
}

impl Labels {
    pub(super) fn get(&self, label: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == label).map(|(_, value)| value.as_str())
    }

    /// A label of the object that a series is about: Prometheus puts `exported_` before it where the scrape has one of that
    /// name.
    pub(super) fn of_object(&self, label: &str) -> Option<&str> {
        let exported = self.0.iter().find(|(name, _)| name.strip_prefix("exported_") == Some(label));
        let value = exported.map(|(_, value)| value.as_str()).or_else(|| self.get(label));
        value.filter(|value| !value.is_empty())
    }

    /// Whether it is a sum over containers, or the container that only holds a pod's network.
    pub(super) fn is_sum(&self) -> bool {
        let is_of_containers = self.name().is_some_and(|name| name.starts_with("container_"));
        let container = self.get("container").unwrap_or_default();
        let is_named = self.get("name").is_some_and(|name| !name.is_empty());
        is_of_containers && (container == "POD" || container.is_empty() && !is_named)
    }

    /// The metric's name; an expression has none.
    pub(super) fn name(&self) -> Option<&str> {
        self.get("__name__")
    }

    /// What the series is.
    pub(super) fn kind(&self) -> Kind {
        let Some(name) = self.name().map(str::to_ascii_lowercase) else {
            return Kind::Expression(self.measure(""));
        };
        if let Some(own) = name.strip_prefix("memtool_") {
            return self.own_kind(own);
        }
        let is_memory = name.contains("_bytes") && MEMORY.iter().any(|word| name.contains(word));
        if !is_memory || COUNTERS.iter().any(|end| name.ends_with(end)) {
            return Kind::Other;
        }
        let memtype = self.get("memtype").unwrap_or_default().to_ascii_lowercase();
        let idle = NOT_IN_USE.iter().any(|word| name.contains(word) || memtype.contains(word));
        if idle { Kind::NotInUse(self.measure(&name)) } else { Kind::Memory(self.measure(&name)) }
    }

    /// What a metric of memtool's own is: the label `measure` says what a converted run measured.
    fn own_kind(&self, name: &str) -> Kind {
        let measure = match name {
            "rss_bytes" => Measure::ProcessRss,
            "pss_bytes" => Measure::TreePss,
            _ => return Kind::Other,
        };
        let said = self.get("measure").and_then(|word| serde_json::from_value(word.into()).ok());
        Kind::Memory(said.unwrap_or(measure))
    }

    fn measure(&self, name: &str) -> Measure {
        let is = |words: &[&str]| words.iter().any(|word| name.contains(word));
        match self.get("memtype") {
            Some(memtype) if memtype.starts_with("proportional") => return Measure::TreePss,
            Some(_) => return Measure::TreeRss,
            None => {}
        }
        let scraped = self.get("job").unwrap_or_default();
        if name.is_empty() && ["node", "node_exporter", "node-exporter"].contains(&scraped) {
            Measure::Machine
        } else if name.starts_with("process_") {
            Measure::ProcessRss
        } else if is(&["container_", "working_set"]) || self.get("container").is_some() {
            Measure::Container
        } else if name.starts_with("node_memory") || is(&["_memavailable", "system_memory"]) {
            Measure::Machine
        } else if is(&["heap", "memstats", "jvm_"]) {
            Measure::HeapUsed
        } else {
            Measure::ProcessRss
        }
    }

    /// The job by which runs are grouped.
    pub(super) fn job(&self) -> Option<&str> {
        ["container", "groupname", "job"]
            .iter()
            .find_map(|label| self.get(label).filter(|job| !job.is_empty()))
    }

    /// The labels as a query has them, shortened.
    pub(super) fn selector(&self) -> String {
        let mut text = printable(self.name().unwrap_or_default());
        let others = self.0.iter().filter(|(name, _)| name != "__name__");
        for (place, (name, value)) in others.enumerate() {
            let mark = if place == 0 { '{' } else { ',' };
            let _always = write!(text, "{mark}{}={:?}", printable(name), printable(value));
        }
        if text.contains('{') {
            text.push('}');
        }
        text
    }
}

/// Where figures of a series come from.
pub(super) fn origin(reader: &Reader, labels: &Labels, measure: Measure) -> Origin {
    let part = Some(labels.selector()).filter(|text| !text.is_empty());
    Origin { part, ..reader.origin(measure, Precision::Sampled, TimeBase::Absolute) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(pairs: &[(&str, &str)]) -> Labels {
        Labels(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn measures_by_name() {
        let named = |name| labels(&[("__name__", name)]).kind();
        assert_eq!(named("process_resident_memory_bytes"), Kind::Memory(Measure::ProcessRss));
        assert_eq!(named("container_memory_working_set_bytes"), Kind::Memory(Measure::Container));
        assert_eq!(named("go_memstats_heap_alloc_bytes"), Kind::Memory(Measure::HeapUsed));
        assert_eq!(named("node_memory_MemAvailable_bytes"), Kind::NotInUse(Measure::Machine));
        assert_eq!(named("process_virtual_memory_bytes"), Kind::NotInUse(Measure::ProcessRss));
        assert_eq!(named("memtool_rss_bytes"), Kind::Memory(Measure::ProcessRss));
        let tree = labels(&[("__name__", "memtool_rss_bytes"), ("measure", "tree_rss")]);
        assert_eq!(tree.kind(), Kind::Memory(Measure::TreeRss));
        for other in [
            "up",
            "memtool_limit_bytes",
            "memtool_vms_bytes",
            "go_memstats_alloc_bytes_total",
            "node_filesystem_avail_bytes",
            "process_cpu_seconds_total",
        ] {
            assert_eq!(named(other), Kind::Other, "{other}");
        }
    }

    #[test]
    fn groups_of_processes_by_kind_of_memory() {
        let of = |memtype| {
            labels(&[("__name__", "namedprocess_namegroup_memory_bytes"), ("memtype", memtype)]).kind()
        };
        assert_eq!(of("resident"), Kind::Memory(Measure::TreeRss));
        assert_eq!(of("proportionalResident"), Kind::Memory(Measure::TreePss));
        assert_eq!(of("virtual"), Kind::NotInUse(Measure::TreeRss));
    }

    #[test]
    fn a_series_is_named_as_in_a_query() {
        let series = labels(&[("__name__", "rss_bytes"), ("instance", "a:1"), ("job", "x\"y")]);
        assert_eq!(series.selector(), r#"rss_bytes{instance="a:1",job="x\"y"}"#);
        assert_eq!(
            (labels(&[]).selector(), labels(&[]).kind()),
            (String::new(), Kind::Expression(Measure::ProcessRss))
        );
        assert_eq!(series.job(), Some("x\"y"));
        assert_eq!(labels(&[("job", "node")]).kind(), Kind::Expression(Measure::Machine));
    }
}
