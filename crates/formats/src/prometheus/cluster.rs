//! What kube-state-metrics says of containers beside their memory.

use std::collections::HashMap;

use super::metric::Labels;
use super::owners::Owners;
use super::spans::Spans;

/// The word of Kubernetes for a container that was killed for want of memory.
const KILLED: &str = "OOMKilled";

/// Which container: namespace, pod and name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) namespace: String,
    pub(super) pod: String,
    pub(super) name: String,
}

impl Place {
    /// The container that a series is of, where its labels name one.
    pub(super) fn of(labels: &Labels) -> Option<Self> {
        let said = |label| labels.of_object(label).map(str::to_owned);
        Some(Self { namespace: said("namespace")?, pod: said("pod")?, name: said("container")? })
    }
}

/// What a series tells of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fact {
    /// Bytes that its limit is.
    Limit,
    /// Bytes that are held for it.
    Request,
    /// How often it was started again.
    Restarts,
    /// Why it ended last, while it runs again.
    LastEnd(String),
    /// Why it ended, while it does not run.
    End(String),
    /// Nothing about memory.
    Other,
}

impl Fact {
    /// What a series tells; `None` where it is none about the state of a cluster.
    fn of(labels: &Labels) -> Option<Self> {
        let is_memory = || labels.get("resource").is_none_or(|resource| resource == "memory");
        let reason = || labels.get("reason").unwrap_or_default().to_owned();
        let state = labels.name()?.strip_prefix("kube_")?;
        Some(match state {
            "pod_container_resource_limits" if is_memory() => Self::Limit,
            "pod_container_resource_requests" if is_memory() => Self::Request,
            "pod_container_resource_limits_memory_bytes" => Self::Limit,
            "pod_container_resource_requests_memory_bytes" => Self::Request,
            "pod_container_status_restarts_total" => Self::Restarts,
            "pod_container_status_last_terminated_reason" => Self::LastEnd(reason()),
            "pod_container_status_terminated_reason" => Self::End(reason()),
            _ => Self::Other,
        })
    }
}

/// What is known of one container over time.
#[derive(Debug, Default)]
pub(super) struct Facts {
    facts: Vec<(Fact, Spans)>,
    /// The machine that it ran on.
    pub(super) node: Option<String>,
}

impl Facts {
    fn series(&self, fact: Fact) -> impl Iterator<Item = &Spans> {
        self.facts.iter().filter(move |(told, _)| *told == fact).map(|(_, spans)| spans)
    }

    /// Bytes of a limit or a request at a time.
    pub(super) fn bytes(&self, fact: Fact, at: i64) -> Option<f64> {
        self.series(fact).filter_map(|spans| spans.at(at)).filter(|bytes| *bytes > 0.0).last()
    }

    /// When it was started again, and how often at a time; of one sample alone all that it counts, at the
    /// beginning of time.
    pub(super) fn restarts(&self) -> Vec<(i64, f64)> {
        let all = |spans: &Spans| match spans.single() {
            Some(count) if count > 0.0 => vec![(i64::MIN, count)],
            _ => spans.rises().collect(),
        };
        let mut rises: Vec<(i64, f64)> = self.series(Fact::Restarts).flat_map(all).collect();
        rises.sort_by_key(|rise| rise.0);
        rises
    }

    /// Whether anything tells how often it was started again.
    pub(super) fn has_restarts(&self) -> bool {
        self.series(Fact::Restarts).next().is_some()
    }

    /// Why it had ended last, at the latest moment within a time after another container began in its place.
    pub(super) fn last_end(&self, after: i64, until: i64) -> Option<&str> {
        self.latest(after, until, |fact| match fact {
            Fact::LastEnd(reason) => Some(reason),
            _ => None,
        })
    }

    /// Why it ended, where it did not run at the latest moment within a time.
    pub(super) fn end(&self, after: i64, until: i64) -> Option<&str> {
        self.latest(after, until, |fact| match fact {
            Fact::End(reason) => Some(reason),
            _ => None,
        })
    }

    fn latest<'f>(
        &'f self,
        after: i64,
        until: i64,
        reason: impl Fn(&'f Fact) -> Option<&'f String>,
    ) -> Option<&'f str> {
        let told = self.facts.iter().filter_map(|(fact, spans)| Some((reason(fact)?, spans)));
        let within = told.flat_map(|(reason, spans)| {
            let held = spans.iter().filter(|span| span.value > 0.0);
            held.filter(|span| span.from <= until && span.to > after)
                .map(|span| (span.to.min(until), reason.as_str()))
                .collect::<Vec<_>>()
        });
        // A kill before another word at the same moment.
        within.max_by_key(|(to, reason)| (*to, *reason == KILLED)).map(|(_, reason)| reason)
    }
}

/// The state of a cluster.
#[derive(Debug, Default)]
pub(super) struct Cluster {
    containers: HashMap<Place, Facts>,
    pub(super) owners: Owners,
}

impl Cluster {
    /// Whether a series tells of the state of a cluster, whatever its value.
    pub(super) fn is_told_by(labels: &Labels) -> bool {
        labels.name().is_some_and(|name| name.starts_with("kube_") || name.contains(":kube_pod_owner:"))
    }

    /// Takes such a series.
    pub(super) fn take(&mut self, labels: &Labels, spans: Spans) {
        if self.owners.take(labels) {
            return;
        }
        let fact = Fact::of(labels).filter(|fact| *fact != Fact::Other);
        let Some((place, fact)) = Place::of(labels).zip(fact) else { return };
        let facts = self.containers.entry(place).or_default();
        if let Some(node) = labels.get("node").filter(|node| !node.is_empty()) {
            facts.node = Some(node.to_owned());
        }
        facts.facts.push((fact, spans));
    }

    /// What is known of a container.
    pub(super) fn facts(&self, place: &Place) -> Option<&Facts> {
        self.containers.get(place)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.containers.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(name: &str, pairs: &[(&str, &str)]) -> Labels {
        let all = [&[("__name__", name)], pairs].concat();
        Labels(all.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    const WEB: [(&str, &str); 3] = [("namespace", "shop"), ("pod", "web-0"), ("container", "app")];

    fn spans(samples: &[(i64, f64)]) -> Spans {
        let mut spans = Spans::default();
        samples.iter().for_each(|(at, value)| spans.push(*at, *value));
        spans
    }

    #[test]
    fn a_limit_is_that_of_its_time_and_of_memory() {
        let mut cluster = Cluster::default();
        let limit = |resource| {
            labels("kube_pod_container_resource_limits", &[&WEB[..], &[("resource", resource)]].concat())
        };
        cluster.take(&limit("cpu"), spans(&[(0, 2.0)]));
        cluster.take(&limit("memory"), spans(&[(0, 100.0), (10, 100.0), (20, 200.0)]));
        let facts = cluster.facts(&Place::of(&labels("", &WEB)).expect("a place")).expect("facts");
        assert_eq!([5, 25].map(|at| facts.bytes(Fact::Limit, at)), [Some(100.0), Some(200.0)]);
        assert_eq!(facts.bytes(Fact::Request, 5), None);
    }

    #[test]
    fn the_labels_of_the_object_go_before_those_of_the_scrape() {
        let scraped =
            [("namespace", "monitoring"), ("pod", "ksm-0"), ("container", "ksm"), ("exported_pod", "web-0")];
        let exported = [("exported_namespace", "shop"), ("exported_container", "app")];
        let found = Place::of(&labels("", &[&scraped[..], &exported].concat()));
        assert_eq!(found, Place::of(&labels("", &WEB)));
    }

    #[test]
    fn the_last_word_within_a_time_counts() {
        let mut cluster = Cluster::default();
        let reason = |reason| {
            let pairs = [&WEB[..], &[("reason", reason)]].concat();
            labels("kube_pod_container_status_last_terminated_reason", &pairs)
        };
        cluster.take(&reason("Error"), spans(&[(0, 1.0), (10, 1.0), (20, 0.0)]));
        cluster.take(&reason("OOMKilled"), spans(&[(20, 1.0), (30, 1.0)]));
        let facts = cluster.facts(&Place::of(&labels("", &WEB)).expect("a place")).expect("facts");
        assert_eq!(facts.last_end(5, 15), Some("Error"));
        assert_eq!(facts.last_end(5, 40), Some("OOMKilled"));
        assert_eq!((facts.last_end(35, 90), facts.end(0, 90)), (None, None));
    }
}
