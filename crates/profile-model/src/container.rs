//! The Kubernetes container of a run.

use serde::{Deserialize, Serialize};

/// A container of Kubernetes, by its place in the cluster.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Container {
    /// Its namespace.
    pub namespace: String,
    /// What its pod belongs to.
    pub workload: Workload,
    /// Its name in the pod.
    pub name: String,
    /// The pod.
    pub pod: String,
    /// How often it was started again, in the time that the run stands for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restarts: Option<u64>,
}

impl Container {
    /// The name by which containers of one kind are compared and sized: `namespace/workload/container`.
    #[must_use]
    pub fn job(&self) -> String {
        format!("{}/{}/{}", self.namespace, self.workload.name, self.name)
    }
}

/// What pods belong to, such as a deployment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Workload {
    /// Its kind, such as `Deployment`, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Its name.
    pub name: String,
}
