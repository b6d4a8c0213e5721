//! What pods belong to, as kube-state-metrics tells it, or as a pod's name does.

use std::collections::HashMap;

use memtool_profile_model::{Workload, printable};

use super::metric::Labels;

/// Letters that Kubernetes ends names with: no vowels, and nothing that looks like another.
const SUFFIX: &str = "bcdfghjklmnpqrstvwxz2456789";
/// How many of them a pod's name ends with, and a replica set's at most.
const OF_POD: usize = 5;
const OF_REPLICA_SET: std::ops::RangeInclusive<usize> = 8..=10;

/// A thing in a namespace.
type Named = (String, String);

/// The owners of pods, and of what owns pods.
#[derive(Debug, Default)]
pub(super) struct Owners {
    pods: HashMap<Named, Workload>,
    replica_sets: HashMap<Named, Workload>,
    jobs: HashMap<Named, Workload>,
}

impl Owners {
    /// Takes a series whose labels tell an owner; false where they tell none.
    pub(super) fn take(&mut self, labels: &Labels) -> bool {
        let (owned, into, kind, name) = match labels.name() {
            Some("kube_pod_owner") => ("pod", &mut self.pods, "owner_kind", "owner_name"),
            Some("kube_pod_info") => ("pod", &mut self.pods, "created_by_kind", "created_by_name"),
            Some("namespace_workload_pod:kube_pod_owner:relabel") => {
                ("pod", &mut self.pods, "workload_type", "workload")
            }
            Some("kube_replicaset_owner") => {
                ("replicaset", &mut self.replica_sets, "owner_kind", "owner_name")
            }
            Some("kube_job_owner") => ("job_name", &mut self.jobs, "owner_kind", "owner_name"),
            _ => return false,
        };
        let said = |label: &str| labels.of_object(label).filter(|value| *value != "<none>");
        if let (Some(namespace), Some(owned), Some(name)) =
            (labels.of_object("namespace"), labels.of_object(owned), said(name))
        {
            let owner = Workload { kind: said(kind).map(kind_of), name: printable(name) };
            into.insert((namespace.to_owned(), owned.to_owned()), owner);
        }
        true
    }

    /// What a pod belongs to, and whether only its name tells that.
    pub(super) fn of(&self, namespace: &str, pod: &str) -> (Workload, bool) {
        let key = |name: &str| (namespace.to_owned(), name.to_owned());
        let Some(owner) = self.pods.get(&key(pod)) else { return (by_name(pod), true) };
        let above = match owner.kind.as_deref() {
            Some("ReplicaSet") => self.replica_sets.get(&key(&owner.name)).cloned().or_else(|| {
                let name = without_suffix(&owner.name, OF_REPLICA_SET)?.to_owned();
                Some(Workload { kind: Some("Deployment".to_owned()), name })
            }),
            Some("Job") => self.jobs.get(&key(&owner.name)).cloned(),
            _ => None,
        };
        (above.unwrap_or_else(|| owner.clone()), false)
    }
}

/// A kind as manifests write it; recording rules write it in small letters.
fn kind_of(name: &str) -> String {
    const KINDS: [&str; 6] = ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob"];
    let known = KINDS.into_iter().find(|kind| kind.eq_ignore_ascii_case(name));
    known.map_or_else(|| printable(name), str::to_owned)
}

/// What the name of a pod tells: a deployment's has two endings, those of its replica set and of the pod.
fn by_name(pod: &str) -> Workload {
    let Some(above) = without_suffix(pod, OF_POD..=OF_POD) else {
        return Workload { kind: None, name: printable(without_number(pod)) };
    };
    match without_suffix(above, OF_REPLICA_SET) {
        Some(name) => Workload { kind: Some("Deployment".to_owned()), name: printable(name) },
        // A pod of a job, which may be one of many of a cron job.
        None => Workload { kind: None, name: printable(without_number(above)) },
    }
}

/// A name without the letters that Kubernetes made up for it.
fn without_suffix(name: &str, length: std::ops::RangeInclusive<usize>) -> Option<&str> {
    let (above, suffix) = name.rsplit_once('-')?;
    let is_one = length.contains(&suffix.len()) && suffix.chars().all(|letter| SUFFIX.contains(letter));
    (is_one && !above.is_empty()).then_some(above)
}

/// A name without the number of a stateful set's pod or a cron job's minute.
fn without_number(name: &str) -> &str {
    match name.rsplit_once('-') {
        Some((above, number)) if !above.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) => {
            above
        }
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(name: &str, pairs: &[(&str, &str)]) -> Labels {
        let all = [&[("__name__", name), ("namespace", "shop")], pairs].concat();
        Labels(all.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    fn workload(kind: &str, name: &str) -> Workload {
        Workload { kind: Some(kind.to_owned()).filter(|kind| !kind.is_empty()), name: name.to_owned() }
    }

    #[test]
    fn an_owner_is_followed_to_the_top() {
        let mut owners = Owners::default();
        let owner = |kind, name| [("owner_kind", kind), ("owner_name", name)];
        let mut take = |metric, owned: (&'static str, &'static str), kind, name| {
            assert!(owners.take(&labels(metric, &[&[owned], &owner(kind, name)[..]].concat())));
        };
        take("kube_pod_owner", ("pod", "web-x"), "ReplicaSet", "web-7c9f6b8d55");
        take("kube_replicaset_owner", ("replicaset", "web-7c9f6b8d55"), "Deployment", "web");
        take("kube_pod_owner", ("pod", "night-1-abc"), "Job", "night-1");
        take("kube_job_owner", ("job_name", "night-1"), "CronJob", "night");
        take("kube_pod_owner", ("pod", "alone"), "<none>", "<none>");
        take("kube_pod_owner", ("exported_pod", "late-y"), "ReplicaSet", "late-6d4b75cb6d");
        assert!(!owners.take(&labels("up", &[])));
        let of = |pod| owners.of("shop", pod);
        assert_eq!(of("web-x"), (workload("Deployment", "web"), false));
        assert_eq!(of("night-1-abc"), (workload("CronJob", "night"), false));
        assert_eq!(of("late-y"), (workload("Deployment", "late"), false));
        assert_eq!(of("alone"), (workload("", "alone"), true));
    }

    #[test]
    fn a_name_tells_what_it_can() {
        assert_eq!(by_name("web-7c9f6b8d55-x2mzk"), workload("Deployment", "web"));
        assert_eq!(by_name("a-b-7c9f6b8d5-x2mzk"), workload("Deployment", "a-b"));
        assert_eq!(by_name("db-0"), workload("", "db"));
        assert_eq!(by_name("night-28391230-x2mzk"), workload("", "night"));
        assert_eq!(by_name("proxy-x2mzk"), workload("", "proxy"));
        assert_eq!(by_name("plain"), workload("", "plain"));
        assert_eq!(by_name("-"), workload("", "-"));
    }
}
