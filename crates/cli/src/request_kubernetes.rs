//! The memory to request, for Kubernetes.

use memtool_analyzer::request::{GroupRequest, RequestReport};
use serde_json::{Value, json};

use crate::request_directives::{comment, sized};

/// Container resources, one document a group: request and limit are equal, so that no neighbour's memory is
/// needed.
pub(crate) fn resources(report: &RequestReport) -> String {
    let document = |(group, memory): (&GroupRequest, f64)| {
        format!(
            "# {}\nresources:\n  requests:\n    memory: {memory:.0}Mi\n  limits:\n    memory: {memory:.0}Mi\n",
            comment(&group.group)
        )
    };
    sized(report).map(document).collect::<Vec<String>>().join("---\n")
}

/// The recommendations of a vertical pod autoscaler's status: the target is the memory to ask for, the lower bound the
/// largest peak seen, the upper bound the most that any of the rules says.
pub(crate) fn vpa(report: &RequestReport) -> Value {
    let quantity = |mebibytes: f64| json!({ "memory": format!("{:.0}Mi", mebibytes.ceil()) });
    let recommendation = |(group, memory): (&GroupRequest, f64)| {
        let most = group.alternatives.iter().map(|other| other.memory_mb).fold(memory, f64::max);
        json!({
            "containerName": group.group,
            "lowerBound": quantity(group.largest_mb.min(memory)),
            "target": quantity(memory),
            "uncappedTarget": quantity(memory),
            "upperBound": quantity(most),
        })
    };
    let all: Vec<Value> = sized(report).map(recommendation).collect();
    json!({ "status": { "recommendation": { "containerRecommendations": all } } })
}

#[cfg(test)]
mod tests {
    use memtool_analyzer::request::{RequestOptions, TaskRecord, request};

    use super::*;

    #[test]
    fn request_and_limit_are_equal_and_bounds_enclose_the_target() {
        let task = |at: u32| TaskRecord {
            group: "web\n- evil".to_owned(),
            at_s: f64::from(at),
            peak_mb: 100.0,
            days: vec![(f64::from(at), 100.0)],
            ..TaskRecord::default()
        };
        let report = request((0..50).map(task).collect(), &RequestOptions::default());
        let text = resources(&report);
        assert_eq!(text.lines().count(), 6, "{text}");
        let one = &vpa(&report)["status"]["recommendation"]["containerRecommendations"][0];
        assert_eq!(one["lowerBound"]["memory"], "100Mi");
        assert_eq!(
            (&one["target"]["memory"], &one["upperBound"]["memory"]),
            (&json!("101Mi"), &json!("115Mi"))
        );
    }
}
