//! The memory to request, as strategic merge patches of the workloads of the containers.

use std::collections::BTreeMap;

use memtool_analyzer::request::{Containers, GroupRequest, RequestReport};

use crate::request_directives::{comment, quoted, sized};

/// Where a kind of workload stands in the API, and where the list of containers stands in it.
const KINDS: [(&str, &str, &[&str]); 5] = [
    ("Deployment", "apps/v1", TEMPLATE),
    ("StatefulSet", "apps/v1", TEMPLATE),
    ("DaemonSet", "apps/v1", TEMPLATE),
    ("ReplicaSet", "apps/v1", TEMPLATE),
    ("CronJob", "batch/v1", &["spec", "jobTemplate", "spec", "template", "spec"]),
];
const TEMPLATE: &[&str] = &["spec", "template", "spec"];

/// Containers of one workload, with what to ask for in MiB.
type Sized<'a> = Vec<(&'a Containers, f64)>;

/// One document a workload; request and limit are equal, so that no neighbour's memory is needed. A comment says why a
/// group has none.
pub(crate) fn patches(report: &RequestReport) -> String {
    let mut workloads: BTreeMap<(&str, &str, Option<&str>), Sized<'_>> = BTreeMap::new();
    let mut documents = Vec::new();
    for (group, memory) in sized(report) {
        match &group.containers {
            Some(containers) => {
                let workload = &containers.workload;
                let key = (containers.namespace.as_str(), workload.name.as_str(), workload.kind.as_deref());
                workloads.entry(key).or_default().push((containers, memory));
            }
            None => documents.push(left_out(group, "its runs are of no container, or of several")),
        }
    }
    let unsized_for = report.groups.iter().filter(|group| group.memory_mb.is_none());
    documents.extend(unsized_for.map(|group| left_out(group, &group.reason)));
    documents.extend(workloads.values().map(|containers| document(containers)));
    documents.join("---\n")
}

fn left_out(group: &GroupRequest, why: &str) -> String {
    format!("# {}: no patch: {}\n", comment(&group.group), comment(why))
}

fn document(containers: &[(&Containers, f64)]) -> String {
    let Some((first, _)) = containers.first() else { return String::new() };
    let workload = &first.workload;
    let name = format!("{}/{}", comment(&first.namespace), comment(&workload.name));
    let Some(kind) = workload.kind.as_deref() else {
        return format!("# {name}: no patch: its kind is unknown; add the answer of kube_pod_owner\n");
    };
    let Some((kind, api, path)) = KINDS.iter().find(|known| known.0 == kind) else {
        let kind = comment(kind);
        return format!("# {name}: no patch: the pods of a {kind} are set where it is made\n");
    };
    let mut text = format!(
        "# {name}: kubectl patch {} {} --namespace {} --patch-file FILE\napiVersion: {api}\nkind: {kind}\n\
         metadata:\n  namespace: {}\n  name: {}\n",
        kind.to_ascii_lowercase(),
        comment(&workload.name),
        comment(&first.namespace),
        quoted(&first.namespace),
        quoted(&workload.name),
    );
    let mut indent = String::new();
    for key in *path {
        text += &format!("{indent}{key}:\n");
        indent += "  ";
    }
    text += &format!("{indent}containers:\n");
    for (container, memory) in containers {
        text += &format!("{indent}- name: {}\n{indent}  resources:\n", quoted(&container.name));
        for form in ["requests", "limits"] {
            text += &format!("{indent}    {form}:\n{indent}      memory: {memory:.0}Mi\n");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use memtool_analyzer::request::{RequestOptions, TaskRecord, request};
    use memtool_job_config::edit_manifest;
    use memtool_profile_model::{Container, Workload};

    use super::*;

    fn task(kind: Option<&str>, name: &str, at: u32) -> TaskRecord {
        let workload = Workload { kind: kind.map(str::to_owned), name: "web\n- evil".to_owned() };
        let container = Container {
            namespace: "shop".to_owned(),
            workload,
            name: name.to_owned(),
            ..Container::default()
        };
        TaskRecord {
            group: container.job(),
            at_s: f64::from(at),
            peak_mb: 100.0,
            days: vec![(f64::from(at), 100.0)],
            container: Some(container),
            ..TaskRecord::default()
        }
    }

    fn patched(kind: Option<&str>) -> String {
        let tasks = (0..40).flat_map(|at| [task(kind, "app", at), task(kind, "side", at)]).collect();
        patches(&request(tasks, &RequestOptions::default()))
    }

    #[test]
    fn a_workload_is_one_document_with_all_its_containers() {
        let text = patched(Some("CronJob"));
        assert_eq!(text.matches("apiVersion: batch/v1\nkind: CronJob\n").count(), 1, "{text}");
        assert_eq!(text.matches("memory: 101Mi").count(), 4, "{text}");
        assert!(text.contains("\n  name: \"web\\n- evil\"\n"), "{text}");
        // As its readers do: a list of containers by name.
        let sizes = [("app".to_owned(), 7.0), ("side".to_owned(), 8.0)].into();
        let edited = edit_manifest(&text, &sizes).expect("YAML");
        assert_eq!((edited.changed, edited.not_asked), (4, Vec::new()));
    }

    #[test]
    fn what_has_no_patch_is_a_comment() {
        for kind in [None, Some("Job"), Some("Rollout")] {
            let text = patched(kind);
            assert!(text.starts_with("# shop/web - evil: no patch: ") && text.lines().count() == 1, "{text}");
        }
    }
}
